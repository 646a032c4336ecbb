"""What DipInUptrend promises. Run them with: .venv/bin/python -m pytest -p pipeline.testing.plugin strategies/dip_in_uptrend/test_strategy.py"""

from pipeline.testing import crash, flat, gap, trend

UPTREND = trend(up=0.30, candles=200).called("uptrend")
DOWNTREND = trend(up=-0.30, candles=200).called("downtrend")
PULLBACK = trend(up=-0.03, candles=10).called("pullback")
RALLY = trend(up=0.05, candles=12).called("rally")


def test_buys_a_pullback_in_an_uptrend(strategy):
    strategy.on(UPTREND + PULLBACK).enters_after("pullback", within=5)


def test_the_same_pullback_in_a_downtrend_is_left_alone(strategy):
    strategy.on(DOWNTREND + PULLBACK).never_enters()


def test_a_pullback_below_the_long_mean_is_left_alone(strategy):
    deep = crash(drop=0.20, candles=3).called("deep")
    signals = strategy.on(UPTREND + deep).never_enters_during("deep")
    assert (signals.during("deep")["fast_4h"] > signals.during("deep")["slow_4h"]).any(), "the longer chart still rises"


def test_a_bounce_over_the_mean_is_no_uptrend(strategy):
    turn = trend(up=-0.14, candles=70).called("turn")
    bounce = trend(up=0.13, candles=8).called("bounce")
    falls = trend(up=-0.03, candles=6, wiggle=0).called("pullback")
    signals = strategy.on(UPTREND + turn + bounce + falls).never_enters_during("pullback")
    pullback = signals.during("pullback")
    assert ((pullback["rsi"] < 5) & (pullback["close"] > pullback["long_mean"])).any(), "only the longer chart says no"


def test_sells_into_strength(strategy):
    strategy.on(UPTREND + PULLBACK + RALLY).exits_after("rally", within=5)


def test_does_not_sell_in_the_pullback_that_it_buys(strategy):
    signals = strategy.on(UPTREND + PULLBACK)
    bought = next(signal.candle for signal in signals.entry_signals if signal.segment == "pullback")
    assert all(signal.candle < bought for signal in signals.exit_signals)


def test_leaves_when_the_longer_chart_turns(strategy):
    signals = strategy.on(UPTREND + crash(drop=0.25, candles=24) + flat(24).called("after"))
    assert "uptrend is over" in {signal.tag for signal in signals.exits_after("crash", within=24).exit_signals}


def test_buys_no_dip_once_the_longer_chart_has_turned(strategy):
    strategy.on(UPTREND + DOWNTREND + PULLBACK).never_enters_during("pullback")


def test_a_candle_of_the_longer_chart_counts_only_when_it_is_closed(strategy):
    candles = strategy.on(UPTREND + gap(change=-0.50, candles=8)).during("gap")
    before_the_close, after_it = candles["close_4h"].iloc[:3], candles["close_4h"].iloc[3:7]
    assert (before_the_close > 100.0).all()
    assert (after_it < 100.0).all()


def test_trades_with_the_levels_of_its_parameters_file(strategy):
    assert strategy.buy_rsi.value == 5
    assert strategy.sell_rsi.value == 70


def test_cuts_a_loss_at_eight_percent(strategy):
    trade = strategy.holding(at=100.0)
    assert trade.exit_reason(93.0) == ""
    assert trade.exit_reason(91.9) == "stop_loss"
