"""What is left to do so that what runs is what should run: after a crash, a reboot, a stop, a brake, the end of a drain."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from pipeline.domain.train.movements import Purpose, TradePolicy
from pipeline.domain.train.plan import Order, Plan, plan, undo
from pipeline.domain.train.sight import SeenBot, of_strategy
from pipeline.domain.train.state import EnvironmentState, Progress, Standing, StrategyState
from pipeline.domain.train.steps import Step, StepKind
from pipeline.domain.train.toward import Goal, Manner, toward


def converge(
    seen: Sequence[SeenBot], state: EnvironmentState, now: datetime, *, again: bool = False
) -> tuple[Plan, ...]:
    """One plan for each strategy that is not as it should be, by id; none where all is well.

    Carrying out a plan and asking again leads to none, as far as bots can be started and proved. A bot that its runtime gave up is left down,
    so that a timer does not start it for ever; `again` is a person's word to try it once more.
    """
    named = {bot.bot.spec.strategy for bot in seen if bot.bot.spec.environment == state.environment}
    plans = (
        converge_one(seen, state, strategy, now, again=again) for strategy in sorted(named | set(state.strategies))
    )
    return tuple(made for made in plans if made is not None)


def converge_one(
    seen: Sequence[SeenBot], state: EnvironmentState, strategy: str, now: datetime, *, again: bool = False
) -> Plan | None:
    """The plan for one strategy, or None where it is as it should be."""
    mine, known = of_strategy(seen, state.environment, strategy), state.of(strategy)
    if again:
        mine = tuple(replace(bot, gave_up=False) for bot in mine)
    if known.progress is not None and known.progress.target is not None:
        return _interrupted(mine, state, known, known.progress)
    if known.drain is not None and (ready := _end_of_drain(mine, state, known, now)):
        return ready
    return _standing(mine, state, known)


def drain_is_over(seen: Sequence[SeenBot], state: EnvironmentState, strategy: str, now: datetime) -> bool:
    """Whether a drain has no trade left or passed its deadline, and is to be recorded as drained."""
    known = state.of(strategy)
    if known.drain is None or known.drain.over:
        return False
    trades = _open_trades(of_strategy(seen, state.environment, strategy), known)
    return trades == 0 or now >= known.drain.deadline_at


def is_over(seen: Sequence[SeenBot], state: EnvironmentState, strategy: str) -> bool:
    """Whether nothing of a strategy that the ledger knows runs, should run, or is on its way."""
    known = state.of(strategy)
    still = known.standing or known.progress or known.drain or of_strategy(seen, state.environment, strategy)
    return known.place >= 0 and not still


def paused_by_hand(seen: Sequence[SeenBot], state: EnvironmentState, strategy: str) -> bool:
    """Whether the standing bot enters nothing though the train released it after its start, and nothing holds it.

    Then somebody paused or stopped it at the bot itself, or it stopped itself on an error. It is to be recorded as `entries_stopped`, so that
    nothing but a person's word releases it; until then, converging leaves it alone.
    """
    known = state.of(strategy)
    standing, at = known.standing, known.released_at
    if standing is None or at is None or known.progress is not None or state.holds(strategy, standing.bundle):
        return False
    return any(
        (bot.slot, bot.bundle) == (standing.slot, standing.bundle) and bot.alive and bot.held and bot.bot.since < at
        for bot in of_strategy(seen, state.environment, strategy)
    )


def _interrupted(
    mine: Sequence[SeenBot], state: EnvironmentState, known: StrategyState, progress: Progress
) -> Plan | None:
    """Forward or back, after the verb died in the middle of a deployment.

    Forward where the target may have entered positions, where going back would bring back a bundle that went bad, and where only the target
    is up; back in every other case, and always once it was being taken back, or the target was blocked or given up.
    """
    assert progress.target is not None
    target, died = progress.target, _where(progress)
    up = {(bot.slot, bot.bundle) for bot in mine if bot.alive}
    only_target = (target.slot, target.bundle) in up and len(up) == 1
    forward = progress.releasing or progress.purpose is Purpose.ROLL_BACK or only_target
    forward = forward and not _gave_up(target, mine) and target.bundle not in state.blocks
    if progress.undoing or not forward:
        return _taken_back(mine, state, known, progress.reason if progress.undoing else died)
    goal = Goal(target.bundle, target.slot, not state.holds(known.strategy, target.bundle))
    manner = Manner(copy=True, trusted=progress.releasing, hold_first=progress.purpose is Purpose.ROLL_BACK)
    steps = toward(goal, mine, manner)
    if not any(step.kind is StepKind.PROVE for step in steps):
        steps = (*steps, Step(StepKind.PROVE, target.slot, target.bundle))
    return Plan(
        state.environment,
        known.strategy,
        Purpose.RESUME,
        goal,
        (*steps, Step(StepKind.RECORD)),
        died,
        progress.old,
        by=progress.by,
    )


def _taken_back(mine: Sequence[SeenBot], state: EnvironmentState, known: StrategyState, reason: str) -> Plan | None:
    """The undo; where the old bot was given up, only entries stop, and what is up goes on with the exits until a person has looked."""
    back = undo(mine, state, known.strategy, reason)
    if back.old is None or not _gave_up(back.old, mine):
        return back
    steps = tuple(Step(StepKind.STOP_ENTRIES, bot.slot, bot.bundle) for bot in mine if bot.alive and not bot.held)
    return replace(back, steps=steps) if steps else None


def _end_of_drain(mine: Sequence[SeenBot], state: EnvironmentState, known: StrategyState, now: datetime) -> Plan | None:
    """The successor's deployment, once the drain is over and the old bot can do its part."""
    drain, trades = known.drain, _open_trades(mine, known)
    if drain is None or not (drain.over or trades == 0 or now >= drain.deadline_at):
        return None
    policy = drain.rest if trades != 0 else TradePolicy.CARRY
    if policy is TradePolicy.EXIT and trades is None:
        return None
    order = Order(
        known.strategy, drain.successor, drain.by, policy, evidence=drain.evidence, configuration=drain.configuration
    )
    made = plan(
        mine, replace(state, strategies={known.strategy: replace(known, drain=None, progress=None)}), order, now
    )
    left = "no trade is open any more" if trades == 0 else "the drain's deadline has passed"
    return replace(made, reason=f"{made.reason}: {left}")


