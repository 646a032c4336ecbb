"""Deploying: a bundle takes the place of another and is proved, or everything is as it was."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.domain.train.decisions import Approved, Blocked
from pipeline.domain.train.movements import TradePolicy
from pipeline.domain.train.plan import Order
from pipeline.errors import Locked, Refused, ToolFailed, Undone, UsageError
from pipeline.flows.converge import converge
from pipeline.flows.deploy import deploy, planned
from tests.domain.trading.samples import DRY, LIVE
from tests.flows.road_ground import NEW, OLD, STRATEGY, Device, running

ORDER = Order(STRATEGY, NEW, "operator")


def test_the_first_bundle_is_started_paused_proved_and_released(tmp_path: Path) -> None:
    device = Device(tmp_path)
    deploy(Order(STRATEGY, OLD, "operator"), device.road())
    assert device.entering() == [OLD]
    assert device.violations == []
    assert device.kinds() == ["deploying", "deployed"]


def test_a_new_bundle_takes_the_place_of_the_old_one_and_its_database(tmp_path: Path) -> None:
    device = running(tmp_path)
    deploy(ORDER, device.road())
    assert (device.entering(), device.alive()) == ([NEW], [NEW])
    assert device.copies == [STRATEGY]
    assert device.violations == []
    state = device.road().state().of(STRATEGY)
    assert state.standing is not None
    assert state.standing.bundle == NEW
    (told,) = [one for one in device.entries() if one.kind == "deployed" and one.body["bundle"] == NEW]
    assert told.body["down_seconds"] >= 0  # type: ignore[operator]


def test_a_warm_start_is_as_safe(tmp_path: Path) -> None:
    device = running(tmp_path)
    deploy(replace(ORDER, warm=True), device.road())
    assert (device.entering(), device.alive()) == ([NEW], [NEW])
    assert device.violations == []


def test_a_warm_successor_is_ready_before_anything_is_taken_from_the_old_bot(tmp_path: Path) -> None:
    device = running(tmp_path)
    device.import_seconds = 7.0
    began_at = device.clock.now()
    deploy(replace(ORDER, warm=True), device.road())
    assert device.entering() == [NEW]
    held_at = next(one.at for one in device.entries() if one.kind == "step_began" and one.at > began_at)
    assert (held_at - began_at).total_seconds() >= 7.0
    assert (device.ended[f"{DRY.name}-{STRATEGY}-a"] - began_at).total_seconds() >= 7.0


def test_a_warm_successor_that_refuses_leaves_the_old_bot_as_it_is(tmp_path: Path) -> None:
    device = running(tmp_path)
    device.refusing.add(NEW)
    with pytest.raises(Undone, match="it went down: the strategy cannot be loaded; what ran before runs again"):
        deploy(replace(ORDER, warm=True), device.road())
    assert (device.entering(), device.ended, device.violations) == ([OLD], {}, [])


def test_a_warm_successor_that_never_is_ready_leaves_the_old_bot_as_it_is(tmp_path: Path) -> None:
    device = running(tmp_path)
    device.import_seconds = 3600.0
    with pytest.raises(Undone, match="it was not ready to take over within 30 s"):
        deploy(replace(ORDER, warm=True), device.road())
    assert device.entering() == [OLD]
    assert f"{DRY.name}-{STRATEGY}-a" not in device.ended
    assert device.violations == []


def test_a_bot_is_stopped_right_after_a_loop(tmp_path: Path) -> None:
    device = running(tmp_path)
    device.loop_seconds = 5.0
    device.clock.sleep(12.0)
    old = f"{DRY.name}-{STRATEGY}-a"
    started_at = device.processes[old].since
    deploy(ORDER, device.road())
    late = (device.ended[old] - started_at).total_seconds() % 5.0
    assert late < 0.5
    (told,) = [one for one in device.entries() if one.kind == "deployed" and one.body["bundle"] == NEW]
    assert float(str(told.body["down_seconds"])) <= 5.5, "a loop of the new one is five seconds after its start"


def test_a_bot_that_hangs_is_not_waited_for_long(tmp_path: Path) -> None:
    device = running(tmp_path)
    device.loop_seconds = 3600.0
    device.clock.sleep(3601.0)
    began_at = device.clock.now()
    with pytest.raises(ToolFailed, match="it was not proved healthy"):  # The others hang as well.
        deploy(ORDER, device.road())
    waited = (device.ended[f"{DRY.name}-{STRATEGY}-a"] - began_at).total_seconds()
    assert waited <= 11.0


def test_what_runs_already_is_left_alone(tmp_path: Path) -> None:
    device = running(tmp_path)
    deploy(Order(STRATEGY, OLD, "operator"), device.road())
    assert "runs already" in device.narrator.lines[-1]
    assert device.entering() == [OLD]


def test_a_bundle_that_never_becomes_healthy_goes_and_the_old_one_is_back(tmp_path: Path) -> None:
    device = running(tmp_path)
    device.sick.add(NEW)
    with pytest.raises(Undone, match="it has finished no loop; what ran before runs again"):
        deploy(ORDER, device.road())
    assert (device.entering(), device.alive()) == ([OLD], [OLD])
    assert device.violations == []
    assert device.kinds()[-2:] == ["undoing", "undone"]
    assert device.locked_by == ""


def test_a_first_bundle_that_never_becomes_healthy_leaves_nothing(tmp_path: Path) -> None:
    device = Device(tmp_path)
    device.sick.add(NEW)
    with pytest.raises(Undone):
        deploy(ORDER, device.road())
    assert device.alive() == []


def test_a_preflight_that_says_no_changes_nothing(tmp_path: Path) -> None:
    device = running(tmp_path)
    device.speaks_against = ("the disk is full", "the port is taken")
    with pytest.raises(Refused, match="the disk is full\n  the port is taken"):
        deploy(ORDER, device.road())
    assert (device.entering(), device.holds) == ([OLD], {})
    assert device.road().state().of(STRATEGY).progress is None


def test_a_plan_alone_changes_nothing(tmp_path: Path) -> None:
    device = running(tmp_path)
    before = device.calls
    assert "start the bot, paused" in str(planned(ORDER, device.road()))
    assert device.calls == before


def test_selling_first_leaves_no_position_to_the_new_bundle(tmp_path: Path) -> None:
    device = running(tmp_path, trades=3)
    deploy(replace(ORDER, trades=TradePolicy.EXIT), device.road())
    assert device.open_trades[STRATEGY] == 0
    assert device.entering() == [NEW]


def test_a_drain_is_recorded_and_converge_completes_it(tmp_path: Path) -> None:
    device = running(tmp_path)
    deploy(replace(ORDER, trades=TradePolicy.DRAIN), device.road())
    assert (device.entering(), device.alive()) == ([], [OLD])
    converge(device.road(), "timer")
    assert device.alive() == [OLD], "a trade is still open"
    device.open_trades[STRATEGY] = 0
    converge(device.road(), "timer")
    assert device.entering() == [NEW]
    assert device.violations == []


def test_a_drain_ends_with_its_deadline(tmp_path: Path) -> None:
    device = running(tmp_path)
    deploy(replace(ORDER, trades=TradePolicy.DRAIN, drain_for=timedelta(hours=2)), device.road())
    device.clock.sleep(3 * 3600)
    converge(device.road(), "timer")
    assert device.entering() == [NEW]


def test_two_deploys_at_once_are_kept_apart(tmp_path: Path) -> None:
    device = running(tmp_path)
    device.locked_by = "deploy of somebody"
    with pytest.raises(Locked, match="deploy of somebody"):
        deploy(ORDER, device.road())
    assert device.entering() == [OLD]


def test_a_blocked_bundle_stays_outside(tmp_path: Path) -> None:
    device = running(tmp_path)
    device.road().record(Blocked(DRY.name, STRATEGY, NEW, "operator", "it lost"))
    with pytest.raises(Refused, match="is blocked by operator"):
        deploy(ORDER, device.road())


def test_a_bundle_of_another_strategy_or_none_is_refused(tmp_path: Path) -> None:
    device = running(tmp_path)
    with pytest.raises(Refused, match="is a bundle of 'dip'"):
        deploy(Order("other", NEW, "operator"), device.road())
    with pytest.raises(UsageError):
        deploy(Order(STRATEGY, "nothing", "operator"), device.road())
    assert device.entering() == [OLD]


def test_what_was_judged_on_simulated_data_trades_no_real_money(tmp_path: Path) -> None:
    device = Device(tmp_path, LIVE)
    with pytest.raises(Refused, match="simulated or uncommitted"):
        deploy(Order(STRATEGY, "sha256:" + "e" * 64, "operator"), device.road())
    assert device.alive() == []


def test_approval_fails_closed(tmp_path: Path) -> None:
    strict = replace(LIVE, approval=replace(LIVE.approval, required=True))
    device = Device(tmp_path, strict)

    def refused(because: str) -> None:
        with pytest.raises(Refused, match=because):
            deploy(ORDER, device.road())

    def approve(bundle: str, policy: str, hours: float) -> None:
        until = device.clock.now() + timedelta(hours=hours)
        device.road().record(Approved(strict.name, (bundle,), policy, "signer", until, "sha256:9"))

    refused("nobody has approved it")
    approve(OLD, strict.policy_digest, 1)
    refused("nobody has approved it")
    approve(NEW, "sha256:another", 1)
    refused("approved under another policy")
    approve(NEW, strict.policy_digest, 1)
    device.clock.sleep(3600)
    refused("its approval has expired")
    approve(NEW, strict.policy_digest, 1)
    deploy(ORDER, device.road())
    assert device.entering() == [NEW]


def test_a_bot_that_cannot_be_told_apart_from_a_foreign_one_is_not_believed(tmp_path: Path) -> None:
    device = running(tmp_path)
    device.silent.add(f"{DRY.name}-{STRATEGY}-b")
    with pytest.raises(Undone, match="does not answer"):
        deploy(ORDER, device.road())
    assert device.entering() == [OLD]


def test_ctrl_c_in_the_middle_says_what_ends_it_and_converge_does(tmp_path: Path) -> None:
    device = running(tmp_path)
    road = device.road()

    def interrupted(_: object) -> tuple[str, ...]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deploy(ORDER, replace(road, preflight=interrupted))
    assert device.narrator.lines[-1] == (
        "dip: interrupted at: check what could speak against it; `freqtrain converge test` ends it or takes it back"
    )
    converge(device.road(), "timer")
    assert (device.entering(), device.violations) == ([OLD], [])
    assert device.road().state().of(STRATEGY).progress is None


def test_a_way_back_that_fails_says_so_and_enters_nothing(tmp_path: Path) -> None:
    device = running(tmp_path)
    device.sick |= {NEW, OLD}
    with pytest.raises(ToolFailed, match="and the way back failed at"):
        deploy(ORDER, device.road())
    assert device.entering() == []
    device.sick.clear()
    converge(device.road(), "timer")
    assert device.entering() == [OLD]
