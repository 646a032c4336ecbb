"""What is said about strategies that look ahead, or whose values depend on how much history there is."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.domain.bias import SIGNALS


@dataclass(frozen=True, slots=True)
class Seen:
    """One candle on which two analyses differ; `tried` comparisons were made and `differed` of them disagreed about the same thing."""

    pair: str
    at: datetime
    known: object
    alone: object
    tried: int
    differed: int


def looks_ahead(column: str, seen: Seen) -> str:
    """A column whose value at the time of a decision is another one as soon as the future is known."""
    return (
        f"`{column}` looks ahead: on {_candle(seen)} it is {shown(column, seen.known)} when later candles are known and "
        f"{shown(column, seen.alone)} when they are not{_counted(seen)}"
    )


def repaints(column: str, seen: Seen) -> str:
    """A column that gives closed candles another value afterwards."""
    return (
        f"`{column}` repaints: on {_candle(seen)}, a closed candle, it was {shown(column, seen.alone)} at first and became "
        f"{shown(column, seen.known)} when more candles came{_counted(seen)}"
    )


def harmless(sentence: str) -> str:
    """The same of a column that decides nothing."""
    return f"{sentence}; no signal and no callback reads it, but nothing new should be built on it"


def answers_ahead(callback: str, question: str, seen: Seen) -> str:
    """A callback whose answer depends on candles that had not happened."""
    return (
        f"`{callback}` looks ahead: asked about {question} on {_candle(seen)} it answers {shown('', seen.known)} when later candles are known "
        f"and {shown('', seen.alone)} when they are not{_counted(seen)}; in a backtest, what was kept on self or read from files holds the future"
    )


def unsteady(names: Sequence[str]) -> str:
    """Values that are others each time, so that nothing can be compared."""
    return f"gives other values each time the same candles are analysed, so that looking ahead cannot be told: {listed(names)}"


def depends_on_history(column: str, startup: int, seen: Seen, gap: tuple[str, float] | None) -> str:
    """Signals that are others when a backtest begins later."""
    because = f" (`{gap[0]}` is {_share(gap[1])} apart where the history begins)" if gap else ""
    return (
        f"signals depend on how many candles came before: {seen.differed} of {seen.tried} stretches have other signals after {startup} start-up "
        f"candles than after a longer history; on {_candle(seen)} `{column}` is {shown(column, seen.known)} with the longer one and "
        f"{shown(column, seen.alone)} without{because}; raise startup_candle_count, or use indicators that forget"
    )


def values_apart(gaps: Mapping[str, float], startup: int) -> str:
    """Indicators that have not settled, or never do."""
    told = [f"`{name}` by {_share(gap)}" for name, gap in sorted(gaps.items(), key=lambda item: -item[1])]
    return f"after {startup} start-up candles some values still depend on how many candles came before: {listed(told)}"


def not_ready(names: Sequence[str], startup: int) -> str:
    """Indicators that are longer than the start-up."""
    return f"after {startup} start-up candles there is no value yet in {listed([f'`{name}`' for name in names])}: raise startup_candle_count"


def shown(column: str, value: object) -> str:
    """A value as a person reads it."""
    if column in SIGNALS:
        return "set" if value else "not set"
    if value is None or (isinstance(value, float) and math.isnan(value)) or str(value) in ("NaT", "nan", "<NA>"):
        return "nothing"
    if isinstance(value, str):
        return f"'{value[:60]}'"
    try:
        return f"{float(value):.8g}" if not isinstance(value, bool | datetime) else str(value)  # type: ignore[arg-type]  # numpy's numbers too
    except (TypeError, ValueError):
        return str(value)[:60]


def listed(names: Sequence[str], most: int = 5) -> str:
    """Some names and how many more there are."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def _candle(seen: Seen) -> str:
    return f"{seen.pair} at {seen.at:%Y-%m-%d %H:%M}"


def _counted(seen: Seen) -> str:
    return f" ({seen.differed} of {seen.tried} comparisons)"


def _share(gap: float) -> str:
    return f"{gap:.1%}" if gap < 10 else "more than ten times"
