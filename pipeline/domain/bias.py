"""Looking ahead and instability: where candles are cut off, how two analyses of the same candles are compared, and which difference counts.

Frames are tables of one row a candle with the columns `date`, the candle's own, and those that a strategy added.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

SIGNALS = ("enter_long", "exit_long", "enter_short", "exit_short")
TAGS = {"enter_tag": ("enter_long", "enter_short"), "exit_tag": ("exit_long", "exit_short")}
"""Tag columns, and the signals without which a tag says nothing."""

RELATIVE = 1e-7
"""Two values this close, as a share of them, are the same: sums in another order round otherwise, the future moves values by far more."""
OF_THE_SCALE = 1e-10
"""And as a share of the column's median size, for values near zero that are the difference of large ones."""

Booleans = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Difference:
    """A column that two analyses of the same candles do not agree about.

    `row` is one candle where they differ: the last one that both know if it is among them (`at_decision`: a bot would have decided there),
    otherwise the latest. `rows` counts them all.
    """

    column: str
    row: int
    known: object
    alone: object
    at_decision: bool
    rows: int


def compare(known: pd.DataFrame, alone: pd.DataFrame, first: int = 0) -> tuple[Difference, ...]:
    """How two analyses of the same candles differ, column by column in the order in which they were made.

    Signals are compared as freqtrade's engine reads them (equal to 1, missing is none), tags only where there is a signal.

    Args:
        known: rows of the analysis that knew more candles, (n, columns).
        alone: the analysis of these candles alone, (n, columns).
        first: the first row that matters; those before are start-up candles, on which nothing is traded.
    """
    known, alone = _unique(known), _unique(alone)
    names = [str(name) for name in dict.fromkeys([*known.columns, *alone.columns]) if name != "date"]
    found = []
    for name in names:
        apart = _apart(known, alone, name)
        apart[:first] = False
        if apart.any():
            row = int(np.flatnonzero(apart)[-1])
            at_decision = row == len(apart) - 1
            values = (_value(known, name, row), _value(alone, name, row))
            found.append(Difference(name, row, *values, at_decision, int(apart.sum())))
    return tuple(found)


def is_signal(column: str) -> bool:
    """Whether freqtrade acts on the column itself."""
    return column in SIGNALS or column in TAGS


def signalled(frame: pd.DataFrame, column: str) -> Booleans:
    """bool (n,): where the signal is set, read as freqtrade's engine reads it."""
    if column not in frame:
        return np.zeros(len(frame), dtype=bool)
    is_set: Booleans = (pd.to_numeric(frame[column], errors="coerce") == 1).to_numpy(dtype=bool)
    return is_set


def aligned(frame: pd.DataFrame, dates: pd.Series) -> pd.DataFrame:
    """The frame's rows at these dates, in their order; a candle that a strategy dropped becomes a row without values.

    Raises:
        ValueError: the frame has neither a date column nor as many rows as there are dates.
    """
    if len(frame) == len(dates) and ("date" not in frame or np.array_equal(_times(frame["date"]), _times(dates))):
        return frame.reset_index(drop=True)
    if "date" not in frame:
        raise ValueError(f"{len(frame)} rows without dates came back for {len(dates)} candles")
    by_date = frame.drop_duplicates("date", keep="last").set_index("date")
    return by_date.reindex(pd.Index(dates)).rename_axis("date").reset_index()


def choose_stretch(signals: npt.NDArray[np.int64], length: int) -> int:
    """The first candle of the stretch with the most signals; of equal ones the latest.

    Args:
        signals: int (n,), how many signals each candle has.
        length: candles of the stretch; where there are no more than that, it begins with the first.
    """
    if len(signals) <= length:
        return 0
    total = np.concatenate([[0], np.cumsum(signals)])
    counts = total[length:] - total[:-length]
    return int(len(counts) - 1 - np.argmax(counts[::-1]))


def choose_rows(kinds: Sequence[Booleans], first: int, end: int, count: int, seed: int) -> tuple[int, ...]:
    """Rows to look at, ascending: some of each kind in turn as long as there are any, then others; equal input gives equal rows.

    Args:
        kinds: bool (n,) each, such as where a strategy enters and where it exits.
        first: the first row that may be chosen.
        end: the row after the last that may be.
        count: how many, at the most.
        seed: of the choice.
    """
    dice = np.random.default_rng(seed)
    candidates = [np.flatnonzero(kind[first:end]) + first for kind in kinds]
    chosen: set[int] = set()
    share = count // (len(kinds) + 1)
    for rows in candidates:
        left = np.setdiff1d(rows, np.fromiter(chosen, dtype=np.int64, count=len(chosen)))
        chosen |= {int(row) for row in dice.choice(left, min(share, len(left)), replace=False)}
    others = np.setdiff1d(np.arange(first, end), np.fromiter(chosen, dtype=np.int64, count=len(chosen)))
    chosen |= {int(row) for row in dice.choice(others, min(count - len(chosen), len(others)), replace=False)}
    return tuple(sorted(chosen))


