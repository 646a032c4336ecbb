"""From the facts of a ledger to the state of its environment. What makes no sense becomes a doubt, which holds entries; it never raises."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pipeline.domain.ledger import Entry
from pipeline.domain.train.decisions import (
    Approved,
    Arrived,
    Asked,
    Blocked,
    BlockLifted,
    DecisionMade,
    Mended,
    Moved,
    Moving,
    Observed,
)
from pipeline.domain.train.facts import Recorded, recorded
from pipeline.domain.train.fold_decisions import decide
from pipeline.domain.train.fold_movements import move
from pipeline.domain.train.movements import Deploying
from pipeline.domain.train.state import Away, Block, EnvironmentState, Question
from pipeline.errors import Refused


def fold_ledger(entries: Iterable[Entry], environment: str) -> EnvironmentState:
    """The state that a ledger tells of; raises as `fold_on`."""
    return fold_on(EnvironmentState(environment), entries)


def fold_on(state: EnvironmentState, entries: Iterable[Entry]) -> EnvironmentState:
    """The state after these further entries of the ledger.

    Raises:
        Refused: an entry is of an unknown kind, malformed, or belongs to another environment; the message names the lines.
    """
    return fold_facts_on(state, recorded(entries))


def fold_facts_on(state: EnvironmentState, facts: Sequence[Recorded]) -> EnvironmentState:
    """As `fold_on`, of facts that were read already; raises Refused where one belongs to another environment."""
    environment = state.environment
    foreign = [r for r in facts if getattr(r.fact, "environment", environment) != environment]
    if foreign:
        told = "\n".join(f"  line {r.line}: is an entry of '{getattr(r.fact, 'environment', '')}'" for r in foreign)
        raise Refused(
            f"the ledger of '{environment}' holds entries of other environments:\n{told}",
            hint="each environment has a ledger of its own; compare it with a backup",
        )
    for fact in _lasting(facts):
        state = after(state, fact)
    return state


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
    if isinstance(fact, Asked):
        return (
            state
            if fact.run in state.asked
            else replace(state, asked={**state.asked, fact.run: Question(record.at, fact)})
        )
    if isinstance(fact, BlockLifted):
        return replace(state, blocks={name: block for name, block in state.blocks.items() if name != fact.bundle})
    if isinstance(fact, Moving | Moved):
        return replace(state, away=Away(record.at, fact.by, fact.archive if isinstance(fact, Moved) else ""))
    if isinstance(fact, Arrived):
        return replace(state, away=None)
    if isinstance(fact, Mended):
        return state
    if isinstance(fact, Blocked):
        block = Block(fact.bundle, fact.strategy, fact.by, fact.reason, record.at)
        state = replace(state, blocks={**state.blocks, fact.bundle: state.blocks.get(fact.bundle, block)})
    old = state.of(fact.strategy)
    new = decide(fact, move(fact, old, record.at, record.line), record.at, record.line)
    if isinstance(fact, Deploying) and new.place < 0:
        new = replace(new, place=state.place_of(fact.strategy))
    return state if new == old else replace(state, strategies={**state.strategies, fact.strategy: new})


def _lasting(facts: Sequence[Recorded]) -> Iterable[Recorded]:
    """The facts without those that a later one makes out of date, which stands in the place of the first.

    They are nearly all of a long ledger: what was observed up to then, and decided about it. No other fact asks for them.
    """
    latest: dict[object, Recorded] = {}
    for place, record in enumerate(facts):
        fact = record.fact
        if isinstance(fact, Observed):
            latest[Observed, fact.strategy, fact.bundle] = record
        elif isinstance(fact, DecisionMade):
            latest[DecisionMade, fact.strategy] = record
        else:
            latest[place] = record
    return latest.values()
