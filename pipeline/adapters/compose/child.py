"""The bot's process as its keeper holds it: limited, heard, and asked to end. The standard library only."""

import os
import resource
import select
import signal
from typing import NoReturn

NOT_LAUNCHED_CODE = 125
NOT_LAUNCHED = (NOT_LAUNCHED_CODE, 126, 127)
"""Also what a shell says of a program that cannot be started."""
TAIL_BYTES = 64 * 1024
TAKEN_SECONDS = 1.0
"""How long the engine may leave what was printed untaken."""


class Child:
    """A process that was started. What it prints passes through its keeper, who knows its last words by that."""

    def __init__(self, argv: tuple[str, ...], home: str, memory_mib: int) -> None:
        self.output, writing = os.pipe()
        """Where what it prints can be read; -1 once it was closed by all who write."""
        self._tail = b""
        self._code: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            _become(argv, home, memory_mib, writing)
        os.close(writing)
        os.set_blocking(self.output, False)

    def code(self) -> int | None:
        """How it ended, negative by a signal; None while it lives. Reaps whatever else has ended."""
        while self._code is None:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return -1
            if pid == 0:
                return None
            if pid == self.pid:
                self._code = os.waitstatus_to_exitcode(status)
        return self._code

    def ask(self) -> None:
        """Ask it to finish its loop and end."""
        if self._code is None:
            os.kill(self.pid, signal.SIGTERM)

    def copy(self, ready: bool = True) -> None:
        """Hand on what it printed."""
        while ready and self.output >= 0:
            try:
                printed = os.read(self.output, 65536)
            except BlockingIOError:
                return
            if not printed:
                os.close(self.output)
                self.output = -1
                return
            self._tail = (self._tail + printed)[-TAIL_BYTES:]
            hand_on(printed)

    def tail(self) -> str:
        """The end of what it printed."""
        return self._tail.decode(errors="replace")

    def close(self) -> None:
        """Hand on the rest, once nothing of it runs any more."""
        self.copy()
        if self.output >= 0:
            os.close(self.output)
            self.output = -1


def hand_on(printed: bytes) -> None:
    """Write it into the container's own output. Where nobody takes it, it is lost: the engine is gone, and a bot must not wait for it."""
    try:
        while printed and select.select([], [1], [], TAKEN_SECONDS)[1]:
            printed = printed[os.write(1, printed) :]
    except OSError:
        return


def _become(argv: tuple[str, ...], home: str, memory_mib: int, output: int) -> NoReturn:
    try:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)
        os.dup2(output, 1)
        os.dup2(output, 2)
        empty = os.open(os.devnull, os.O_RDONLY)
        os.dup2(empty, 0)
        os.closerange(3, 256)
        os.setsid()
        most = memory_mib * 2**20
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.chdir(home)
        os.execvp(argv[0], argv)
    except OSError as error:
        os.write(2, f"freqtrain: it could not be launched: {error}\n".encode(errors="replace"))
    finally:
        os._exit(NOT_LAUNCHED_CODE)
