"""The Runtime of plain processes: supervisord keeps bots running; this asks it, and puts right what crashes left behind."""

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pipeline.adapters.clean_environment import clean_environment
from pipeline.adapters.files import write_whole
from pipeline.adapters.folders import set_aside
from pipeline.adapters.supervisor import launch, locks, record, remains, sections
from pipeline.adapters.supervisor.client import Calls, Client, Fault, ShuttingDown, Unreachable
from pipeline.adapters.supervisor.last_words import last_lines
from pipeline.adapters.supervisor.launch import Launch
from pipeline.adapters.supervisor.launcher import NOT_LAUNCHED
from pipeline.adapters.supervisor.layout import BotFiles, layout
from pipeline.adapters.supervisor.master import ROOT, Supervisord
from pipeline.adapters.supervisor.record import Record
from pipeline.domain.bot import BotSpec, BotState, RunningBot
from pipeline.errors import Refused, ToolFailed
from pipeline.ports import Clock

CALLS_SECONDS = 60.0
LAUNCH_SECONDS = 30.0
KILL_SECONDS = 15.0
"""How long supervisord may take beyond a deadline: it looks once a second."""
BOT = (
    "import sys, runpy; sys.path.insert(0, {root!r}); "
    "runpy.run_module('pipeline.adapters.freqtrade.bot', run_name='__main__', alter_sys=True)"
)


def bot_command(spec: BotSpec) -> tuple[str, ...]:
    """The command of a real bot: this interpreter, this package, wherever it is started; `sys.argv[1]` is the bot's home."""
    return (sys.executable, "-I", "-c", BOT.format(root=ROOT), spec.home)


