"""Asking supervisord over its unix socket, with a bound on how long an answer may take."""

import http.client
import socket
import xmlrpc.client
from pathlib import Path
from xml.parsers.expat import ExpatError

from pipeline.errors import ToolFailed

ANSWER_SECONDS = 30.0
SHUTDOWN_FAULT = 6
MOST_BYTES = 4 * 2**20


class Unreachable(ToolFailed):
    """Nobody listens on the socket, or whoever did has ended."""


class Fault(Exception):
    """supervisord answered that it cannot."""


class ShuttingDown(Fault):
    """supervisord is ending, and takes no more calls."""


class Client:
    """Calls over a unix socket, each on a connection of its own."""

    def __init__(self, path: Path, seconds: float = ANSWER_SECONDS) -> None:
        self._path = path
        self._seconds = seconds

    def call(self, method: str, *arguments: str | float) -> object:
        """Call a method.

        Raises:
            Unreachable: nobody listens.
            Fault: supervisord says no, and why.
            ToolFailed: whoever listens gives no answer that can be understood, or none in time.
        """
        connection = _Connection(self._path, self._seconds)
        try:
            question = xmlrpc.client.dumps(arguments, method)
            connection.request("POST", "/RPC2", question.encode(), {"Content-Type": "text/xml"})
            response = connection.getresponse()
            answer = response.read(MOST_BYTES)
            if response.status != 200:
                raise ToolFailed(f"supervisord failed at {method}: {response.status} {response.reason}")
            (result,), _ = xmlrpc.client.loads(answer)
            return result
        except xmlrpc.client.Fault as fault:
            kind = ShuttingDown if fault.faultCode == SHUTDOWN_FAULT else Fault
            raise kind(fault.faultString) from fault
        except TimeoutError as error:
            told = f"supervisord did not answer within {self._seconds:g} s ({self._path})"
            raise ToolFailed(told, hint="see whether it is stopped, or the machine out of memory") from error
        except (FileNotFoundError, NotADirectoryError, ConnectionError) as error:
            raise Unreachable(f"nobody answers on {self._path}", hint="try again") from error
        except (OSError, http.client.HTTPException, ExpatError, xmlrpc.client.Error, ValueError) as error:
            raise ToolFailed(
                f"what listens on {self._path} does not answer as supervisord does: {error}",
                hint="end the process that listens there",
            ) from error
        finally:
            connection.close()


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: Path, seconds: float) -> None:
        super().__init__("localhost", timeout=seconds)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))
