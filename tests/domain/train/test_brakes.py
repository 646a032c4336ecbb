"""Brakes: a limit that is reached is a FAIL, what is not known is never healthy, and each brake is recorded once."""

import math
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.bot_report import Candle
from pipeline.domain.train.brakes import Closed, Equity, Limits, Watched, read, to_record
from pipeline.domain.train.decisions import Braked, Released
from pipeline.domain.train.facts import Recorded
from pipeline.domain.train.fold import after
from pipeline.domain.train.state import EnvironmentState
from pipeline.domain.verdict import Outcome

NOW = datetime(2025, 3, 2, 6, 0, tzinfo=UTC)
SINCE = datetime(2025, 3, 1, 6, 0, tzinfo=UTC)
LIMITS = Limits(0.1, 0.05, 60.0, 3)


def equity(*values: float, every: timedelta = timedelta(hours=1)) -> list[Equity]:
    """Values that end now."""
    return [Equity(NOW - every * (len(values) - 1 - place), value) for place, value in enumerate(values)]


def closed(*profits: float) -> list[Closed]:
    return [Closed(NOW - timedelta(minutes=len(profits) - place), profit) for place, profit in enumerate(profits)]


def watched(**other: Any) -> Watched:
    given = {"since": SINCE, "looped_at": NOW - timedelta(seconds=5), "equity": equity(100.0), "closed": (), **other}
    return Watched(**given)


def outcome(brake: str, now: datetime = NOW, **other: Any) -> Outcome:
    (found,) = [finding for finding in read(LIMITS, watched(**other), now).findings if finding.rule == brake]
    return found.outcome


def reason(brake: str, now: datetime = NOW, **other: Any) -> str:
    (found,) = [finding for finding in read(LIMITS, watched(**other), now).findings if finding.rule == brake]
    return found.reason


def test_a_healthy_bot_reaches_no_limit() -> None:
    assert read(LIMITS, watched(), NOW).outcome is Outcome.PASS


def test_without_limits_nothing_is_healthy() -> None:
    assert read(Limits(), watched(), NOW).outcome is Outcome.INCONCLUSIVE


def test_a_bot_whose_loop_is_silent_is_braked() -> None:
    assert outcome("heartbeat_seconds", looped_at=NOW - timedelta(seconds=59)) is Outcome.PASS
    assert outcome("heartbeat_seconds", looped_at=NOW - timedelta(seconds=60)) is Outcome.FAIL
    assert reason("heartbeat_seconds", looped_at=NOW - timedelta(seconds=75)) == (
        "The bot has not looped for 75 s (limit 60 s)."
    )


def test_a_bot_that_never_looped_is_unknown_and_then_braked() -> None:
    young = NOW - timedelta(seconds=10)
    assert outcome("heartbeat_seconds", since=young, looped_at=None) is Outcome.ERROR
    assert outcome("heartbeat_seconds", since=young, looped_at=young - timedelta(hours=1)) is Outcome.ERROR
    assert outcome("heartbeat_seconds", looped_at=None) is Outcome.FAIL


def test_a_fall_from_the_peak_is_a_drawdown() -> None:
    assert outcome("drawdown_max_ratio", equity=equity(100, 120, 108.1)) is Outcome.PASS
    assert outcome("drawdown_max_ratio", equity=equity(100, 120, 108)) is Outcome.FAIL
    assert reason("drawdown_max_ratio", equity=equity(100, 120, 102)) == "The drawdown is 15.00 % (limit 10 %)."


def test_what_recovered_is_no_drawdown_any_more() -> None:
    assert outcome("drawdown_max_ratio", equity=equity(120, 60, 119)) is Outcome.PASS


FEED = Limits(stale_candles=3, order_errors=2)
FIVE = timedelta(minutes=5)


def feed(brake: str, **other: Any) -> Outcome:
    (found,) = [finding for finding in read(FEED, watched(**other), NOW).findings if finding.rule == brake]
    return found.outcome


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (FIVE, Outcome.PASS),
        (2 * FIVE, Outcome.PASS),
        (4 * FIVE - timedelta(seconds=1), Outcome.PASS),
        (4 * FIVE, Outcome.FAIL),
        (timedelta(days=3), Outcome.FAIL),
        (timedelta(0), Outcome.PASS),
        (-timedelta(hours=1), Outcome.ERROR),
    ],
)
def test_candles_that_do_not_come_brake(age: timedelta, expected: Outcome) -> None:
    """The newest began that long ago; one, two, three were due since it ended."""
    assert feed("stale_candles", candle=Candle(NOW - age, FIVE)) is expected


def test_what_is_not_known_of_candles_and_orders_is_no_pass() -> None:
    assert feed("stale_candles", candle=None) is Outcome.ERROR
    assert feed("order_errors", failed_orders=None) is Outcome.ERROR


def test_orders_that_fail_in_a_row_brake_and_those_before_the_release_do_not_count() -> None:
    late, early = NOW - timedelta(minutes=1), SINCE - timedelta(seconds=1)
    assert feed("order_errors", failed_orders=()) is Outcome.PASS
    assert feed("order_errors", failed_orders=(early, early, late)) is Outcome.PASS
    assert feed("order_errors", failed_orders=(SINCE, late)) is Outcome.FAIL


