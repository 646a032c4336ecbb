"""Converge: what is left to do after a crash, a reboot, a stop, a brake, the end of a drain; nothing where all is well."""

from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.domain.train.converge import converge, converge_one, drain_is_over, paused_by_hand
from pipeline.domain.train.decisions import Blocked, BlockLifted, Braked, Doubted, EntriesStopped, Released, Retired
from pipeline.domain.train.facts import Fact
from pipeline.domain.train.fold import fold
from pipeline.domain.train.movements import Purpose, TradePolicy
from pipeline.domain.train.plan import Plan, plan, roll_back
from pipeline.domain.train.sight import Says
from pipeline.domain.train.steps import StepKind
from pipeline.errors import Refused
from tests.domain.train.scenes import deploy, draining, empty, order, running
from tests.domain.train.world import ENVIRONMENT, NEW, OLD, STRATEGY, Death, Restless, ToyBot, World


def next_plan(world: World) -> Plan:
    made = converge_one(world.seen(), world.state, STRATEGY, world.now)
    assert made is not None
    return made


def died_after(kind: StepKind) -> World:
    """A world whose verb died when the step of that kind was done."""
    world = running()

    def point() -> None:
        if world.done and world.done[-1].kind is kind:
            raise Death

    world.point = point  # type: ignore[method-assign]
    with pytest.raises(Death):
        deploy(world)
    del world.point  # type: ignore[method-assign]
    return world


def test_where_all_is_well_there_is_nothing_to_do() -> None:
    world = running()
    assert converge(world.seen(), world.state, world.now) == ()
    assert converge((), empty().state, world.now) == ()


def test_a_bot_that_restarted_paused_is_proved_and_released_again() -> None:
    world = running()
    world.kill("a", comes_back=True)
    assert [step.kind.value for step in next_plan(world).steps] == ["prove", "reconcile", "release", "record"]


def test_a_held_bot_that_its_runtime_started_again_is_compared_with_its_account_once() -> None:
    """Its former life may have sent an order that its database never heard of, and a hold is no reason not to look."""
    world = running()
    world.append(Doubted(ENVIRONMENT, STRATEGY, "an order was sent, and nobody knows what became of it"))
    world.converge()
    world.now += timedelta(seconds=10)
    world.kill("a", comes_back=True)
    assert [step.kind.value for step in next_plan(world).steps] == ["prove", "reconcile", "record"]
    world.converge()
    assert world.up == [(OLD, False)]
    assert converge(world.seen(), world.state, world.now) == ()


def test_a_deployment_that_died_before_the_old_bot_stopped_is_undone() -> None:
    made = next_plan(died_after(StepKind.COPY_DATABASE))
    assert (made.purpose, made.goal.bundle) == (Purpose.UNDO, OLD)
    assert made.reason == "the deploy died at: copy the database for disasters"


def test_a_deployment_that_died_with_no_bot_up_is_undone() -> None:
    assert next_plan(died_after(StepKind.STOP_SAFELY)).purpose is Purpose.UNDO


@pytest.mark.parametrize("kind", [StepKind.START_PAUSED, StepKind.PROVE, StepKind.RECONCILE, StepKind.RELEASE])
def test_a_deployment_of_which_only_the_new_bot_is_up_goes_on(kind: StepKind) -> None:
    made = next_plan(died_after(kind))
    assert (made.purpose, made.goal.bundle) == (Purpose.RESUME, NEW)
    assert any(step.kind is StepKind.PROVE for step in made.steps)


def test_once_the_new_bundle_may_have_entered_it_goes_on_even_where_its_bot_is_down() -> None:
    world = died_after(StepKind.RELEASE)
    world.kill("b", comes_back=False)
    assert (next_plan(world).purpose, next_plan(world).goal.bundle) == (Purpose.RESUME, NEW)


def test_before_that_a_new_bot_that_is_down_is_undone() -> None:
    world = died_after(StepKind.RECONCILE)
    world.kill("b", comes_back=False)
    assert (next_plan(world).purpose, next_plan(world).goal.bundle) == (Purpose.UNDO, OLD)


def test_a_new_bot_that_enters_though_nobody_released_it_is_held_and_proved_first() -> None:
    world = died_after(StepKind.RECONCILE)
    world.bots["b"].entering = True
    steps = [step.kind.value for step in next_plan(world).steps]
    assert steps[:4] == ["stop_entries", "prove", "reconcile", "release"]


