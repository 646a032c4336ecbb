"""Freeze windows: when nothing boards and nothing is deployed. Brakes, stops and roll-backs are never frozen."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo

MINUTES_PER_DAY = 24 * 60
MINUTES_PER_WEEK = 7 * MINUTES_PER_DAY
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class WallTimeSpan:
    """A stretch of every week or every day, told by the clock on the wall.

    `start` and `end` are minutes since Monday 00:00 (weekly) or since midnight (daily); where the end does not come after the start, it lies
    in the next week or on the next day. The end is not part of it.
    """

    name: str
    start: int
    end: int
    daily: bool = False

    @property
    def period(self) -> int:
        """After how many minutes it comes again."""
        return MINUTES_PER_DAY if self.daily else MINUTES_PER_WEEK

    def left(self, local: datetime) -> timedelta | None:
        """How much of it is left at a wall time, or None outside of it."""
        day = 0 if self.daily else local.weekday() * MINUTES_PER_DAY
        since = (day + local.hour * 60 + local.minute - self.start) % self.period
        length = (self.end - self.start) % self.period
        if since >= length:
            return None
        return timedelta(minutes=length - since) - timedelta(seconds=local.second, microseconds=local.microsecond)


@dataclass(frozen=True, slots=True)
class DateSpan:
    """Whole days from `first` to before `after`."""

    name: str
    first: date
    after: date

    def left(self, local: datetime) -> timedelta | None:
        """How much of it is left at a wall time, or None outside of it."""
        if not self.first <= local.date() < self.after:
            return None
        return datetime.combine(self.after, time()) - local


@dataclass(frozen=True, slots=True)
class Freeze:
    """All freeze windows of an environment, in one time zone; `zone` is what `time_zone` names."""

    time_zone: str = "UTC"
    windows: tuple[WallTimeSpan | DateSpan, ...] = ()
    zone: tzinfo = field(default=UTC, compare=False, repr=False)

    def frozen(self, at: datetime) -> tuple[str, datetime] | None:
        """The name of the window that holds at an aware time and when it ends (aware UTC), the one that ends last; None where none holds.

        Where windows follow on each other without a gap, the end is that of the present one: ask again then.
        """
        local = at.astimezone(self.zone).replace(tzinfo=None)
        holding = [(left, window.name) for window in self.windows if (left := window.left(local)) is not None]
        if not holding:
            return None
        left, name = max(holding)
        return name, (local + left).replace(tzinfo=self.zone).astimezone(UTC)
