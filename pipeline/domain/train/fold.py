"""From the facts of a ledger to the state of its environment. What makes no sense becomes a doubt, which holds entries; it never raises."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import singledispatch

from pipeline.domain.ledger import Entry
from pipeline.domain.train.facts import (
    Approved,
    Blocked,
    BlockLifted,
    Braked,
    Converged,
    Converging,
    Deployed,
    Deploying,
    Doubted,
    Drained,
    Draining,
    EntriesStopped,
    Promoted,
    Purpose,
    Recorded,
    Released,
    Resuming,
    Retired,
    Soaked,
    StepBegan,
    StepEnded,
    Stopped,
    Undoing,
    Undone,
    recorded,
)
from pipeline.domain.train.state import (
    Block,
    Deployment,
    Drain,
    EnvironmentState,
    Hold,
    HoldKind,
    Progress,
    Retirement,
    Standing,
    StrategyState,
)
from pipeline.domain.train.steps import Step, StepKind
from pipeline.errors import Refused


def fold_ledger(entries: Iterable[Entry], environment: str) -> EnvironmentState:
    """The state that a ledger tells of.

    Raises:
        Refused: an entry is of an unknown kind, malformed, or belongs to another environment; the message names the lines.
    """
    facts = recorded(entries)
    foreign = [r for r in facts if getattr(r.fact, "environment", environment) != environment]
    if foreign:
        told = "\n".join(f"  line {r.line}: is an entry of '{getattr(r.fact, 'environment', '')}'" for r in foreign)
        raise Refused(
            f"the ledger of '{environment}' holds entries of other environments:\n{told}",
            hint="each environment has a ledger of its own; compare it with a backup",
        )
    return fold(facts, environment)


def fold(facts: Iterable[Recorded], environment: str) -> EnvironmentState:
    """The state after these facts, the oldest first."""
    state = EnvironmentState(environment)
    for fact in facts:
        state = after(state, fact)
    return state


def after(state: EnvironmentState, record: Recorded) -> EnvironmentState:
    """The state after one more fact; also for asking what a fact would change before it is recorded."""
    fact = record.fact
    if isinstance(fact, Approved):
        return replace(state, approvals=(*state.approvals, record))
    if isinstance(fact, BlockLifted):
        return replace(state, blocks={name: block for name, block in state.blocks.items() if name != fact.bundle})
    if isinstance(fact, Blocked):
        block = Block(fact.bundle, fact.strategy, fact.by, fact.reason, record.at)
        state = replace(state, blocks={**state.blocks, fact.bundle: state.blocks.get(fact.bundle, block)})
    old = state.of(fact.strategy)
    new = _next(fact, old, record.at, record.line)
    if isinstance(fact, Deploying) and new.place < 0:
        new = replace(new, place=1 + max((other.place for other in state.strategies.values()), default=-1))
    return state if new == old else replace(state, strategies={**state.strategies, fact.strategy: new})


@singledispatch
def _next(fact: object, state: StrategyState, at: datetime, line: int) -> StrategyState:
    """A strategy's state after a fact; facts that change nothing about it are history alone."""
    return state


@_next.register
def _promoted(fact: Promoted, state: StrategyState, at: datetime, line: int) -> StrategyState:
    stands = state.standing is not None and state.standing.bundle == fact.bundle
    return replace(state, promoted="" if stands else fact.bundle)


@_next.register
def _deploying(fact: Deploying, state: StrategyState, at: datetime, line: int) -> StrategyState:
    if (known := state.progress) and known.target is not None and not known.undoing:
        state = _doubted(state, at, line, "a deployment began while another was not ended")
    progress = Progress(
        fact.purpose,
        Standing(fact.bundle, fact.slot),
        Standing(fact.old_bundle, fact.old_slot) if fact.old_bundle else None,
        fact.steps,
        fact.by,
        at,
        fact.reason,
        fact.evidence,
    )
    return replace(state, progress=progress, drain=None)


@_next.register
def _resuming(fact: Resuming, state: StrategyState, at: datetime, line: int) -> StrategyState:
    progress = state.progress
    if progress is None or progress.undoing or progress.target is None or progress.target.bundle != fact.bundle:
        return _doubted(state, at, line, "a deployment went on that was not interrupted")
    return replace(state, progress=replace(progress, steps=fact.steps, began=-1, ended=-1))


@_next.register
def _undoing(fact: Undoing, state: StrategyState, at: datetime, line: int) -> StrategyState:
    progress = state.progress
    if progress is None or progress.target is None or progress.target.bundle != fact.bundle:
        return _doubted(state, at, line, "a deployment was taken back that was not begun")
    return replace(
        state, progress=replace(progress, steps=fact.steps, began=-1, ended=-1, undoing=True, reason=fact.reason)
    )


@_next.register
def _converging(fact: Converging, state: StrategyState, at: datetime, line: int) -> StrategyState:
    if state.progress is not None and state.progress.target is not None:
        return _doubted(state, at, line, "bots were converged while a deployment was not ended")
    progress = Progress(Purpose.CONVERGE, None, state.standing, fact.steps, "", at, fact.reason)
    return replace(state, progress=progress)


@_next.register
def _step_began(fact: StepBegan, state: StrategyState, at: datetime, line: int) -> StrategyState:
    progress = state.progress
    if progress is None or not _is_step(progress, fact.number, fact.step):
        return _doubted(state, at, line, "a step began that no plan has")
    releasing = progress.releasing or (
        fact.step.kind is StepKind.RELEASE and progress.target == Standing(fact.step.bundle, fact.step.slot)
    )
    return replace(state, progress=replace(progress, began=fact.number, releasing=releasing))


