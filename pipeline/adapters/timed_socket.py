"""A connection whose whole answer must come in time: a socket's own time-out begins anew with every byte."""

import io
import socket
from datetime import timedelta
from typing import TYPE_CHECKING

from pipeline.ports import Clock

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class TimedSocket:
    """As much of a socket as `http.client` uses. Everything raises TimeoutError once the time is over. Whoever opened the socket closes it."""

    def __init__(self, connection: socket.socket, clock: Clock, seconds: float) -> None:
        self._connection, self._clock = connection, clock
        self._until = clock.now() + timedelta(seconds=seconds)

    def sendall(self, content: bytes) -> None:
        self.within_time().sendall(content)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self))

    def close(self) -> None:
        """An answer is still read after `http.client` has closed its connection."""

    def within_time(self) -> socket.socket:
        """The socket, which waits for no longer than there is time."""
        left = (self._until - self._clock.now()).total_seconds()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(left)
        return self._connection


class _Reader(io.RawIOBase):
    def __init__(self, connection: TimedSocket) -> None:
        self._from = connection

    def readable(self) -> bool:
        return True

    def readinto(self, into: "WriteableBuffer") -> int:
        return self._from.within_time().recv_into(into)