def test_what_was_before_the_release_moves_no_brake() -> None:
    before = [Equity(SINCE - timedelta(hours=1), 500.0), *equity(100.0)]
    assert outcome("drawdown_max_ratio", equity=before) is Outcome.PASS
    lost = [Closed(SINCE - timedelta(hours=1), -1.0)] * 3
    assert outcome("consecutive_losses", closed=lost) is Outcome.PASS


def test_the_day_begins_at_midnight_utc() -> None:
    yesterday = [Equity(NOW - timedelta(hours=7), 200.0), Equity(NOW - timedelta(hours=6), 100.0)]
    assert outcome("daily_loss_max_ratio", equity=[*yesterday, Equity(NOW, 95.1)]) is Outcome.PASS
    assert outcome("daily_loss_max_ratio", equity=[*yesterday, Equity(NOW, 95.0)]) is Outcome.FAIL
    assert "The loss since midnight UTC is 5.00 %" in reason(
        "daily_loss_max_ratio", equity=[*yesterday, Equity(NOW, 95.0)]
    )


def test_a_clock_in_another_zone_has_the_same_midnight() -> None:
    abroad = NOW.astimezone(timezone(timedelta(hours=-11)))
    points = [Equity(NOW - timedelta(hours=7), 200.0), Equity(NOW - timedelta(hours=6), 100.0), Equity(NOW, 99.0)]
    assert outcome("daily_loss_max_ratio", abroad, equity=points) is Outcome.PASS


def test_on_its_first_day_a_bot_is_measured_from_its_first_value() -> None:
    assert outcome("daily_loss_max_ratio", equity=equity(100, 94)) is Outcome.FAIL


@pytest.mark.parametrize("brake", ["drawdown_max_ratio", "daily_loss_max_ratio"])
@pytest.mark.parametrize(
    "points",
    [
        None,
        [],
        equity(math.nan),
        equity(100, math.inf),
        equity(0, 0),
        [Equity(NOW + timedelta(minutes=5), 100.0)],
        [Equity(NOW - timedelta(seconds=60), 100.0)],
    ],
)
def test_equity_that_is_missing_broken_or_old_is_never_healthy(brake: str, points: list[Equity] | None) -> None:
    assert outcome(brake, equity=points) is Outcome.ERROR


def test_a_limit_that_was_reached_counts_even_where_the_equity_is_old() -> None:
    old = [Equity(NOW - timedelta(hours=2), 100.0), Equity(NOW - timedelta(hours=1), 50.0)]
    assert outcome("drawdown_max_ratio", equity=old) is Outcome.FAIL


def test_losses_in_a_row_are_counted_from_the_last_trade_back() -> None:
    assert outcome("consecutive_losses", closed=closed(-1, -1, -1, 2, -1, -1)) is Outcome.PASS
    assert outcome("consecutive_losses", closed=closed(1, -1, -1, -1)) is Outcome.FAIL
    assert outcome("consecutive_losses", closed=list(reversed(closed(1, -1, -1, -1)))) is Outcome.FAIL
    assert outcome("consecutive_losses", closed=closed(-1, -1, 0, -1)) is Outcome.PASS


@pytest.mark.parametrize("trades", [None, closed(math.nan), [Closed(NOW + timedelta(hours=1), 1.0)]])
def test_trades_that_are_not_known_are_never_healthy(trades: list[Closed] | None) -> None:
    assert outcome("consecutive_losses", closed=trades) is Outcome.ERROR


def test_a_clock_that_was_set_back_is_never_healthy() -> None:
    assert read(LIMITS, watched(), NOW - timedelta(hours=2)).outcome is Outcome.ERROR


def test_a_brake_is_recorded_once_until_a_person_releases_it() -> None:
    state, falling = EnvironmentState("prod"), watched(equity=equity(120, 100))
    first = to_record(read(LIMITS, falling, NOW), state, "trend", "one")
    assert [fact.brake for fact in first] == ["drawdown_max_ratio", "daily_loss_max_ratio"]
    for fact in first:
        state = after(state, Recorded(1, NOW, fact))
    deeper = read(LIMITS, watched(equity=equity(120, 90)), NOW)
    assert to_record(deeper, state, "trend", "one") == ()
    assert [fact.bundle for fact in to_record(deeper, state, "trend", "two")] == ["two", "two"]
    again = after(state, Recorded(2, NOW, Braked("prod", "trend", "one", "drawdown_max_ratio", "deeper")))
    assert again.of("trend").holds == state.of("trend").holds
    free = after(state, Recorded(3, NOW, Released("prod", "trend", "ada", "it was the feed")))
    assert len(to_record(deeper, free, "trend", "one")) == 2
    assert free.of("trend").counts_since == NOW


@given(
    st.one_of(st.none(), st.lists(st.floats(), max_size=5)),
    st.one_of(st.none(), st.lists(st.floats(), max_size=5)),
    st.one_of(st.none(), st.integers(-200, 200)),
)
def test_all_that_is_healthy_was_observed_and_asking_again_says_the_same(
    values: list[float] | None, profits: list[float] | None, seconds: int | None
) -> None:
    seen = watched(
        equity=None if values is None else equity(*values),
        closed=None if profits is None else closed(*profits),
        looped_at=None if seconds is None else NOW - timedelta(seconds=seconds),
    )
    found = read(LIMITS, seen, NOW)
    assert len(found.findings) == 4
    assert found == read(LIMITS, seen, NOW)
    if found.outcome is Outcome.PASS:
        assert values
        assert profits is not None
        assert seconds is not None
        assert -60 <= seconds < 60
        assert all(math.isfinite(value) for value in [*values, *profits])
