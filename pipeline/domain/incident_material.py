"""What a packed incident holds so that brakes and decisions can be computed again: what they read, and the policy that was in force."""

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import compress

from pipeline.domain.ledger import Entry
from pipeline.domain.policy import Threshold
from pipeline.domain.trades import ClosedTrade
from pipeline.domain.train.boarding import Demands
from pipeline.domain.train.brake_readings import BrakeReading
from pipeline.domain.train.samples import BUCKET, Gap, kept

DECIDING = timedelta(minutes=6)
"""A decision is recorded at most so long after it was made: the process that decides is given five minutes."""

BY_DECISION = "decide"
"""Who took a bundle back that is to go by what was observed of it."""

_MINUTE_MS = 60_000
_FIRST_YEAR, _LAST_YEAR, _LAST_MS = 1970, 2200, 7_258_118_400_000


@dataclass(frozen=True, slots=True)
class PolicyInForce:
    """What the environment demands of whoever runs there, and what the one after it demands of whoever boards; None where none follows.

    `simulated`: whether evidence on simulated data promises anything there. `mode` is the environment's, as in the names of databases.
    """

    staying: tuple[Threshold, ...]
    demands: Demands | None
    simulated: bool = False
    mode: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """A trade that the bots of a strategy opened; `closed_at` is None where it was open when the incident was packed."""

    at: datetime
    closed_at: datetime | None = None

    def is_open(self, at: datetime) -> bool:
        """Whether it was at that time."""
        return self.at <= at and (self.closed_at is None or self.closed_at > at)


@dataclass(frozen=True, slots=True)
class Promised:
    """What the evidence of one cut promises: measurements of the gate, by metric."""

    cut_at: datetime
    numbers: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class SeenBundle:
    """What was observed of one bundle: `since` when first, its closed trades, its equity by milliseconds since 1970, and what is not known."""

    strategy: str
    bundle: str
    since: datetime | None = None
    trades: tuple[ClosedTrade, ...] = ()
    equity_at: tuple[int, ...] = ()
    equity: tuple[float, ...] = ()
    gaps: tuple[Gap, ...] = ()
    promised: tuple[Promised, ...] = ()


@dataclass(frozen=True, slots=True)
class Material:
    """All of it. Facts from before `since` are not computed again.

    `readings` are those of each strategy's brakes, `opened` each strategy's trades, as far as its database could be read. `policy` is None where
    the environment's file could not be.
    """

    since: datetime
    policy: PolicyInForce | None = None
    bundles: tuple[SeenBundle, ...] = ()
    readings: Mapping[str, tuple[BrakeReading, ...]] = field(default_factory=dict)
    opened: Mapping[str, tuple[Opened, ...]] = field(default_factory=dict)

    def of(self, strategy: str, bundle: str) -> SeenBundle:
        """What was observed of a bundle; of one that is not packed, nothing was."""
        mine = (one for one in self.bundles if (one.strategy, one.bundle) == (strategy, bundle))
        return next(mine, SeenBundle(strategy, bundle))


def decided_in(entries: Sequence[Entry], since: datetime) -> dict[tuple[str, str], tuple[datetime, ...]]:
    """Strategy and bundle of everything that was decided on since then -> when; also of what was taken back and not recorded as decided."""
    found: dict[tuple[str, str], tuple[datetime, ...]] = {}
    for entry in entries:
        decided = entry.kind == "decision_made" or (entry.kind == "blocked" and entry.body.get("by") == BY_DECISION)
        if decided and entry.at >= since - DECIDING:
            key = str(entry.body.get("strategy")), str(entry.body.get("bundle"))
            found[key] = (*found.get(key, ()), entry.at)
    return found


def nonsense(found: Material) -> Iterator[str]:
    """What no device would have written, so that nothing is computed with it: an archive is not believed."""
    if any(at.tzinfo is None or not _FIRST_YEAR <= at.year <= _LAST_YEAR for at in _times(found)):
        yield f"a time in it has no zone, or lies before {_FIRST_YEAR} or after {_LAST_YEAR}"
    for one in found.bundles:
        ordered = all(before < then for before, then in zip(one.equity_at, one.equity_at[1:], strict=False))
        if len(one.equity_at) != len(one.equity) or not ordered or not all(0 <= at < _LAST_MS for at in one.equity_at):
            yield f"the equity of {one.bundle[:80]} and its times do not fit"
    for reading in (one for readings in found.readings.values() for one in readings):
        if not (math.isfinite(reading.limit) and reading.limit > 0):
            yield f"the limit of {reading.brake[:80]} is {reading.limit}"
        if reading.candle is not None and reading.candle.timeframe <= timedelta(0):
            yield "a candle lasts no time"


def _times(value: object) -> Iterator[datetime]:
    """All times in it, but those that are numbers."""
    if isinstance(value, datetime):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _times(one)
    elif isinstance(value, tuple):
        if value and not isinstance(value[0], int | float):
            for one in value:
                yield from _times(one)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for one in dataclasses.fields(value):
            yield from _times(getattr(value, one.name))


def thinned(
    at: Sequence[int], equity: Sequence[float], decided_at: Sequence[int]
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Equity without what moves no metric, and without what came after the last decision. All times are milliseconds since 1970.

    Of hours in which nothing was decided the samples stay that a store keeps of them.
    """
    if not decided_at:
        return (), ()
    known = sum(1 for one in at if one <= max(decided_at))
    at, equity = at[:known], equity[:known]
    stay, length = (
        kept(at, equity, [0] * known, BUCKET // timedelta(milliseconds=1)),
        BUCKET // timedelta(milliseconds=1),
    )
    deciding = DECIDING // timedelta(milliseconds=1)
    whole = {
        (moment - 1) // length
        for one in decided_at
        for moment in range(one - deciding - _MINUTE_MS, one + _MINUTE_MS, _MINUTE_MS)
    }
    stay = [stays or (one - 1) // length in whole for stays, one in zip(stay, at, strict=True)]
    return tuple(compress(at, stay)), tuple(compress(equity, stay))
