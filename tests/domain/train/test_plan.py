"""Plans: the order of steps that never enters twice, never stops a bot in the middle of an order, and can be undone."""

from datetime import timedelta

import pytest

from pipeline.domain.train.decisions import Blocked, Braked, EntriesStopped
from pipeline.domain.train.movements import Purpose, TradePolicy
from pipeline.domain.train.plan import Order, Plan, plan, roll_back, undo, undone_by
from pipeline.domain.train.steps import StepKind, other_slot
from pipeline.errors import Refused
from tests.domain.train.scenes import deploy, draining, empty, order, running
from tests.domain.train.world import ENVIRONMENT, NEW, OLD, STRATEGY, ToyBot, World


def kinds(made: Plan | None) -> list[str]:
    assert made is not None
    return [f"{step.kind.value}{' ' + step.slot if step.slot else ''}" for step in made.steps]


def planned(world: World, **more: object) -> Plan:
    return plan(world.seen(), world.state, order(**more), world.now)


def test_a_first_deployment_starts_paused_proves_reconciles_and_then_releases() -> None:
    assert kinds(planned(empty())) == [
        "preflight", "report_open_trades", "prepare a", "copy_database", "start_paused a", "prove a", "reconcile a",
        "release a", "record",
    ]  # fmt: skip


def test_a_replacement_stops_entries_copies_stops_and_starts_in_the_other_slot() -> None:
    assert kinds(planned(running())) == [
        "preflight", "report_open_trades", "prepare b", "stop_entries a", "copy_database", "stop_safely a",
        "start_paused b", "prove b", "reconcile b", "release b", "forget a", "record",
    ]  # fmt: skip


def test_a_warm_successor_waits_for_the_database_before_the_old_bot_stops() -> None:
    steps = kinds(planned(running(), warm=True))
    assert steps.index("start_paused b") < steps.index("stop_entries a") < steps.index("stop_safely a")
    assert steps.index("stop_safely a") < steps.index("prove b")


def test_slots_alternate() -> None:
    world = running()
    deploy(world)
    assert planned(world, bundle=OLD).goal.slot == "a"
    assert [other_slot(slot) for slot in "ab"] == ["b", "a"]


def test_exit_sells_before_the_old_bot_stops() -> None:
    steps = kinds(planned(running(), trades=TradePolicy.EXIT))
    assert steps.index("stop_entries a") < steps.index("exit_trades a") < steps.index("stop_safely a")


def test_a_drain_stops_entries_and_is_recorded_not_awaited() -> None:
    made = planned(running(), trades=TradePolicy.DRAIN, drain_for=timedelta(hours=6), rest=TradePolicy.EXIT)
    assert kinds(made) == ["preflight", "report_open_trades", "stop_entries a", "record"]
    assert made.drain is not None
    assert (made.drain.successor, made.drain.rest) == (NEW, TradePolicy.EXIT)


@pytest.mark.parametrize("trades", [TradePolicy.DRAIN, TradePolicy.EXIT])
def test_without_open_trades_there_is_nothing_to_drain_or_sell(trades: TradePolicy) -> None:
    made = planned(running(trades=0), trades=trades)
    assert (made.purpose, made.trades) == (Purpose.DEPLOY, TradePolicy.CARRY)


@pytest.mark.parametrize("trades", [TradePolicy.DRAIN, TradePolicy.EXIT])
def test_a_bot_that_is_not_up_cannot_close_its_trades(trades: TradePolicy) -> None:
    world = running()
    world.kill("a", comes_back=False)
    with pytest.raises(Refused, match="is not up, so it cannot"):
        planned(world, trades=trades)


def test_a_drain_cannot_end_in_a_drain() -> None:
    with pytest.raises(ValueError, match="carried or sold"):
        Order(STRATEGY, NEW, "ada", rest=TradePolicy.DRAIN)


def test_a_bundle_that_runs_already_needs_no_step() -> None:
    made = planned(running(), bundle=OLD)
    assert (made.steps, made.reason) == ((), "111111111111 runs already")


def test_the_same_bundle_is_deployed_again_into_the_other_slot_where_its_configuration_changed() -> None:
    world = running()
    deploy(world, OLD, again=True)
    assert sorted(world.bots) == ["b"]
    assert world.up == [(OLD, True)]


def test_asking_twice_for_the_same_drain_changes_nothing() -> None:
    world = draining()
    assert planned(world, trades=TradePolicy.DRAIN).steps == ()
    assert planned(world).steps != ()


def test_a_blocked_bundle_is_not_deployed() -> None:
    world = running()
    world.append(Blocked(ENVIRONMENT, STRATEGY, NEW, "ada", "lost money"))
    with pytest.raises(Refused, match="is blocked by ada since 2025-03-01 12:0") as refused:
        planned(world)
    assert "block lift" in refused.value.hint


def test_a_database_is_adopted_only_at_the_first_deployment() -> None:
    assert "adopt_database" in kinds(planned(empty(), adopt=True))
    with pytest.raises(Refused, match="has a database"):
        planned(running(), adopt=True)


