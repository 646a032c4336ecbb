"""No fill hides behind the end of a page, whichever way an exchange lists them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.adapters import exchange_fills
from pipeline.adapters.exchange_fills import by_number, by_time, milliseconds
from pipeline.domain.account_report import AccountFill
from pipeline.errors import ToolFailed

START = datetime(2026, 1, 1, tzinfo=UTC)
END = START + timedelta(seconds=20)
BEGIN = milliseconds(START)


def fill(number: int, offset: int) -> AccountFill:
    """`offset` milliseconds after the start."""
    at = START + timedelta(milliseconds=offset)
    return AccountFill(str(number), "1", "BTC/USDT", "buy", Decimal(1), Decimal(1), at)


def listed(offsets: Sequence[int]) -> list[AccountFill]:
    return [fill(number, offset) for number, offset in enumerate(sorted(offsets), start=1)]


@given(
    offsets=st.lists(st.integers(0, 20_000), max_size=60),
    size=st.integers(1, 7),
    latest_first=st.booleans(),
    ignores_end=st.booleans(),
    longest=st.integers(1_000, 30_000),
)
def test_every_fill_is_told_once_or_the_failure_is(
    offsets: list[int], size: int, latest_first: bool, ignores_end: bool, longest: int
) -> None:
    fills = listed(offsets)

    def within(first: int, last: int) -> list[AccountFill]:
        found = [
            one for one in fills if first <= milliseconds(one.at) and (ignores_end or milliseconds(one.at) <= last)
        ]
        return found[-size:] if latest_first else found[:size]

    try:
        told = list(by_time(within, START, END, longest=timedelta(milliseconds=longest), full=size))
    except ToolFailed:
        crowded = max(sum(abs(one - other) < 1 for other in offsets) for one in offsets)
        assert crowded >= size or ignores_end
    else:
        assert sorted(int(one.id) for one in told) == [int(one.id) for one in fills]


def test_no_longer_time_is_asked_for_than_the_exchange_answers() -> None:
    asked: list[tuple[int, int]] = []

    def within(first: int, last: int) -> list[AccountFill]:
        asked.append((first - BEGIN, last - BEGIN))
        return []

    assert list(by_time(within, START, END, longest=timedelta(seconds=8), full=5)) == []
    assert asked == [(0, 7999), (8000, 15999), (16000, 20000)], "an empty page in between is no end"


def test_fills_before_the_start_are_left_out_though_the_exchange_lists_them() -> None:
    fills = listed([-5, 5])
    assert list(by_time(lambda first, last: fills, START, END, longest=timedelta(days=1), full=5)) == fills[1:]


@given(offsets=st.lists(st.integers(0, 5), max_size=40), size=st.integers(1, 7))
def test_numbered_fills_are_told_once_each_however_many_share_a_moment(offsets: list[int], size: int) -> None:
    fills = listed(offsets)
    assert list(by_number(fills[:size], lambda number: [one for one in fills if int(one.id) >= number][:size])) == fills


def test_an_exchange_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange_fills, "MOST_PAGES", 9)
    with pytest.raises(ToolFailed, match="more than 9 pages"):
        list(by_number([fill(1, 0)], lambda number: [fill(number, 0)]))
    with pytest.raises(ToolFailed, match="more than 9 pages"):
        list(by_time(lambda first, last: [], START, END, longest=timedelta(seconds=1), full=5))
