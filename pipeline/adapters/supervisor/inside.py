"""What freqtrain adds inside supervisord: bounded restarts, the watch over memory, and stops that hold though their caller dies.

An interface of supervisord's own kind (`[rpcinterface:freqtrain]`): the methods without an underscore are what a caller can ask for. Nothing
here may raise out of an event, for that would end supervisord and with it the watch over every bot.
"""

import os
import signal
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from supervisor import events
from supervisor.rpcinterface import SupervisorNamespaceRPCInterface
from supervisor.states import RUNNING_STATES, ProcessStates, SupervisorStates
from supervisor.xmlrpc import RPCError

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.supervisor import launch, record, remains
from pipeline.adapters.supervisor.book import Book
from pipeline.adapters.supervisor.last_words import last_words
from pipeline.adapters.supervisor.launcher import NOT_LAUNCHED, SUPERVISOR_PID
from pipeline.adapters.supervisor.layout import Layout
from pipeline.adapters.supervisor.rotation import rotate
from pipeline.domain.bot import BotState
from pipeline.domain.restarts import STOPPED, Aftermath, after_crash, after_exit, killed_after

MIB = 2**20


def make_interface(supervisord: Any, **_: str) -> "Interface":
    """supervisord's way to make one; its working folder is the runtime's."""
    return Interface(supervisord, Layout(Path.cwd()))


@dataclass(frozen=True, slots=True)
class Asked:
    """That somebody asked a bot to end within so many seconds; `until` is when it is killed, in seconds since the epoch."""

    seconds: float
    until: float


