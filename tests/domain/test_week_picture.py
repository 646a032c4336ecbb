"""A week as lines of returns and marks: bundles are linked, gaps stay gaps, and a loss goes down."""

import math
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.domain.train.decisions import Braked, RolledBack
from pipeline.domain.train.facts import Recorded
from pipeline.domain.train.movements import Deployed
from pipeline.domain.week_picture import (
    MOST_LINES,
    MOST_MARKS,
    STRETCHES,
    WeekLine,
    WeekMark,
    WeekPicture,
    week_line,
    week_marks,
    week_picture,
)

UNTIL = datetime(2026, 1, 12, 6, tzinfo=UTC)
SINCE = UNTIL - timedelta(days=7)
HOUR = timedelta(hours=1)


def hourly(*equity: float, begin: int = 0) -> list[tuple[datetime, float]]:
    return [(SINCE + (begin + place) * HOUR, value) for place, value in enumerate(equity)]


def straight(strategy: str, to: float) -> WeekLine:
    """From nothing to that return."""
    return WeekLine(strategy, tuple(to * (place + 1) / STRETCHES for place in range(STRETCHES)))


PICTURE = WeekPicture(
    "prod",
    SINCE,
    UNTIL,
    (straight("dip", 0.05), straight("tide", -0.03)),
    (WeekMark(SINCE + 42 * HOUR, "dip", "deployed"), WeekMark(SINCE + 84 * HOUR, "tide", "braked")),
)
"""One strategy that earned, and one that lost and was braked."""


def test_a_line_is_the_return_since_the_first_look_of_the_week() -> None:
    line = week_line("dip", [hourly(200.0, 202.0, 198.0)], SINCE, UNTIL)
    assert line.returns[:3] == (0.0, 0.01, -0.01)
    assert line.returns[3:] == (None,) * (STRETCHES - 3)
    assert line.last == -0.01


def test_the_last_look_of_each_hour_counts_and_the_end_is_in_the_last_one() -> None:
    points = [(SINCE, 100.0), (SINCE + timedelta(minutes=59), 101.0), (UNTIL, 110.0), (UNTIL + HOUR, 500.0)]
    line = week_line("dip", [points], SINCE, UNTIL)
    assert (line.returns[0], line.returns[-1], line.last) == (0.01, 0.1, 0.1)


def test_bundles_are_linked_and_another_capital_makes_no_step() -> None:
    line = week_line("dip", [hourly(100.0, 110.0), hourly(1000.0, 900.0, begin=4)], SINCE, UNTIL)
    assert line.returns[:6] == (0.0, 0.1, None, None, 0.1, -0.01)


def test_a_bundle_that_comes_back_goes_on_from_what_it_had() -> None:
    old = [*hourly(100.0, 110.0), *hourly(110.0, 121.0, begin=4)]
    line = week_line("dip", [old, hourly(100.0, 50.0, begin=2)], SINCE, UNTIL)
    assert line.returns[:6] == (0.0, 0.1, 0.1, -0.45, -0.45, -0.395)


@pytest.mark.parametrize("equity", [[0.0, 5.0], [-1.0, 5.0], [math.nan, math.inf], []])
def test_one_that_began_without_equity_tells_nothing(equity: list[float]) -> None:
    assert set(week_line("dip", [hourly(*equity)], SINCE, UNTIL).returns) == {None}


def test_a_return_that_nobody_believes_is_not_known() -> None:
    assert week_line("dip", [hourly(1e-300, 1.0), hourly(1.0, 1e300)], SINCE, UNTIL).returns[:2] == (0.0, None)


def test_without_two_looks_there_is_no_picture() -> None:
    once = week_line("dip", [hourly(100.0)], SINCE, UNTIL)
    assert week_picture("prod", SINCE, UNTIL, [], []) is None
    assert week_picture("prod", SINCE, UNTIL, [once, once], []) is None


def test_what_was_never_seen_has_no_line_and_no_mark() -> None:
    never = WeekLine("never", (None,) * STRETCHES)
    marks = [
        WeekMark(SINCE, "never", "braked"),
        WeekMark(UNTIL, "dip", "braked"),
        WeekMark(SINCE - HOUR, "dip", "braked"),
    ]
    made = week_picture("prod", SINCE, UNTIL, [never, straight("dip", 0.1)], marks)
    assert made == WeekPicture("prod", SINCE, UNTIL, (straight("dip", 0.1),), (marks[1],))


def test_of_very_many_strategies_those_stay_that_went_farthest_and_the_others_are_counted() -> None:
    lines = [straight(f"s{number:03}", (-1) ** number * number / 1000) for number in range(100)]
    marks = [WeekMark(SINCE + HOUR, "s099", "braked")] * 1000
    made = week_picture("prod", SINCE, UNTIL, lines, marks)
    assert made is not None
    assert [line.strategy for line in made.lines] == [f"s{number:03}" for number in range(60, 100)]
    assert (len(made.lines), made.more, len(made.marks)) == (MOST_LINES, 60, MOST_MARKS)


def test_a_bundle_that_came_back_is_marked_once() -> None:
    facts = (
        Deployed("prod", "dip", "new", "a", "ada"),
        Braked("prod", "dip", "new", "daily_loss_max_ratio", "It lost."),
        Deployed("prod", "tide", "other", "a", "ada"),
        Deployed("prod", "dip", "old", "b", "watch"),
        RolledBack("prod", "dip", "new", "watch", "It lost.", "old"),
        RolledBack("prod", "tide", "other", "ada", "nothing to go back to"),
    )
    marks = week_marks(Recorded(line, SINCE + line * HOUR, fact) for line, fact in enumerate(facts))
    assert [(mark.strategy, mark.kind) for mark in marks] == [
        *(("dip", "deployed"), ("dip", "braked"), ("tide", "deployed"), ("dip", "rolled_back"), ("tide", "rolled_back"))
    ]
