"""What Reef promises."""

from pipeline.testing import crash, flat, trend


def test_buys_when_the_price_comes_back_after_a_fall(strategy):
    fallen = flat(80) + crash(drop=0.08, candles=10)
    strategy.on(fallen + trend(up=0.02, candles=5).called("return")).enters_during("return")


def test_stays_out_of_a_calm_market(strategy):
    strategy.on(flat(200, wiggle=0.005)).never_enters()