def test_a_target_that_was_blocked_meanwhile_is_undone_even_after_its_release() -> None:
    world = died_after(StepKind.RELEASE)
    world.append(Blocked(ENVIRONMENT, STRATEGY, NEW, "ada", "loses"))
    assert (next_plan(world).purpose, next_plan(world).goal.bundle) == (Purpose.UNDO, OLD)
    world.converge()
    assert world.up == [(OLD, True)]


def test_a_roll_back_that_died_goes_on_wherever_it_was() -> None:
    world = running()
    deploy(world)
    made = roll_back(world.seen(), world.state, STRATEGY)
    assert made is not None
    world.begin(made)
    assert (next_plan(world).purpose, next_plan(world).goal.bundle) == (Purpose.RESUME, OLD)


def test_an_undo_that_cannot_be_ended_does_not_stand_in_the_way_of_another_deployment() -> None:
    world = running()
    world.never_healthy = {OLD, NEW}
    deploy(world)
    assert world.known.progress is not None
    assert world.known.progress.undoing
    third = "sha256:" + "3" * 64
    world.carry_out(plan(world.seen(), world.state, order(third), world.now))
    assert world.up == [(third, True)]
    assert world.state.holds(STRATEGY, third) == ()


def test_a_deployment_that_died_has_to_be_converged_before_the_next_one() -> None:
    world = died_after(StepKind.PROVE)
    with pytest.raises(Refused, match="was not ended"):
        plan(world.seen(), world.state, order("sha256:" + "3" * 64), world.now)


def test_a_stop_keeps_the_bot_that_manages_exits() -> None:
    world = running()
    world.append(EntriesStopped(ENVIRONMENT, STRATEGY, "ada", "holiday"))
    world.converge()
    assert (world.up, world.trades) == ([(OLD, False)], 2)
    world.append(Released(ENVIRONMENT, STRATEGY, "ada", "back again"))
    world.converge()
    assert world.up == [(OLD, True)]


def test_a_stop_with_exits_sells_everything_even_after_a_restart() -> None:
    world = running()
    world.append(EntriesStopped(ENVIRONMENT, STRATEGY, "ada", "panic", exits=True))
    world.kill("a", comes_back=False)
    world.converge()
    assert (world.up, world.trades) == ([(OLD, False)], 0)


def test_a_brake_holds_entries_until_a_person_releases_them() -> None:
    world = running()
    world.append(Braked(ENVIRONMENT, STRATEGY, OLD, "daily loss", "-5 %"))
    world.converge()
    assert world.up == [(OLD, False)]
    assert "brake since" in str(world.state.holds(STRATEGY, OLD)[0])


def test_a_block_holds_entries_until_it_is_lifted() -> None:
    world = running()
    world.append(Blocked(ENVIRONMENT, STRATEGY, OLD, "ada", "loses"))
    world.converge()
    world.append(Released(ENVIRONMENT, STRATEGY, "ada", "a release lifts no block"))
    world.converge()
    assert world.up == [(OLD, False)]
    world.append(BlockLifted(ENVIRONMENT, OLD, "ada", "it was the feed"))
    world.converge()
    assert world.up == [(OLD, True)]


def test_a_retired_strategy_manages_its_trades_to_their_end_and_stops() -> None:
    world = running()
    world.append(Retired(ENVIRONMENT, STRATEGY, OLD, "deleted on main"))
    world.converge()
    assert world.up == [(OLD, False)]
    world.trades = 0
    world.converge()
    assert (world.up, world.known.standing) == ([], None)
    assert world.entries[-1].kind == "stopped"


def test_a_drain_waits_for_its_trades_and_ends_in_the_successor() -> None:
    world = draining()
    world.converge()
    assert (world.up, world.known.drain is None) == ([(OLD, False)], False)
    assert not drain_is_over(world.seen(), world.state, STRATEGY, world.now)
    world.trades = 0
    world.converge()
    assert world.up == [(NEW, True)]
    assert "drained" in [entry.kind for entry in world.entries]


@pytest.mark.parametrize(("rest", "left"), [(TradePolicy.CARRY, 2), (TradePolicy.EXIT, 0)])
def test_after_the_deadline_a_drain_carries_or_sells_the_rest(rest: TradePolicy, left: int) -> None:
    world = draining(drain_for=timedelta(hours=1), rest=rest)
    world.now += timedelta(hours=2)
    world.converge()
    assert (world.up, world.trades) == ([(NEW, True)], left)


