"""The facts of the road: every kind of ledger entry, and reading them without guessing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from pipeline.domain.canonical import Plain
from pipeline.domain.ledger import Entry
from pipeline.domain.train import fact_text
from pipeline.domain.train.decisions import (
    Approved,
    Arrived,
    Asked,
    Blocked,
    BlockLifted,
    Braked,
    Cut,
    DecisionMade,
    Doubted,
    EntriesStopped,
    Mended,
    Moved,
    Moving,
    Observed,
    ParityMeasured,
    Promoted,
    Released,
    Retired,
    RolledBack,
    Soaked,
)
from pipeline.domain.train.movements import (
    Converged,
    Converging,
    Deployed,
    Deploying,
    Drained,
    Draining,
    Resuming,
    StepBegan,
    StepEnded,
    Stopped,
    Undoing,
    Undone,
)
from pipeline.errors import Refused

Fact: TypeAlias = (
    Cut | Promoted | Asked | Approved | Deploying | Resuming | Undoing | Converging | StepBegan | StepEnded | Deployed | Undone
    | Converged | Draining | Drained | Stopped | EntriesStopped | Released | Braked | RolledBack | Blocked | BlockLifted
    | Retired | Soaked | Observed | DecisionMade | ParityMeasured | Doubted | Moving | Moved | Arrived | Mended
)  # fmt: skip

KINDS: Mapping[str, type[Fact]] = {
    "cut": Cut,
    "promoted": Promoted,
    "asked": Asked,
    "approved": Approved,
    "deploying": Deploying,
    "resuming": Resuming,
    "undoing": Undoing,
    "converging": Converging,
    "step_began": StepBegan,
    "step_ended": StepEnded,
    "deployed": Deployed,
    "undone": Undone,
    "converged": Converged,
    "draining": Draining,
    "drained": Drained,
    "stopped": Stopped,
    "entries_stopped": EntriesStopped,
    "released": Released,
    "braked": Braked,
    "rolled_back": RolledBack,
    "blocked": Blocked,
    "block_lifted": BlockLifted,
    "retired": Retired,
    "soaked": Soaked,
    "observed": Observed,
    "decision_made": DecisionMade,
    "parity_measured": ParityMeasured,
    "doubted": Doubted,
    "moving": Moving,
    "moved": Moved,
    "arrived": Arrived,
    "mended": Mended,
}
"""Kind of entry -> the fact that it holds."""

_NAMES = {fact: kind for kind, fact in KINDS.items()}


@dataclass(frozen=True, slots=True)
class Recorded:
    """A fact as it stands in the ledger: `line` from 1, `at` aware UTC."""

    line: int
    at: datetime
    fact: Fact


def kind_of(fact: Fact) -> str:
    """The kind of the entry that holds the fact."""
    return _NAMES[type(fact)]


def body_of(fact: Fact) -> dict[str, Plain]:
    """The body of the entry that holds the fact; raises ValueError where it could not be read back, such as without a needed name."""
    return fact_text.write(fact)


def recorded(entries: Iterable[Entry]) -> tuple[Recorded, ...]:
    """The facts of a ledger.

    Raises:
        Refused: entries are of an unknown kind or malformed; the message lists all of them with their lines. Nothing is decided on a ledger
            that is understood in part.
    """
    found, problems, unknown = [], [], False
    for entry in entries:
        kind = KINDS.get(entry.kind)
        if kind is None:
            unknown = True
            problems.append(f"line {entry.seq}: holds an entry of the unknown kind '{entry.kind}'")
            continue
        try:
            found.append(Recorded(entry.seq, entry.at, fact_text.read(kind, entry.body)))
        except ValueError as error:
            problems.append(f"line {entry.seq}: the '{entry.kind}' entry is malformed: {error}")
    if problems:
        hint = (
            "a newer freqtrain wrote this ledger: install that version or a later one; bots go on as they are"
            if unknown
            else "compare the ledger with a backup; bots go on as they are"
        )
        raise Refused("the ledger cannot be understood:\n" + "\n".join(f"  {told}" for told in problems), hint=hint)
    return tuple(found)
