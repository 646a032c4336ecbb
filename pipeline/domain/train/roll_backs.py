"""The roll-backs that a ledger tells of, by whomever they were begun, each with what was known about the bundle that was taken back."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pipeline.domain.ledger import Entry
from pipeline.domain.train.decisions import Blocked, BlockLifted, Braked, Observed, Promoted, RolledBack, Soaked
from pipeline.domain.train.facts import Recorded, recorded
from pipeline.domain.train.fold import fold_ledger
from pipeline.domain.train.movements import Deployed, Deploying, Purpose

MOST_BRAKES = 20
"""The latest of a bundle."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger knew of a bundle; None and empty where it says nothing.

    `source` is the tag or commit that named it, `evidence` the digest of what it boarded on, `deployed_at` when it last came to run. `brakes`
    are sentences.
    """

    source: str = ""
    evidence: str = ""
    deployed_at: datetime | None = None
    healthy_hours: float | None = None
    closed_trades: int | None = None
    brakes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RollBack:
    """One bundle taken back. `to` came back, or nothing where it is empty; `ended_at` is None where it was begun and is not recorded as done.

    `entry` is the hash of the ledger entry by which the bundle was blocked, which names the roll-back for ever: one that is begun once
    more is still the same. `runs` is the bundle that stands by now, empty where none does.
    """

    environment: str
    strategy: str
    bundle: str
    entry: str
    by: str
    reason: str
    began_at: datetime
    to: str = ""
    ended_at: datetime | None = None
    runs: str = ""
    known: Known = Known()


def roll_backs(entries: Sequence[Entry], environment: str, since: datetime, *, asked: str = "") -> tuple[RollBack, ...]:
    """Those that began or ended since then, the oldest first.

    Args:
        asked: a strategy whose roll-back was asked for at `since`: a block of its bundle since then is the beginning of one.

    Raises:
        Refused: the ledger cannot be understood; see `facts.recorded`.
    """
    state, hashes = fold_ledger(entries, environment), {entry.seq: entry.hash for entry in entries}
    found = _followed(recorded(entries), hashes, since, asked)
    return tuple(
        replace(one, runs=standing.bundle if (standing := state.of(one.strategy).standing) else "")
        for one in found
        if max(one.began_at, one.ended_at or one.began_at) >= since
    )


def _followed(facts: Iterable[Recorded], hashes: dict[int, str], since: datetime, asked: str) -> Iterator[RollBack]:
    blocks: dict[str, Recorded] = {}
    known: dict[str, Known] = {}
    begun: dict[str, RollBack] = {}
    for record in facts:
        fact = record.fact
        if isinstance(fact, BlockLifted):
            blocks.pop(fact.bundle, None)
        elif isinstance(fact, Blocked):
            blocks.setdefault(fact.bundle, record)
            if fact.strategy == asked and record.at >= since:
                _begin(begun, blocks[fact.bundle], record.at, hashes, known)
        elif isinstance(fact, Deploying) and fact.purpose is Purpose.ROLL_BACK and fact.old_bundle in blocks:
            one = _begin(begun, blocks[fact.old_bundle], record.at, hashes, known)
            begun[one.entry] = replace(one, to=fact.bundle)
        elif isinstance(fact, RolledBack) and fact.bundle in blocks:
            one = _begin(begun, blocks[fact.bundle], record.at, hashes, known)
            begun[one.entry] = replace(one, to=fact.to, ended_at=record.at, by=fact.by, reason=fact.reason)
        else:
            _learn(record, known)
    yield from sorted(begun.values(), key=lambda one: one.began_at)


def _begin(
    begun: dict[str, RollBack], block: Recorded, at: datetime, hashes: dict[int, str], known: dict[str, Known]
) -> RollBack:
    fact, entry = block.fact, hashes[block.line]
    assert isinstance(fact, Blocked)
    if entry not in begun:
        about = known.get(fact.bundle, Known())
        begun[entry] = RollBack(
            fact.environment, fact.strategy, fact.bundle, entry, fact.by, fact.reason, at, known=about
        )
    return begun[entry]


def _learn(record: Recorded, known: dict[str, Known]) -> None:
    """What a fact says of a bundle before it is taken back."""
    fact = record.fact
    if not isinstance(fact, Promoted | Deployed | Observed | Soaked | Braked):
        return
    old = known.get(fact.bundle, Known())
    if isinstance(fact, Promoted):
        known[fact.bundle] = replace(old, source=fact.source, evidence=fact.evidence)
    elif isinstance(fact, Deployed):
        known[fact.bundle] = replace(old, deployed_at=record.at)
    elif isinstance(fact, Braked):
        told = f"{record.at:%Y-%m-%d %H:%M} UTC, {fact.brake}: {fact.reason}"
        known[fact.bundle] = replace(old, brakes=(*old.brakes, told)[-MOST_BRAKES:])
    else:
        known[fact.bundle] = replace(old, healthy_hours=fact.healthy_hours, closed_trades=fact.closed_trades)
