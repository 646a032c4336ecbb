"""The prices of the loopback exchange: by seed and clock, with planned moves."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from pipeline.rehearsal.exchange.market import HISTORY_MINUTES, Market, moment
from pipeline.rehearsal.exchange.prices import Move
from pipeline.rehearsal.exchange.symbols import Symbol, symbols_of
from tests.fakes import FakeClock

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
PAIR, NAME = "BTC/USDT", "BTCUSDT"
MINUTE = 60_000


def market(
    clock: FakeClock, *moves: Move, seed: int = 7, swing_ratio: float = 1.0, liquidity: str = "250000"
) -> Market:
    return Market(
        symbols_of([PAIR, "ETH/USDT"]),
        clock,
        seed=seed,
        swing_ratio=swing_ratio,
        spread_ratio=Decimal("0.0002"),
        liquidity=Decimal(liquidity),
        moves=moves,
    )


def milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def test_equal_seeds_and_clocks_show_equal_prices_whenever_they_were_started() -> None:
    clock = FakeClock(NOON)
    early = market(clock)
    clock.sleep(3600)
    late = market(clock)
    assert early.candles(NAME, "1m", None, None, 500) == late.candles(NAME, "1m", None, None, 500)
    assert early.depth(NAME) == late.depth(NAME)
    assert market(clock, seed=8).depth(NAME) != late.depth(NAME)


def test_a_closed_candle_never_changes_and_the_next_one_opens_beside_its_close() -> None:
    clock = FakeClock(NOON)
    one = market(clock)
    seen = one.candles(NAME, "1m", None, None, 10)[:-1]
    clock.sleep(7200)
    again = one.candles(NAME, "1m", seen[0].opens_at, seen[-1].opens_at, 10)
    assert again == seen
    closings = [row.closing for row in seen[:-1]]
    assert all(abs(row.opening - closing) <= Decimal("0.01") for row, closing in zip(seen[1:], closings, strict=True))


def test_a_candle_grows_within_its_minute_and_covers_every_price_that_was_shown() -> None:
    clock = FakeClock(NOON)
    one = market(clock, Move(PAIR, NOON + timedelta(seconds=20), 0.02, 10))
    low = high = one.last(NAME, one.now())
    for _ in range(60):
        (row,) = one.candles(NAME, "1m", None, None, 1)
        last = one.last(NAME, one.now())
        low, high = min(low, last), max(high, last)
        assert row.closing == last
        assert row.low <= low <= high <= row.high
        clock.sleep(1)
    (closed,) = one.candles(NAME, "1m", milliseconds(NOON), milliseconds(NOON), 1)
    assert closed.low <= low <= high <= closed.high
    assert closed.closing > closed.opening * Decimal("1.015")


@pytest.mark.parametrize(("timeframe", "minutes"), [("5m", 5), ("1h", 60), ("1d", 1440), ("1w", 7 * 1440)])
def test_longer_candles_are_added_up_from_minutes(timeframe: str, minutes: int) -> None:
    one = market(FakeClock(NOON))
    row = one.candles(NAME, timeframe, None, None, 3)[1]
    fine = one.candles(NAME, "1m", row.opens_at, row.closes_at, minutes)
    assert len(fine) == minutes
    assert row.closes_at - row.opens_at + 1 == minutes * MINUTE
    assert (row.opening, row.closing) == (fine[0].opening, fine[-1].closing)
    assert (row.high, row.low) == (max(part.high for part in fine), min(part.low for part in fine))
    assert row.volume == sum(part.volume for part in fine)


def test_weeks_begin_on_monday_and_days_at_midnight() -> None:
    one = market(FakeClock(NOON))
    assert moment(one.candles(NAME, "1w", None, None, 1)[0].opens_at).weekday() == 0
    assert moment(one.candles(NAME, "1d", None, None, 1)[0].opens_at).hour == 0


def test_candles_are_given_from_a_start_up_to_an_end_and_never_from_the_future() -> None:
    one = market(FakeClock(NOON))
    start = milliseconds(NOON - timedelta(minutes=10)) - 1
    rows = one.candles(NAME, "1m", start, None, 1000)
    assert rows[0].opens_at == milliseconds(NOON - timedelta(minutes=10))
    assert rows[-1].opens_at == milliseconds(NOON)
    assert len(one.candles(NAME, "1m", start, None, 4)) == 4
    assert one.candles(NAME, "1m", start, None, 4)[0] == rows[0]
    assert one.candles(NAME, "1m", milliseconds(NOON + timedelta(minutes=1)), None, 4) == []
    assert len(one.candles(NAME, "1d", 0, None, 1000)) <= HISTORY_MINUTES / 1440 + 1


def test_a_planned_dip_is_what_the_closed_candle_shows_and_the_price_stays_there() -> None:
    clock = FakeClock(NOON)
    calm = market(clock, swing_ratio=0.0)
    calm.plan(Move(PAIR, NOON + timedelta(minutes=1), -0.03))
    level = calm.last(NAME, calm.now())
    clock.sleep(180)
    before, dip, after = calm.candles(NAME, "1m", milliseconds(NOON), None, 3)
    assert before.opening == before.closing == level
    assert (dip.opening, dip.closing) == (level, (level * Decimal("0.97")).quantize(Decimal("0.01")))
    assert after.opening == after.closing == dip.closing
    assert calm.last("ETHUSDT", calm.now()) == calm.last("ETHUSDT", milliseconds(NOON)), "the other pair stands still"


def test_a_move_is_not_planned_into_the_past_or_for_an_unknown_pair() -> None:
    one = market(FakeClock(NOON))
    with pytest.raises(ValueError, match="past"):
        one.plan(Move(PAIR, NOON - timedelta(seconds=1), -0.03))
    with pytest.raises(ValueError, match="not traded here"):
        one.plan(Move("DOGE/USDT", NOON, -0.03))
    with pytest.raises(ValueError, match="above -1"):
        Move(PAIR, NOON, -1.0)


def test_a_move_that_begins_now_begins_now_however_long_it_was_on_its_way() -> None:
    one = market(FakeClock(NOON))
    begun = one.begin(Move(PAIR, NOON - timedelta(hours=1), -0.03))
    assert begun == Move(PAIR, NOON + timedelta(milliseconds=1), -0.03)
    with pytest.raises(ValueError, match="DOGE"):
        one.begin(Move("DOGE/USDT", NOON, -0.03))


def test_bid_and_ask_lie_around_the_price_in_whole_ticks_and_steps() -> None:
    one = market(FakeClock(NOON), liquidity="1000")
    symbol = symbols_of([PAIR])[NAME]
    depth = one.depth(NAME)
    assert depth.bids[0].price < depth.last < depth.asks[0].price
    assert all(
        level.price % symbol.tick == 0 and level.quantity % symbol.step == 0 for level in depth.bids + depth.asks
    )
    assert [level.price for level in depth.asks] == sorted(level.price for level in depth.asks)
    assert [level.price for level in depth.bids] == sorted((level.price for level in depth.bids), reverse=True)
    assert 900 < depth.asks[0].price * depth.asks[0].quantity < 1100


def test_depth_that_was_taken_comes_back_with_the_next_second() -> None:
    clock = FakeClock(NOON)
    one = market(clock)
    one.depth(NAME).asks[0].quantity = Decimal(0)
    assert one.depth(NAME).asks[0].quantity == 0
    clock.sleep(1)
    assert one.depth(NAME).asks[0].quantity > 0


def test_a_frozen_market_stands_still_and_goes_on_at_the_clock_s_time() -> None:
    clock = FakeClock(NOON)
    one = market(clock)
    frozen = one.last(NAME, one.now()), one.candles(NAME, "1m", None, None, 2)
    one.freeze()
    clock.sleep(600)
    assert (one.last(NAME, one.now()), one.candles(NAME, "1m", None, None, 2)) == frozen
    assert one.passed() == {}
    one.thaw()
    assert one.passed()[NAME][-1] == milliseconds(clock.at)
    assert one.candles(NAME, "1m", None, None, 1)[0].opens_at == milliseconds(clock.at)


def test_who_looks_only_now_and_then_still_sees_every_extreme() -> None:
    clock = FakeClock(NOON)
    one = market(clock)
    clock.sleep(600)
    prices = [one.last(NAME, at) for at in one.passed()[NAME]]
    rows = one.candles(NAME, "1m", milliseconds(NOON), None, 10)
    assert max(prices) >= max(row.high for row in rows)
    assert min(prices) <= min(row.low for row in rows)


def test_where_the_model_ends_the_price_goes_back_the_way_it_came() -> None:
    clock = FakeClock(NOON)
    one = market(clock)
    rows = one.candles(NAME, "1m", milliseconds(NOON - timedelta(days=40)), None, 60 * 1440)
    jumps = [abs(row.opening / before.closing - 1) for before, row in pairwise(rows)]
    assert max(jumps) < Decimal("0.0001")


def test_a_symbol_whose_costs_would_need_rounding_is_refused() -> None:
    with pytest.raises(ValueError, match="finer"):
        Symbol("COIN", "USDT", Decimal("0.0000001"), Decimal("0.001"))
