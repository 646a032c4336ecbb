"""What keeps watches running on a device keeps this: the same tests on the fake and on each real one.

A subclass gives the fixture `device`: a device whose watches are stand-ins (tests/stand_in_bot.py), and that can be turned off and on.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import pytest

from pipeline.domain.bot import BotState
from pipeline.domain.restarts import STOPPED
from pipeline.domain.watch_process import RunningWatch, WatchSpec
from pipeline.errors import Refused
from pipeline.ports import Clock, Watches


class WatchDevice(Protocol):
    """What the contract needs besides the watches."""

    watches: Watches
    clock: Clock

    def kill_watch(self, environment: str) -> None:
        """Kill the watch's process from outside."""
        ...

    def reboot(self) -> None:
        """Everything ends at once, and the device comes up again."""
        ...


def watch_of(device: WatchDevice, environment: str = "test") -> RunningWatch:
    """The environment's watch, which must be held."""
    return next(each for each in device.watches.watching() if each.spec.environment == environment)


def eventually(device: WatchDevice, what: Callable[[], bool], seconds: float = 90.0) -> None:
    """Wait until something is so; fails where it never is."""
    for _ in range(int(seconds / 0.05)):
        if what():
            return
        device.clock.sleep(0.05)
    pytest.fail(f"did not come about within {seconds:g} s")


class WatchesContract:
    """The tests; see the module."""

    @pytest.fixture
    def spec(self, tmp_path: Path) -> WatchSpec:
        home = tmp_path / "watch"
        home.mkdir()
        return WatchSpec("test", str(tmp_path), str(home), "sha256:1", (("STAKE", "0100 $X"),), memory_mib=256)

    def test_a_device_watches_nothing_at_first(self, device: WatchDevice) -> None:
        assert device.watches.watching() == ()
        assert device.watches.logs("test", 5) == ""
        device.watches.stop("test", 1.0)
        assert device.watches.watching() == ()

    def test_a_started_watch_runs_and_starting_it_again_leaves_it_alone(
        self, device: WatchDevice, spec: WatchSpec
    ) -> None:
        device.watches.start(spec)
        found = watch_of(device)
        assert (found.spec, found.state, found.reason, found.gave_up) == (spec, BotState.RUNNING, "", False)
        device.watches.start(spec)
        assert device.watches.watching() == (found,)
        assert device.watches.logs("test", 5) != ""

    def test_there_are_never_two_of_one_environment(self, device: WatchDevice, spec: WatchSpec) -> None:
        device.watches.start(spec)
        other = replace(spec, configuration="sha256:2")
        with pytest.raises(Refused, match=r"watch\.test runs with another specification"):
            device.watches.start(other)
        device.watches.start(replace(spec, environment="prod"))
        assert [each.spec.environment for each in device.watches.watching()] == ["prod", "test"]
        device.watches.stop("test", 20.0)
        assert [each.state for each in device.watches.watching()] == [BotState.RUNNING, BotState.DOWN]
        device.watches.start(other)
        assert watch_of(device).spec == other

    def test_a_stopped_watch_stays_down(self, device: WatchDevice, spec: WatchSpec) -> None:
        device.watches.start(spec)
        device.watches.stop("test", 20.0)
        found = watch_of(device)
        assert (found.state, found.reason, found.pid, found.gave_up) == (BotState.DOWN, STOPPED, 0, False)
        device.watches.stop("test", 20.0)
        assert watch_of(device) == found

    def test_a_killed_watch_is_started_again(self, device: WatchDevice, spec: WatchSpec) -> None:
        device.watches.start(spec)
        first = watch_of(device)
        device.kill_watch("test")
        eventually(device, lambda: watch_of(device).restarts == 1 and watch_of(device).state is BotState.RUNNING)
        assert watch_of(device).pid != first.pid

    def test_after_a_reboot_it_is_down_until_it_is_started(self, device: WatchDevice, spec: WatchSpec) -> None:
        device.watches.start(spec)
        device.reboot()
        found = watch_of(device)
        assert (found.spec, found.state, found.gave_up, found.reason != "") == (spec, BotState.DOWN, False, True)
        device.watches.start(spec)
        assert watch_of(device).state is BotState.RUNNING
