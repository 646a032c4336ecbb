"""The brakes and decisions of an incident, computed again by the code of today from what they read, beside what the ledger says of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.domain.incident_decided import BEGAN, Asked, Time, decided_again, missing, sentence, words
from pipeline.domain.incident_material import BY_DECISION, DECIDING, Material
from pipeline.domain.ledger import Entry
from pipeline.domain.train.brake_readings import BrakeReading
from pipeline.domain.train.brakes import CLOCK_SKEW
from pipeline.domain.train.brakes_again import read_again
from pipeline.domain.train.decided import Decision
from pipeline.domain.train.decisions import Blocked, Braked, DecisionMade
from pipeline.domain.train.facts import Recorded, kind_of, recorded
from pipeline.domain.train.fold import after
from pipeline.domain.train.movements import Deploying, Purpose
from pipeline.domain.train.observed import UNTOLD
from pipeline.domain.train.state import EnvironmentState
from pipeline.domain.verdict import Outcome

NOT_KEPT = "what it read was not kept"
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
TAKING_BACK = timedelta(hours=1)
"""How long it may take at most to bring the last known good bundle back, after which that is recorded as decided."""


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
    found = sorted(_Walk(environment, material, recorded(entries)).facts(), key=lambda one: one.line)
    again = tuple(one for one in found if isinstance(one, Again))
    return Replayed(again, tuple(one for one in found if isinstance(one, NotAgain)))


class _Walk:
    """The ledger from its beginning to its end, with what it said lately."""

    def __init__(self, environment: str, material: Material, facts: Sequence[Recorded]) -> None:
        self._material, self._facts = material, facts
        self._said = [(BEGAN, EnvironmentState(environment))]
        self._taken: dict[tuple[str, str], tuple[Recorded, Time]] = {}
        """Strategy and bundle that a decision took back which is not recorded yet -> the block, and what the ledger said before it."""

    def facts(self) -> Iterator[Again | NotAgain]:
        for record in self._facts:
            fact = record.fact
            if isinstance(fact, DecisionMade):
                yield from self._decided(record, fact)
            elif record.at >= self._material.since:
                yield from self._fact(record)
            if isinstance(fact, Blocked) and fact.by == BY_DECISION:
                self._taken[fact.strategy, fact.bundle] = record, self._time(record.at)
            state = after(self._said[-1][1], record)
            began = max((n for n, (at, _) in enumerate(self._said) if at <= record.at - DECIDING), default=0)
            self._said = [*self._said[began:], (record.at, state)]
        for record, time in self._taken.values():
            yield from self._taken_back(record, time)

    def _fact(self, record: Recorded) -> Iterator[Again | NotAgain]:
        fact, kind = record.fact, kind_of(record.fact)
        if isinstance(fact, Braked):
            yield self._braked(record, fact)
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

    def _decided(self, record: Recorded, fact: DecisionMade) -> Iterator[Again | NotAgain]:
        time = self._time(record.at)
        if taken := self._taken.pop((fact.strategy, fact.bundle), None):
            if fact.decision == Decision.ROLL_BACK and record.at - taken[0].at <= TAKING_BACK:
                time = taken[1]
            else:
                yield from self._taken_back(*taken)
        asked = Asked(fact.strategy, fact.bundle, bot_told=UNTOLD not in fact.reasons)
        if record.at >= self._material.since:
            told = sentence(fact.decision, fact.reasons, fact.power)
            yield self._again(record, asked, time, f"decided {words(fact.decision)}", told)

    def _taken_back(self, record: Recorded, time: Time) -> Iterator[Again | NotAgain]:
        """What a decision took back that was not recorded as decided: a person had it carried out, or the watch died."""
        fact = record.fact
        assert isinstance(fact, Blocked)
        if record.at >= self._material.since:
            told = sentence(Decision.ROLL_BACK, (fact.reason,))
            asked = Asked(fact.strategy, fact.bundle, with_power=False)
            yield self._again(record, asked, time, "taken back by a decision", told)

    def _again(self, record: Recorded, asked: Asked, time: Time, what: str, told: str) -> Again | NotAgain:
        if why := missing(asked, self._material):
            return NotAgain(record.line, record.at, kind_of(record.fact), why)
        today = decided_again(asked, time, self._material, told)
        return Again(record.line, record.at, asked.strategy, asked.bundle, what, told, today)

    def _time(self, at: datetime) -> Time:
        return Time(at, tuple(self._said))


def _nearest(kept: Sequence[BrakeReading], at: datetime, fact: Braked) -> BrakeReading | None:
    """What that brake of that bundle read last by then; a clock that was set back in between may have made that a little later."""
    mine = sorted((one for one in kept if (one.bundle, one.brake) == (fact.bundle, fact.brake)), key=lambda one: one.at)
    before = [one for one in mine if one.at <= at]
    return before[-1] if before else next((one for one in mine if one.at <= at + CLOCK_SKEW), None)
