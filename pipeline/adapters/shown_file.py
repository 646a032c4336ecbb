"""What an environment's bundles have shown, in a file for later environments' users: its bots and observations are its own user's alone."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar

from pydantic import TypeAdapter, ValidationError

from pipeline.adapters.bounded import read_bounded
from pipeline.adapters.files import write_whole
from pipeline.domain.train.boarding import Shown
from pipeline.errors import ToolFailed

FILE = "shown.json"
READABLE = 0o640
MOST_BYTES = 8 << 20
HOLDS = timedelta(minutes=15)
"""How long it may be believed: it is written right before a promotion asks for it."""


@dataclass(frozen=True, slots=True)
class _Entry:
    strategy: str
    bundle: str
    shown: Shown


@dataclass(frozen=True, slots=True)
class _Book:
    environment: str
    at: datetime
    entries: tuple[_Entry, ...]


class ShownFile:
    """`<device home>/<environment>/shown.json`."""

    _shape: ClassVar[TypeAdapter[_Book]] = TypeAdapter(_Book)

    def __init__(self, home: Path, environment: str) -> None:
        self._environment = environment
        self._path = home / environment / FILE

    def write(self, shown: Mapping[tuple[str, str], Shown], at: datetime) -> None:
        """Write what was shown, by strategy and bundle; raises ToolFailed for the disk."""
        book = _Book(self._environment, at, tuple(_Entry(*key, one) for key, one in sorted(shown.items())))
        try:
            write_whole(
                self._path,
                json.dumps(self._shape.dump_python(book), indent=1, default=datetime.isoformat),
                mode=READABLE,
            )
        except OSError as error:
            raise ToolFailed(
                f"{self._path} cannot be written: {error.strerror}", hint="make room on the disk"
            ) from error

    def read(self, now: datetime) -> Mapping[tuple[str, str], Shown]:
        """What was shown.

        Raises:
            ToolFailed: there is none, it is older than it may be, or it is not what `write` makes.
        """
        hint = f"`freqtrain share {self._environment}`, as the user of '{self._environment}', writes it anew"
        try:
            book = self._shape.validate_python(json.loads(read_bounded(self._path, MOST_BYTES)))
        except ValidationError as error:
            raise ToolFailed(f"{self._path} is not what was shared", hint=hint) from error
        except (OSError, ValueError) as error:
            told = error.strerror if isinstance(error, OSError) else str(error)
            raise ToolFailed(
                f"what '{self._environment}' shows cannot be read: {self._path}: {told}", hint=hint
            ) from error
        if book.environment != self._environment or book.at.utcoffset() is None or abs(now - book.at) > HOLDS:
            raise ToolFailed(
                f"what '{self._environment}' shows is of {book.at:%Y-%m-%d %H:%M:%S}: too long ago", hint=hint
            )
        return {(entry.strategy, entry.bundle): entry.shown for entry in book.entries}


def is_foreign(home: Path, environment: str) -> bool:
    """Whether an environment's folder belongs to another user, so that only what it shares can be read."""
    try:
        return (home / environment).stat().st_uid != os.geteuid()
    except OSError:
        return False
