"""A bundle's observations over a stretch of time, thinned out to what a picture can show."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

MOST_POINTS = 240
"""Of one curve."""

_STEPS = (5, 15, 60, 300, 900, 1800, 3600, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 2_592_000)


class Span(StrEnum):
    """How far back a page looks."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    ALL = "all"

    @property
    def length(self) -> timedelta | None:
        """None: as far as anything was observed."""
        days = {Span.DAY: 1, Span.WEEK: 7, Span.MONTH: 30, Span.YEAR: 365}.get(self)
        return None if days is None else timedelta(days=days)


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of which nothing is known, and why."""

    since: datetime
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Point:
    """What was known at the last look of one stretch that told numbers; `at` is that look.

    Money is in the curve's currency. `lowest` and `highest` are the equity's in the whole stretch. `closed_trades` and `wins` are totals of the
    bundle; `earned` (profit) and `staked` (what its trades were opened with) are those of its kept trades that were closed until then.
    """

    at: datetime
    balance: float | None
    equity: float | None
    lowest: float | None
    highest: float | None
    closed_trades: int | None
    wins: int | None
    earned: float = 0.0
    staked: float = 0.0

    @property
    def win_rate_ratio(self) -> float | None:
        """None before the first trade."""
        return self.wins / self.closed_trades if self.closed_trades and self.wins is not None else None

    def expected(self, profit_mean_ratio: float) -> float | None:
        """The balance, had each of these trades earned that share of what it was opened with; None where the balance is not known."""
        return None if self.balance is None else self.balance - self.earned + profit_mean_ratio * self.staked


@dataclass(frozen=True, slots=True)
class Latest:
    """The last look at a bundle, and the last numbers that it told."""

    at: datetime
    state: str
    errors: int
    balance: float | None = None
    equity: float | None = None
    open_trades: int | None = None
    closed_trades: int | None = None
    wins: int | None = None
    fees: float | None = None
    earned: float = 0.0
    """What its kept trades earned, in all."""
    trades: int = 0
    """How many are kept."""

    @property
    def win_rate_ratio(self) -> float | None:
        """None before the first trade."""
        return self.wins / self.closed_trades if self.closed_trades and self.wins is not None else None


@dataclass(frozen=True, slots=True)
class Curve:
    """One bundle's curve, a point for each stretch of so many seconds in which it told numbers."""

    bundle: str
    currency: str
    step_seconds: float
    points: tuple[Point, ...] = ()
    gaps: tuple[Gap, ...] = ()
    latest: Latest | None = None

    def stretches(self) -> tuple[tuple[Point, ...], ...]:
        """The points in runs between which nothing is known: no line is drawn from one to the next."""
        return tuple(_stretches(self.points, self.gaps, timedelta(seconds=self.step_seconds)))


def step_of(length: timedelta) -> timedelta:
    """How long each stretch is, so that there are at most `MOST_POINTS` of them; the same for lengths that are much alike."""
    seconds = length.total_seconds() / MOST_POINTS
    return timedelta(seconds=next((step for step in _STEPS if step >= seconds), _STEPS[-1]))


def merged(gaps: Sequence[Gap], closer: timedelta) -> tuple[Gap, ...]:
    """The gaps, the oldest first, with those as one that lie closer to each other than that; their reasons stand together."""
    found: list[Gap] = []
    for gap in sorted(gaps, key=lambda one: one.since):
        last = found[-1] if found else None
        if last is None or gap.since - last.until > closer:
            found.append(gap)
            continue
        reason = last.reason if gap.reason in last.reason else f"{last.reason}; {gap.reason}"
        found[-1] = Gap(last.since, max(last.until, gap.until), reason)
    return tuple(found)


def _stretches(points: Sequence[Point], gaps: Sequence[Gap], step: timedelta) -> Iterator[tuple[Point, ...]]:
    run: list[Point] = []
    for point in points:
        if run and _broken(run[-1].at, point.at, gaps, step):
            yield tuple(run)
            run = []
        run.append(point)
    if run:
        yield tuple(run)


def _broken(since: datetime, until: datetime, gaps: Sequence[Gap], step: timedelta) -> bool:
    """Whether a whole stretch told nothing, or most of the time between two looks is a gap."""
    if until - since > 2 * step:
        return True
    lost = sum(
        (min(gap.until, until) - max(gap.since, since) for gap in gaps if _meets(gap, since, until)), timedelta()
    )
    return 2 * lost > until - since


def _meets(gap: Gap, since: datetime, until: datetime) -> bool:
    return gap.since < until and gap.until > since
