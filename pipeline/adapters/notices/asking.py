"""One HTTP request and its answer, bounded in time and size; no message of it ever holds the address, which may be a secret."""

import http.client
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import cast
from urllib.parse import urlsplit

import certifi

from pipeline.domain.canonical import Plain

CONNECT_SECONDS = 5.0
MOST_BYTES = 1 << 20


class OutOfReach(Exception):
    """There was no whole answer; the message says why, in our words."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back."""

    status: int
    content: bytes

    def json(self) -> Plain:
        """The content; None where it is no JSON."""
        try:
            return cast(Plain, json.loads(self.content))
        except (ValueError, RecursionError):
            return None


def ask(url: str, content: bytes | None, seconds: float, kind: str = "application/json") -> Answered:
    """Ask once, with a GET or, where there is something to send, a POST of that kind. No redirect is followed, and no proxy is used.

    Raises:
        OutOfReach: nobody answers there, not within `seconds` from the first to the last byte, or the answer is too long.
    """
    try:
        target = urlsplit(url)
        connection = _connection(target.scheme, target.hostname or "", target.port, min(CONNECT_SECONDS, seconds))
    except ValueError:
        raise OutOfReach("the address is none") from None
    path = (target.path or "/") + (f"?{target.query}" if target.query else "")
    headers = {"User-Agent": "freqtrain", "Accept": "*/*", **({"Content-Type": kind} if content else {})}
    try:
        connection.connect()
        connection.sock.settimeout(seconds)
        with _ended_after(seconds, connection.sock) as late:
            try:
                connection.request("POST" if content is not None else "GET", path, content, headers)
                response = connection.getresponse()
                said = response.read(MOST_BYTES + 1)
            except (OSError, http.client.HTTPException):
                if late.is_set():
                    raise TimeoutError from None
                raise
            if late.is_set():
                raise TimeoutError
    except (OSError, http.client.HTTPException, ValueError, UnicodeError) as error:
        raise OutOfReach(_why(error)) from None
    finally:
        connection.close()
    if len(said) > MOST_BYTES:
        raise OutOfReach("the answer is too long")
    return Answered(response.status, said)


def _connection(scheme: str, host: str, port: int | None, seconds: float) -> http.client.HTTPConnection:
    if scheme == "https" and host:
        return http.client.HTTPSConnection(host, port, timeout=seconds, context=_context())
    if scheme == "http" and host:
        return http.client.HTTPConnection(host, port, timeout=seconds)
    raise ValueError("no address of a web page")


@cache
def _context() -> ssl.SSLContext:
    """The system's certificates and those that Python's packages bring along: a small device may have no others."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


@contextmanager
def _ended_after(seconds: float, connected: socket.socket) -> Iterator[threading.Event]:
    """Whoever sends a byte now and then is cut off all the same; the event says that it was."""
    late = threading.Event()

    def cut() -> None:
        late.set()
        with suppress(OSError):
            connected.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()


def _why(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return "its certificate is not accepted"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, socket.gaierror):
        return "its name is not known"
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there"
    if isinstance(error, http.client.HTTPException | ValueError):
        return "the answer is damaged"
    return "the connection broke off"
