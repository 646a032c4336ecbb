"""An environment's week as what a picture of it shows: the return of each strategy over time, and what happened to it. No money, no pair."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.domain.train.decisions import Braked, RolledBack
from pipeline.domain.train.facts import Recorded
from pipeline.domain.train.movements import Deployed

STRETCHES = 168
"""Of a week: hours."""

MOST_LINES, MOST_MARKS = 40, 200
"""A picture waits in a small file until it is sent."""

MOST_RETURN = 100.0
"""More than ten thousand percent in a week is a mistake about a capital, and would flatten all other lines."""

DIGITS = 7
"""Of a return: a hundredth of a pixel, whatever the picture shows."""


@dataclass(frozen=True, slots=True)
class WeekLine:
    """One strategy: its return since the week began (0.01: one percent) at the end of each of so many equal stretches; None where nobody looked."""

    strategy: str
    returns: tuple[float | None, ...]

    @property
    def last(self) -> float:
        """The latest that is known; 0 where nothing is."""
        return next((value for value in reversed(self.returns) if value is not None), 0.0)


@dataclass(frozen=True, slots=True)
class WeekMark:
    """What happened to a strategy: `deployed`, `braked` or `rolled_back`."""

    at: datetime
    strategy: str
    kind: str


@dataclass(frozen=True, slots=True)
class WeekPicture:
    """Everything that is drawn. `more` strategies have no line, because there is no room for all."""

    environment: str
    since: datetime
    until: datetime
    lines: tuple[WeekLine, ...]
    marks: tuple[WeekMark, ...] = ()
    more: int = 0


def week_line(
    strategy: str, bundles: Iterable[Sequence[tuple[datetime, float]]], since: datetime, until: datetime
) -> WeekLine:
    """A strategy's line, given when each of its bundles was seen with which equity, in order of time.

    Returns of bundles are linked, so that another bundle with another capital makes no step; one that began without equity tells nothing.
    """
    length = (until - since) / STRETCHES
    seen: list[dict[int, float]] = [{} for _ in range(STRETCHES)]
    for number, points in enumerate(bundles):
        first = None
        for at, equity in points:
            if not (since <= at <= until and math.isfinite(equity)):
                continue
            first = first if first is not None else equity
            if first > 0:
                seen[min(STRETCHES - 1, int((at - since) / length))][number] = equity / first
    return WeekLine(strategy, tuple(_linked(seen)))


def week_picture(
    environment: str, since: datetime, until: datetime, lines: Sequence[WeekLine], marks: Sequence[WeekMark]
) -> WeekPicture | None:
    """The picture of the strategies that were seen, in the order of their names; None where none was seen twice: that is no curve."""
    seen = [line for line in lines if any(value is not None for value in line.returns)]
    if not any(sum(value is not None for value in line.returns) > 1 for line in seen):
        return None
    farthest = sorted(seen, key=lambda line: (-abs(line.last), line.strategy))[:MOST_LINES]
    names = {line.strategy for line in farthest}
    shown = tuple(sorted(farthest, key=lambda line: line.strategy))
    own = tuple(mark for mark in marks if mark.strategy in names and since <= mark.at <= until)
    return WeekPicture(environment, since, until, shown, own[-MOST_MARKS:], len(seen) - len(shown))


def example_week(environment: str, until: datetime) -> WeekPicture:
    """A week that nobody had, and that says so: by it is seen whether pictures arrive."""
    since = until - timedelta(days=7)
    returns = tuple(round(0.02 * place / STRETCHES + 0.006 * math.sin(place / 9), DIGITS) for place in range(STRETCHES))
    marks = (WeekMark(since + timedelta(days=2), "example", "deployed"),)
    return WeekPicture(environment, since, until, (WeekLine("example", returns),), marks)


def week_marks(records: Iterable[Recorded]) -> tuple[WeekMark, ...]:
    """What is marked, in order of time. The deployment by which a bundle came back is told by its roll-back alone."""
    found: list[tuple[WeekMark, str]] = []
    for record in records:
        fact = record.fact
        if isinstance(fact, Deployed):
            found.append((WeekMark(record.at, fact.strategy, "deployed"), fact.bundle))
        elif isinstance(fact, Braked):
            found.append((WeekMark(record.at, fact.strategy, "braked"), fact.bundle))
        elif isinstance(fact, RolledBack):
            own = [place for place, (mark, _) in enumerate(found) if mark.strategy == fact.strategy]
            if own and found[own[-1]][0].kind == "deployed" and found[own[-1]][1] == fact.to:
                del found[own[-1]]
            found.append((WeekMark(record.at, fact.strategy, "rolled_back"), fact.bundle))
    return tuple(mark for mark, _ in found)


def _linked(seen: Sequence[Mapping[int, float]]) -> Iterable[float | None]:
    """What all bundles together made of the week's beginning; a bundle that is seen no more keeps what it earned."""
    latest: dict[int, float] = {}
    for stretch in seen:
        latest |= stretch
        value = math.prod(latest.values()) - 1
        yield round(value, DIGITS) if stretch and abs(value) <= MOST_RETURN else None
