"""Stopping, releasing, rolling back: at once, whatever else is the matter."""

from contextlib import suppress
from pathlib import Path

import pytest

from pipeline.domain.train.plan import Order
from pipeline.errors import Locked, Refused, ToolFailed, UsageError
from pipeline.flows.block import lift_block
from pipeline.flows.converge import converge
from pipeline.flows.deploy import deploy
from pipeline.flows.roll_back import roll_back
from pipeline.flows.stop import release, stop
from tests.domain.trading.samples import DRY, LIVE
from tests.flows.road_ground import NEW, OLD, STRATEGY, Crash, Device, running


def test_a_stop_ends_entries_and_leaves_exits(tmp_path: Path) -> None:
    device = running(tmp_path)
    stop((STRATEGY,), device.road(), "operator", "I do not like it", exits=False)
    assert (device.entering(), device.alive(), device.open_trades[STRATEGY]) == ([], [OLD], 1)
    converge(device.road(), "timer")
    assert device.entering() == [], "converge does not take a stop back"


def test_a_stop_with_exits_sells_everything(tmp_path: Path) -> None:
    device = running(tmp_path, trades=3)
    stop((STRATEGY,), device.road(), "operator", "", exits=True)
    assert (device.entering(), device.open_trades[STRATEGY]) == ([], 0)


def test_a_stop_waits_for_no_other_verb(tmp_path: Path) -> None:
    device = running(tmp_path)
    device.locked_by = "deploy of somebody"
    stop((STRATEGY,), device.road(), "operator", "", exits=False)
    assert device.entering() == []
    with pytest.raises(Locked, match="entries are stopped, and nothing is sold yet"):
        stop((STRATEGY,), device.road(), "operator", "", exits=True)


def test_a_stop_in_the_middle_of_a_deployment_holds_the_new_bundle_too(tmp_path: Path) -> None:
    """The verb reads the ledger before and after it releases; the stop comes in between, at each place there is."""
    number = 0
    while True:
        number += 1
        folder = tmp_path / str(number)
        folder.mkdir()
        device = running(folder)
        device.calls, device.dies_at = 0, (number, True)
        with suppress(Crash):
            deploy(Order(STRATEGY, NEW, "operator"), device.road())
        device.dies_at = None
        stop((STRATEGY,), device.road(), "operator", "", exits=False)
        converge(device.road(), "timer")
        assert device.entering() == [], device.died_in
        assert device.violations == []
        if not device.died_in:
            return


def test_a_silent_bot_is_stopped_by_its_home(tmp_path: Path) -> None:
    device = running(tmp_path)
    name = f"{DRY.name}-{STRATEGY}-a"
    device.silent.add(name)
    stop((STRATEGY,), device.road(), "operator", "", exits=False)
    assert name in device.holds
    assert device.entering() == []


def test_a_ledger_that_cannot_be_read_keeps_nobody_from_stopping(tmp_path: Path) -> None:
    device = running(tmp_path)
    device.lines[0] = b"{}"
    with pytest.raises(ToolFailed, match="not all of it worked"):
        stop((STRATEGY,), device.road(), "operator", "", exits=False)
    assert device.entering() == []


def test_unknown_strategies_are_named_with_those_that_there_are(tmp_path: Path) -> None:
    device = running(tmp_path)
    with pytest.raises(UsageError, match="nothing: not in 'test'") as caught:
        stop(("nothing",), device.road(), "operator", "", exits=False)
    assert caught.value.hint == "there are: dip"
    assert device.entering() == [OLD]


def test_a_release_takes_a_reason_and_brings_entries_back(tmp_path: Path) -> None:
    device = running(tmp_path)
    stop((STRATEGY,), device.road(), "operator", "", exits=False)
    with pytest.raises(UsageError, match="why may they enter again"):
        release((STRATEGY,), device.road(), "operator", " ")
    release((STRATEGY,), device.road(), "operator", "looked into it")
    assert device.entering() == [OLD]
    assert device.violations == []


def test_rolling_back_brings_the_last_known_good_bundle_and_blocks_the_bad_one(tmp_path: Path) -> None:
    device = running(tmp_path, LIVE)
    deploy(Order(STRATEGY, NEW, "operator"), device.road())
    told = roll_back(STRATEGY, device.road(), "operator", "it lost")
    assert told.startswith("aaaaaaaaaaaa runs again; bbbbbbbbbbbb is blocked")
    assert (device.entering(), device.alive()) == ([OLD], [OLD])
    assert device.violations == []
    with pytest.raises(Refused, match="is blocked by operator"):
        deploy(Order(STRATEGY, NEW, "operator"), device.road())
    with pytest.raises(UsageError):
        lift_block(NEW, device.road(), "operator", "")
    lift_block(NEW, device.road(), "operator", "it was the market")
    deploy(Order(STRATEGY, NEW, "operator"), device.road())
    assert device.entering() == [NEW]


def test_with_no_known_good_bundle_entries_stop_and_exits_are_managed(tmp_path: Path) -> None:
    device = Device(tmp_path, LIVE)
    deploy(Order(STRATEGY, NEW, "operator"), device.road())
    told = roll_back(STRATEGY, device.road(), "operator", "it lost")
    assert "no bundle is known to be good" in told
    assert (device.entering(), device.alive()) == ([], [NEW])
    assert device.kinds()[-1] == "rolled_back"


def test_rolling_back_needs_a_reason_and_something_that_runs(tmp_path: Path) -> None:
    device = Device(tmp_path, LIVE)
    with pytest.raises(UsageError, match="give --reason"):
        roll_back(STRATEGY, device.road(), "operator", "")
    with pytest.raises(UsageError, match="does not run in 'sandbox'"):
        roll_back(STRATEGY, device.road(), "operator", "it lost")


def test_a_roll_back_of_one_bundle_takes_no_other_one_back(tmp_path: Path) -> None:
    device = running(tmp_path, LIVE)
    deploy(Order(STRATEGY, NEW, "operator"), device.road())
    with pytest.raises(Refused, match="does not run in 'sandbox' any more"):
        roll_back(STRATEGY, device.road(), "brake", "it lost", only=OLD)
    assert (device.entering(), device.road().state().blocks) == ([NEW], {})
