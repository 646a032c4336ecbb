"""Stretches of a data set, written so that one policy fits every data set."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Window:
    """Candles that open at or after `start` and before `end` (aware UTC)."""

    name: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Point:
    """A moment in a data set: exactly one of a share of its length (0..1), a distance back from its end, or a date (aware UTC)."""

    share: float | None = None
    before_end: timedelta | None = None
    date: datetime | None = None

    def resolve(self, first: datetime, end: datetime, timeframe: timedelta) -> datetime:
        """The moment within [first, end], rounded down to a candle's opening counted from the epoch."""
        if self.date is not None:
            at = self.date
        elif self.before_end is not None:
            at = end - self.before_end
        else:
            at = first + (end - first) * (self.share or 0.0)
        epoch = datetime(1970, 1, 1, tzinfo=UTC)
        return epoch + (at - epoch) // timeframe * timeframe


@dataclass(frozen=True, slots=True)
class WindowSpec:
    """A window as a policy writes it."""

    name: str
    start: Point
    end: Point


@dataclass(frozen=True, slots=True)
class Misfit:
    """A window that the data set does not hold; `index` is its place in the list."""

    index: int
    message: str


def resolve(
    specs: tuple[WindowSpec, ...], first: datetime, end: datetime, timeframe: timedelta
) -> tuple[tuple[Window, ...], tuple[Misfit, ...]]:
    """The windows of a data set that holds candles from `first` up to `end` (exclusive), and those that do not fit.

    Windows may touch but not overlap: otherwise a trade would count twice where all windows are taken together.
    """
    windows: list[Window] = []
    misfits: list[Misfit] = []
    for index, spec in enumerate(specs):
        window = Window(spec.name, spec.start.resolve(first, end, timeframe), spec.end.resolve(first, end, timeframe))
        span = f"{_day(window.start)} to {_day(window.end)}"
        clash = next((w for w in windows if window.start < w.end and w.start < window.end), None)
        if window.start < first or window.end > end:
            misfits.append(
                Misfit(index, f"window {spec.name!r} ({span}) lies outside the data ({_day(first)} to {_day(end)})")
            )
        elif window.end - window.start < 2 * timeframe:
            misfits.append(
                Misfit(index, f"window {spec.name!r} ({span}) holds fewer than two candles of {_length(timeframe)}")
            )
        elif clash is not None:
            misfits.append(Misfit(index, f"window {spec.name!r} ({span}) overlaps window {clash.name!r}"))
        else:
            windows.append(window)
    return tuple(windows), tuple(misfits)


def _day(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M")


def _length(timeframe: timedelta) -> str:
    minutes = int(timeframe.total_seconds() // 60)
    return f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"
