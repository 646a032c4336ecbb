"""What follows a brake: the last known good bundle where the brake says so, whatever dies in between; else entries stop and exits are managed."""

from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.domain.trading import RollBack
from pipeline.domain.train.plan import Order
from pipeline.domain.train.state import HoldKind
from pipeline.flows.converge import converge
from pipeline.flows.deploy import deploy
from pipeline.flows.stop import release
from pipeline.flows.watch import Watching
from tests.flows.road_ground import Crash
from tests.flows.watch_ground import BRAKED, NEW, OLD, ROLLS_BACK, STRATEGY, Bank, bank, bot_name, with_new

MOST_CALLS = 120


def losing(device: Bank) -> None:
    device.wait(10)
    device.floating = Decimal(-20)


def dies(begun: Bank, at: tuple[int, bool]) -> Bank:
    """A watch that has seen the bot well, then sees it lose, and dies at that call."""
    device = deepcopy(begun)
    watching = Watching(device.post())
    watching.round()
    losing(device)
    device.calls, device.dies_at, device.died_in = 0, at, ""
    with suppress(Crash):
        watching.round()
    device.dies_at = None
    return device


def settled(device: Bank, rounds: int = 4) -> None:
    """Watches that are started one after the other, as by a timer."""
    for number in range(rounds):
        device.wait(70 if number else 10)
        device.round()


def brakes_held(device: Bank, bundle: str) -> int:
    holds = device.road().state().of(STRATEGY).holds
    return sum(1 for hold in holds if (hold.kind, hold.bundle) == (HoldKind.BRAKE, bundle))


def test_a_brake_that_rolls_back_ends_with_the_good_bundle_released_and_the_bad_one_blocked(tmp_path: Path) -> None:
    device = with_new(tmp_path)
    device.round()
    losing(device)
    device.round()
    state = device.road().state()
    assert (device.entering(), device.alive(), set(state.blocks)) == ([OLD], [OLD], {NEW})
    assert state.blocks[NEW].by == "brake"
    assert device.violations == []
    device.floating = Decimal(0)
    settled(device)
    assert (device.count("rolled_back"), device.entering()) == (1, [OLD])


def test_where_only_persons_roll_back_a_brake_stops_entries_alone(tmp_path: Path) -> None:
    device = with_new(tmp_path, replace(ROLLS_BACK, roll_back=RollBack.MANUAL))
    device.round()
    losing(device)
    device.round()
    assert (device.entering(), device.alive(), device.count("rolled_back")) == ([], [NEW], 0)


def test_with_no_known_good_bundle_entries_stop_exits_are_managed_and_it_is_told_once(tmp_path: Path) -> None:
    device = bank(tmp_path, ROLLS_BACK)
    device.round()
    losing(device)
    device.round()
    settled(device)
    assert (device.entering(), device.alive(), device.count("rolled_back")) == ([], [OLD], 1)
    assert len([told for told in device.told if "no bundle is known to be good" in told]) == 1


def test_a_hung_bot_is_replaced_where_its_brake_rolls_back(tmp_path: Path) -> None:
    brakes = replace(ROLLS_BACK.brakes, heartbeat_seconds=replace(ROLLS_BACK.brakes.drawdown_max_ratio, limit=120.0))
    device = with_new(tmp_path, replace(ROLLS_BACK, brakes=brakes))
    device.round()
    device.silent.add(bot_name(slot="b"))
    device.wait(130)
    device.round()
    assert (device.entering(), device.alive(), device.violations) == ([OLD], [OLD], [])


def test_another_verb_at_work_delays_the_roll_back_and_not_the_brake(tmp_path: Path) -> None:
    device = with_new(tmp_path)
    device.round()
    losing(device)
    device.locked_by = "deploy"
    device.round()
    assert (device.entering(), device.count("rolled_back")) == ([], 0)
    device.locked_by = ""
    device.round()
    assert (device.entering(), device.count("rolled_back")) == ([OLD], 1)


def test_a_good_bundle_that_does_not_come_up_leaves_entries_stopped_and_is_tried_again_later(tmp_path: Path) -> None:
    device = with_new(tmp_path)
    device.round()
    losing(device)
    device.sick.add(OLD)
    device.round()
    assert device.entering() == []
    tries = device.count("deploying")
    device.wait(10)
    device.round()
    assert device.count("deploying") == tries
    device.sick.clear()
    settled(device)
    assert (device.entering(), device.violations) == ([OLD], [])


def test_after_a_release_the_brakes_count_anew(tmp_path: Path) -> None:
    device = bank(tmp_path)
    device.round()
    losing(device)
    device.round()
    assert device.entering() == []
    release((STRATEGY,), device.road(), "operator", "it was the feed")
    device.round()
    settled(device)
    assert device.entering() == [OLD], "20 lost before do not count again"
    device.floating = Decimal(-29)
    device.wait(10)
    device.round()
    assert device.entering() == []


@pytest.mark.parametrize("recovers", [False, True])
def test_wherever_the_watch_dies_a_brake_that_began_to_act_holds(tmp_path: Path, recovers: bool) -> None:
    begun, number = bank(tmp_path), 0
    while True:
        number += 1
        assert number < MOST_CALLS
        for takes_effect in (False, True):
            device = dies(begun, (number, takes_effect))
            where = f"died at call {number} ({device.died_in}), {'after' if takes_effect else 'before'} it"
            acted = bot_name() in device.holds
            converge(device.road(), "timer")  # somebody who knows nothing of brakes comes first
            device.floating = Decimal(0) if recovers else Decimal(-20)
            device.wait(10)
            device.round()
            assert device.violations == [], where
            assert device.road().ledger.verify() == (), where
            if acted or not recovers:
                assert device.entering() == [], where
                assert brakes_held(device, OLD) == device.count("braked") == 2, where
            calls = device.count("braked")
            device.round()
            assert device.count("braked") == calls, where
        if not device.died_in:
            return


def test_wherever_the_watch_dies_the_roll_back_comes_to_its_end(tmp_path: Path) -> None:
    begun, number, died = with_new(tmp_path), 0, set()
    while True:
        number += 1
        assert number < MOST_CALLS
        for takes_effect in (False, True):
            device = dies(begun, (number, takes_effect))
            where = f"died at call {number} ({device.died_in}), {'after' if takes_effect else 'before'} it"
            died.add(device.died_in)
            settled(device, 2)
            state = device.road().state()
            assert device.violations == [], where
            assert (device.entering(), device.alive()) == ([OLD], [OLD]), where
            assert (set(state.blocks), state.of(STRATEGY).progress) == ({NEW}, None), where
            assert device.count("braked") == 1, where
            lines = len(device.lines)
            device.round()
            assert len(device.lines) - lines <= 1, f"{where}: nothing is left to do but to count its soak"
        if not device.died_in:
            break
    assert {"memory", "hold sandbox-dip-b", "ledger: braked", "pause sandbox-dip-b", "ledger: blocked"} <= died


def test_a_brake_pre_empts_nothing_of_a_bundle_that_was_deployed_meanwhile(tmp_path: Path) -> None:
    device = bank(tmp_path, BRAKED)
    device.round()
    losing(device)
    device.round()
    deploy(Order(STRATEGY, NEW, "operator"), device.road())
    device.round()
    settled(device, 2)
    assert device.entering() == [NEW], "what the old one lost is not the new one's"
