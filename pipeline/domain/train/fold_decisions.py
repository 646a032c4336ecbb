"""What a decision or a finding changes about a strategy."""

from dataclasses import replace
from datetime import datetime
from functools import singledispatch

from pipeline.domain.train.decisions import (
    Blocked,
    Braked,
    DecisionMade,
    Doubted,
    EntriesStopped,
    Observed,
    ParityMeasured,
    Promoted,
    Released,
    Retired,
    Soaked,
)
from pipeline.domain.train.state import Deployment, Hold, HoldKind, Retirement, StrategyState, doubted


@singledispatch
def decide(fact: object, state: StrategyState, at: datetime, line: int) -> StrategyState:
    """A strategy's state after a fact, recorded at that time and line; facts of other kinds change nothing."""
    return state


@decide.register
def _promoted(fact: Promoted, state: StrategyState, at: datetime, line: int) -> StrategyState:
    stands = state.standing is not None and state.standing.bundle == fact.bundle
    return replace(state, promoted="" if stands else fact.bundle)


@decide.register
def _entries_stopped(fact: EntriesStopped, state: StrategyState, at: datetime, line: int) -> StrategyState:
    hold = Hold(HoldKind.STOP, fact.reason or "stopped", at, fact.by, exits=fact.exits)
    return replace(state, holds=(*state.holds, hold))


@decide.register
def _released(fact: Released, state: StrategyState, at: datetime, line: int) -> StrategyState:
    doubted_before = any(hold.kind is HoldKind.DOUBT for hold in state.holds)
    accounted_at = at if doubted_before else state.accounted_at
    return replace(state, holds=(), counts_since=at, released_at=None, accounted_at=accounted_at)


@decide.register
def _braked(fact: Braked, state: StrategyState, at: datetime, line: int) -> StrategyState:
    hold = Hold(HoldKind.BRAKE, f"{fact.brake}: {fact.reason}", at, bundle=fact.bundle)
    known = any(
        (held.kind, held.bundle) == (hold.kind, hold.bundle) and held.reason.startswith(f"{fact.brake}: ")
        for held in state.holds
    )
    return replace(state, drain=None, holds=state.holds if known else (*state.holds, hold))


@decide.register
def _blocked(fact: Blocked, state: StrategyState, at: datetime, line: int) -> StrategyState:
    drops = state.drain is not None and state.drain.successor == fact.bundle
    stands = state.standing is not None and state.standing.bundle == fact.bundle
    return replace(
        state,
        released_at=None
        if stands
        else state.released_at,  # It is held from now on, and nobody at the bot has paused it.
        drain=None if drops else state.drain,
        promoted="" if state.promoted == fact.bundle else state.promoted,
    )


@decide.register
def _retired(fact: Retired, state: StrategyState, at: datetime, line: int) -> StrategyState:
    if state.standing is None or state.standing.bundle != fact.bundle:
        return doubted(state, at, line, "a bundle was retired that was not deployed")
    return replace(state, drain=None, promoted="", retirement=Retirement(fact.bundle, at, fact.at_once, fact.reason))


@decide.register
def _soaked(fact: Soaked, state: StrategyState, at: datetime, line: int) -> StrategyState:
    def mark(made: Deployment) -> Deployment:
        fits = made.bundle == fact.bundle and made.until_at is None and made.soaked_at is None
        return replace(made, soaked_at=at) if fits else made

    return replace(state, deployments=tuple(mark(made) for made in state.deployments))


@decide.register
def _observed(fact: Observed, state: StrategyState, at: datetime, line: int) -> StrategyState:
    return replace(state, observed={**state.observed, fact.bundle: fact})


@decide.register
def _decision_made(fact: DecisionMade, state: StrategyState, at: datetime, line: int) -> StrategyState:
    return replace(state, decided=fact, decided_at=at)


@decide.register
def _parity_measured(fact: ParityMeasured, state: StrategyState, at: datetime, line: int) -> StrategyState:
    return replace(state, parity={**state.parity, fact.bundle: fact})


@decide.register
def _told_of_doubt(fact: Doubted, state: StrategyState, at: datetime, line: int) -> StrategyState:
    return replace(state, holds=(*state.holds, Hold(HoldKind.DOUBT, fact.reason, at)))