def test_a_bot_that_died_in_a_drain_comes_back_without_entries_and_sells_after_the_deadline() -> None:
    world = draining(drain_for=timedelta(hours=1), rest=TradePolicy.EXIT)
    world.kill("a", comes_back=False)
    world.converge()
    assert world.up == [(OLD, False)]
    world.kill("a", comes_back=False)
    world.now += timedelta(hours=2)
    world.converge()
    assert (world.up, world.trades) == ([(NEW, True)], 0)


def test_a_brake_ends_a_drain_so_that_nothing_new_enters_after_it() -> None:
    world = draining()
    world.append(Braked(ENVIRONMENT, STRATEGY, OLD, "drawdown", "-12 %"))
    world.trades = 0
    world.converge()
    assert world.up == [(OLD, False)]


def test_a_successor_that_is_blocked_does_not_follow() -> None:
    world = draining()
    world.append(Blocked(ENVIRONMENT, STRATEGY, NEW, "ada", "bad idea"))
    world.trades = 0
    world.converge()
    assert world.up == [(OLD, True)]


def test_a_successor_whose_drain_ended_and_that_is_sick_is_undone_for_good() -> None:
    world = draining()
    world.trades, world.never_healthy = 0, {NEW}
    world.converge()
    assert (world.up, world.known.drain) == ([(OLD, True)], None)


def test_a_bot_that_the_ledger_does_not_know_goes_on_without_entries() -> None:
    world = empty()
    world.bots["a"] = ToyBot(OLD, entering=True)
    world.converge()
    assert world.up == [(OLD, False)]


def test_a_bot_beside_the_one_that_should_run_is_ended() -> None:
    world = running()
    world.bots["b"] = ToyBot(NEW, since=99)
    world.converge()
    assert world.up == [(OLD, True)]
    assert sorted(world.bots) == ["a"]


def test_a_bot_that_cannot_be_proved_stays_paused_and_is_tried_again_later() -> None:
    world = running()
    world.kill("a", comes_back=True)
    world.never_healthy = {OLD}
    with pytest.raises(Restless, match="did not come to rest"):
        world.converge()
    assert world.up == [(OLD, False)]
    world.never_healthy = set()
    world.converge()
    assert world.up == [(OLD, True)]


def test_a_doubt_holds_entries() -> None:
    world = running()
    world.append(Doubted(ENVIRONMENT, STRATEGY, "an order that no database explains"))
    world.converge()
    assert world.up == [(OLD, False)]


def test_another_environment_on_the_same_device_is_left_alone() -> None:
    world = running()
    assert converge(world.seen(), fold((), "sandbox"), world.now) == ()


def test_a_bot_that_was_halted_in_the_middle_of_a_stop_is_started_anew() -> None:
    world = running()
    world.begin(plan(world.seen(), world.state, order(), world.now))
    world.bots["a"].entering, world.bots["a"].halted = False, True
    steps = [step.kind.value for step in next_plan(world).steps]
    assert steps == ["stop_safely", "prepare", "forget", "start_paused", "prove", "reconcile", "release", "record"]
    world.converge()
    assert world.up == [(OLD, True)]


def test_a_bot_that_says_it_is_another_bundle_is_started_anew() -> None:
    world = running()
    (bot,) = world.seen()
    assert bot.says is not None
    disguised = replace(bot, says=replace(bot.says, bundle=NEW))
    made = converge_one([disguised], world.state, STRATEGY, world.now)
    assert made is not None
    assert [step.kind.value for step in made.steps][:2] == ["stop_entries", "stop_safely"]


def test_a_bot_that_its_runtime_gave_up_is_left_down_until_a_person_says_so() -> None:
    world = running()
    world.kill("a", comes_back=False)
    world.gave_up = {"a"}
    assert converge(world.seen(), world.state, world.now) == ()
    (made,) = converge(world.seen(), world.state, world.now, again=True)
    assert made.goal.bundle == OLD


def test_a_target_that_its_runtime_gave_up_is_undone_even_after_its_release() -> None:
    world = died_after(StepKind.RELEASE)
    world.kill("b", comes_back=False)
    world.gave_up = {"b"}
    assert (next_plan(world).purpose, next_plan(world).goal.bundle) == (Purpose.UNDO, OLD)


def test_where_the_old_bot_was_given_up_too_what_is_up_enters_nothing() -> None:
    world = running()
    world.kill("a", comes_back=False)
    world.gave_up = {"a"}
    world.begin(plan(world.seen(), world.state, order(), world.now))
    world.append(Blocked(ENVIRONMENT, STRATEGY, NEW, "ada", "bad"))
    world.bots["b"] = ToyBot(NEW, entering=True)
    made = next_plan(world)
    assert [step.kind.value for step in made.steps] == ["stop_entries"]
    world.carry_out(made)
    assert converge(world.seen(), world.state, world.now) == ()


