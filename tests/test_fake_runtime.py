"""The fake keeps the contract that the real ones keep."""

import pytest

from pipeline.domain.bot import BotSpec, BotState
from tests.fake_runtime import FakeRuntime
from tests.fakes import FakeClock
from tests.runtime_contract import RuntimeContract


class FakeDevice:
    """A device that is nothing but a dictionary."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.runtime = FakeRuntime(self.clock)

    def again(self) -> FakeRuntime:
        return FakeRuntime(self.clock, self.runtime.bots)

    def processes(self, spec: BotSpec) -> int:
        held = self.runtime.bots.get(spec.name)
        if held is None or held.seen.state is not BotState.RUNNING:
            return 0
        return 2 if "child" in held.told else 1

    def kill(self, spec: BotSpec) -> None:
        self.runtime.end(spec.name, -1)

    def reboot(self) -> None:
        self.runtime.lose_power()


class TestFakeRuntime(RuntimeContract):
    @pytest.fixture
    def device(self) -> FakeDevice:
        return FakeDevice()
