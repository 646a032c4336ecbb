"""Decisions of an incident, made again by the code of today from what was known at that time."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pandas as pd

from pipeline.domain.incident_material import DECIDING, Material, Opened, SeenBundle
from pipeline.domain.trades import quote_of
from pipeline.domain.train.decide import Observation, decide
from pipeline.domain.train.edge import Promise
from pipeline.domain.train.observed import Words, in_ledger, observed
from pipeline.domain.train.promised import promise_from
from pipeline.domain.train.state import EnvironmentState

NO_POLICY = "the policy in force is not packed"
NO_TRADES = "which trades of {} were open is not packed"
CURRENCIES = "its trades are in several currencies, and which one its bot had is not packed"
BEGAN = datetime(1970, 1, 1, tzinfo=UTC)
MOST_MOMENTS = 40

_TICK = timedelta(microseconds=1)
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Time:
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


@dataclass(frozen=True, slots=True)
class Asked:
    """What is decided again: about which bundle, whether its bot had told which trades are open, and whether the power counts too."""

    strategy: str
    bundle: str
    bot_told: bool = True
    with_power: bool = True


def missing(asked: Asked, material: Material) -> str:
    """What is missing that a decision takes; "" where nothing is."""
    if material.policy is None:
        return NO_POLICY
    unknown = material.opened.get(asked.strategy) is None and asked.bot_told
    seen = material.of(asked.strategy, asked.bundle)
    if unknown and seen.since is not None:
        return NO_TRADES.format(asked.strategy)
    return CURRENCIES if len({quote_of(trade.pair) for trade in seen.trades}) > 1 else ""


def decided_again(asked: Asked, time: Time, material: Material, told: str) -> str:
    """What the code of today decides, as `sentence` says it; nothing of it may be missing.

    A decision is recorded after it was made, and nobody writes down how long: what happened in these minutes may have been seen or not. Where
    one such moment comes to what was recorded (`told`), that is it.
    """
    policy, opened = material.policy, material.opened.get(asked.strategy, ())
    assert policy is not None
    seen, first = material.of(asked.strategy, asked.bundle), ""
    for at in time.moments(_events(seen, opened)):
        open_then = tuple(one.at for one in opened if one.is_open(at)) if asked.bot_told else None
        observation = _observation(asked, time.state(at), seen, at, open_then)
        made = decide(observation, _promise(seen, at), policy.staying, policy.demands)
        said = sentence(made.decision, made.reasons, made.power if asked.with_power else "")
        if said == told:
            return said
        first = first or said
    return first


def sentence(decision: str, reasons: Sequence[str], power: str = "") -> str:
    """A decision with its reasons, and how far the trades go."""
    return f"{words(decision)}: {' '.join(reasons)}" + (f" ({power})" if power else "")


def words(decision: str) -> str:
    """A decision as people read it."""
    return str(decision).replace("_", " ")


def _observation(
    asked: Asked,
    state: EnvironmentState,
    seen: SeenBundle,
    at: datetime,
    open_then: tuple[datetime, ...] | None,
) -> Observation:
    """What was known of a bundle at that time."""
    if seen.since is None or seen.since > at:
        return in_ledger(asked.strategy, asked.bundle, state)
    trades = [trade for trade in seen.trades if trade.closed_at <= at]
    gaps = [gap for gap in seen.gaps if gap.until <= at]
    told = None if open_then is None else Words(open_then)
    return observed(asked.strategy, asked.bundle, state, trades, gaps, lambda: _curve(seen, at), told)


def _curve(seen: SeenBundle, at: datetime) -> pd.Series:
    known = bisect_right(seen.equity_at, (at - BEGAN) // _MILLISECOND)
    index = pd.DatetimeIndex(pd.to_datetime(list(seen.equity_at[:known]), unit="ms", utc=True)).as_unit("ms")
    return pd.Series(seen.equity[:known], index=index, dtype=float, name="equity")


def _promise(seen: SeenBundle, at: datetime) -> Promise | None:
    """What the newest evidence of that time promised."""
    cut = [one for one in seen.promised if one.cut_at <= at]
    return promise_from(cut[-1].numbers) if cut else None


def _events(seen: SeenBundle, opened: Sequence[Opened]) -> Iterator[datetime]:
    """When something happened that a decision goes by."""
    yield from (BEGAN + at * _MILLISECOND for at in seen.equity_at)
    yield from (trade.closed_at for trade in seen.trades)
    yield from (gap.until for gap in seen.gaps)
    for one in opened:
        yield one.at
        if one.closed_at is not None:
            yield one.closed_at
