"""What supervisord keeps running, bots and watches: started, stopped and forgotten, and what crashes left behind is put right."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline.adapters.clean_environment import clean_environment
from pipeline.adapters.files import write_whole
from pipeline.adapters.folders import set_aside
from pipeline.adapters.supervisor import launch, locks, remains, sections
from pipeline.adapters.supervisor.client import Client, Fault, ShuttingDown, Unreachable
from pipeline.adapters.supervisor.held import Held, watched_or_not
from pipeline.adapters.supervisor.last_words import last_lines
from pipeline.adapters.supervisor.launch import Launch, Spec
from pipeline.adapters.supervisor.launcher import NOT_LAUNCHED
from pipeline.adapters.supervisor.layout import BotFiles, layout
from pipeline.adapters.supervisor.master import Supervisord
from pipeline.domain.bot import BotState
from pipeline.errors import Refused, ToolFailed
from pipeline.ports import Clock

CALLS_SECONDS = 60.0
LAUNCH_SECONDS = 60.0
BEYOND_SECONDS = 15.0
"""How long supervisord may take beyond a deadline: it looks once a second."""


class Programs:
    """All that one device runs, whatever it is. `home` is the device's home."""

    def __init__(self, home: Path, clock: Clock) -> None:
        self._layout = layout(home)
        self._sleep = clock.sleep
        self._calls = Client(self._layout.socket)
        self._supervisord = Supervisord(self._layout, self._calls, clock.sleep)
        self.held = Held(self._layout, self._calls, self._supervisord)

    def start(self, spec: Spec, argv: Sequence[str], variables: Mapping[str, str] | None = None) -> None:
        """See `ports.Runtime`. `variables` are added to an environment that inherits nothing."""
        files = self._layout.bot(spec.name)
        _check(spec)
        try:
            self._layout.make()
            with locks.holding(self._layout.calls, CALLS_SECONDS, self._sleep):
                if self._runs_already(spec):
                    return
                self._end_remains(files, spec.stop_seconds)
                self._write(files, Launch(spec, tuple(argv), {**(variables or {}), **clean_environment(files.scratch)}))
                self._supervisord.ensure()
                self._ask("freqtrain.start", spec.name)
                self._await_launch(files, spec)
        except OSError as error:
            raise ToolFailed(
                f"{spec.name} could not be started: {error.strerror}: {error.filename}",
                hint="make room on the disk, or see who owns the folder",
            ) from error

    def stop(self, name: str, deadline_seconds: float) -> None:
        """See `ports.Runtime`; supervisord itself keeps the deadline."""
        files = self._layout.bot(name)
        ends = time.monotonic() + deadline_seconds
        if self._supervisord.is_there():
            try:
                self._ask("freqtrain.stop", name, float(deadline_seconds))
                while self._stopping(name) and time.monotonic() < ends + BEYOND_SECONDS:
                    self._sleep(0.05)
            except Unreachable:
                pass  # supervisord ended meanwhile; what it left of the bot is ended now.
        self._end_remains(files, ends - time.monotonic())

    def logs(self, name: str, lines: int) -> str:
        """See `ports.Runtime`."""
        return last_lines(self._layout.bot(name).output, lines)

    def remove(self, name: str) -> None:
        """See `ports.Runtime`."""
        files = self._layout.bot(name)
        if not files.folder.exists():
            return
        with locks.holding(self._layout.calls, CALLS_SECONDS, self._sleep):
            state = watched_or_not(files, self.held.record(name)).state
            if state is not BotState.DOWN:
                raise Refused(f"{name} is {state} and cannot be removed", hint="stop it first")
            if self._supervisord.is_there():
                self._ask("freqtrain.remove", name)
            try:
                set_aside(files.folder)
            except OSError as error:
                told = f"{name} could not be removed: {error.strerror}: {error.filename}"
                raise ToolFailed(told, hint="make room on the disk, or see who owns the folder") from error

    def shutdown(self) -> None:
        """End every bot in order, and supervisord; no process, socket or lock of them is left. The bots are still held, and down.

        Raises:
            ToolFailed: processes are left.
            Locked: somebody else is starting or removing bots and does not end.
        """
        if not self._layout.folder.exists():
            return
        with locks.holding(self._layout.calls, CALLS_SECONDS, self._sleep):
            files = [self._layout.bot(name) for name in self._layout.names()]
            seconds = max((_stop_seconds(each) for each in files), default=0.0)
            self._supervisord.end(seconds + BEYOND_SECONDS)
            for each in files:
                self._end_remains(each, seconds)

    def _runs_already(self, spec: Spec) -> bool:
        """Whether exactly this bot runs; waits for one that supervisord is ending."""
        ends = time.monotonic() + spec.stop_seconds + BEYOND_SECONDS
        while (state := self.held.record(spec.name).state) is BotState.STOPPING and time.monotonic() < ends:
            self._sleep(0.1)
        if state not in (BotState.STARTING, BotState.RUNNING):
            return False
        if self.held.launch(spec.name).spec != spec:
            raise Refused(f"{spec.name} runs with another specification", hint="stop it first")
        return True

    def _write(self, files: BotFiles, what: Launch) -> None:
        files.scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(files.launch, launch.written(what), mode=0o600)
        section = sections.rendered(sections.program(what.spec.name, what.spec.stop_seconds))
        write_whole(files.section, section, mode=0o600)

    def _await_launch(self, files: BotFiles, spec: Spec) -> None:
        """Wait until the process has become the bot, or has ended.

        Raises:
            ToolFailed: it did not become the bot.
        """
        ends = time.monotonic() + LAUNCH_SECONDS
        while not remains.marked(files.mark):
            found = self.held.record(spec.name)
            if found.state is BotState.DOWN and found.code in NOT_LAUNCHED:
                raise ToolFailed(f"{spec.name}: {found.reason}", hint=f"see {files.output}")
            if found.state is BotState.DOWN or found.crashes:
                return  # It began, and has ended already.
            if time.monotonic() >= ends:
                raise ToolFailed(f"{spec.name} did not begin within {LAUNCH_SECONDS:g} s", hint=f"see {files.output}")
            self._sleep(0.02)

    def _stopping(self, name: str) -> bool:
        return self.held.record(name).state is BotState.STOPPING

    def _end_remains(self, files: BotFiles, seconds: float) -> None:
        """End what runs of a bot without anybody watching it, so that there are never two."""
        if left := remains.end(files.mark, max(0.0, seconds), self._sleep):
            raise ToolFailed(f"processes {left} of {files.folder.name} could not be killed", hint="see what holds them")

    def _ask(self, method: str, *arguments: str | float) -> object:
        try:
            return self._calls.call(method, *arguments)
        except ShuttingDown as error:
            raise Unreachable("supervisord is ending", hint="try again") from error
        except Fault as error:
            raise ToolFailed(f"supervisord refuses {method}: {error}", hint=f"see {self._layout.log}") from error


def _check(spec: Spec) -> None:
    if not Path(spec.home).is_absolute() or not Path(spec.home).is_dir():
        raise ToolFailed(f"{spec.name} could not be started: its home {spec.home} is not there")
    if spec.memory_mib <= 0 or not 0 <= spec.stop_seconds < float("inf"):
        raise ToolFailed(f"{spec.name} could not be started: its limits must be above 0")


def _stop_seconds(files: BotFiles) -> float:
    try:
        return launch.read(files.launch).spec.stop_seconds
    except (OSError, ValueError):
        return 0.0