class Interface:
    """Starts and stops bots, and knows what became of them."""

    def __init__(self, supervisord: Any, layout: Layout) -> None:
        self._supervisord = supervisord
        self._calls = SupervisorNamespaceRPCInterface(supervisord)
        self._layout = layout
        self._clock = SystemClock()
        self._book = Book(layout, self._clock.now, supervisord.options.logger.warn)
        self._crashed: set[str] = set()
        self._asked: dict[str, Asked] = {}
        self._excess: dict[str, str] = {}
        self._most_mib: dict[str, int] = {}
        for kind, react in (
            (events.SupervisorRunningEvent, self._began),
            (events.SupervisorStoppingEvent, self._ends),
            (events.ProcessStateRunningEvent, self._runs),
            (events.ProcessStateStoppingEvent, self._stops),
            (events.ProcessStateStoppedEvent, self._stopped),
            (events.ProcessStateExitedEvent, self._exited),
            (events.Tick5Event, self._watch),
        ):
            events.subscribe(kind, self._guarded(react))

    def identity(self) -> str:
        """Which home's supervisord this is, and how it speaks; answered while it is ending, too."""
        return str(self._supervisord.options.identifier)

    def start(self, name: str) -> bool:
        """Start a bot that is down, with its configuration as it is on the disk now; its count of crashes begins anew."""
        self._calls.reloadConfig()
        if name in self._supervisord.process_groups:
            self._calls.removeProcessGroup(name)
        self._calls.addProcessGroup(name)
        self._crashed.discard(name)
        self._most_mib[name] = launch.read(self._layout.bot(name).launch).spec.memory_mib
        self._book.begin(name)
        try:
            self._calls.startProcess(name, False)
        except RPCError as error:
            self._book.down(name, f"supervisord could not start it: {error.text}")
            raise
        return True

    def stop(self, name: str, seconds: float) -> bool:
        """Ask a bot to end, and see to it that it is killed after so many seconds; whether there is anything to wait for.

        A second call can only bring the kill forward.
        """
        process = self._process(name)
        if process is None:
            return False
        asked = Asked(seconds, self._clock.now().timestamp() + seconds)
        if process.get_state() in RUNNING_STATES:
            self._asked[name] = asked
            process.config.stopwaitsecs = seconds
            process.stop()
        elif process.get_state() == ProcessStates.STOPPING:
            self._asked[name] = min(asked, self._asked.get(name, asked), key=lambda each: each.until)
            process.delay = min(process.delay, asked.until)
        elif name in self._crashed:
            self._crashed.discard(name)
            self._book.down(name, f"{STOPPED} after a crash: {self._book.get(name).reason}")
        return bool(process.get_state() == ProcessStates.STOPPING)

    def remove(self, name: str) -> bool:
        """Forget a bot that is down; whether it was known."""
        self._crashed.discard(name)
        self._book.forget(name)
        if name not in self._supervisord.process_groups:
            return False
        return bool(self._calls.removeProcessGroup(name))

    def bots(self) -> dict[str, dict[str, object]]:
        """What became of each bot that was started since supervisord was."""
        return {name: record.plain(found) for name, found in self._book.all().items()}

    def _began(self, _: Any) -> None:
        """Bots know by this who watches them: by now supervisord is the process that it will be."""
        os.environ[SUPERVISOR_PID] = str(os.getpid())

    def _ends(self, _: Any) -> None:
        """Ask all bots at once; supervisord itself asks one after the other, and a device that goes down does not wait for that."""
        for name in self._book.all():
            process = self._process(name)
            if process is not None and process.get_state() in RUNNING_STATES:
                process.stop()

    def _runs(self, event: Any) -> None:
        self._book.runs(_name(event), int(event.process.pid))

    def _stops(self, event: Any) -> None:
        self._book.stops(_name(event))

    def _stopped(self, event: Any) -> None:
        """It ended because it was asked to: by a caller, by the watch over memory, or because supervisord ends."""
        name, code, now = _name(event), int(event.process.exitstatus or 0), self._clock.now()
        _end_group(event.process.pid)
        asked, excess = self._asked.pop(name, None), self._excess.pop(name, "")
        if asked is not None and code == -1 and now.timestamp() >= asked.until:
            self._book.down(name, killed_after(asked.seconds), code)
        elif asked is not None:
            self._book.down(name, STOPPED, code)
        elif excess and self._is_up():
            self._after(name, after_crash(excess, self._book.get(name).crashes, now), code)
        else:
            self._book.down(name, "its supervisor was shut down", code)

    def _exited(self, event: Any) -> None:
        """It ended by itself."""
        name, code = _name(event), int(event.process.exitstatus)
        _end_group(event.process.pid)
        words = last_words(self._layout.bot(name).output)
        if code in NOT_LAUNCHED:
            self._after(name, Aftermath(False, True, f"it could not be launched: {words}"), code)
        else:
            self._after(name, after_exit(code, words, self._book.get(name).crashes, self._clock.now()), code)

    def _after(self, name: str, what: Aftermath, code: int) -> None:
        if what.restart:
            self._crashed.add(name)
        self._book.ended(name, what, code)

    def _watch(self, _: Any) -> None:
        """Every five seconds: start again what crashed, stop what uses more memory than it may, and cut what was printed."""
        if not self._is_up():
            return
        for name in sorted(self._crashed):
            self._start_again(name)
        used = remains.resident_by_group()
        for name, found in self._book.all().items():
            self._rotate(name)
            process = self._process(name)
            if found.state is BotState.RUNNING and process is not None and process.pid:
                self._bound(name, process, used.get(process.pid, 0))

    def _start_again(self, name: str) -> None:
        self._crashed.discard(name)
        remains.kill(self._layout.bot(name).mark, self._clock.sleep)
        self._book.started_again(name)
        try:
            self._calls.startProcess(name, False)
        except RPCError as error:
            told = f"supervisord could not start it again: {error.text}"
            self._after(name, Aftermath(False, True, told), -1)

    def _bound(self, name: str, process: Any, used: int) -> None:
        """The kernel bounds what a process allocates (see `launcher`); this also sees several processes, and memory that they share."""
        most = self._most_mib[name]
        if used > most * MIB:
            self._excess[name] = f"it used {used // MIB} MiB of memory, and {most} MiB is its limit"
            process.stop()

    def _rotate(self, name: str) -> None:
        try:
            rotate(self._layout.bot(name).output)
        except OSError as error:
            self._supervisord.options.logger.warn(f"freqtrain: what {name} printed could not be rotated: {error}")

    def _is_up(self) -> bool:
        return bool(self._supervisord.get_state() == SupervisorStates.RUNNING)

    def _process(self, name: str) -> Any:
        group = self._supervisord.process_groups.get(name)
        return group.processes.get(name) if group is not None else None

    def _guarded(self, react: Callable[[Any], None]) -> Callable[[Any], None]:
        def guarded(event: Any) -> None:
            try:
                react(event)
            except Exception:
                self._supervisord.options.logger.critical(f"freqtrain: {traceback.format_exc()}")

        return guarded


def _name(event: Any) -> str:
    return str(event.process.config.name)


def _end_group(pid: int) -> None:
    """The bot's process has ended; end what it left behind in its group, whose number stays taken while a member lives."""
    if pid:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
