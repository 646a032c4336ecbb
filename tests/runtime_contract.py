"""What every Runtime keeps: the same tests on the fake and on each real one.

A subclass gives the fixture `device`: a device whose bots are stand-ins (tests/stand_in_bot.py), and that can be turned off and on.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import pytest

from pipeline.domain.bot import BotSpec, BotState, RunningBot
from pipeline.domain.restarts import STOPPED, killed_after
from pipeline.errors import Refused
from pipeline.ports import Clock, Runtime

NAME = "test-swing-a"


class Device(Protocol):
    """What the contract needs besides a runtime."""

    runtime: Runtime
    clock: Clock

    def again(self) -> Runtime:
        """The same device's runtime as another caller has it."""
        ...

    def processes(self, spec: BotSpec) -> int:
        """How many processes of the bot there are."""
        ...

    def kill(self, spec: BotSpec) -> None:
        """Kill the bot's process from outside."""
        ...

    def reboot(self) -> None:
        """Everything ends at once, and the device comes up again."""
        ...


@dataclass(frozen=True)
class Bots:
    """Makes homes of stand-in bots."""

    folder: Path

    def spec(self, name: str = NAME, **behaviour: object) -> BotSpec:
        """A bot that does as told."""
        home = self.folder / name
        home.mkdir(parents=True, exist_ok=True)
        (home / "behaviour.json").write_text(json.dumps(behaviour))
        return BotSpec(name, "test", "swing", "sha256:" + "1" * 64, str(home), 18001, stop_seconds=20.0)


def lives(spec: BotSpec) -> int:
    """How often the bot began."""
    path = Path(spec.home) / "lives"
    return len(path.read_text().splitlines()) if path.is_file() else 0


def bot(runtime: Runtime, name: str = NAME) -> RunningBot:
    """The bot of that name, which must be held."""
    return next(each for each in runtime.running() if each.spec.name == name)


def wait_for(device: Device, what: Callable[[], bool], seconds: float = 90.0) -> None:
    """Wait until something is so; fails where it never is."""
    for _ in range(int(seconds / 0.05)):
        if what():
            return
        device.clock.sleep(0.05)
    pytest.fail(f"did not come about within {seconds:g} s")


def started(device: Device, spec: BotSpec) -> RunningBot:
    """Start it and wait until it lives: a stand-in that has begun listens to TERM."""
    before = lives(spec)
    device.runtime.start(spec)
    wait_for(device, lambda: lives(spec) > before)
    return bot(device.runtime, spec.name)


def down(device: Device, spec: BotSpec) -> RunningBot:
    """Wait until it is down."""
    wait_for(device, lambda: bot(device.runtime, spec.name).state is BotState.DOWN)
    return bot(device.runtime, spec.name)


