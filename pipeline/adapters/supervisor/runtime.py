"""The Runtime of plain processes: bots under supervisord."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from pipeline.adapters.supervisor.master import ROOT
from pipeline.adapters.supervisor.programs import Programs
from pipeline.domain.bot import BotSpec, RunningBot
from pipeline.ports import Clock

BOT = (
    "import sys, runpy; {root!r} in sys.path or sys.path.insert(0, {root!r}); "
    "runpy.run_module('pipeline.adapters.freqtrade.bot', run_name='__main__', alter_sys=True)"
)


def bot_command(spec: BotSpec) -> tuple[str, ...]:
    """The command of a real bot: this interpreter, this package, wherever it is started; `sys.argv[1]` is the bot's home."""
    return (sys.executable, "-I", "-c", BOT.format(root=ROOT), spec.home)


class SupervisorRuntime:
    """See `ports.Runtime`. `home` is the device's home; `command` says what to run for a bot, and tests put a stand-in there."""

    def __init__(self, home: Path, clock: Clock, command: Callable[[BotSpec], Sequence[str]] = bot_command) -> None:
        self._programs = Programs(home, clock)
        self._command = command

    def running(self) -> tuple[RunningBot, ...]:
        """See `ports.Runtime`."""
        return self._programs.held.bots()

    def start(self, spec: BotSpec) -> None:
        """See `ports.Runtime`."""
        self._programs.start(spec, self._command(spec))

    def stop(self, name: str, deadline_seconds: float) -> None:
        """See `ports.Runtime`."""
        self._programs.stop(name, deadline_seconds)

    def logs(self, name: str, lines: int) -> str:
        """See `ports.Runtime`."""
        return self._programs.logs(name, lines)

    def remove(self, name: str) -> None:
        """See `ports.Runtime`."""
        self._programs.remove(name)

    def shutdown(self) -> None:
        """End every bot and every watch in order, and supervisord; see `Programs.shutdown`."""
        self._programs.shutdown()
