"""supervisord itself, from outside: whether it is there, starting it, ending it."""

import os
import shlex
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pipeline
from pipeline.adapters import process
from pipeline.adapters.clean_environment import clean_environment
from pipeline.adapters.files import write_whole
from pipeline.adapters.supervisor import locks, remains, sections
from pipeline.adapters.supervisor.client import Client, Fault, ShuttingDown, Unreachable
from pipeline.adapters.supervisor.layout import Layout
from pipeline.errors import ToolFailed

ROOT = str(Path(pipeline.__file__).resolve().parent.parent)
BOOTSTRAP = (
    "import sys; {root!r} in sys.path or sys.path.insert(0, {root!r}); "
    "from pipeline.adapters.supervisor.{room} import main; main({arguments})"
)
"""Isolated mode ignores the folder and the environment that it is started from; what runs is the code that this process runs."""

START_SECONDS = 60.0
LOST_SECONDS = 15.0
ENDING_SECONDS = 120.0


class Supervisord:
    """The one supervisord of a home."""

    def __init__(self, layout: Layout, calls: Client, sleep: Callable[[float], None]) -> None:
        self._layout = layout
        self._calls = calls
        self._sleep = sleep

    def is_there(self) -> bool:
        """Whether it can be asked, be it ending; waits where it is just beginning.

        Raises:
            ToolFailed: it is there and cannot be asked, or somebody else listens in its place.
        """
        ends = time.monotonic() + LOST_SECONDS
        while True:
            try:
                name = self._calls.call("freqtrain.identity")
            except Unreachable:
                if not locks.is_held(self._layout.lock):
                    return False
            except Fault:
                raise self._foreign("has no part of freqtrain in it") from None
            else:
                if name == self._layout.identifier:
                    # Without the lock in its folder it is one whose folder was deleted: nothing it says is about this one.
                    return locks.is_held(self._layout.lock)
                raise self._foreign(f"calls itself {name!r}")
            if time.monotonic() >= ends:
                raise self._lost()
            self._sleep(0.1)

    def ensure(self) -> None:
        """Start it where it is not there.

        Raises:
            ToolFailed: it does not start; the message says why.
            OSError: the disk.
        """
        self._layout.make()
        write_whole(self._layout.launch_script, launch_script(), mode=0o700)
        if self._is_up():
            return
        # One whose folder was deleted still watches bots.
        if left := remains.end(self._layout.mark, LOST_SECONDS, self._sleep):
            raise ToolFailed(f"an earlier supervisord could not be ended: processes {left}", hint="see what holds them")
        socket = self._layout.socket
        name = socket.name if socket.parent == self._layout.folder else str(socket)
        configuration = sections.rendered(sections.supervisord(self._layout.identifier, name))
        write_whole(self._layout.configuration, configuration, mode=0o600)
        done = process.run(
            [sys.executable, "-I", "-c", BOOTSTRAP.format(root=ROOT, room="daemon", arguments="")],
            timeout_seconds=START_SECONDS,
            cwd=self._layout.folder,
            env=self._environment(),
        )
        if not self.is_there():
            said = " | ".join((done.err + done.out).strip().splitlines()[-3:])
            raise ToolFailed(
                f"supervisord did not start (exit code {done.code}): {said}", hint=f"see {self._layout.log}"
            )

    def end(self, seconds: float) -> None:
        """End it and with it every bot, in order; after so many seconds by force.

        Raises:
            ToolFailed: processes are left.
        """
        try:
            self._calls.call("supervisor.shutdown")
        except (ToolFailed, ShuttingDown):
            for pid in remains.marked(self._layout.mark):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)
        ends = time.monotonic() + seconds
        while locks.is_held(self._layout.lock) and time.monotonic() < ends:
            with suppress(ToolFailed, Fault):  # Asked, it looks at its processes at once; otherwise once a second.
                self._calls.call("supervisor.getState")
            self._sleep(0.05)
        if left := remains.kill(self._layout.mark, self._sleep):
            raise ToolFailed(f"supervisord could not be ended: processes {left}", hint="see what holds them")
        for path in (self._layout.socket, self._layout.folder / "supervisord.pid"):
            path.unlink(missing_ok=True)

    def _is_up(self) -> bool:
        """Whether it is there to stay; waits for one that is ending or starting over.

        Raises:
            ToolFailed: it goes on waiting for its bots to end.
        """
        ends = time.monotonic() + ENDING_SECONDS
        while self.is_there():
            try:
                self._calls.call("supervisor.getState")
                return True
            except (ShuttingDown, Unreachable):
                if time.monotonic() >= ends:
                    raise ToolFailed(
                        f"supervisord has been ending for {ENDING_SECONDS:g} s, and bots do not",
                        hint=f"see {self._layout.log}",
                    ) from None
            self._sleep(0.1)
        return False

    def _foreign(self, how: str) -> ToolFailed:
        return ToolFailed(
            f"{self._layout.socket} belongs to another supervisord, which {how}",
            hint="end that one; if it is an earlier freqtrain's, its bots end orderly, and `converge` starts them again",
        )

    def _environment(self) -> dict[str, str]:
        name, _, value = self._layout.mark.partition("=")
        return {**clean_environment(self._layout.folder), name: value}

    def _lost(self) -> ToolFailed:
        pids = ", ".join(str(pid) for pid in remains.marked(self._layout.mark))
        return ToolFailed(
            f"supervisord runs (process {pids}), but nobody answers on {self._layout.socket}",
            hint="end it with TERM: its bots end orderly, and `converge` starts them again",
        )


def launch_script() -> str:
    """The shell script by which supervisord starts a bot's launcher, given the bot's folder.

    The bot writes into its output itself. supervisord's pipe stays open as 9, unused: when it closes, supervisord knows at once that the bot has
    ended, and not a second later.
    """
    code = BOOTSTRAP.format(root=ROOT, room="launcher", arguments="sys.argv[1]")
    python = f"{shlex.quote(sys.executable)} -I -c {shlex.quote(code)}"
    lines = (
        "#!/bin/sh",
        'true >>"$1/output.log" || exit 126',
        'exec 9>&1 >>"$1/output.log" 2>&1',
        f'exec {python} "$1"',
    )
    return "\n".join(lines) + "\n"