@_next.register
def _step_ended(fact: StepEnded, state: StrategyState, at: datetime, line: int) -> StrategyState:
    progress = state.progress
    if progress is None or not _is_step(progress, fact.number, fact.step) or progress.began != fact.number:
        return _doubted(state, at, line, "a step ended that was not begun")
    return replace(state, progress=replace(progress, ended=fact.number))


@_next.register
def _deployed(fact: Deployed, state: StrategyState, at: datetime, line: int) -> StrategyState:
    progress, standing = state.progress, Standing(fact.bundle, fact.slot)
    if progress is None or progress.undoing or progress.target != standing:
        state = _doubted(state, at, line, "a bundle was deployed that was not on its way")
    purpose, reason, evidence = (
        (progress.purpose, progress.reason, progress.evidence) if progress else (Purpose.DEPLOY, "", "")
    )
    made = Deployment(fact.bundle, fact.slot, at, fact.by, reason, evidence, purpose)
    return replace(
        state,
        standing=standing,
        progress=None,
        drain=None,
        retirement=None,
        holds=tuple(hold for hold in state.holds if hold.bundle in ("", fact.bundle)),
        deployments=(*_closed(state.deployments, at), made),
        promoted="" if state.promoted == fact.bundle else state.promoted,
    )


@_next.register
def _undone(fact: Undone, state: StrategyState, at: datetime, line: int) -> StrategyState:
    stands = state.standing.bundle if state.standing else ""
    if fact.kept != stands:
        state = _doubted(state, at, line, "what was kept is not what was deployed")
    return replace(state, progress=None, drain=None, promoted="" if state.promoted == fact.bundle else state.promoted)


@_next.register
def _converged(fact: Converged, state: StrategyState, at: datetime, line: int) -> StrategyState:
    if state.progress is not None and state.progress.target is not None:
        return _doubted(state, at, line, "bots converged while a deployment was not ended")
    return replace(state, progress=None)


@_next.register
def _draining(fact: Draining, state: StrategyState, at: datetime, line: int) -> StrategyState:
    if state.standing is None or state.standing.bundle != fact.bundle:
        state = _doubted(state, at, line, "a bundle drains that was not deployed")
    return replace(state, progress=None, drain=Drain(fact.bundle, fact.successor, fact.deadline_at, fact.rest, fact.by))


@_next.register
def _drained(fact: Drained, state: StrategyState, at: datetime, line: int) -> StrategyState:
    if state.drain is None or state.drain.bundle != fact.bundle:
        return _doubted(state, at, line, "a drain ended that was not begun")
    return replace(state, drain=replace(state.drain, over=True))


@_next.register
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


@_next.register
def _entries_stopped(fact: EntriesStopped, state: StrategyState, at: datetime, line: int) -> StrategyState:
    hold = Hold(HoldKind.STOP, fact.reason or "stopped", at, fact.by, exits=fact.exits)
    return replace(state, holds=(*state.holds, hold))


@_next.register
def _released(fact: Released, state: StrategyState, at: datetime, line: int) -> StrategyState:
    return replace(state, holds=())


@_next.register
def _braked(fact: Braked, state: StrategyState, at: datetime, line: int) -> StrategyState:
    hold = Hold(HoldKind.BRAKE, f"{fact.brake}: {fact.reason}", at, bundle=fact.bundle)
    known = any((held.kind, held.bundle, held.reason) == (hold.kind, hold.bundle, hold.reason) for held in state.holds)
    return replace(state, drain=None, holds=state.holds if known else (*state.holds, hold))


@_next.register
def _blocked(fact: Blocked, state: StrategyState, at: datetime, line: int) -> StrategyState:
    drops = state.drain is not None and state.drain.successor == fact.bundle
    return replace(
        state,
        drain=None if drops else state.drain,
        promoted="" if state.promoted == fact.bundle else state.promoted,
    )


@_next.register
def _retired(fact: Retired, state: StrategyState, at: datetime, line: int) -> StrategyState:
    if state.standing is None or state.standing.bundle != fact.bundle:
        return _doubted(state, at, line, "a bundle was retired that was not deployed")
    return replace(state, drain=None, promoted="", retirement=Retirement(fact.bundle, at, fact.at_once, fact.reason))


@_next.register
def _soaked(fact: Soaked, state: StrategyState, at: datetime, line: int) -> StrategyState:
    def mark(made: Deployment) -> Deployment:
        fits = made.bundle == fact.bundle and made.until_at is None and made.soaked_at is None
        return replace(made, soaked_at=at) if fits else made

    return replace(state, deployments=tuple(mark(made) for made in state.deployments))


@_next.register
def _told_of_doubt(fact: Doubted, state: StrategyState, at: datetime, line: int) -> StrategyState:
    return replace(state, holds=(*state.holds, Hold(HoldKind.DOUBT, fact.reason, at)))


def _doubted(state: StrategyState, at: datetime, line: int, what: str) -> StrategyState:
    return replace(state, holds=(*state.holds, Hold(HoldKind.DOUBT, f"line {line} of the ledger: {what}", at)))


def _closed(deployments: tuple[Deployment, ...], at: datetime) -> tuple[Deployment, ...]:
    return tuple(made if made.until_at is not None else replace(made, until_at=at) for made in deployments)


def _is_step(progress: Progress, number: int, step: Step) -> bool:
    return 0 <= number < len(progress.steps) and progress.steps[number] == step
