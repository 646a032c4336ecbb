"""What can be wrong with candles: each problem with the candle that has it, all at once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.domain.candles import COLUMNS, PRICES, Units, milliseconds, off_grid, resample
from pipeline.domain.dataset import DataProblem, Gap, Severity
from pipeline.domain.timeframes import TIMEFRAMES

DEAD_CANDLES = 12
"""From how many candles in a row without any volume on a warning is due."""

_SHOWN = 3
_MILLISECOND = timedelta(milliseconds=1)
_GRID_TIMEFRAMES = frozenset(name for name, length in TIMEFRAMES.items() if length <= timedelta(days=1))

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def column_problems(path: str, frame: pd.DataFrame) -> tuple[DataProblem, ...]:
    """What keeps a table from being candles at all: columns, their types, no rows. Nothing else can be looked at before this is right."""
    if tuple(frame.columns) != COLUMNS:
        missing = [name for name in COLUMNS if name not in frame.columns]
        wrong = f"lacks {', '.join(missing)}" if missing else f"are {', '.join(map(str, frame.columns))}"
        return (DataProblem(path, f"its columns {wrong}; freqtrade's are {', '.join(COLUMNS)}"),)
    problems = []
    if getattr(frame["date"].dtype, "tz", None) is None:
        problems.append(DataProblem(path, f"its dates are {frame['date'].dtype}, not times with a time zone (UTC)"))
    elif frame["date"].isna().any():
        row = int(np.flatnonzero(frame["date"].isna())[0])
        problems.append(DataProblem(path, "the candle has no opening time", row=row))
    problems += [
        DataProblem(path, f"its column {name} is {frame[name].dtype}, not numbers")
        for name in COLUMNS[1:]
        if frame[name].dtype.kind not in "fiu"
    ]
    if not problems and frame.empty:
        problems.append(DataProblem(path, "it holds no candles"))
    return tuple(problems)


def candle_problems(
    path: str,
    frame: pd.DataFrame,
    timeframe: str,
    known_gaps: tuple[Gap, ...] = (),
    taken_at: datetime | None = None,
) -> tuple[DataProblem, ...]:
    """Everything wrong with candles whose columns are right.

    Errors: disorder, duplicates, candles off the timeframe's grid, gaps that are not known, numbers that are not finite, prices that are
    not positive, negative volume, high below low, open or close outside of them, a candle that was not closed when the set was taken.
    Warnings: known gaps, and DEAD_CANDLES or more in a row without volume. Of each kind the first few are named and the rest counted.
    """
    times = milliseconds(frame)
    length = TIMEFRAMES[timeframe] // _MILLISECOND
    return (
        *_order(path, times, length, timeframe),
        *_gaps(path, frame, timeframe, known_gaps),
        *_numbers(path, frame, times),
        *_dead(path, frame, times),
        *_unclosed(path, times, length, taken_at),
    )


def gaps_in(frame: pd.DataFrame, timeframe: str) -> tuple[Gap, ...]:
    """The stretches of missing candles, in the order of the file."""
    times = milliseconds(frame)
    length = TIMEFRAMES[timeframe] // _MILLISECOND
    return tuple(
        Gap(
            _time(times[row] + length), _time(times[row + 1] - length), int((times[row + 1] - times[row]) // length) - 1
        )
        for row in np.flatnonzero(np.diff(times) >= 2 * length)
    )


def off_grid_problems(path: str, frame: pd.DataFrame, units: Units) -> tuple[DataProblem, ...]:
    """Warnings for prices finer than the tick and amounts finer than the step: an exchange changed them, or the snapshot is not theirs."""
    times = milliseconds(frame)
    prices = np.logical_or.reduce([off_grid(frame[name].to_numpy(np.float64), units.tick) for name in PRICES])
    amounts = off_grid(frame["volume"].to_numpy(np.float64), units.step)
    found = []
    for rows, what in (
        (prices, f"prices are finer than the tick {units.tick:f}"),
        (amounts, f"volumes are finer than the step {units.step:f}"),
    ):
        if rows.any():
            row = int(np.flatnonzero(rows)[0])
            message = f"{_count(int(rows.sum()), 'candle')} whose {what}; this is the first"
            found.append(DataProblem(path, message, Severity.WARNING, row, _time(times[row])))
    return tuple(found)


def disagreement(
    path: str,
    longer: pd.DataFrame,
    timeframe: str,
    other: str,
    shorter: pd.DataFrame,
    shorter_timeframe: str,
    units: Units,
) -> tuple[DataProblem, ...]:
    """A warning where candles differ from those that the shorter ones of the same pair (in file `other`) add up to; both sound."""
    made = resample(shorter, TIMEFRAMES[shorter_timeframe], TIMEFRAMES[timeframe], units)
    made_times, times = milliseconds(made), milliseconds(longer)
    _, here, there = np.intersect1d(times, made_times, assume_unique=True, return_indices=True)
    half_tick = float(units.tick) / 2
    apart = np.logical_or.reduce(
        [
            np.abs(longer[name].to_numpy(np.float64)[here] - made[name].to_numpy(np.float64)[there]) > half_tick
            for name in PRICES
        ]
    )
    if not apart.any():
        return ()
    row = int(here[np.flatnonzero(apart)[0]])
    message = (
        f"{_count(int(apart.sum()), 'candle')} of {len(here)} differ from what {other} adds up to; this is the first"
    )
    return (DataProblem(path, message, Severity.WARNING, row, _time(times[row])),)


def _order(path: str, times: Integers, length: int, timeframe: str) -> Iterator[DataProblem]:
    steps = np.append(length, np.diff(times))
    yield from _named(path, times, steps == 0, "has the same time as the candle before it", "duplicate")
    yield from _named(path, times, steps < 0, "is older than the candle before it", "candle out of order")
    if timeframe in _GRID_TIMEFRAMES:
        yield from _named(
            path, times, times % length != 0, f"does not open on the grid of {timeframe}", "candle off the grid"
        )


def _gaps(path: str, frame: pd.DataFrame, timeframe: str, known: tuple[Gap, ...]) -> Iterator[DataProblem]:
    times = milliseconds(frame)
    length = TIMEFRAMES[timeframe] // _MILLISECOND
    rows = np.flatnonzero(np.diff(times) >= 2 * length)
    unknown = 0
    for row, gap in zip(rows.tolist(), gaps_in(frame, timeframe), strict=True):
        accepted = gap in known
        unknown += not accepted
        if not accepted and unknown > _SHOWN:
            continue
        message = f"{_count(gap.candles, 'candle')} missing before this one: {gap.first:%Y-%m-%d %H:%M} to {gap.last:%Y-%m-%d %H:%M}"
        severity = Severity.WARNING if accepted else Severity.ERROR
        yield DataProblem(
            path, message + (" (known gap)" if accepted else ""), severity, row + 1, _time(times[row + 1])
        )
    if unknown > _SHOWN:
        yield DataProblem(path, f"and {_count(unknown - _SHOWN, 'further gap')}")


def _numbers(path: str, frame: pd.DataFrame, times: Integers) -> Iterator[DataProblem]:
    columns = {name: frame[name].to_numpy(np.float64) for name in COLUMNS[1:]}
    finite = np.logical_and.reduce([np.isfinite(values) for values in columns.values()])
    for name, values in columns.items():
        yield from _named(
            path, times, ~np.isfinite(values), f"{name} is not a finite number", f"{name} that is not finite"
        )
    for name in PRICES:
        yield from _named(
            path, times, finite & (columns[name] <= 0), f"{name} is not positive", f"{name} that is not positive"
        )
    yield from _named(path, times, finite & (columns["volume"] < 0), "volume is negative", "negative volume")
    high, low = columns["high"], columns["low"]
    yield from _named(path, times, finite & (high < low), "high is below low", "high below its low")
    upright = finite & (high >= low)
    for name in ("open", "close"):
        outside = upright & ((columns[name] > high) | (columns[name] < low))
        yield from _named(path, times, outside, f"{name} lies outside of low to high", f"{name} outside of low to high")


def _dead(path: str, frame: pd.DataFrame, times: Integers) -> Iterator[DataProblem]:
    dead = np.concatenate(([False], frame["volume"].to_numpy(np.float64) == 0, [False]))
    edges = np.flatnonzero(dead[1:] != dead[:-1])
    starts, lengths = edges[::2], edges[1::2] - edges[::2]
    long = np.flatnonzero(lengths >= DEAD_CANDLES)
    for index in long[:_SHOWN].tolist():
        row = int(starts[index])
        message = f"{lengths[index]} candles in a row without any volume start here"
        yield DataProblem(path, message, Severity.WARNING, row, _time(times[row]))
    if len(long) > _SHOWN:
        yield DataProblem(path, f"and {_count(len(long) - _SHOWN, 'further run')} without any volume", Severity.WARNING)


def _unclosed(path: str, times: Integers, length: int, taken_at: datetime | None) -> Iterator[DataProblem]:
    row = int(np.argmax(times))
    if taken_at is not None and times[row] + length > taken_at.timestamp() * 1000:
        message = f"the candle was not closed when the set was taken, at {taken_at:%Y-%m-%d %H:%M} UTC"
        yield DataProblem(path, message, row=row, at=_time(times[row]))


def _named(path: str, times: Integers, rows: Flags, message: str, noun: str) -> Iterator[DataProblem]:
    found = np.flatnonzero(rows)
    for row in found[:_SHOWN].tolist():
        yield replace(DataProblem(path, message), row=row, at=_time(times[row]))
    if len(found) > _SHOWN:
        yield DataProblem(path, f"and {len(found) - _SHOWN} more: {noun}")


def _time(at: int | np.int64) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + int(at) * _MILLISECOND


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
