"""The brakes and decisions of an incident, computed again by the code of today from what they read, beside what the ledger says of them."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pandas as pd

from pipeline.domain.incident_material import BY_DECISION, DECIDING, Material, Opened, SeenBundle
from pipeline.domain.ledger import Entry
from pipeline.domain.train.brake_readings import BrakeReading
from pipeline.domain.train.brakes import CLOCK_SKEW
from pipeline.domain.train.brakes_again import read_again
from pipeline.domain.train.decide import Observation, decide
from pipeline.domain.train.decided import Decision
from pipeline.domain.train.decisions import Blocked, Braked, DecisionMade
from pipeline.domain.train.edge import Promise
from pipeline.domain.train.facts import Recorded, kind_of, recorded
from pipeline.domain.train.fold import after
from pipeline.domain.train.movements import Deploying, Purpose
from pipeline.domain.train.observed import UNTOLD, Told, in_ledger, observed
from pipeline.domain.train.promised import promise_from
from pipeline.domain.train.state import EnvironmentState
from pipeline.domain.verdict import Outcome

NOT_KEPT = "what it read was not kept"
NO_POLICY = "the policy in force is not packed"
NO_TRADES = "which trades of {} were open is not packed"
NOT_PACKED = {
    "doubted": "what the exchange and the bot's database held is not packed",
    "parity_measured": "a backtest",
    **dict.fromkeys(
        (
            *("promoted", "asked", "approved", "deploying", "entries_stopped", "released", "blocked", "block_lifted"),
            *("rolled_back", "retired", "moving", "moved", "arrived", "mended"),
        ),
        "by nobody who is named",
    ),
}
"""Kinds of facts that follow from nothing that is packed, unless a brake or a decision brought them about -> why, where nobody is named."""

FOLLOWS = frozenset({BY_DECISION, "brake"})
MOST_MOMENTS = 40

_TICK = timedelta(microseconds=1)
_BEGAN = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Again:
    """A fact that was computed again: the line of the ledger that holds it, what it says, and what the code of today says."""

    line: int
    at: datetime
    strategy: str
    bundle: str
    what: str
    recorded: str
    today: str

    @property
    def same(self) -> bool:
        return self.recorded == self.today

    def __str__(self) -> str:
        told = f"line {self.line}, {self.at:%Y-%m-%d %H:%M:%S} UTC, {self.strategy}: {self.what}"
        return told if self.same else f"{told}: recorded: {self.recorded} | today: {self.today}"


@dataclass(frozen=True, slots=True)
class NotAgain:
    """A fact that counts for nothing here: what it came from is not packed."""

    line: int
    at: datetime
    kind: str
    why: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.at:%Y-%m-%d %H:%M:%S} UTC, {self.kind.replace('_', ' ')}: {self.why}"


@dataclass(frozen=True, slots=True)
class Replayed:
    """All facts of an incident, in the order of its ledger."""

    again: tuple[Again, ...] = ()
    left: tuple[NotAgain, ...] = ()

    @property
    def differences(self) -> tuple[Again, ...]:
        return tuple(one for one in self.again if not one.same)


def replay(environment: str, entries: Sequence[Entry], material: Material) -> Replayed:
    """Compute again what was braked and decided since `material.since`; raises Refused as `fold_ledger`, where the ledger is not understood."""
    walk = _Walk(environment, material, recorded(entries))
    found = tuple(walk.facts())
    again = tuple(one for one in found if isinstance(one, Again))
    return Replayed(again, tuple(one for one in found if isinstance(one, NotAgain)))


@dataclass(frozen=True, slots=True)
class _Time:
    """When something was recorded, and what the ledger said since shortly before that, the oldest first."""

    at: datetime
    said: tuple[tuple[datetime, EnvironmentState], ...]

    def state(self, at: datetime) -> EnvironmentState:
        """What the ledger said at a time."""
        return next((state for since, state in reversed(self.said) if since <= at), self.said[0][1])

    def moments(self, events: Iterable[datetime]) -> tuple[datetime, ...]:
        """The present, and right before each of these events, as far as it is no longer ago than a decision takes; the latest first."""
        known = (one - _TICK for one in (*events, *(since for since, _ in self.said)))
        return (
            self.at,
            *sorted({one for one in known if self.at - DECIDING < one < self.at}, reverse=True)[:MOST_MOMENTS],
        )


class _Walk:
    """The ledger from its beginning to its end, with what it said lately."""

    def __init__(self, environment: str, material: Material, facts: Sequence[Recorded]) -> None:
        self._material, self._facts = material, facts
        self._said = [(_BEGAN, EnvironmentState(environment))]
        self._taken: dict[tuple[str, str], tuple[Recorded, _Time]] = {}
        """Strategy and bundle that a decision took back which is not recorded yet -> the block, and what the ledger said before it."""

    def facts(self) -> Iterator[Again | NotAgain]:
        for record in self._facts:
            fact = record.fact
            if record.at >= self._material.since:
                yield from self._fact(record)
            if isinstance(fact, Blocked) and fact.by == BY_DECISION:
                self._taken[fact.strategy, fact.bundle] = record, self._time(record.at)
            if isinstance(fact, DecisionMade):
                self._taken.pop((fact.strategy, fact.bundle), None)
            state = after(self._said[-1][1], record)
            began = max((n for n, (at, _) in enumerate(self._said) if at <= record.at - DECIDING), default=0)
            self._said = [*self._said[began:], (record.at, state)]
        for record, time in self._taken.values():
            if record.at >= self._material.since and isinstance(record.fact, Blocked):
                yield self._taken_back(record, record.fact, time)

    def _fact(self, record: Recorded) -> Iterator[Again | NotAgain]:
        fact, kind = record.fact, kind_of(record.fact)
        if isinstance(fact, Braked):
            yield self._braked(record, fact)
        elif isinstance(fact, DecisionMade):
            taken = self._taken.get((fact.strategy, fact.bundle))
            yield self._decided(record, fact, taken[1] if taken else self._time(record.at))
        elif kind in NOT_PACKED and not (isinstance(fact, Deploying) and fact.purpose is not Purpose.DEPLOY):
            by = str(getattr(fact, "by", ""))
            if by not in FOLLOWS:
                yield NotAgain(record.line, record.at, kind, f"by {by}" if by else NOT_PACKED[kind])

    def _braked(self, record: Recorded, fact: Braked) -> Again | NotAgain:
        reading = _nearest(self._material.readings.get(fact.strategy, ()), record.at, fact)
        if reading is None:
            return NotAgain(record.line, record.at, "braked", f"{fact.brake}: {NOT_KEPT}")
        found = read_again(reading)
        today = f"there is no brake {fact.brake} any more" if found is None else found.reason
        if found is not None and found.outcome is not Outcome.FAIL:
            today = f"not braked ({found.outcome.name}): {found.reason}"
        return Again(
            *(record.line, record.at, fact.strategy, fact.bundle, f"braked by {fact.brake}", fact.reason, today)
        )

    def _decided(self, record: Recorded, fact: DecisionMade, time: _Time) -> Again | NotAgain:
        told = _sentence(fact.decision, fact.reasons, fact.power)
        found = self._again(fact.strategy, fact.bundle, time, told, untold=UNTOLD in fact.reasons)
        if found is None:
            return NotAgain(record.line, record.at, "decision_made", self._why_not(fact.strategy))
        what = f"decided {_words(fact.decision)}"
        return Again(record.line, record.at, fact.strategy, fact.bundle, what, told, found)

    def _taken_back(self, record: Recorded, fact: Blocked, time: _Time) -> Again | NotAgain:
        """What a decision took back that the ledger tells no more of: a person had it carried out, or the watch died."""
        told = _sentence(Decision.ROLL_BACK, (fact.reason,), "")
        found = self._again(fact.strategy, fact.bundle, time, told, untold=False, power=False)
        if found is None:
            return NotAgain(record.line, record.at, "blocked", self._why_not(fact.strategy))
        return Again(record.line, record.at, fact.strategy, fact.bundle, "taken back by a decision", told, found)

    def _again(
        self, strategy: str, bundle: str, time: _Time, told: str, *, untold: bool, power: bool = True
    ) -> str | None:
        """What the code of today decides; None where something is missing that it takes.

        A decision is recorded after it was made, and nobody writes down how long: what happened in these minutes may have been seen or not. Where
        one such moment comes to what was recorded, that is it.
        """
        policy, opened = self._material.policy, self._material.opened.get(strategy)
        seen = self._material.of(strategy, bundle)
        if policy is None or (opened is None and not untold and seen.since is not None):
            return None
        first = ""
        for at in time.moments(_events(seen, opened or ())):
            open_then = None if untold else tuple(one.at for one in opened or () if one.is_open(at))
            observation = _observation(strategy, bundle, time.state(at), seen, at, open_then)
            made = decide(observation, _promise(seen, at), policy.staying, policy.demands)
            said = _sentence(made.decision, made.reasons, made.power if power else "")
            if said == told:
                return said
            first = first or said
        return first

    def _why_not(self, strategy: str) -> str:
        return NO_POLICY if self._material.policy is None else NO_TRADES.format(strategy)

    def _time(self, at: datetime) -> _Time:
        return _Time(at, tuple(self._said))


def _nearest(kept: Sequence[BrakeReading], at: datetime, fact: Braked) -> BrakeReading | None:
    """What that brake of that bundle read last by then; a clock that was set back in between may have made that a little later."""
    mine = sorted((one for one in kept if (one.bundle, one.brake) == (fact.bundle, fact.brake)), key=lambda one: one.at)
    before = [one for one in mine if one.at <= at]
    return before[-1] if before else next((one for one in mine if one.at <= at + CLOCK_SKEW), None)


def _observation(
    strategy: str,
    bundle: str,
    state: EnvironmentState,
    seen: SeenBundle,
    at: datetime,
    open_then: tuple[datetime, ...] | None,
) -> Observation:
    """What was known of a bundle at that time."""
    if seen.since is None or seen.since > at:
        return in_ledger(strategy, bundle, state)
    trades = [trade for trade in seen.trades if trade.closed_at <= at]
    gaps = [gap for gap in seen.gaps if gap.until <= at]
    told = None if open_then is None else Told(open_then)
    return observed(strategy, bundle, state, trades, gaps, lambda: _curve(seen, at), told)


def _curve(seen: SeenBundle, at: datetime) -> pd.Series:
    known = bisect_right(seen.equity_at, (at - _BEGAN) // _MILLISECOND)
    index = pd.DatetimeIndex(pd.to_datetime(list(seen.equity_at[:known]), unit="ms", utc=True)).as_unit("ms")
    return pd.Series(seen.equity[:known], index=index, dtype=float, name="equity")


def _promise(seen: SeenBundle, at: datetime) -> Promise | None:
    """What the newest evidence of that time promised."""
    cut = [one for one in seen.promised if one.cut_at <= at]
    return promise_from(cut[-1].numbers) if cut else None


def _events(seen: SeenBundle, opened: Sequence[Opened]) -> Iterator[datetime]:
    """When something happened that a decision goes by."""
    yield from (_BEGAN + at * _MILLISECOND for at in seen.equity_at)
    yield from (trade.closed_at for trade in seen.trades)
    yield from (gap.until for gap in seen.gaps)
    for one in opened:
        yield one.at
        if one.closed_at is not None:
            yield one.closed_at


def _sentence(decision: str, reasons: Sequence[str], power: str) -> str:
    return f"{_words(decision)}: {' '.join(reasons)}" + (f" ({power})" if power else "")


def _words(decision: str) -> str:
    return str(decision).replace("_", " ")
