"""What a movement of bots changes about a strategy."""

from dataclasses import replace
from datetime import datetime
from functools import singledispatch

from pipeline.domain.train.movements import (
    Converged,
    Converging,
    Deployed,
    Deploying,
    Drained,
    Draining,
    Purpose,
    Resuming,
    StepBegan,
    StepEnded,
    Stopped,
    Undoing,
    Undone,
)
from pipeline.domain.train.state import Deployment, Drain, Progress, Standing, StrategyState, doubted
from pipeline.domain.train.steps import Step, StepKind


@singledispatch
def move(fact: object, state: StrategyState, at: datetime, line: int) -> StrategyState:
    """A strategy's state after a fact, recorded at that time and line; facts of other kinds change nothing."""
    return state


@move.register
def _deploying(fact: Deploying, state: StrategyState, at: datetime, line: int) -> StrategyState:
    if (known := state.progress) and known.target is not None and not known.undoing:
        state = doubted(state, at, line, "a deployment began while another was not ended")
    progress = Progress(
        fact.purpose,
        Standing(fact.bundle, fact.slot),
        Standing(fact.old_bundle, fact.old_slot) if fact.old_bundle else None,
        fact.steps,
        fact.by,
        at,
        fact.reason,
        fact.evidence,
        fact.configuration,
    )
    return replace(state, progress=progress, drain=None)


@move.register
def _resuming(fact: Resuming, state: StrategyState, at: datetime, line: int) -> StrategyState:
    progress = state.progress
    if progress is None or progress.undoing or progress.target is None or progress.target.bundle != fact.bundle:
        return doubted(state, at, line, "a deployment went on that was not interrupted")
    return replace(state, progress=replace(progress, steps=fact.steps, began=-1, ended=-1))


@move.register
def _undoing(fact: Undoing, state: StrategyState, at: datetime, line: int) -> StrategyState:
    progress = state.progress
    if progress is None or progress.target is None or progress.target.bundle != fact.bundle:
        return doubted(state, at, line, "a deployment was taken back that was not begun")
    return replace(
        state, progress=replace(progress, steps=fact.steps, began=-1, ended=-1, undoing=True, reason=fact.reason)
    )


@move.register
def _converging(fact: Converging, state: StrategyState, at: datetime, line: int) -> StrategyState:
    if state.progress is not None and state.progress.target is not None:
        return doubted(state, at, line, "bots were converged while a deployment was not ended")
    progress = Progress(Purpose.CONVERGE, None, state.standing, fact.steps, "", at, fact.reason)
    return replace(state, progress=progress)


@move.register
def _step_began(fact: StepBegan, state: StrategyState, at: datetime, line: int) -> StrategyState:
    progress = state.progress
    if progress is None or not _is_step(progress, fact.number, fact.step):
        return doubted(state, at, line, "a step began that no plan has")
    releasing = progress.releasing or (
        fact.step.kind is StepKind.RELEASE and progress.target == Standing(fact.step.bundle, fact.step.slot)
    )
    holding = fact.step.kind in (StepKind.STOP_ENTRIES, StepKind.STOP_SAFELY, StepKind.START_PAUSED)
    return replace(
        state,
        progress=replace(progress, began=fact.number, releasing=releasing),
        released_at=None if holding else state.released_at,
    )


@move.register
def _step_ended(fact: StepEnded, state: StrategyState, at: datetime, line: int) -> StrategyState:
    progress = state.progress
    if progress is None or not _is_step(progress, fact.number, fact.step) or progress.began != fact.number:
        return doubted(state, at, line, "a step ended that was not begun")
    released = fact.step.kind is StepKind.RELEASE and not fact.skipped
    return replace(
        state,
        progress=replace(progress, ended=fact.number),
        released_at=at if released else state.released_at,
        reconciled_at=at if fact.step.kind is StepKind.RECONCILE else state.reconciled_at,
    )


@move.register
def _deployed(fact: Deployed, state: StrategyState, at: datetime, line: int) -> StrategyState:
    progress, standing = state.progress, Standing(fact.bundle, fact.slot)
    if progress is None or progress.undoing or progress.target != standing:
        state = doubted(state, at, line, "a bundle was deployed that was not on its way")
    made = Deployment(fact.bundle, fact.slot, at, fact.by, "", "", Purpose.DEPLOY)
    if progress is not None:
        made = replace(
            made,
            reason=progress.reason,
            evidence=progress.evidence,
            purpose=progress.purpose,
            configuration=progress.configuration,
        )
    return replace(
        state,
        standing=standing,
        progress=None,
        drain=None,
        retirement=None,
        holds=tuple(hold for hold in state.holds if hold.bundle in ("", fact.bundle)),
        deployments=(*_closed(state.deployments, at), made),
        counts_since=at,
        promoted="" if state.promoted == fact.bundle else state.promoted,
    )


@move.register
def _undone(fact: Undone, state: StrategyState, at: datetime, line: int) -> StrategyState:
    stands = state.standing.bundle if state.standing else ""
    if fact.kept != stands:
        state = doubted(state, at, line, "what was kept is not what was deployed")
    return replace(state, progress=None, drain=None, promoted="" if state.promoted == fact.bundle else state.promoted)


@move.register
def _converged(fact: Converged, state: StrategyState, at: datetime, line: int) -> StrategyState:
    if state.progress is not None and state.progress.target is not None:
        return doubted(state, at, line, "bots converged while a deployment was not ended")
    return replace(state, progress=None)


@move.register
def _draining(fact: Draining, state: StrategyState, at: datetime, line: int) -> StrategyState:
    if state.standing is None or state.standing.bundle != fact.bundle:
        state = doubted(state, at, line, "a bundle drains that was not deployed")
    drain = Drain(
        fact.bundle,
        fact.successor,
        fact.deadline_at,
        fact.rest,
        fact.by,
        evidence=fact.evidence,
        configuration=fact.configuration,
    )
    return replace(state, progress=None, drain=drain)


@move.register
def _drained(fact: Drained, state: StrategyState, at: datetime, line: int) -> StrategyState:
    if state.drain is None or state.drain.bundle != fact.bundle:
        return doubted(state, at, line, "a drain ended that was not begun")
    return replace(state, drain=replace(state.drain, over=True))


@move.register
def _stopped(fact: Stopped, state: StrategyState, at: datetime, line: int) -> StrategyState:
    return replace(
        state,
        standing=None,
        progress=None,
        drain=None,
        retirement=None,
        holds=tuple(hold for hold in state.holds if not hold.bundle),
        deployments=_closed(state.deployments, at),
    )


def _closed(deployments: tuple[Deployment, ...], at: datetime) -> tuple[Deployment, ...]:
    return tuple(made if made.until_at is not None else replace(made, until_at=at) for made in deployments)


def _is_step(progress: Progress, number: int, step: Step) -> bool:
    return 0 <= number < len(progress.steps) and progress.steps[number] == step
