"""Locks that a process holds for as long as it lives, and that whatever it forks or becomes holds with it."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import Locked

EVERY_SECONDS = 0.05


def take(path: Path, seconds: float, sleep: Callable[[float], None]) -> int | None:
    """Lock a file, waiting for that long; the descriptor that holds the lock, or None where somebody else goes on holding it.

    Raises:
        OSError: the file cannot be opened.
    """
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    ends = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return file
        except BlockingIOError:
            if time.monotonic() >= ends:
                os.close(file)
                return None
            sleep(EVERY_SECONDS)


def is_held(path: Path) -> bool:
    """Whether somebody holds it. Looking takes the lock for a moment, which is why those who mean to keep it try more than once."""
    try:
        file = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


@contextmanager
def holding(path: Path, seconds: float, sleep: Callable[[float], None]) -> Iterator[None]:
    """Hold it for a while.

    Raises:
        Locked: somebody else went on holding it.
    """
    file = take(path, seconds, sleep)
    if file is None:
        raise Locked(f"{path} has been locked by another process for {seconds:.0f} s", hint="try again")
    try:
        yield
    finally:
        os.close(file)
