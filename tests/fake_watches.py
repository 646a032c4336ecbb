"""Watches without processes: what a runtime holds of them, in memory."""

from dataclasses import dataclass, field, replace

from pipeline.domain.bot import BotState
from pipeline.domain.restarts import STOPPED, after_exit
from pipeline.domain.watch_process import RunningWatch, WatchSpec
from pipeline.errors import Refused
from tests.fakes import FakeClock


@dataclass
class FakeWatches:
    """`held` is the device: those that share it are several callers' on one device. A watch whose configuration is `wrong` ends at once."""

    clock: FakeClock = field(default_factory=FakeClock)
    held: dict[str, RunningWatch] = field(default_factory=dict)
    starts: int = 0

    def watching(self) -> tuple[RunningWatch, ...]:
        return tuple(self.held[name] for name in sorted(self.held))

    def up(self) -> list[RunningWatch]:
        """Those that run."""
        return [watch for watch in self.watching() if watch.state is not BotState.DOWN]

    def start(self, spec: WatchSpec) -> None:
        found = self.held.get(spec.environment)
        if found is not None and found.state is not BotState.DOWN:
            if found.spec != spec:
                raise Refused(f"{spec.name} runs with another specification", hint="stop it first")
            return
        self.starts += 1
        self.held[spec.environment] = RunningWatch(spec, BotState.RUNNING, self.clock.now(), 100 + self.starts)
        if spec.configuration == "wrong":
            self.end(spec.environment, 2, "it cannot read that")

    def stop(self, environment: str, deadline_seconds: float) -> None:
        found = self.held.get(environment)
        if found is not None and found.state is not BotState.DOWN:
            self.held[environment] = replace(found, state=BotState.DOWN, pid=0, reason=STOPPED)

    def logs(self, environment: str, lines: int) -> str:
        return "a process begins\n" if environment in self.held and lines > 0 else ""

    def end(self, environment: str, code: int, words: str = "") -> None:
        """Its process ends by itself, or is killed (code -1); a fake that is to be restarted is at once."""
        found = self.held[environment]
        after = after_exit(code, words, (), self.clock.now())
        if after.restart:
            self.held[environment] = replace(found, restarts=found.restarts + 1, pid=found.pid + 1000)
            return
        down = replace(found, state=BotState.DOWN, since=self.clock.now(), pid=0)
        self.held[environment] = replace(down, reason=after.reason, gave_up=after.gave_up)

    def lose_power(self) -> None:
        """Everything ends at once."""
        for name, found in self.held.items():
            self.held[name] = replace(found, state=BotState.DOWN, pid=0, reason="it ended with the device")
