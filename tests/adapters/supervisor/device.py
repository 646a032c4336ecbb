"""A device whose bots are stand-ins under a real supervisord."""

import os
import signal
import sys
from pathlib import Path

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.supervisor import remains
from pipeline.adapters.supervisor.layout import layout
from pipeline.adapters.supervisor.runtime import SupervisorRuntime
from pipeline.domain.bot import BotSpec
from tests.needs import ROOT

STAND_IN = str(ROOT / "tests" / "stand_in_bot.py")


def stand_in(spec: BotSpec) -> tuple[str, ...]:
    """The command of a stand-in bot."""
    return (sys.executable, "-I", "-S", STAND_IN, spec.home)


class SupervisedDevice:
    """Its home, and what the tests do to it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.clock = SystemClock()
        self.layout = layout(home)
        self.runtime = self.again()

    def again(self) -> SupervisorRuntime:
        return SupervisorRuntime(self.home, self.clock, stand_in)

    def pids(self, name: str) -> tuple[int, ...]:
        """The processes of a bot."""
        return remains.marked(self.layout.bot(name).mark)

    def processes(self, spec: BotSpec) -> int:
        return len(self.pids(spec.name))

    def kill(self, spec: BotSpec) -> None:
        for pid in self.pids(spec.name):
            os.kill(pid, signal.SIGKILL)

    def supervisord(self) -> int:
        """supervisord's process."""
        (pid,) = remains.marked(self.layout.mark)
        return pid

    def reboot(self) -> None:
        """supervisord first, so that it sees nothing of what happens to its bots."""
        remains.kill(self.layout.mark, self.clock.sleep)
        for name in self.layout.names():
            remains.kill(self.layout.bot(name).mark, self.clock.sleep)

    def end(self) -> None:
        """Leave nothing running."""
        self.runtime.shutdown()
        assert remains.marked(self.layout.mark) == ()
        assert all(self.pids(name) == () for name in self.layout.names())
