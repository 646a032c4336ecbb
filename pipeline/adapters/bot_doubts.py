"""The doubts that bots leave beside their databases: an entry's order of which they do not know whether the exchange took it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from pipeline.adapters.bot_home_files import sync
from pipeline.adapters.bounded import read_bounded
from pipeline.errors import ToolFailed

MOST_BYTES = 1 << 16


class BotDoubts:
    """`<database>.doubt.json` of each strategy; `file_of` tells where a strategy's doubt would lie."""

    def __init__(self, file_of: Callable[[str], Path]) -> None:
        self._file_of = file_of

    def of(self, strategy: str) -> tuple[str, datetime] | None:
        """See `ports.Doubts`. One that is there and cannot be read is a doubt all the same."""
        file = self._file_of(strategy)
        try:
            since = datetime.fromtimestamp(file.lstat().st_mtime, UTC)
        except FileNotFoundError:
            return None
        except OSError as error:
            return f"{file} cannot be read: {error.strerror}", datetime.fromtimestamp(0, UTC)
        return _told(file), since

    def pair_of(self, strategy: str) -> str:
        """See `ports.Doubts`."""
        try:
            pair = _read(self._file_of(strategy))[0]
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return ""
        return pair

    def settle(self, strategy: str, since: datetime) -> bool:
        """See `ports.Doubts`. On the disk when this returns."""
        file = self._file_of(strategy)
        found = self.of(strategy)
        if found is None or found[1] != since:
            return False
        try:
            file.unlink(missing_ok=True)
            sync(file.parent)
        except OSError as error:
            raise ToolFailed(f"{file} cannot be removed: {error.strerror}", hint="mend its rights") from error
        return True


def _told(file: Path) -> str:
    try:
        pair, side, at = _read(file)
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return f"{file.name} does not tell which order it is about"
    told = f"an order to {side} {pair} was sent at {at}, and nobody knows what became of it"
    return told if told.isprintable() and len(told) < 300 else f"{file.name} does not tell which order it is about"


def _read(file: Path) -> tuple[str, str, str]:
    said = json.loads(read_bounded(file, MOST_BYTES))
    return str(said["pair"]), str(said["side"]), str(said["at"])
