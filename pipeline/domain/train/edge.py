"""What a bot's closed trades say about its mean profit per trade, and what its backtest had promised of that; valid although looked at every day.

Trades that were entered on one UTC day share their luck, so that a day is one observation: the sum of its trades' profit ratios. What remains assumed
is that days do not carry each other's luck: given all earlier days, a day's trades earn on average what the strategy earns. Their volatility may
come in clusters, and so may the trades.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np

from pipeline.domain.metrics import measure
from pipeline.domain.statistics.betting import (
    Floats,
    Scale,
    highest_mean,
    location,
    lowest_mean,
    observations_until,
    scale_of,
    stakes,
)
from pipeline.domain.trades import ClosedTrade
from pipeline.domain.trading.terms import PROMISED_METRICS
from pipeline.domain.verdict import ALL_WINDOWS, Measurement, Subject

LOW_ERROR = 0.05
"""How often `edge_low_ratio` ever lies above the true mean."""

HIGH_ERROR = 0.025
"""How often `edge_high_ratio` ever lies below it."""

USUAL = Scale(0.028, 1.75)
"""The scale where no backtest tells one: trades with a standard deviation of 2 %, some of them together. It sizes bets and makes nothing false."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What a backtest's trades promise of a single trade.

    `mean` is their mean profit ratio with days clipped as `scale` says; `trades` is how many stand behind it, `measurements` what else they showed.
    """

    mean: float
    scale: Scale
    trades: int
    measurements: tuple[Measurement, ...] = ()


@dataclass(frozen=True, slots=True)
class Days:
    """Trades by the UTC day on which they were entered: float (days,) sums of profit ratios and numbers of trades.

    The sum of a day with a trade that is still open is infinite: nobody knows it yet. `settled` counts the days before the first such.
    """

    sums: Floats
    counts: Floats
    settled: int


def by_day(trades: Sequence[ClosedTrade], open_since: Sequence[datetime] = ()) -> Days:
    """Closed trades, and those that are open since these moments, by day."""
    sums: dict[date, float] = {}
    counts: dict[date, int] = {}
    for trade in trades:
        day = _day(trade.opened_at)
        sums[day] = sums.get(day, 0.0) + trade.profit_ratio
        counts[day] = counts.get(day, 0) + 1
    unsettled = {_day(at) for at in open_since}
    for at in open_since:
        sums[_day(at)] = math.inf
        counts[_day(at)] = counts.get(_day(at), 0) + 1
    days = sorted(sums)
    settled = next((number for number, day in enumerate(days) if day in unsettled), len(days))
    return Days(np.array([sums[day] for day in days]), np.array([counts[day] for day in days], dtype=float), settled)


def promise_of(trades: Sequence[ClosedTrade]) -> Promise | None:
    """What a backtest's trades, of all its windows, promise; None where they are too few, or no numbers."""
    days = by_day(trades)
    scale = scale_of(days.sums, days.counts) if np.isfinite(days.sums).all() else None
    if scale is None:
        return None
    mean = location(days.sums, days.counts, scale.clip)
    values = {**measure(trades, ()), "edge_high_ratio": mean}
    told = tuple(Measurement(metric, values[metric], ALL_WINDOWS, Subject.BACKTEST) for metric in PROMISED_METRICS)
    return Promise(mean, scale, len(trades), told)


def edge_measurements(
    trades: Sequence[ClosedTrade], open_since: Sequence[datetime], promise: Promise | None
) -> tuple[Measurement, ...]:
    """`edge_low_ratio` and `edge_high_ratio`, and beside them what the backtest promised, where that is known.

    Args:
        trades: all trades that the bundle opened and closed.
        open_since: when those were opened that it has not closed yet. A day with one of them counts as its best for the highest mean; for the
            lowest, it and all days after it do not count yet, because winners are often closed first.

    Not numbers where a profit is none; infinite where nothing is refuted yet.
    """
    days, scale = by_day(trades, open_since), promise.scale if promise else USUAL
    low = high = math.nan
    if all(math.isfinite(trade.profit_ratio) for trade in trades):
        high = highest_mean(days.sums, days.counts, stakes(scale, HIGH_ERROR))
        low = lowest_mean(days.sums[: days.settled], days.counts[: days.settled], stakes(scale, LOW_ERROR, low=True))
    told = (Measurement("edge_low_ratio", low, ALL_WINDOWS), Measurement("edge_high_ratio", high, ALL_WINDOWS))
    return (*told, *promise.measurements) if promise else told


def trades_to_show(promise: Promise) -> float:
    """About how many trades show that the mean is above 0, in half of the cases, if the promise is kept; infinite where nothing was promised."""
    return observations_until(promise.mean, promise.scale, LOW_ERROR, low=True)


def trades_to_refute(promise: Promise, shortfall_ratio: float) -> float:
    """About how many trades show that the promise is broken, in half of the cases, if the mean falls short of it by so much."""
    return observations_until(shortfall_ratio, promise.scale, HIGH_ERROR)


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()