def test_a_deployment_under_a_stop_ends_paused() -> None:
    world = running()
    world.append(EntriesStopped(ENVIRONMENT, STRATEGY, "ada", "holiday"))
    deploy(world)
    assert world.up == [(NEW, False)]
    assert not any(step.kind is StepKind.RELEASE for step in planned(world, bundle=OLD).steps)


def test_a_roll_back_stops_entries_before_anything_else() -> None:
    world = running()
    deploy(world)
    made = roll_back(world.seen(), world.state, STRATEGY)
    assert kinds(made)[:3] == ["stop_entries b", "preflight", "report_open_trades"]
    assert made is not None
    assert (made.goal.bundle, made.goal.slot, made.goal.entries) == (OLD, "a", True)
    world.carry_out(made)
    assert world.up == [(OLD, True)]


def test_the_road_back_ends_the_brake_of_the_bundle_that_went_bad() -> None:
    world = running()
    deploy(world)
    world.append(Braked(ENVIRONMENT, STRATEGY, NEW, "drawdown", "-12 %"))
    made = roll_back(world.seen(), world.state, STRATEGY)
    assert made is not None
    world.carry_out(made)
    assert world.up == [(OLD, True)]
    assert world.state.holds(STRATEGY, OLD) == ()


def test_without_a_known_good_there_is_no_road_back() -> None:
    world = running(soaked=False)
    deploy(world)
    assert roll_back(world.seen(), world.state, STRATEGY) is None


def test_a_blocked_bundle_is_no_known_good() -> None:
    world = running()
    deploy(world)
    world.append(Blocked(ENVIRONMENT, STRATEGY, OLD, "ada", "also bad"))
    assert roll_back(world.seen(), world.state, STRATEGY) is None


def test_roll_back_pre_empts_a_drain() -> None:
    world = running()
    deploy(world)
    deploy(world, "sha256:" + "3" * 64, trades=TradePolicy.DRAIN)
    assert world.known.drain is not None
    made = roll_back(world.seen(), world.state, STRATEGY)
    assert made is not None
    world.carry_out(made)
    assert world.known.drain is None
    assert world.up == [(OLD, True)]


def test_a_bundle_that_never_becomes_healthy_is_undone_and_the_old_one_goes_on() -> None:
    world = running()
    world.never_healthy = {NEW}
    deploy(world)
    assert world.up == [(OLD, True)]
    assert world.known.standing is not None
    assert world.known.standing.bundle == OLD
    assert [entry.kind for entry in world.entries][-1] == "undone"


@pytest.mark.parametrize("warm", [False, True])
@pytest.mark.parametrize("failing", [kind for kind in StepKind if kind not in (StepKind.RECORD, StepKind.FORGET)])
def test_whatever_step_fails_one_bot_enters_in_the_end(failing: StepKind, warm: bool) -> None:
    world = running()
    world.failing = {failing}
    deploy(world, warm=warm)
    world.failing = set()
    world.converge()
    taken = any(step.kind is failing for step in planned(running(), warm=warm).steps)
    assert world.up == [(OLD if taken else NEW, True)]


@pytest.mark.parametrize("warm", [False, True])
def test_what_an_undo_does_is_what_the_table_says(warm: bool) -> None:
    steps = planned(running(), warm=warm).steps
    for count in range(len(steps)):
        world = running()
        whole = planned(world, warm=warm)
        world.begin(whole)
        for step in steps[:count]:
            world.do(step)
        back = undo(world.seen(), world.state, STRATEGY, "asked")
        needed = set(undone_by(steps[:count])) | {StepKind.RECORD}
        assert {step.kind for step in back.steps} <= needed, (count, str(back))


def test_nothing_is_undone_where_nothing_is_in_progress() -> None:
    world = running()
    with pytest.raises(Refused, match="nothing is in progress"):
        undo(world.seen(), world.state, STRATEGY, "asked")


def test_a_plan_prints_as_numbered_sentences() -> None:
    assert str(planned(running())).splitlines()[:3] == [
        "prod trend: 222222222222 in the place of 111111111111",
        "  1. check what could speak against it",
        "  2. report what would happen to open trades",
    ]


def test_a_bot_of_the_bundle_that_nobody_released_is_held_and_proved_before_it_may_enter() -> None:
    world = running()
    world.bots["b"] = ToyBot(NEW, entering=True)
    world.bots["a"].alive = False
    assert kinds(planned(world)) == [
        "preflight", "report_open_trades", "stop_entries b", "prove b", "reconcile b", "release b", "forget a", "record",
    ]  # fmt: skip


def test_exits_are_asked_of_the_bot_that_has_the_database_alone() -> None:
    world = running()
    world.bots["b"] = ToyBot(NEW, since=99)
    world.append(EntriesStopped(ENVIRONMENT, STRATEGY, "ada", "panic", exits=True))
    world.converge()
    assert (world.up, world.trades) == ([(OLD, False)], 0)
