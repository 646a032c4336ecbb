"""Curves made ready to be drawn: thinned out without losing a peak, linked over windows, cut into months."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd


def thin(series: pd.Series, limit: int = 2_000) -> pd.Series:
    """At most `limit` points of a curve, among them the first, the last, and the lowest and highest of each stretch.

    Args:
        series: float (n,), indexed by time, ascending.
        limit: at least 4.
    """
    if len(series) <= limit:
        return series
    values = series.to_numpy(dtype=float)
    edges = np.linspace(1, len(values) - 1, (limit - 2) // 2 + 1).astype(int)
    starts, ends = edges[:-1, np.newaxis], edges[1:, np.newaxis]
    # One row a stretch; a shorter one repeats its last value, which changes neither its lowest nor its highest.
    rows = np.minimum(starts + np.arange((ends - starts).max()), ends - 1)
    stretches = values[rows]
    extremes = [edges[:-1] + found for found in (stretches.argmin(axis=1), stretches.argmax(axis=1))]
    return series.iloc[np.unique(np.concatenate(([0, len(values) - 1], *extremes)))]


def drawdown(curve: pd.Series) -> pd.Series:
    """How far the curve lies below its highest value so far: float (n,), 0 or negative, as a share of that value."""
    return curve / curve.cummax() - 1.0


def linked(curves: Sequence[pd.Series]) -> np.ndarray:
    """Curves of separate stretches as one, each applied to what the one before ended with; float (n,), starting at 1."""
    level, parts = 1.0, [np.array([1.0])]
    for curve in curves:
        parts.append(curve.to_numpy(dtype=float)[1:] / float(curve.iloc[0]) * level)
        level = float(parts[-1][-1]) if len(parts[-1]) else level
    return np.concatenate(parts)


def monthly(curves: Sequence[pd.Series]) -> dict[tuple[int, int], float]:
    """(year, month) -> return of that month in UTC; a month that several stretches share is compounded.

    A month that is cut counts as far as it goes. A value at midnight belongs to the day that it ends.
    """
    growth: dict[tuple[int, int], float] = {}
    for curve in curves:
        ends = pd.DatetimeIndex(curve.index[1:]) - pd.Timedelta(1, "ms")
        months = np.asarray(ends.year * 12 + ends.month - 1)
        last = np.flatnonzero(np.diff(months, append=-1))
        values = curve.to_numpy(dtype=float)[1:]
        before = float(curve.iloc[0])
        for row in last:
            month, value = (int(months[row]) // 12, int(months[row]) % 12 + 1), float(values[row])
            growth[month] = growth.get(month, 1.0) * value / before
            before = value
    return {key: value - 1.0 for key, value in sorted(growth.items())}


def histogram(values: Sequence[float], bins: int = 30) -> list[tuple[float, float, int]]:
    """(from, to, count) of bars of equal, round width, one of whose edges is zero, so that no bar mixes gains and losses."""
    if not values:
        return []
    low, high = min(*values, 0.0), max(*values, 0.0)
    width = _round_up((high - low) / bins or 0.001)
    first, last = math.floor(low / width + 1e-9), math.ceil(high / width - 1e-9)
    last += last == first
    rows = np.clip(np.floor(np.asarray(values) / width + 1e-9).astype(int), first, last - 1)
    counts = np.bincount(rows - first, minlength=last - first)
    return [((first + i) * width, (first + i + 1) * width, int(count)) for i, count in enumerate(counts)]


def _round_up(width: float) -> float:
    """The next of 1, 2, 2.5 and 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(width))
    return next(step * power for step in (1.0, 2.0, 2.5, 5.0, 10.0) if step * power >= width * (1 - 1e-9))
