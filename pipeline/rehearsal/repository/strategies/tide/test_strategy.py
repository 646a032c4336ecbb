"""What Tide promises."""

from pipeline.testing import flat, trend


def test_buys_in_any_market_that_is_traded(strategy):
    strategy.on(flat(20).called("calm") + trend(up=0.05, candles=20).called("rise")).enters_during("calm").enters_during("rise")


def test_never_sells_by_a_signal(strategy):
    strategy.on(flat(20) + trend(up=-0.05, candles=20)).never_exits()
