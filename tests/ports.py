"""Ports for what a test starts: nobody else's for as long as this process lives, neither another worker's nor one that the system hands out."""

import fcntl
import os
import socket
import tempfile
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path

from pipeline.adapters.port_blocks import FIRST, LAST, SIZE

BEGIN, END = 10_000, FIRST
"""Below the blocks that devices are given, and below what a system hands out by itself to whoever asks for port 0 or connects."""

ASIDE = SIZE // 2
"""So far behind a block's beginning no device comes by itself, however many bots a test lets it have."""

FILE = Path(tempfile.gettempdir()) / f"freqtrain-test-ports-{os.getuid()}"

_given: set[int] = set()


def free_port(neighbours: int = 0) -> int:
    """A port on which nobody listens, and as many behind it."""
    return _first(range(BEGIN, END - neighbours, neighbours + 1), neighbours + 1)


def free_places(ports: int = 20) -> int:
    """The first of some ports that can stand in a device's `ports.json`."""
    return _first(range(FIRST + ASIDE, LAST, SIZE), ports)


def _first(places: range, wanted: int) -> int:
    start = os.getpid() % len(places)
    for place in (*places[start:], *places[:start]):
        if _taken(range(place, place + wanted)):
            return place
    raise AssertionError("every port is somebody's")


def _taken(ports: range) -> bool:
    """Whether all of them are this process's from now on. The kernel forgets that when it ends, and tells no child of it."""
    with ExitStack() as trying, suppress(OSError):
        if _given.isdisjoint(ports) and _locks(ports):
            for port in ports:
                trying.enter_context(socket.socket()).bind(("127.0.0.1", port))
            _given.update(ports)
            return True
    return False


def _locks(ports: range) -> bool:
    try:
        fcntl.lockf(_file(), fcntl.LOCK_EX | fcntl.LOCK_NB, len(ports), ports.start)
    except BlockingIOError:
        return False
    return True


@cache
def _file() -> int:
    """Whose byte number N is locked by whoever has the port N. It stays open: the kernel lets go of all locks when a process closes it once."""
    return os.open(FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
