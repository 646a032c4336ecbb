"""Which facts of a ledger people are told of, wherever they are, and in which words."""

from collections.abc import Iterator, Sequence

from pipeline.domain.ledger import Entry
from pipeline.domain.notices import Notice
from pipeline.domain.train.decisions import Braked, DecisionMade, Doubted
from pipeline.domain.train.fact_words import say
from pipeline.domain.train.facts import Recorded, recorded

URGENT = frozenset({"braked", "rolled_back", "doubted", "undone", "entries_stopped", "blocked"})
TOLD = URGENT | {
    *("promoted", "asked", "approved", "deployed", "draining", "drained", "stopped", "released", "block_lifted"),
    *("retired", "soaked", "decision_made", "moving", "moved", "arrived"),
}
"""Kinds of entries. All others are steps on the way, or numbers that `status` and the monitor show."""

HOLD = "hold"


def news(entries: Sequence[Entry], begin: int, environment: str) -> tuple[Notice, ...]:
    """What the entries from `begin` on (from 0) tell, in their order; a decision only where it is another one than before.

    Raises:
        Refused: an entry is not understood.
    """
    fresh = recorded(entry for entry in entries[begin:] if entry.kind in TOLD)
    return tuple(notice for record in fresh for notice in _notices(record, entries, environment))


def _notices(record: Recorded, entries: Sequence[Entry], environment: str) -> Iterator[Notice]:
    fact = record.fact
    if isinstance(fact, DecisionMade) and not _is_new(fact, entries[: record.line - 1]):
        return
    strategy = getattr(fact, "strategy", "")
    text = say(fact).removeprefix(f"{strategy}: ")
    if isinstance(fact, Braked):
        text += " Entries are stopped, exits go on."
    elif isinstance(fact, Doubted):
        text += ". Entries are stopped until a person releases them."
    title = f"{environment}: {strategy}" if strategy else environment
    urgent = entries[record.line - 1].kind in URGENT
    if isinstance(fact, DecisionMade):
        urgent = fact.decision != HOLD
    yield Notice(record.at, title, text, urgent)


def _is_new(fact: DecisionMade, before: Sequence[Entry]) -> bool:
    """A hold is news only where it follows on something else: most bundles are held every day until they have earned more."""
    for entry in reversed(before):
        if entry.kind != "decision_made":
            continue
        (record,) = recorded((entry,))
        last = record.fact
        if isinstance(last, DecisionMade) and last.strategy == fact.strategy:
            same = (last.bundle, last.decision) == (fact.bundle, fact.decision)
            return not same and not (fact.decision == HOLD and last.bundle != fact.bundle)
    return fact.decision != HOLD