def _standing(mine: Sequence[SeenBot], state: EnvironmentState, known: StrategyState) -> Plan | None:
    """What stands should run; a strategy that the ledger never heard of is only kept from entering."""
    standing = known.standing
    if standing is None and not known.deployments and known.place < 0:
        return _stray(mine, state, known)
    holds = state.holds(known.strategy, standing.bundle) if standing else ()
    goal = Goal(standing.bundle, standing.slot, not holds) if standing else Goal()
    reason = "; ".join(str(hold) for hold in holds) or ("what stands should run" if standing else "nothing should run")
    gone = known.retirement
    if gone and (gone.at_once or _open_trades(mine, known) == 0):
        goal, reason = Goal(), gone.reason
    if goal.bundle and standing and _gave_up(standing, mine):
        return None
    if paused_by_hand(mine, state, known.strategy):
        return None
    manner = Manner(exits=any(hold.exits for hold in holds), hold_first=True, account=_restarted(mine, known))
    steps = toward(goal, mine, manner)
    stops = not goal.bundle and standing is not None
    if not steps and not stops and known.progress is None:
        return None
    steps = (*steps, Step(StepKind.RECORD))
    return Plan(state.environment, known.strategy, Purpose.CONVERGE, goal, steps, reason, standing)


def _restarted(mine: Sequence[SeenBot], known: StrategyState) -> bool:
    """Whether the standing bot was started since its account was last compared: what its former life sent, its database may not know."""
    standing, at = known.standing, known.reconciled_at
    return at is not None and any(
        standing is not None and (bot.slot, bot.bundle) == (standing.slot, standing.bundle) and bot.bot.since > at
        for bot in mine
    )


def _stray(mine: Sequence[SeenBot], state: EnvironmentState, known: StrategyState) -> Plan | None:
    """A bot that the ledger does not know may hold trades: it goes on without entries until a person has looked."""
    steps = [Step(StepKind.STOP_ENTRIES, bot.slot, bot.bundle) for bot in mine if bot.alive and not bot.held]
    if not steps:
        return None
    reason = f"the ledger knows nothing of '{known.strategy}', and a bot of it runs"
    return Plan(state.environment, known.strategy, Purpose.CONVERGE, Goal(), (*steps, Step(StepKind.RECORD)), reason)


def _gave_up(what: Standing, mine: Sequence[SeenBot]) -> bool:
    return any((bot.slot, bot.bundle) == (what.slot, what.bundle) and bot.gave_up and not bot.alive for bot in mine)


def _open_trades(mine: Sequence[SeenBot], known: StrategyState) -> int | None:
    """How many trades the standing bot says to have open; None where it does not say."""
    standing = known.standing
    for bot in mine:
        if standing and (bot.slot, bot.bundle) == (standing.slot, standing.bundle) and bot.alive and bot.says:
            return bot.says.open_trades
    return None


def _where(progress: Progress) -> str:
    step = progress.step
    if step:
        return f"the {progress.purpose.value} died at: {step}"
    if progress.ended >= 0:
        return f"the {progress.purpose.value} died after: {progress.steps[progress.ended]}"
    return f"the {progress.purpose.value} died before its first step"
