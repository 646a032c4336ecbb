"""Blocking a bundle by hand: at once, whoever else is at work, and until a person lifts it."""

from pathlib import Path

import pytest

from pipeline.domain.train.plan import Order
from pipeline.errors import Refused, UsageError
from pipeline.flows.block import lift_block, set_block
from pipeline.flows.converge import converge
from pipeline.flows.deploy import deploy
from tests.domain.trading.samples import LIVE
from tests.flows.road_ground import NEW, OLD, STRATEGY, Device, running


def test_a_block_ends_entries_and_leaves_exits_and_outlives_converging(tmp_path: Path) -> None:
    device = running(tmp_path, LIVE)
    told = set_block(STRATEGY, "", device.road(), "operator", "it trades at night")
    assert told == "aaaaaaaaaaaa is blocked in 'sandbox' until a person lifts it"
    assert (device.entering(), device.alive(), device.open_trades[STRATEGY]) == ([], [OLD], 1)
    converge(device.road(), "timer")
    assert device.entering() == []
    block = device.road().state().blocks[OLD]
    assert (block.strategy, block.by, block.reason) == (STRATEGY, "operator", "it trades at night")
    assert device.road().state().known_good(STRATEGY) == ""
    lift_block(OLD, device.road(), "operator", "it was the clock")
    converge(device.road(), "timer")
    assert (device.entering(), device.violations) == ([OLD], [])


def test_a_bundle_is_blocked_before_it_boards_and_what_runs_goes_on(tmp_path: Path) -> None:
    device = running(tmp_path)
    set_block(STRATEGY, NEW, device.road(), "operator", "it reads tomorrow's candles")
    assert device.entering() == [OLD]
    with pytest.raises(Refused, match="is blocked by operator"):
        deploy(Order(STRATEGY, NEW, "operator"), device.road())
    assert device.entering() == [OLD]


def test_a_block_waits_for_no_other_verb(tmp_path: Path) -> None:
    device = running(tmp_path)
    device.locked_by = "deploy of somebody"
    set_block(STRATEGY, "", device.road(), "operator", "it lost")
    assert device.entering() == []
    assert "it is blocked; 'deploy of somebody' is at work" in device.narrator.lines


def test_a_silent_bot_is_blocked_by_its_home(tmp_path: Path) -> None:
    device = running(tmp_path)
    name = f"test-{STRATEGY}-a"
    device.silent.add(name)
    set_block(STRATEGY, "", device.road(), "operator", "it lost")
    assert name in device.holds
    assert device.entering() == []


def test_what_cannot_be_blocked_is_told_and_changes_nothing(tmp_path: Path) -> None:
    device = running(tmp_path)
    lines = list(device.lines)
    with pytest.raises(UsageError, match="give --reason"):
        set_block(STRATEGY, "", device.road(), "operator", " ")
    with pytest.raises(UsageError, match="'nothing' does not run in 'test'"):
        set_block("nothing", "", device.road(), "operator", "why not")
    with pytest.raises(Refused, match="bbbbbbbbbbbb is a bundle of 'dip', not of 'nothing'"):
        set_block("nothing", NEW, device.road(), "operator", "why not")
    assert (device.lines, device.entering()) == (lines, [OLD])
    set_block(STRATEGY, "", device.road(), "operator", "it lost")
    with pytest.raises(Refused, match=r"is blocked already, by operator since .* UTC: it lost"):
        set_block(STRATEGY, OLD, device.road(), "operator", "again")


def test_a_block_while_nothing_runs_is_kept_for_the_next_deployment(tmp_path: Path) -> None:
    device = Device(tmp_path)
    set_block(STRATEGY, NEW, device.road(), "operator", "not this one")
    with pytest.raises(Refused, match="is blocked by operator"):
        deploy(Order(STRATEGY, NEW, "operator"), device.road())
    assert device.alive() == []