class SupervisorRuntime:
    """See `ports.Runtime`. `home` is the device's home; `command` says what to run for a bot, and tests put a stand-in there."""

    def __init__(
        self,
        home: Path,
        clock: Clock,
        command: Callable[[BotSpec], Sequence[str]] = bot_command,
        calls: Calls | None = None,
    ) -> None:
        self._layout = layout(home)
        self._sleep = clock.sleep
        self._clock = clock
        self._command = command
        self._calls = calls or Client(self._layout.socket)
        self._supervisord = Supervisord(self._layout, self._calls, clock.sleep)

    def running(self) -> tuple[RunningBot, ...]:
        """See `ports.Runtime`; starts nothing."""
        names = self._layout.names()
        records = self._records() if names else {}
        return tuple(bot for name in names if (bot := self._bot(name, records.get(name))) is not None)

    def start(self, spec: BotSpec) -> None:
        """See `ports.Runtime`."""
        files = self._layout.bot(spec.name)
        self._check(spec)
        try:
            self._layout.make()
            with locks.holding(self._layout.calls, CALLS_SECONDS, self._sleep):
                if self._runs_already(spec):
                    return
                self._end_remains(files, spec.stop_seconds)
                self._write(files, spec)
                self._supervisord.ensure()
                self._ask("freqtrain.start", spec.name)
                self._await_launch(files, spec)
        except OSError as error:
            raise ToolFailed(
                f"{spec.name} could not be started: {error.strerror}: {error.filename}",
                hint="make room on the disk, or see who owns the folder",
            ) from error

    def stop(self, name: str, deadline_seconds: float) -> None:
        """See `ports.Runtime`. supervisord itself keeps the deadline, also when the caller dies."""
        files = self._layout.bot(name)
        ends = time.monotonic() + deadline_seconds
        if self._supervisord.is_there():
            try:
                self._ask("freqtrain.stop", name, float(deadline_seconds))
                while self._record(name).state is BotState.STOPPING and time.monotonic() < ends + KILL_SECONDS:
                    self._sleep(0.05)
            except Unreachable:
                pass  # It ended meanwhile; what it left is looked for now.
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
            bot = next((each for each in self.running() if each.spec.name == name), None)
            if bot is not None and bot.state is not BotState.DOWN:
                raise Refused(f"{name} is {bot.state} and cannot be removed", hint="stop it first")
            if self._supervisord.is_there():
                self._ask("freqtrain.remove", name)
            set_aside(files.folder)

    def shutdown(self) -> None:
        """End every bot in order, and supervisord; nothing of them is left. Bots that were held are still held, and down.

        Raises:
            ToolFailed: processes are left.
        """
        if not self._layout.folder.exists():
            return
        with locks.holding(self._layout.calls, CALLS_SECONDS, self._sleep):
            seconds = [launch.read(self._layout.bot(name).launch).spec.stop_seconds for name in self._layout.names()]
            self._supervisord.end(max(seconds, default=0.0) + KILL_SECONDS)
            for name in self._layout.names():
                self._end_remains(self._layout.bot(name), max(seconds))

    def _check(self, spec: BotSpec) -> None:
        if not Path(spec.home).is_absolute() or not Path(spec.home).is_dir():
            raise ToolFailed(f"{spec.name} could not be started: its home {spec.home} is not there")
        if spec.memory_mib <= 0 or spec.stop_seconds < 0:
            raise ToolFailed(f"{spec.name} could not be started: its limits must be above 0")

    def _runs_already(self, spec: BotSpec) -> bool:
        """Whether exactly this bot runs; waits for one that is ending."""
        ends = time.monotonic() + spec.stop_seconds + KILL_SECONDS
        while True:
            bot = next((each for each in self.running() if each.spec.name == spec.name), None)
            if bot is None or bot.state is BotState.DOWN:
                return False
            if bot.state is not BotState.STOPPING:
                if bot.spec != spec:
                    raise Refused(f"{spec.name} runs with another specification", hint="stop it first")
                return True
            if time.monotonic() >= ends:
                return False
            self._sleep(0.1)

    def _write(self, files: BotFiles, spec: BotSpec) -> None:
        files.scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
        what = Launch(spec, tuple(self._command(spec)), clean_environment(files.scratch))
        write_whole(files.launch, launch.written(what), mode=0o600)
        section = sections.rendered(sections.program(spec.name, spec.stop_seconds))
        write_whole(files.section, section, mode=0o600)

    def _await_launch(self, files: BotFiles, spec: BotSpec) -> None:
        """Wait until the process has become the bot, or has ended.

        Raises:
            ToolFailed: it did not.
        """
        ends = time.monotonic() + LAUNCH_SECONDS
        while not remains.marked(files.mark):
            found = self._record(spec.name)
            if found.state is BotState.DOWN and found.code in NOT_LAUNCHED:
                raise ToolFailed(f"{spec.name}: {found.reason}", hint=f"see {files.output}")
            if found.crashes or found.state is BotState.DOWN:
                return  # It began, and has ended already.
            if time.monotonic() >= ends:
                raise ToolFailed(f"{spec.name} did not begin within {LAUNCH_SECONDS:g} s", hint=f"see {files.output}")
            self._sleep(0.02)

    def _end_remains(self, files: BotFiles, seconds: float) -> None:
        """End what runs of a bot without anybody watching it, so that there are never two."""
        if left := remains.end(files.mark, max(0.0, seconds), self._sleep):
            raise ToolFailed(f"processes {left} of {files.folder.name} could not be killed", hint="see what holds them")

    def _records(self) -> dict[str, Record]:
        """What supervisord knows of the bots that were started since it was; nothing where it is not there."""
        if not self._supervisord.is_there():
            return {}
        try:
            answer = self._ask("freqtrain.bots")
        except Unreachable:
            return {}
        assert isinstance(answer, dict)
        return {name: record.from_plain(value) for name, value in answer.items()}

    def _record(self, name: str) -> Record:
        return self._records().get(name) or record.read(self._layout.bot(name).record)

    def _bot(self, name: str, found: Record | None) -> RunningBot | None:
        """A bot as supervisord knows it, or else as it was left; None where it was removed meanwhile."""
        files = self._layout.bot(name)
        try:
            what = launch.read(files.launch)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise ToolFailed(f"{name}: {error}", hint="start it again with its specification") from error
        found = found or self._left(files)
        if found.state is BotState.DOWN and locks.is_held(files.lock):
            # supervisord went away, and the bot is finishing its loop; or it left processes behind.
            pids = remains.marked(files.mark)
            if pids:
                found = replace(found, state=BotState.STOPPING, pid=pids[0], reason="")
        return RunningBot(
            what.spec,
            found.state,
            found.since,
            found.pid,
            found.restarts,
            found.reason,
            found.gave_up,
            what.memory_limit,
        )

    def _left(self, files: BotFiles) -> Record:
        """The record of a bot that supervisord has not started: where it says that it runs, it ended with supervisord."""
        found = record.read(files.record)
        if found.state is BotState.DOWN:
            return found if found.since != record.NEVER else replace(found, since=_changed_at(files.launch))
        seen = max(found.since, _changed_at(files.output))
        reason = "it ended together with its supervisor: the device was switched off, or somebody killed it"
        return replace(found, state=BotState.DOWN, since=seen, pid=0, reason=reason, gave_up=False)

    def _ask(self, method: str, *arguments: object) -> object:
        try:
            return self._calls.call(method, *arguments)
        except ShuttingDown as error:
            raise Unreachable("supervisord is ending", hint="try again") from error
        except Fault as error:
            raise ToolFailed(
                f"supervisord refuses {method} {arguments}: {error}", hint=f"see {self._layout.log}"
            ) from error


def _changed_at(path: Path) -> datetime:
    """When a file was last written to: a bot prints a line a minute, so its output tells when it was last seen."""
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return record.NEVER
