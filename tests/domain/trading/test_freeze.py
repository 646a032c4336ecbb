"""Freeze windows: by the week, by the day, by the calendar, and by whose clock."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from pipeline.domain.trading import DateSpan, Freeze, WallTimeSpan

DAY = 24 * 60
WEEKEND = WallTimeSpan("weekend", 4 * DAY + 18 * 60, 6 * 60)
"""Fri 18:00 to Mon 06:00"""
NIGHT = WallTimeSpan("night", 22 * 60, 6 * 60, daily=True)
HOLIDAYS = DateSpan("holidays", date(2026, 12, 24), date(2027, 1, 2))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("window", "at", "until"),
    [
        (WEEKEND, "2026-11-20 17:59:59", None),
        (WEEKEND, "2026-11-20 18:00", "2026-11-23 06:00"),
        (WEEKEND, "2026-11-22 23:59:59", "2026-11-23 06:00"),
        (WEEKEND, "2026-11-23 05:59:59", "2026-11-23 06:00"),
        (WEEKEND, "2026-11-23 06:00", None),
        (NIGHT, "2026-11-18 21:59", None),
        (NIGHT, "2026-11-18 22:00", "2026-11-19 06:00"),
        (NIGHT, "2026-11-19 05:59", "2026-11-19 06:00"),
        (NIGHT, "2026-11-19 12:00", None),
        (HOLIDAYS, "2026-12-23 23:59:59", None),
        (HOLIDAYS, "2026-12-24 00:00", "2027-01-02 00:00"),
        (HOLIDAYS, "2027-01-01 23:59:59", "2027-01-02 00:00"),
        (HOLIDAYS, "2027-01-02 00:00", None),
    ],
)
def test_a_window_holds_from_its_start_to_before_its_end(
    window: WallTimeSpan | DateSpan, at: str, until: str | None
) -> None:
    assert Freeze(windows=(window,)).frozen(utc(at)) == ((window.name, utc(until)) if until else None)


def test_without_windows_nothing_is_frozen() -> None:
    assert Freeze().frozen(utc("2026-11-20 18:00")) is None


def test_of_two_windows_the_one_that_ends_last_is_told() -> None:
    assert Freeze(windows=(NIGHT, WEEKEND)).frozen(utc("2026-11-20 23:00")) == ("weekend", utc("2026-11-23 06:00"))


def test_the_clock_on_the_wall_is_the_named_zones_in_summer_and_in_winter() -> None:
    freeze = Freeze("Europe/Vienna", (WEEKEND,), ZoneInfo("Europe/Vienna"))
    assert freeze.frozen(utc("2026-11-20 16:59")) is None
    assert freeze.frozen(utc("2026-11-20 17:00")) == ("weekend", utc("2026-11-23 05:00"))
    assert freeze.frozen(utc("2026-07-10 15:59")) is None
    assert freeze.frozen(utc("2026-07-10 16:00")) == ("weekend", utc("2026-07-13 04:00"))


def test_a_window_that_spans_a_change_of_the_clock_ends_by_the_new_one() -> None:
    freeze = Freeze("Europe/Vienna", (WEEKEND,), ZoneInfo("Europe/Vienna"))
    assert freeze.frozen(utc("2026-10-23 16:00")) == ("weekend", utc("2026-10-26 05:00"))
