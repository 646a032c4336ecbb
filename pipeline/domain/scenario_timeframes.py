"""A scenario's candles at the other timeframes that a strategy joins them with."""

from datetime import timedelta
from math import gcd

import numpy as np
import pandas as pd

from pipeline.domain.candles import Units, resample
from pipeline.domain.scenarios import COLUMNS, draw, flat
from pipeline.domain.timeframes import TIMEFRAMES

_UNITS = Units.of("0.00000001", "0.0001")


def at_timeframe(frame: pd.DataFrame, source: str, wanted: str, *, startup: int) -> pd.DataFrame:
    """The same market in candles of another length.

    Longer candles are added up; only complete ones are there, after at least `startup` quiet ones, as a bot would have them. Shorter ones
    go from the long candle's open over its low and high to its close.

    Raises:
        ValueError: `wanted` is no timeframe that the train knows.
    """
    if wanted == source:
        return frame.copy()
    if wanted not in TIMEFRAMES:
        raise ValueError(f"no scenario has candles of {wanted!r}; there are {', '.join(TIMEFRAMES)}")
    length, target = TIMEFRAMES[source], TIMEFRAMES[wanted]
    step = timedelta(minutes=gcd(_minutes(length), _minutes(target)))
    fine = frame if step == length else _split(frame, length // step, step)
    if step == target:
        return fine
    return _with_startup(resample(fine, step, target, _UNITS), fine, wanted, startup)


def _split(frame: pd.DataFrame, parts: int, step: timedelta) -> pd.DataFrame:
    """Each candle as `parts` candles of length `step` that together have its open, high, low, close and volume."""
    at = np.linspace(0.0, 3.0, parts + 1)
    corners = frame[["open", "low", "high", "close"]].to_numpy(np.float64)
    left = np.minimum(at.astype(int), 2)
    path = corners[:, left] + (corners[:, left + 1] - corners[:, left]) * (at - left)
    opens, closes = path[:, :-1], path[:, 1:]
    high, low = np.maximum(opens, closes), np.minimum(opens, closes)
    high[:, (2 * parts) // 3] = corners[:, 2]
    low[:, parts // 3] = corners[:, 1]
    within = pd.to_timedelta(np.tile(np.arange(parts), len(frame)) * _minutes(step), unit="m")
    dates = frame["date"].repeat(parts).reset_index(drop=True) + within
    volume = np.repeat(frame["volume"].to_numpy(np.float64) / parts, parts)
    columns = (opens.ravel(), high.ravel(), low.ravel(), closes.ravel(), volume)
    return pd.DataFrame({"date": dates.dt.as_unit("ms"), **dict(zip(COLUMNS[1:], columns, strict=True))})


def _with_startup(long: pd.DataFrame, fine: pd.DataFrame, wanted: str, startup: int) -> pd.DataFrame:
    first = long["date"].iloc[0] if len(long) else fine["date"].iloc[-1].floor(TIMEFRAMES[wanted])
    older = draw(flat(startup + 1), wanted, price=float(fine["open"].iloc[0])).frame
    older["date"] = (older["date"] - older["date"].iloc[-1] + (first - TIMEFRAMES[wanted])).dt.as_unit("ms")
    return pd.concat([older, long], ignore_index=True)


def _minutes(length: timedelta) -> int:
    return length // timedelta(minutes=1)
