"""From what is seen to what should be: the steps that are left, whatever was done of them before."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain.train.sight import SeenBot
from pipeline.domain.train.steps import Step, StepKind


@dataclass(frozen=True, slots=True)
class Goal:
    """What should run of a strategy: a bundle in a slot, entering or not; nothing where `bundle` is empty."""

    bundle: str = ""
    slot: str = ""
    entries: bool = False


@dataclass(frozen=True, slots=True)
class Manner:
    """How a goal is reached.

    `warm`: the successor is started first and waits for the database. `copy`: the database is copied before another bundle gets it. `adopt`: it
    is taken over from elsewhere instead. `exits`:
    positions are sold before the bot that holds them is stopped, and by a bot that stays. `trusted`: the goal's bot may be entering already,
    because its release was recorded. `hold_first`: entries stop before anything else is prepared. `account`: the goal's bot was started by its
    runtime since the account was last compared, so that is done though it stays held.
    """

    warm: bool = False
    copy: bool = False
    adopt: bool = False
    exits: bool = False
    trusted: bool = True
    hold_first: bool = False
    account: bool = False


def toward(goal: Goal, seen: Sequence[SeenBot], manner: Manner = Manner()) -> tuple[Step, ...]:
    """The steps from the bots of one strategy to its goal; none where it is reached.

    Always: a bot's entries are stopped before the bot is, no bot is started or released until every other one is stopped (a warm successor
    waits, paused, for the database), and none is released that was not proved and reconciled after its start.
    """
    own = next((b for b in seen if _is(b, goal) and b.alive and not b.needs_restart), None)
    others = [bot for bot in seen if bot is not own]
    steps = _leave(goal, own, others, manner)
    if goal.bundle:
        steps += _settle(goal, own, manner)
    return (*steps, *_forgotten(own, others, steps))


def _leave(goal: Goal, own: SeenBot | None, others: Sequence[SeenBot], manner: Manner) -> list[Step]:
    """End every bot but the goal's; start the goal's where it does not run."""
    alive = [bot for bot in others if bot.alive]
    hold = [step for bot in alive for step in _hold(bot)]
    steps = [*hold] if manner.hold_first else []
    starts = bool(goal.bundle) and own is None
    taken = any(bot.slot == goal.slot for bot in alive)
    start: list[Step] = []
    if starts:
        forgotten = [_step(StepKind.FORGET, bot) for bot in others if bot.slot == goal.slot]
        start = [*forgotten, _step(StepKind.START_PAUSED, goal)]
        if taken:
            start.insert(0, _step(StepKind.PREPARE, goal))
        else:
            steps.append(_step(StepKind.PREPARE, goal))
    warm = manner.warm and not taken
    if warm:
        steps += start
    steps += [] if manner.hold_first else hold
    if manner.exits and own is None:
        steps += [_step(StepKind.EXIT_TRADES, bot) for bot in alive if _may_hold_trades(bot)]
    if starts or (goal.bundle and alive):
        steps += (
            [Step(StepKind.ADOPT_DATABASE)] if manner.adopt else [Step(StepKind.COPY_DATABASE)] if manner.copy else []
        )
    steps += [_step(StepKind.STOP_SAFELY, bot) for bot in alive]
    return steps if warm else steps + start


def _settle(goal: Goal, own: SeenBot | None, manner: Manner) -> list[Step]:
    """Have the goal's bot enter, or not, as it should."""
    proof = [_step(StepKind.PROVE, goal), _step(StepKind.RECONCILE, goal)]
    release = [_step(StepKind.RELEASE, goal)] if goal.entries else []
    if own is None:
        return proof + release
    if goal.entries and own.entering and manner.trusted:
        return []
    if goal.entries:
        doubtful = not own.held and not manner.trusted
        return ([_step(StepKind.STOP_ENTRIES, goal)] if doubtful else []) + proof + release
    held = [] if own.held else [_step(StepKind.STOP_ENTRIES, goal)]
    sells = manner.exits and _may_hold_trades(own)
    return held + (proof if manner.account else []) + ([_step(StepKind.EXIT_TRADES, goal)] if sells else [])


def _forgotten(own: SeenBot | None, others: Sequence[SeenBot], done: Sequence[Step]) -> list[Step]:
    """Forget what is down by now and was not forgotten before a start."""
    gone = {step.slot for step in done if step.kind is StepKind.FORGET}
    return [_step(StepKind.FORGET, bot) for bot in others if bot.slot not in gone]


def _hold(bot: SeenBot) -> list[Step]:
    return [] if bot.held else [_step(StepKind.STOP_ENTRIES, bot)]


def _may_hold_trades(bot: SeenBot) -> bool:
    return bot.says is None or bot.says.open_trades > 0


def _is(bot: SeenBot, goal: Goal) -> bool:
    return (bot.slot, bot.bundle) == (goal.slot, goal.bundle)


def _step(kind: StepKind, what: Goal | SeenBot) -> Step:
    return Step(kind, what.slot, what.bundle)