def relative_gaps(known: pd.DataFrame, short: pd.DataFrame, row: int) -> dict[str, float]:
    """For each column of numbers that is no signal, how far the two are apart at a row, as a share of the value's size; infinite where only
    one of them has a value. Columns of the candles themselves are equal and give 0.

    The size is the larger of the two values, or the column's median size where both are smaller: an oscillator crosses zero.
    """
    gaps: dict[str, float] = {}
    for name in known.columns:
        if name == "date" or is_signal(str(name)) or name not in short:
            continue
        left, right = _numbers(known[name]), _numbers(short[name])
        if left is None or right is None:
            continue
        gaps[str(name)] = _gap(float(left[row]), float(right[row]), _median_size(left))
    return gaps


def unready(known: pd.DataFrame, short: pd.DataFrame) -> Booleans:
    """bool (n,): on which candles an indicator still has no value in the analysis with less history, where the other has one."""
    missing = np.zeros(len(known), dtype=bool)
    for name in known.columns:
        if name == "date" or is_signal(str(name)):
            continue
        missing |= known[name].notna().to_numpy() & _column(short, str(name)).isna().to_numpy()
    return missing


def _times(dates: pd.Series) -> npt.NDArray[np.datetime64]:
    return dates.to_numpy(dtype="datetime64[ns]")


def _unique(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.loc[:, ~frame.columns.duplicated(keep="last")]


def _apart(known: pd.DataFrame, alone: pd.DataFrame, name: str) -> Booleans:
    if name in SIGNALS:
        return np.not_equal(signalled(known, name), signalled(alone, name))
    left, right = _column(known, name).reset_index(drop=True), _column(alone, name).reset_index(drop=True)
    if name not in TAGS:
        return _unequal(left, right)
    tagged = np.logical_and.reduce(
        [np.logical_or.reduce([signalled(frame, signal) for signal in TAGS[name]]) for frame in (known, alone)]
    )
    apart = np.zeros(len(left), dtype=bool)
    apart[tagged] = _unequal(left[tagged], right[tagged])
    return apart


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    return frame[name] if name in frame else pd.Series(np.full(len(frame), np.nan))


def _value(frame: pd.DataFrame, name: str, row: int) -> object:
    if name in SIGNALS:
        return bool(signalled(frame, name)[row])
    value: object = _column(frame, name).iloc[row]
    return value


def _unequal(left: pd.Series, right: pd.Series) -> Booleans:
    if left.equals(right):
        return np.zeros(len(left), dtype=bool)
    a, b = _numbers(left), _numbers(right)
    if a is not None and b is not None:
        if np.array_equal(a, b, equal_nan=True):
            return np.zeros(len(a), dtype=bool)
        close: Booleans = np.isclose(b, a, rtol=RELATIVE, atol=OF_THE_SCALE * _median_size(a), equal_nan=True)
        return ~close
    x, y = _texts(left), _texts(right)
    return np.array([one != other for one, other in zip(x, y, strict=True)], dtype=bool)


def _numbers(column: pd.Series) -> npt.NDArray[np.float64] | None:
    """The column as numbers with NaN for nothing, or None where it holds anything else."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype) or pd.api.types.is_timedelta64_dtype(column.dtype):
        unit = "datetime64[ns]" if column.dtype.kind == "M" else "timedelta64[ns]"
        whole = column.to_numpy(dtype=unit).astype(np.int64)
        moments: npt.NDArray[np.float64] = np.where(column.isna(), np.nan, whole.astype(np.float64))
        return moments
    if pd.api.types.is_complex_dtype(column.dtype):
        return None
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    try:
        read = pd.to_numeric(column.astype(object), errors="coerce").astype(np.float64)
    except (TypeError, ValueError):
        return None
    if not bool((read.isna() == column.isna()).all()):
        return None
    return np.asarray(read, dtype=np.float64)


def _texts(column: pd.Series) -> list[str | None]:
    return [None if missing else str(value) for value, missing in zip(column, column.isna(), strict=True)]


def _median_size(values: npt.NDArray[np.float64]) -> float:
    finite = np.abs(values[np.isfinite(values)])
    return float(np.median(finite)) if len(finite) else 0.0


def _gap(left: float, right: float, size: float) -> float:
    if left == right or (np.isnan(left) and np.isnan(right)):
        return 0.0
    if not (np.isfinite(left) and np.isfinite(right)):
        return float("inf")
    return abs(left - right) / max(abs(left), abs(right), size)