class RuntimeContract:
    """The tests; see the module."""

    @pytest.fixture
    def bots(self, tmp_path: Path) -> Bots:
        return Bots(tmp_path / "bots")

    def test_a_device_holds_no_bot_at_first(self, device: Device) -> None:
        assert device.runtime.running() == ()
        assert device.runtime.logs(NAME, 10) == ""
        device.runtime.stop(NAME, 1.0)
        device.runtime.remove(NAME)
        assert device.runtime.running() == ()

    def test_a_started_bot_runs_and_every_caller_sees_it(self, device: Device, bots: Bots) -> None:
        spec = bots.spec()
        began = device.clock.now()
        found = started(device, spec)
        assert (found.spec, found.state, found.restarts, found.reason, found.gave_up) == (
            spec,
            BotState.RUNNING,
            0,
            "",
            False,
        )
        assert found.pid > 0
        assert found.memory_limit.startswith("1024 MiB: ")
        assert began - timedelta(seconds=1) <= found.since <= device.clock.now()
        assert device.processes(spec) == 1
        assert device.again().running() == device.runtime.running()

    def test_starting_it_again_leaves_it_alone(self, device: Device, bots: Bots) -> None:
        spec = bots.spec()
        found = started(device, spec)
        device.runtime.start(spec)
        device.again().start(spec)
        assert bot(device.runtime) == found
        assert lives(spec) == 1

    def test_another_specification_is_refused_while_it_runs_and_taken_once_it_is_down(
        self, device: Device, bots: Bots
    ) -> None:
        spec = bots.spec()
        found = started(device, spec)
        other = replace(spec, bundle="sha256:" + "2" * 64)
        with pytest.raises(Refused, match="test-swing-a runs with another specification"):
            device.runtime.start(other)
        assert bot(device.runtime) == found
        device.runtime.stop(NAME, 20.0)
        assert started(device, other).spec == other

    def test_a_stopped_bot_finishes_its_loop_and_stays_down(self, device: Device, bots: Bots) -> None:
        spec = bots.spec(finish_seconds=0.5)
        started(device, spec)
        device.runtime.stop(NAME, 60.0)
        found = bot(device.runtime)
        assert (found.state, found.reason, found.pid, found.gave_up) == (BotState.DOWN, STOPPED, 0, False)
        assert device.processes(spec) == 0
        assert "finished its loop" in device.runtime.logs(NAME, 1)
        device.runtime.stop(NAME, 60.0)
        assert bot(device.runtime) == found
        assert lives(spec) == 1

    def test_a_bot_that_does_not_listen_is_killed_with_all_its_children(self, device: Device, bots: Bots) -> None:
        spec = bots.spec(ignore_term=True, child="session")
        started(device, spec)
        wait_for(device, lambda: device.processes(spec) == 2)
        device.runtime.stop(NAME, 1.0)
        assert device.processes(spec) == 0
        found = bot(device.runtime)
        assert found.state is BotState.DOWN
        assert found.reason == killed_after(1.0) == "it was stopped, and killed because it had not ended after 1 s"

    def test_a_child_that_outlives_its_bot_is_ended_with_it(self, device: Device, bots: Bots) -> None:
        spec = bots.spec(child="session")
        started(device, spec)
        wait_for(device, lambda: device.processes(spec) == 2)
        device.runtime.stop(NAME, 1.0)
        assert device.processes(spec) == 0
        assert bot(device.runtime).state is BotState.DOWN

    def test_three_crashes_and_it_stays_down_and_tells_the_last_exception(self, device: Device, bots: Bots) -> None:
        spec = bots.spec(crash="the exchange said\tno")
        device.runtime.start(spec)
        found = down(device, spec)
        assert lives(spec) == 3
        assert (found.restarts, found.gave_up, found.pid) == (2, True, 0)
        assert found.reason == (
            "it crashed 3 times within 10 minutes and stays down; the last time it ended with exit code 1: "
            "RuntimeError: the exchange said\tno"
        )
        bots.spec()
        device.runtime.start(spec)
        wait_for(device, lambda: lives(spec) == 4)
        again = bot(device.runtime)
        assert (again.state, again.restarts, again.reason, again.gave_up) == (BotState.RUNNING, 0, "", False)

    def test_a_killed_bot_is_started_again(self, device: Device, bots: Bots) -> None:
        spec = bots.spec()
        first = started(device, spec)
        device.kill(spec)
        wait_for(device, lambda: bot(device.runtime).restarts == 1 and lives(spec) == 2)
        second = bot(device.runtime)
        assert (second.state, second.restarts, second.reason) == (BotState.RUNNING, 1, "")
        assert second.pid != first.pid
        assert device.processes(spec) == 1

    def test_a_crashed_bot_that_is_stopped_meanwhile_is_not_started_again(self, device: Device, bots: Bots) -> None:
        spec = bots.spec()
        started(device, spec)
        device.kill(spec)
        device.runtime.stop(NAME, 20.0)
        found = down(device, spec)
        device.clock.sleep(6.0)
        assert bot(device.runtime) == found
        assert device.processes(spec) == 0

    @pytest.mark.parametrize(
        ("code", "gave_up", "reason"),
        [
            (2, True, "it ended with exit code 2, which a restart does not mend: the stand-in bot is ready"),
            (0, False, "it ended by itself with exit code 0"),
        ],
    )
    def test_an_exit_that_a_restart_does_not_mend_is_not_restarted(
        self, device: Device, bots: Bots, code: int, gave_up: bool, reason: str
    ) -> None:
        spec = bots.spec(exit=code)
        device.runtime.start(spec)
        found = down(device, spec)
        assert (found.reason, found.gave_up, found.restarts) == (reason, gave_up, 0)
        assert lives(spec) == 1

    def test_a_bot_that_takes_more_memory_than_it_may_does_not_get_it(self, device: Device, bots: Bots) -> None:
        spec = replace(bots.spec(allocate_mib=512), memory_mib=128)
        device.runtime.start(spec)
        wait_for(device, lambda: bot(device.runtime).restarts > 0 or bot(device.runtime).reason != "")
        wait_for(device, lambda: "emory" in bot(device.runtime).reason)

    def test_logs_are_the_last_lines_of_all_its_runs(self, device: Device, bots: Bots) -> None:
        spec = bots.spec(finish_seconds=0)
        for _ in range(2):
            started(device, spec)
            device.runtime.stop(NAME, 20.0)
        lines = device.runtime.logs(NAME, 100).splitlines()
        assert lines.count("the stand-in bot is ready") == 2
        assert device.runtime.logs(NAME, 2).splitlines() == lines[-2:]
        assert device.runtime.logs(NAME, 0) == ""

    def test_a_bot_that_runs_cannot_be_removed_and_one_that_is_down_is_forgotten(
        self, device: Device, bots: Bots
    ) -> None:
        spec = bots.spec()
        started(device, spec)
        with pytest.raises(Refused, match="test-swing-a is running and cannot be removed"):
            device.runtime.remove(NAME)
        device.runtime.stop(NAME, 20.0)
        device.runtime.remove(NAME)
        assert device.runtime.running() == ()
        assert device.runtime.logs(NAME, 10) == ""
        assert Path(spec.home).is_dir()
        assert started(device, spec).state is BotState.RUNNING

    def test_bots_do_not_concern_each_other(self, device: Device, bots: Bots) -> None:
        first, second = bots.spec("test-swing-a"), bots.spec("test-swing-b")
        started(device, second)
        started(device, first)
        assert [each.spec for each in device.runtime.running()] == [first, second]
        device.runtime.stop("test-swing-a", 20.0)
        assert [each.state for each in device.runtime.running()] == [BotState.DOWN, BotState.RUNNING]
        assert device.processes(second) == 1

    def test_after_a_reboot_bots_are_down_until_they_are_started(self, device: Device, bots: Bots) -> None:
        spec = bots.spec(ignore_term=True)
        before = started(device, spec)
        device.reboot()
        found = bot(device.runtime)
        assert (found.spec, found.state, found.pid, found.gave_up) == (spec, BotState.DOWN, 0, False)
        assert found.reason != ""
        assert before.since <= found.since <= device.clock.now()
        assert lives(spec) == 1
        bots.spec()
        started(device, spec)
        assert device.processes(spec) == 1

    def test_a_stopped_bot_stays_down_through_a_reboot_though_others_are_started(
        self, device: Device, bots: Bots
    ) -> None:
        first, second = bots.spec("test-swing-a"), bots.spec("test-swing-b")
        started(device, first)
        device.runtime.stop("test-swing-a", 20.0)
        device.reboot()
        started(device, second)
        found = bot(device.runtime, "test-swing-a")
        assert (found.state, found.reason) == (BotState.DOWN, STOPPED)
        assert device.processes(first) == 0

    @pytest.mark.parametrize("name", ["", "Test", "a b", "a/b", "..", "a:b", "a\nb", "-a", "a" * 101, "%(here)s"])
    def test_names_that_no_runtime_could_hold_are_refused(self, device: Device, bots: Bots, name: str) -> None:
        spec = replace(bots.spec(), name=name)
        for call in (
            lambda: device.runtime.start(spec),
            lambda: device.runtime.stop(name, 1.0),
            lambda: device.runtime.remove(name),
            lambda: device.runtime.logs(name, 1),
        ):
            with pytest.raises(Refused, match="cannot be a bot's name"):
                call()
        assert device.runtime.running() == ()
