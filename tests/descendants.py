"""The processes below this one: whoever says that it leaves none is asked here."""

import os
import time

import psutil

PATIENCE_SECONDS = 60.0


def left() -> list[int]:
    """What is still there of them; what was killed may take a moment to go."""
    until = time.monotonic() + PATIENCE_SECONDS
    while (found := now()) and time.monotonic() < until:
        time.sleep(0.1)
    return found


def now() -> list[int]:
    """Those that live at this moment."""
    return [one.pid for one in psutil.Process(os.getpid()).children(recursive=True) if _lives(one)]


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
