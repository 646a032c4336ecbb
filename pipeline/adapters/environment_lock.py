"""One verb at a time in an environment, and one watch: a lock that says whose it is, and that ends with its process."""

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from pipeline.errors import Locked, ToolFailed
from pipeline.ports import Clock

LOCKED = ("is locked", "wait for it to end; `freqtrain stop` works meanwhile")
LOOK_SECONDS = 0.2
GLANCE_SECONDS = 0.02
GLANCES = 25
"""How long, and how often, whoever takes the lock lets those pass who only look: each holds it for a moment (see `holder`)."""


class EnvironmentLock:
    """`<device home>/<environment>/lock`; the kernel lets go of it when its holder ends, however it ends.

    Where somebody else has it, it is waited for, for at most `patience_seconds`, and `say` hears for whom. `refusal` is what is said of it then,
    and the hint.
    """

    def __init__(
        self,
        path: Path,
        by: str,
        clock: Clock,
        patience_seconds: float = 0.0,
        refusal: tuple[str, str] = LOCKED,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._path = path
        self._by = by
        self._clock = clock
        self._patience_seconds = patience_seconds
        self._refusal = refusal
        self._say = say

    @contextmanager
    def __call__(self, what: str) -> Iterator[None]:
        """Hold the lock.

        Raises:
            Locked: somebody else holds it; the message says who, what for and since when.
            ToolFailed: the file cannot be written.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise ToolFailed(
                f"{self._path}: {error.strerror}", hint="make room on the disk, or mend its rights"
            ) from error
        try:
            self._take(file)
            now = self._clock.now().replace(microsecond=0)
            words = {"what": what, "by": self._by, "pid": os.getpid(), "since": now.isoformat()}
            os.ftruncate(file, 0)
            os.pwrite(file, json.dumps(words).encode(), 0)
            yield
        finally:
            os.close(file)

    def holder(self) -> str:
        """Who has the lock, what for and since when; "" where nobody does. Looking takes it for a moment."""
        try:
            file = os.open(self._path, os.O_RDONLY)
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise ToolFailed(f"{self._path}: {error.strerror}", hint="mend its rights") from error
        try:
            return "" if _locks(file, fcntl.LOCK_SH) else _told(os.pread(file, 4096, 0))
        finally:
            os.close(file)

    def _take(self, file: int) -> None:
        waited = 0.0
        while not self._taken(file):
            words, hint = self._refusal
            told = f"'{self._path.parent.name}' {words}: {_told(os.pread(file, 4096, 0))}"
            if waited >= self._patience_seconds:
                raise Locked(told, hint=hint)
            if not waited:
                self._say(f"{told}; waiting for it to end")
            self._clock.sleep(LOOK_SECONDS)
            waited += LOOK_SECONDS

    def _taken(self, file: int) -> bool:
        """Take it unless somebody is at work; whoever only looks keeps nobody out, not even who has no patience."""
        for _ in range(GLANCES):
            if _locks(file, fcntl.LOCK_EX):
                return True
            if not _locks(file, fcntl.LOCK_SH):  # A look leaves room for another one, a verb for none.
                return False
            fcntl.flock(file, fcntl.LOCK_UN)
            self._clock.sleep(GLANCE_SECONDS)
        return False


def _locks(file: int, how: int) -> bool:
    """Lock it at once, or not at all."""
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _told(content: bytes) -> str:
    try:
        words = json.loads(content)
        since = datetime.fromisoformat(words["since"])
        return f"{words['what']} by {words['by']} (process {words['pid']}) since {since:%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, KeyError, TypeError):
        return "another verb has just begun"
