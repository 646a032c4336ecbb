"""The verb dies at every point there is, bots die behind its back, and converge brings one of both bundles back: one bot, released once."""

from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.train.catalogue import all_plans, all_steps
from pipeline.domain.train.decisions import Blocked, Braked, EntriesStopped, Retired
from pipeline.domain.train.facts import Fact
from pipeline.domain.train.fold import fold_ledger
from pipeline.domain.train.movements import TradePolicy
from pipeline.domain.train.plan import Plan, roll_back
from pipeline.domain.train.steps import UNDONE_BY, StepKind
from pipeline.errors import Refused
from tests.domain.train.scenes import deploy, draining, empty, running
from tests.domain.train.world import ENVIRONMENT, NEW, OLD, STRATEGY, Death, Restless, World

Act = Callable[[World], None]


def take_back(world: World) -> None:
    world.append(Blocked(ENVIRONMENT, STRATEGY, NEW, "ada", "loses"))
    world.converge()
    made = roll_back(world.seen(), world.state, STRATEGY)
    if made is not None and world.known.standing is not None and world.known.standing.bundle == NEW:
        world.carry_out(made)


def record(fact: Fact) -> Act:
    def act(world: World) -> None:
        world.append(fact)
        world.converge()

    return act


def finish_drain(world: World) -> None:
    world.trades = 0
    world.converge()


def sick(world: World) -> None:
    world.never_healthy = {NEW}
    deploy(world)


def replaced() -> World:
    world = running()
    deploy(world)
    world.points = 0
    return world


def down() -> World:
    world = running()
    world.kill("a", comes_back=False)
    return world


STOP = EntriesStopped(ENVIRONMENT, STRATEGY, "ada", "asked", exits=True)
STORIES: dict[str, tuple[Callable[[], World], Act]] = {
    "first": (empty, lambda world: deploy(world)),
    "carry": (running, lambda world: deploy(world)),
    "warm": (running, lambda world: deploy(world, warm=True)),
    "exit": (running, lambda world: deploy(world, trades=TradePolicy.EXIT)),
    "drain": (running, lambda world: deploy(world, trades=TradePolicy.DRAIN)),
    "end of drain": (draining, finish_drain),
    "roll back": (replaced, take_back),
    "sick": (running, sick),
    "reboot": (down, lambda world: world.converge()),
    "stop": (running, record(STOP)),
    "brake": (running, record(Braked(ENVIRONMENT, STRATEGY, OLD, "drawdown", "too deep"))),
    "retire": (running, record(Retired(ENVIRONMENT, STRATEGY, OLD, "deleted", at_once=True))),
}


@cache
def _begun(story: str) -> World:
    return STORIES[story][0]()


def begun(story: str) -> World:
    """A world of one's own at the beginning of the story."""
    return deepcopy(_begun(story))


def points(story: str) -> int:
    """How many points the story has at which the verb can die."""
    world = begun(story)
    world.points = 0
    STORIES[story][1](world)
    return world.points


CASES = [(story, point) for story in STORIES for point in range(points(story))]


def die_at(story: str, point: int) -> World:
    world = begun(story)
    world.points, world.dies_at = 0, point
    with pytest.raises(Death):
        STORIES[story][1](world)
    world.dies_at = -1
    return world


def at_rest(world: World) -> None:
    """What must hold once converge has nothing left to do."""
    assert len(world.up) <= 1
    known, state = world.known, world.state
    assert state == fold_ledger(world.entries, ENVIRONMENT)
    assert known.progress is None
    if known.standing is None:
        assert world.up == []
    else:
        allowed = not state.holds(STRATEGY, known.standing.bundle)
        assert world.up == [(known.standing.bundle, allowed)]
    assert not [hold for hold in known.holds if hold.kind == "doubt"], known.holds


@pytest.mark.parametrize(("story", "point"), CASES)
def test_a_verb_that_dies_leaves_one_bot_after_converge(story: str, point: int) -> None:
    world = die_at(story, point)
    world.converge()
    at_rest(world)


