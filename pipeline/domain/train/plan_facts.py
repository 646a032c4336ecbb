"""The facts that a plan leaves in the ledger: what is recorded before its first step, and what ends it."""

from pipeline.domain.train.facts import Fact
from pipeline.domain.train.movements import (
    Converged,
    Converging,
    Deployed,
    Deploying,
    Draining,
    Purpose,
    Resuming,
    Stopped,
    Undoing,
    Undone,
)
from pipeline.domain.train.plan import Plan
from pipeline.domain.train.state import StrategyState


def opening(plan: Plan, known: StrategyState, by: str) -> Fact:
    """What is recorded before the plan's first step.

    `known` is the strategy's state as it was planned from, `by` who carries it out; a plan that somebody asked for names that one.
    """
    if plan.purpose is Purpose.CONVERGE:
        return Converging(plan.environment, plan.strategy, plan.steps, plan.reason)
    if plan.purpose is Purpose.UNDO:
        return Undoing(plan.environment, plan.strategy, _target(known), plan.steps, plan.reason)
    if plan.purpose is Purpose.RESUME:
        return Resuming(plan.environment, plan.strategy, plan.goal.bundle, plan.steps, plan.reason)
    return Deploying(
        plan.environment,
        plan.strategy,
        plan.purpose,
        plan.goal.bundle,
        plan.goal.slot,
        plan.steps,
        plan.by or by,
        plan.reason,
        plan.old.bundle if plan.old else "",
        plan.old.slot if plan.old else "",
        plan.trades,
        plan.evidence,
        plan.configuration,
    )


def closing(plan: Plan, known: StrategyState, by: str, *, released: bool = True, down_seconds: float = -1.0) -> Fact:
    """What the step RECORD records; it ends the plan.

    `known` is the strategy's state as it is by now; `released` is False where a hold that came meanwhile kept the bot from being released.
    """
    environment, strategy, goal = plan.environment, plan.strategy, plan.goal
    if plan.drain is not None:
        drain = plan.drain
        return Draining(
            environment,
            strategy,
            drain.bundle,
            drain.successor,
            drain.deadline_at,
            drain.rest,
            drain.by,
            drain.evidence,
            drain.configuration,
        )
    if plan.purpose is Purpose.UNDO:
        return Undone(environment, strategy, _target(known), plan.reason, goal.bundle)
    if plan.purpose is Purpose.CONVERGE:
        if goal.bundle or known.standing is None:
            return Converged(environment, strategy)
        return Stopped(environment, strategy, known.standing.bundle, plan.reason, by)
    return Deployed(
        environment, strategy, goal.bundle, goal.slot, plan.by or by, goal.entries and released, down_seconds
    )


def _target(known: StrategyState) -> str:
    target = known.progress.target if known.progress else None
    assert target is not None, "a deployment is in progress"
    return target.bundle
