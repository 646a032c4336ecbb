"""What RangeDip promises. Run them with: .venv/bin/python -m pytest -p pipeline.testing.plugin strategies/range_dip/test_strategy.py"""

import pytest

from pipeline.testing import crash, flat, trend, v_shape

RANGE = flat(200, wiggle=0.02).called("range")
DIP = crash(drop=0.035, candles=2).called("dip")
RETURN = trend(up=0.03, candles=3).called("return")


def test_buys_when_a_dip_of_a_range_is_over_and_not_before(strategy):
    strategy.on(RANGE + DIP + RETURN).never_enters_during("dip").enters_during("return")


def test_sells_when_the_price_is_back_at_its_mean(strategy):
    recovery = trend(up=0.08, candles=6).called("recovery")
    signals = strategy.on(RANGE + DIP + recovery).exits_during("recovery")
    first = next(signal for signal in signals.exit_signals if signal.segment == "recovery")
    assert signals.candles["close"].iloc[first.candle] > signals.candles["middle"].iloc[first.candle]


def test_does_not_sell_in_the_dip(strategy):
    strategy.on(RANGE + DIP).never_exits_during("dip")


def test_stays_out_of_a_steady_fall(strategy):
    strategy.on(trend(up=-0.20, candles=150)).never_enters()


def test_does_not_catch_a_falling_knife(strategy):
    strategy.on(RANGE + crash(drop=0.30, candles=15)).never_enters_during("crash")


def test_a_crash_is_no_dip_even_when_it_is_over(strategy):
    strategy.on(flat(60) + v_shape(drop=0.30, candles=60)).never_enters_during("v_shape")


def test_the_choppiness_index_tells_a_range_from_a_trend(strategy):
    assert strategy.on(RANGE).candles["choppiness"].median() > 61.8
    assert strategy.on(trend(up=0.30, candles=100)).candles["choppiness"].median() < 38.2


def test_a_market_that_stands_still_gives_no_signal(strategy):
    strategy.on(flat(60, wiggle=0.0)).never_enters()


def test_gives_a_dip_a_day_to_come_back(strategy):
    signals = strategy.on(RANGE + DIP)
    assert signals.holding(at=97.0, candles=23).exit_reason() == ""
    assert signals.holding(at=97.0, candles=24).exit_reason() == "took too long"


def test_a_trade_never_costs_more_than_five_percent_and_fees(strategy):
    trade = strategy.on(RANGE + DIP).holding(at=100.0)
    assert trade.stop_price == pytest.approx(95.0, abs=0.01)
    assert trade.exit_reason(94.9) == "stop_loss"


def test_two_stops_in_a_day_make_it_pause(strategy):
    (guard,) = strategy.protections
    assert guard["method"] == "StoplossGuard"
    assert guard["trade_limit"] == 2