def test_a_bot_with_a_name_of_its_own_is_refused() -> None:
    world = running()
    (bot,) = world.seen()
    odd = replace(bot, bot=replace(bot.bot, spec=replace(bot.bot.spec, name="prod-trend-c")))
    with pytest.raises(Refused, match="the train gives no such name"):
        converge([odd], world.state, world.now)


def test_who_asked_and_on_which_evidence_survives_a_crash_and_a_drain() -> None:
    world = running()
    world.dies_at = 14
    with pytest.raises(Death):
        deploy(world, evidence="e1", configuration="c1")
    world.dies_at = -1
    world.kill("a", comes_back=False)
    world.bots["b"] = ToyBot(NEW, since=99)
    world.converge()
    made = world.known.deployments[-1]
    assert (made.bundle, made.by, made.evidence, made.configuration) == (NEW, "ada", "e1", "c1")
    drained = draining(evidence="e2", configuration="c2")
    drained.trades = 0
    drained.converge()
    made = drained.known.deployments[-1]
    assert (made.bundle, made.by, made.evidence, made.configuration) == (NEW, "ada", "e2", "c2")


def test_strategies_converge_each_by_itself_in_the_order_of_their_ids() -> None:
    world = running()
    world.kill("a", comes_back=True)
    (bot,) = world.seen()
    stray = replace(
        bot,
        bot=replace(bot.bot, spec=replace(bot.bot.spec, name="prod-mean-a", strategy="mean")),
        says=Says(OLD, True, 0),
    )
    made = converge([bot, stray], world.state, world.now)
    assert [(plan.strategy, len(plan.steps)) for plan in made] == [("mean", 2), ("trend", 4)]


def test_a_bot_that_somebody_paused_at_the_bot_itself_stays_paused_until_a_person_releases_it() -> None:
    world = running()
    world.bots["a"].entering = False
    assert paused_by_hand(world.seen(), world.state, STRATEGY)
    assert converge(world.seen(), world.state, world.now) == ()
    world.converge()
    assert world.up == [(OLD, False)]
    deploy(world)
    assert world.up == [(NEW, False)]
    world.append(Released(ENVIRONMENT, STRATEGY, "ada", "it was me"))
    world.converge()
    assert world.up == [(NEW, True)]


def test_a_bot_that_somebody_halted_is_started_anew_for_its_exits_and_enters_nothing() -> None:
    world = running()
    world.bots["a"].entering, world.bots["a"].halted = False, True
    world.converge()
    assert world.up == [(OLD, False)]
    assert not world.bots["a"].halted


def test_a_bot_that_restarted_by_itself_or_was_held_by_the_train_was_not_paused_by_hand() -> None:
    world = running()
    world.kill("a", comes_back=True)
    assert not paused_by_hand(world.seen(), world.state, STRATEGY)
    world.converge()
    world.append(EntriesStopped(ENVIRONMENT, STRATEGY, "ada", "holiday"))
    world.converge()
    world.append(Released(ENVIRONMENT, STRATEGY, "ada", "back"))
    assert not paused_by_hand(world.seen(), world.state, STRATEGY)
    world.converge()
    assert world.up == [(OLD, True)]


@pytest.mark.parametrize(
    ("hold", "end"),
    [
        (
            EntriesStopped(ENVIRONMENT, STRATEGY, "ada", "wait"),
            Released(ENVIRONMENT, STRATEGY, "ada", "go on"),
        ),
        (
            Blocked(ENVIRONMENT, STRATEGY, NEW, "ada", "wait"),
            BlockLifted(ENVIRONMENT, NEW, "ada", "go on"),
        ),
    ],
)
def test_a_hold_that_comes_before_the_release_keeps_the_bot_from_it_and_its_end_releases_it(
    hold: Fact, end: Fact
) -> None:
    world = running()
    made = plan(world.seen(), world.state, order(), world.now)
    point, sent = world.point, []

    def stop_meanwhile() -> None:
        point()
        if world.done and world.done[-1].kind is StepKind.PROVE and not sent:
            sent.append(True)
            world.append(hold)

    world.point = stop_meanwhile  # type: ignore[method-assign]
    world.carry_out(made)
    assert sent
    assert world.up == [(NEW, False)]
    world.append(end)
    world.converge()
    assert world.up == [(NEW, True)]