@pytest.mark.parametrize(("story", "point"), CASES)
def test_a_verb_and_all_bots_that_die_leave_one_bot_after_converge(story: str, point: int) -> None:
    world = die_at(story, point)
    for slot in "ab":
        world.kill(slot, comes_back=False)
    world.converge()
    at_rest(world)


@pytest.mark.parametrize("story", ["carry", "warm", "exit", "sick"])
def test_in_a_swap_the_strategy_is_never_left_without_a_bot(story: str) -> None:
    for point in range(points(story)):
        world = die_at(story, point)
        world.converge()
        assert world.up in ([(OLD, True)], [(NEW, True)]), point


def test_a_sick_bundle_is_never_what_is_left() -> None:
    for point in range(points("sick")):
        world = die_at("sick", point)
        world.converge()
        assert world.up == [(OLD, True)], point


def test_a_roll_back_that_died_never_lets_the_bad_bundle_enter() -> None:
    for point in range(2, points("roll back")):
        world = die_at("roll back", point)
        world.converge()
        assert (NEW, True) not in world.up, point


def test_no_entry_is_lost_and_none_is_doubted_whatever_dies() -> None:
    for story, point in CASES[::3]:
        world = die_at(story, point)
        before = tuple(world.entries)
        world.converge()
        assert tuple(world.entries)[: len(before)] == before


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_whatever_dies_and_however_often_one_bot_is_left(data: st.DataObject) -> None:
    story = data.draw(st.sampled_from(sorted(STORIES)))
    world, moves = begun(story), [STORIES[story][1], *[World.converge] * data.draw(st.integers(0, 3))]
    world.never_healthy |= data.draw(st.sampled_from([set(), {NEW}]))
    for move in moves:
        world.points, world.dies_at = 0, data.draw(st.integers(0, 60))
        world.silent = data.draw(st.sets(st.sampled_from("ab")))
        world.failing = data.draw(st.sets(st.sampled_from(list(StepKind)), max_size=1)) - {StepKind.RECORD}
        with suppress(Death, Restless, Refused):
            move(world)
        for slot in data.draw(st.sets(st.sampled_from("ab"))):
            world.kill(slot, comes_back=data.draw(st.booleans()))
    world.silent, world.failing, world.dies_at, world.never_healthy = set(), set(), -1, set()
    world.converge()
    at_rest(world)


def test_every_kind_of_step_occurs_and_can_be_undone() -> None:
    assert {point.kind for point in all_steps()} == set(StepKind) == set(UNDONE_BY)


def test_every_step_of_every_shape_has_a_name_of_its_own() -> None:
    names = [str(point) for point in all_steps()]
    assert len(set(names)) == len(names)
    assert "carry, warm/3-start_paused" in names


def test_the_stories_take_every_step_of_the_road() -> None:
    taken = set()
    for story, (_, act) in STORIES.items():
        world = begun(story)
        act(world)
        taken |= {step.kind for step in world.done}
    assert set(StepKind) - taken == {StepKind.RECORD, StepKind.ADOPT_DATABASE}


@pytest.mark.parametrize("made", all_plans().values(), ids=all_plans().keys())
def test_in_every_shape_release_comes_after_proof_and_account_and_stop_after_entries(made: Plan) -> None:
    order = [(step.kind, step.slot) for step in made.steps]
    for place, (kind, slot) in enumerate(order):
        before = order[:place]
        if kind is StepKind.RELEASE:
            assert (StepKind.RECONCILE, slot) in before
            assert before.index((StepKind.PROVE, slot)) < before.index((StepKind.RECONCILE, slot))
        if kind is StepKind.START_PAUSED:
            assert (StepKind.PREPARE, slot) in before
        if kind is StepKind.FORGET and (StepKind.STOP_SAFELY, slot) in order:
            assert (StepKind.STOP_SAFELY, slot) in before
    assert [step.kind for step in made.steps].count(StepKind.RECORD) == 1
    assert made.steps[-1].kind is StepKind.RECORD
