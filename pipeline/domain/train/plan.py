"""A plan: how a bundle comes to run in the place of another, or goes back, as data that is printed, recorded and carried out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import takewhile

from pipeline.domain.train.movements import Purpose, TradePolicy
from pipeline.domain.train.sight import SeenBot, of_strategy
from pipeline.domain.train.state import Drain, EnvironmentState, Standing
from pipeline.domain.train.steps import SLOTS, UNDONE_BY, Step, StepKind, other_slot, short
from pipeline.domain.train.toward import Goal, Manner, toward
from pipeline.errors import Refused


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done for one strategy, in order; nothing where `steps` is empty, and `reason` says why.

    `old` is what goes on when a step fails. A plan that drains ends with `drain` recorded, and its goal is reached by a later plan.
    """

    environment: str
    strategy: str
    purpose: Purpose
    goal: Goal
    steps: tuple[Step, ...]
    reason: str
    old: Standing | None = None
    trades: TradePolicy = TradePolicy.CARRY
    drain: Drain | None = None
    by: str = ""
    """Who asked for it; empty where nobody did."""
    evidence: str = ""
    configuration: str = ""

    def __str__(self) -> str:
        head = f"{self.environment} {self.strategy}: {self.reason}"
        return "\n".join([head, *(f"  {number}. {step}" for number, step in enumerate(self.steps, start=1))])


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for: a bundle for a strategy.

    `drain_for` bounds a drain, after which the rest is carried or sold (`rest`). `again`: also where the bundle runs already, because its
    configuration changed. `warm`: start the successor beside the old bot, which needs memory for two. `evidence` is the digest of what the bundle
    was promoted on, `configuration` that of the environment that its bot is given.
    """

    strategy: str
    bundle: str
    by: str
    trades: TradePolicy = TradePolicy.CARRY
    drain_for: timedelta = timedelta(hours=24)
    rest: TradePolicy = TradePolicy.CARRY
    warm: bool = False
    adopt: bool = False
    again: bool = False
    evidence: str = ""
    configuration: str = ""

    def __post_init__(self) -> None:
        if self.rest is TradePolicy.DRAIN:
            raise ValueError("what is left after a drain is carried or sold, not drained again")


def plan(seen: Sequence[SeenBot], state: EnvironmentState, order: Order, now: datetime) -> Plan:
    """How the bundle that is asked for comes to run.

    Raises:
        Refused: the bundle is blocked, an earlier plan was neither ended nor is being undone, a database would be taken over where there is
            one, or trades should be closed by a bot that is not up.
    """
    mine = of_strategy(seen, state.environment, order.strategy)
    strategy = state.of(order.strategy)
    _refuse(order, state)
    old = strategy.standing
    if old and old.bundle == order.bundle and not order.again:
        return _nothing(state, order, old, f"{short(order.bundle)} runs already")
    if (drain := strategy.drain) and order.trades is TradePolicy.DRAIN and drain.successor == order.bundle:
        return _nothing(
            state,
            order,
            old,
            f"{short(order.bundle)} follows when the drain ends, at the latest {drain.deadline_at:%Y-%m-%d %H:%M} UTC",
        )
    trades = _trades(order, old, mine)
    goal = Goal(order.bundle, _free_slot(old, mine), not state.holds(order.strategy, order.bundle))
    made = Plan(
        state.environment,
        order.strategy,
        Purpose.DEPLOY,
        goal,
        (),
        _reason(old, order),
        old,
        trades,
        by=order.by,
        evidence=order.evidence,
        configuration=order.configuration,
    )
    if trades is TradePolicy.DRAIN and old:
        return _draining(made, order, old, mine, now)
    manner = Manner(order.warm, copy=True, adopt=order.adopt, exits=trades is TradePolicy.EXIT, trusted=False)
    first = (Step(StepKind.PREFLIGHT), Step(StepKind.REPORT_OPEN_TRADES))
    return replace(made, steps=(*first, *toward(goal, mine, manner), Step(StepKind.RECORD)))


def roll_back(
    seen: Sequence[SeenBot],
    state: EnvironmentState,
    strategy: str,
    by: str = "",
    *,
    warm: bool = False,
    configuration: str = "",
) -> Plan | None:
    """How the last known good bundle comes back, or None where there is none: then blocking the bad one stops its entries.

    The same road as a deployment, but entries stop first, whatever the preflight says. Open trades are carried: selling them is `stop`'s.

    Raises:
        Refused: an earlier plan was neither ended nor is being undone.
    """
    now_runs = state.of(strategy).standing
    bad = now_runs.bundle if now_runs else ""
    good = state.known_good(strategy, besides=bad)
    if not good:
        return None
    order = Order(strategy, good, "", warm=warm)
    _refuse(order, state)
    mine = of_strategy(seen, state.environment, strategy)
    goal = Goal(good, _free_slot(now_runs, mine), not state.holds(strategy, good))
    steps = toward(goal, mine, Manner(warm, copy=True, trusted=False, hold_first=True))
    holds = len(tuple(takewhile(lambda step: step.kind is StepKind.STOP_ENTRIES, steps)))
    first = (Step(StepKind.PREFLIGHT), Step(StepKind.REPORT_OPEN_TRADES))
    told = f"back from {short(bad)} to {short(good)}" if bad else f"back to {short(good)}"
    return Plan(
        state.environment,
        strategy,
        Purpose.ROLL_BACK,
        goal,
        (*steps[:holds], *first, *steps[holds:], Step(StepKind.RECORD)),
        told,
        now_runs,
        by=by,
        evidence=next(d.evidence for d in reversed(state.of(strategy).deployments) if d.bundle == good),
        configuration=configuration,
    )


def undo(seen: Sequence[SeenBot], state: EnvironmentState, strategy: str, reason: str) -> Plan:
    """How the old bundle goes on with the current database, from wherever the plan in progress has come to.

    Raises:
        Refused: no deployment is in progress.
    """
    progress = state.of(strategy).progress
    if progress is None or progress.target is None:
        raise Refused(f"nothing is in progress for '{strategy}' in '{state.environment}'", hint="see freqtrain status")
    mine, old = of_strategy(seen, state.environment, strategy), progress.old
    goal = Goal(old.bundle, old.slot, not state.holds(strategy, old.bundle)) if old else Goal()
    steps = (*toward(goal, mine), Step(StepKind.RECORD))
    return Plan(state.environment, strategy, Purpose.UNDO, goal, steps, reason, old)


def undone_by(steps: Sequence[Step]) -> tuple[StepKind, ...]:
    """Every kind of step that taking these back may need, in the order of the road."""
    kinds = {kind for step in steps for kind in UNDONE_BY[step.kind]}
    return tuple(kind for kind in StepKind if kind in kinds)


def _refuse(order: Order, state: EnvironmentState) -> None:
    strategy = state.of(order.strategy)
    if (progress := strategy.progress) and progress.target is not None and not progress.undoing:
        began = f"{progress.since_at:%Y-%m-%d %H:%M} UTC"
        raise Refused(
            f"the {progress.purpose.value} of '{order.strategy}' that began at {began} was not ended",
            hint="run freqtrain converge first: it ends or undoes it",
        )
    if block := state.blocks.get(order.bundle):
        raise Refused(
            f"{short(order.bundle)} is blocked by {block.by} since {block.at:%Y-%m-%d %H:%M} UTC: {block.reason}",
            hint="a person lifts it with freqtrain block lift --reason",
        )
    if order.adopt and strategy.deployments:
        raise Refused(
            f"'{order.strategy}' has a database in '{state.environment}' already",
            hint="a database is taken over at the first deployment only",
        )


def _trades(order: Order, old: Standing | None, mine: Sequence[SeenBot]) -> TradePolicy:
    """The policy for open trades: carry where there are none."""
    if old is None or order.trades is TradePolicy.CARRY:
        return TradePolicy.CARRY
    bot = next((b for b in mine if (b.slot, b.bundle) == (old.slot, old.bundle) and b.alive), None)
    if bot is None or bot.says is None:
        raise Refused(
            f"the bot of '{order.strategy}' is not up, so it cannot {order.trades.value} its trades",
            hint="run freqtrain converge first, or carry the trades over",
        )
    return order.trades if bot.says.open_trades else TradePolicy.CARRY


def _draining(made: Plan, order: Order, old: Standing, mine: Sequence[SeenBot], now: datetime) -> Plan:
    drain = Drain(
        old.bundle,
        order.bundle,
        now + order.drain_for,
        order.rest,
        order.by,
        evidence=order.evidence,
        configuration=order.configuration,
    )
    staying = Goal(old.bundle, old.slot, False)
    return replace(
        made,
        purpose=Purpose.DRAIN,
        drain=drain,
        steps=(
            Step(StepKind.PREFLIGHT),
            Step(StepKind.REPORT_OPEN_TRADES),
            *toward(staying, mine),
            Step(StepKind.RECORD),
        ),
    )


def _free_slot(old: Standing | None, mine: Sequence[SeenBot]) -> str:
    """The slot beside the one in use, so that old and new never share a home or an API port."""
    if old:
        return other_slot(old.slot)
    used = {bot.slot for bot in mine if bot.alive}
    return next((slot for slot in SLOTS if slot not in used), SLOTS[0])


def _reason(old: Standing | None, order: Order) -> str:
    return (
        f"{short(order.bundle)} in the place of {short(old.bundle)}"
        if old
        else f"{short(order.bundle)} for the first time"
    )


def _nothing(state: EnvironmentState, order: Order, old: Standing | None, reason: str) -> Plan:
    entries = not state.holds(order.strategy, order.bundle)
    goal = Goal(order.bundle, old.slot if old else SLOTS[0], entries)
    return Plan(state.environment, order.strategy, Purpose.DEPLOY, goal, (), reason, old)
