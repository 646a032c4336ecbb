"""Whatever is found on a device, the steps to a goal keep the order that loses no money, and they get there."""

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.train.steps import Step, StepKind
from pipeline.domain.train.toward import Goal, Manner, toward
from tests.domain.train.world import NEW, OLD, ToyBot, World

GOALS = st.one_of(
    st.just(Goal()),
    st.builds(Goal, st.sampled_from([OLD, NEW]), st.sampled_from("ab"), st.booleans()),
)
MANNERS = st.builds(Manner, *[st.booleans()] * 6)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Any two bots, of which only the one that has the database may be entering."""
    world = World(trades=draw(st.integers(0, 2)))
    for since, slot in enumerate(draw(st.permutations("ab"))):
        if draw(st.booleans()):
            world.bots[slot] = ToyBot(draw(st.sampled_from([OLD, NEW])), draw(st.booleans()), since=since)
    world.starts = 2
    for slot, bot in world.bots.items():
        if world.has_database(slot):
            bot.halted = draw(st.booleans())
            bot.entering = not bot.halted and draw(st.booleans())
    return world


def places(steps: tuple[Step, ...], kind: StepKind) -> list[int]:
    return [place for place, step in enumerate(steps) if step.kind is kind]


@settings(max_examples=300)
@given(worlds(), GOALS, MANNERS)
def test_the_order_of_steps_loses_no_money(world: World, goal: Goal, manner: Manner) -> None:
    seen = world.seen()
    steps = toward(goal, seen, manner)
    held = {bot.slot for bot in seen if bot.held}
    stops, proofs = places(steps, StepKind.STOP_SAFELY), places(steps, StepKind.PROVE)
    for place in stops:
        slot = steps[place].slot
        assert slot in held or Step(StepKind.STOP_ENTRIES, slot, steps[place].bundle) in steps[:place]
    for place in places(steps, StepKind.RELEASE):
        assert goal.entries
        assert proofs
        assert max(stops, default=-1) < proofs[0] < places(steps, StepKind.RECONCILE)[0] < place
    for place in places(steps, StepKind.START_PAUSED):
        assert steps[place].slot == goal.slot
        assert manner.warm or all(stop < place for stop in stops)
        assert places(steps, StepKind.PREPARE)[0] < place
    for place in places(steps, StepKind.FORGET):
        alive = any(bot.slot == steps[place].slot and bot.alive for bot in seen)
        assert not alive or any(stop < place and steps[stop].slot == steps[place].slot for stop in stops)


@settings(max_examples=300)
@given(worlds(), GOALS, st.booleans(), st.booleans(), st.booleans())
def test_the_steps_lead_to_the_goal_and_then_there_are_none(
    world: World, goal: Goal, warm: bool, trusted: bool, hold_first: bool
) -> None:
    for step in toward(goal, world.seen(), Manner(warm, trusted=trusted, hold_first=hold_first)):
        world.do(step)
    assert world.up == ([(goal.bundle, goal.entries)] if goal.bundle else [])
    assert toward(goal, world.seen()) == ()
