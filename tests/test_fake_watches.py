"""The fake keeps the contract that the real ones keep."""

import pytest

from tests.fake_watches import FakeWatches
from tests.fakes import FakeClock
from tests.watches_contract import WatchesContract


class FakeWatchDevice:
    """A device that is nothing but a dictionary."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.watches = FakeWatches(self.clock)

    def kill_watch(self, environment: str) -> None:
        self.watches.end(environment, -1)

    def reboot(self) -> None:
        self.watches.lose_power()


class TestFakeWatches(WatchesContract):
    @pytest.fixture
    def device(self) -> FakeWatchDevice:
        return FakeWatchDevice()
