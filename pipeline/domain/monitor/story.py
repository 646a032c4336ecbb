"""What a monitor remembers of a ledger: the state that it tells of, what a chart marks, and what was told last."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.domain.ledger import Entry, Head
from pipeline.domain.train.decisions import DecisionMade
from pipeline.domain.train.fact_words import say
from pipeline.domain.train.facts import Recorded, kind_of, recorded
from pipeline.domain.train.fold import fold_facts_on
from pipeline.domain.train.state import EnvironmentState

MARKED = frozenset(
    {"deployed", "rolled_back", "braked", "blocked", "undone", "doubted", "entries_stopped", "released", "soaked"}
)
"""Kinds that stand as a mark in a strategy's charts."""

SMALL = frozenset({"step_began", "step_ended", "observed", "converging", "converged", "resuming", "deploying"})
"""Kinds that are no news, and nearly all of a long ledger: the log has them."""

MOST_MARKS = 400
MOST_TOLD = 40


@dataclass(frozen=True, slots=True)
class Happened:
    """One entry of a ledger in a sentence; `strategy` and `bundle` are "" where it is of none."""

    at: datetime
    kind: str
    strategy: str
    bundle: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Story:
    """A ledger up to its `head`."""

    state: EnvironmentState
    head: Head = field(default_factory=Head)
    marks: tuple[Happened, ...] = ()
    told: tuple[Happened, ...] = ()

    def on(self, head: Head, entries: Sequence[Entry]) -> "Story":
        """The story after these further entries, with which the ledger goes up to `head`; raises Refused where one is not understood."""
        read = recorded(entries)
        state = fold_facts_on(self.state, read)
        facts = [(record, kind) for record in read if (kind := kind_of(record.fact)) not in SMALL]
        marks = [happened(record, kind) for record, kind in facts if kind in MARKED]
        news = [(record, kind) for record, kind in facts if _is_news(record)][-MOST_TOLD:]
        told = [happened(record, kind) for record, kind in news]
        return Story(state, head, (*self.marks, *marks)[-MOST_MARKS:], (*self.told, *told)[-MOST_TOLD:])


def happened(record: Recorded, kind: str) -> Happened:
    """A fact of that kind as what a page tells."""
    fact = record.fact
    strategy, bundle = getattr(fact, "strategy", ""), getattr(fact, "to", "") or getattr(fact, "bundle", "")
    return Happened(record.at, kind, strategy, bundle, say(fact))


def _is_news(record: Recorded) -> bool:
    """A decision that changes nothing is made every day."""
    return not (isinstance(record.fact, DecisionMade) and record.fact.decision == "hold")
