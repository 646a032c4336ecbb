"""Asking supervisord over its unix socket, with a bound on how long an answer may take."""

import http.client
import socket
import xmlrpc.client
from pathlib import Path
from typing import Protocol

from pipeline.errors import ToolFailed

ANSWER_SECONDS = 30.0
SHUTDOWN_FAULT = 6


class Unreachable(Exception):
    """Nobody listens on the socket."""


class Fault(Exception):
    """supervisord answered that it cannot."""


class ShuttingDown(Fault):
    """supervisord is ending, and takes no more calls."""


class Calls(Protocol):
    """What the runtime asks of supervisord; tests have a fake."""

    def call(self, method: str, *arguments: object) -> object:
        """Call a method.

        Raises:
            Unreachable: nobody listens.
            Fault: supervisord says no, and why.
            ToolFailed: whoever listens gives no answer that can be understood.
        """
        ...


class Client:
    """Calls over a unix socket, each on a connection of its own."""

    def __init__(self, path: Path, seconds: float = ANSWER_SECONDS) -> None:
        self._path = path
        self._seconds = seconds

    def call(self, method: str, *arguments: object) -> object:
        """See `Calls`."""
        transport = _Transport(str(self._path), self._seconds)
        try:
            with xmlrpc.client.ServerProxy("http://localhost", transport) as server:
                result: object = getattr(server, method)(*arguments)
                return result
        except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError) as error:
            raise Unreachable(str(self._path)) from error
        except xmlrpc.client.Fault as fault:
            kind = ShuttingDown if fault.faultCode == SHUTDOWN_FAULT else Fault
            raise kind(fault.faultString) from fault
        except TimeoutError as error:
            told = f"supervisord did not answer within {self._seconds:g} s ({self._path})"
            raise ToolFailed(told, hint="see whether it is stopped, or the machine out of memory") from error
        except (ConnectionError, http.client.RemoteDisconnected) as error:
            raise Unreachable(str(self._path)) from error
        except (OSError, http.client.HTTPException, xmlrpc.client.Error, ValueError, SyntaxError) as error:
            raise ToolFailed(
                f"what listens on {self._path} does not answer as supervisord does: {error}",
                hint="end the process that listens there",
            ) from error


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: str, seconds: float) -> None:
        super().__init__("localhost", timeout=seconds)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class _Transport(xmlrpc.client.Transport):
    def __init__(self, path: str, seconds: float) -> None:
        super().__init__()
        self._path = path
        self._seconds = seconds

    def make_connection(self, host: object) -> http.client.HTTPConnection:
        return _Connection(self._path, self._seconds)
