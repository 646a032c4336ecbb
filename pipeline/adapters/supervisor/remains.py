"""Processes, as /proc tells of them: those that carry a mark in their environment, and how much memory each group uses.

Loaded inside supervisord: the standard library only.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
PAGE = os.sysconf("SC_PAGE_SIZE")
KILL_SECONDS = 10.0
"""How long the kernel may take to end what was killed."""


def marked(mark: str) -> tuple[int, ...]:
    """The processes whose environment holds `NAME=value`, as it was when their program began; what they start inherits it."""
    wanted = os.fsencode(mark)
    return tuple(sorted(pid for pid in _pids() if wanted in _read(pid, "environ").split(b"\0")))


def end(mark: str, seconds: float, sleep: Callable[[float], None]) -> tuple[int, ...]:
    """Ask the marked processes to end, wait, then kill them; those that are left even then."""
    _signal(marked(mark), signal.SIGTERM)
    if _gone(mark, seconds, sleep):
        return ()
    return kill(mark, sleep)


def kill(mark: str, sleep: Callable[[float], None]) -> tuple[int, ...]:
    """Kill the marked processes, and what they start meanwhile; those that are left even then."""
    ends = time.monotonic() + KILL_SECONDS
    while left := marked(mark):
        if time.monotonic() >= ends:
            return left
        _signal(left, signal.SIGKILL)
        sleep(0.02)
    return ()


def resident_by_group() -> dict[int, int]:
    """The resident memory of each process group, in bytes; pages that processes share count for each."""
    sums: dict[int, int] = {}
    for pid in _pids():
        # The name in parentheses may hold anything; what follows the last one are fields 3, 4, ... of proc(5).
        fields = _read(pid, "stat").rpartition(b")")[2].split()
        if len(fields) > 21:
            group = int(fields[2])
            sums[group] = sums.get(group, 0) + int(fields[21]) * PAGE
    return sums


def _gone(mark: str, seconds: float, sleep: Callable[[float], None]) -> bool:
    ends = time.monotonic() + seconds
    while marked(mark):
        if time.monotonic() >= ends:
            return False
        sleep(0.05)
    return True


def _pids() -> Iterator[int]:
    own = os.getpid()
    with os.scandir(PROC) as entries:
        found = [int(entry.name) for entry in entries if entry.name.isdigit()]
    return (pid for pid in found if pid != own)


def _read(pid: int, what: str) -> bytes:
    try:
        return (PROC / str(pid) / what).read_bytes()
    except OSError:
        return b""  # It ended meanwhile, or belongs to somebody else.


def _signal(pids: tuple[int, ...], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)
