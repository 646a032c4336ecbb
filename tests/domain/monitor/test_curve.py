"""Curves are broken where nothing is known, and expectations count the trades that were closed."""

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.domain.monitor.curve import MOST_POINTS, Curve, Gap, Point, merged, step_of

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def point(hour: float, balance: float | None = 1000.0, **more: float) -> Point:
    return Point(BEGAN + hour * HOUR, balance, balance, balance, balance, 0, 0, **more)


def curve(points: list[Point], *gaps: Gap) -> Curve:
    return Curve("b1", "USDT", 3600.0, tuple(points), gaps)


def test_looks_that_follow_each_other_are_one_line() -> None:
    assert [len(run) for run in curve([point(hour) for hour in range(5)]).stretches()] == [5]


def test_no_line_is_drawn_across_a_gap_that_was_kept() -> None:
    found = curve([point(0), point(1), point(2), point(3)], Gap(BEGAN + 1.2 * HOUR, BEGAN + 2 * HOUR, "nobody looked"))
    assert [len(run) for run in found.stretches()] == [2, 2]


def test_no_line_is_drawn_across_stretches_that_told_nothing_though_no_gap_was_kept_yet() -> None:
    assert [len(run) for run in curve([point(0), point(1), point(4), point(5)]).stretches()] == [2, 2]


def test_a_gap_of_a_minute_breaks_no_line_of_hours() -> None:
    found = curve([point(0), point(1), point(2)], Gap(BEGAN + 1.2 * HOUR, BEGAN + 1.25 * HOUR, "its bot was down"))
    assert [len(run) for run in found.stretches()] == [3]


def test_many_short_gaps_that_make_up_most_of_the_time_break_the_line() -> None:
    gaps = [Gap(BEGAN + (1 + n / 10) * HOUR, BEGAN + (1.07 + n / 10) * HOUR, "nobody looked") for n in range(10)]
    assert [len(run) for run in curve([point(0), point(1), point(2)], *gaps).stretches()] == [2, 1]


def test_the_expected_balance_puts_the_backtests_mean_in_the_place_of_what_the_trades_earned() -> None:
    seen = point(1, 1030.0, earned=30.0, staked=500.0)
    assert seen.expected(0.02) == pytest.approx(1000.0 + 0.02 * 500.0)
    assert point(1, None).expected(0.02) is None


def test_there_is_no_win_rate_before_the_first_trade() -> None:
    assert point(0).win_rate_ratio is None
    assert Point(BEGAN, 1.0, 1.0, 1.0, 1.0, 8, 6).win_rate_ratio == 0.75


@pytest.mark.parametrize("days", [1 / 24, 1, 7, 30, 365, 1000, 3650])
def test_however_long_the_time_is_there_are_no_more_points_than_a_picture_shows(days: float) -> None:
    assert timedelta(days=days) / step_of(timedelta(days=days)) <= MOST_POINTS


def test_gaps_that_lie_close_to_each_other_are_one_with_both_reasons() -> None:
    gaps = [
        Gap(BEGAN + 5 * HOUR, BEGAN + 6 * HOUR, "c"),
        Gap(BEGAN, BEGAN + HOUR, "a"),
        Gap(BEGAN + HOUR, BEGAN + 2 * HOUR, "b"),
    ]
    assert merged(gaps, HOUR / 2) == (Gap(BEGAN, BEGAN + 2 * HOUR, "a; b"), gaps[0])
