from pathlib import Path

import pytest

from pipeline.testing import flat, trend
from pipeline.testing.under_test import load
from tests.testing.example import NAME, write_example

CUSTOM_EXIT = """
def custom_exit(self, pair, trade, current_time, current_rate, current_profit, **kwargs):
    if trade.enter_tag == "broken":
        raise KeyError("broken")
    candles, _ = self.dp.get_analyzed_dataframe(pair, self.timeframe)
    if candles["close"].iloc[-1] > 140:
        return "high enough"
"""

CUSTOM_STOP = """
use_custom_stoploss = True

def custom_stoploss(self, pair, trade, current_time, current_rate, current_profit, after_fill, **kwargs):
    return -0.01 if current_profit > 0.04 else None
"""


def test_roi_and_stop_loss_are_those_of_freqtrade(tmp_path: Path) -> None:
    strategy = load(write_example(tmp_path), NAME)
    assert strategy.holding(at=100.0, candles=1).exit_reason(104.0) == ""
    assert strategy.holding(at=100.0, candles=3).exit_reason(104.0) == "roi"
    assert strategy.holding(at=100.0).exit_reason(121.0) == "roi"
    assert strategy.holding(at=100.0).exit_reason(89.0) == "stop_loss"
    assert strategy.holding(at=100.0).stop_price == pytest.approx(90.0)


def test_a_trailing_stop_follows_the_price(tmp_path: Path) -> None:
    trade = load(write_example(tmp_path), NAME).holding(at=100.0).reaches(110.0)
    assert trade.stop_price == pytest.approx(107.8)
    assert trade.exit_reason(107.0) == "trailing_stop_loss"


def test_a_custom_stop_loss_is_asked(tmp_path: Path) -> None:
    strategy = load(write_example(tmp_path, extra=CUSTOM_STOP), NAME)
    assert strategy.holding(at=100.0).reaches(104.0).stop_price == pytest.approx(93.6)
    assert strategy.holding(at=100.0).reaches(104.9).stop_price == pytest.approx(103.851)


def test_a_custom_exit_sees_the_trade_and_the_candles(tmp_path: Path) -> None:
    strategy = load(write_example(tmp_path, extra=CUSTOM_EXIT), NAME)
    assert strategy.on(trend(0.5, 60)).holding(candles=1).exit_reason() == "high enough"
    assert strategy.on(trend(0.1, 60)).holding(candles=1).exit_reason() == ""


def test_an_exception_in_a_callback_comes_out(tmp_path: Path) -> None:
    strategy = load(write_example(tmp_path, extra=CUSTOM_EXIT), NAME)
    with pytest.raises(KeyError, match="broken"):
        strategy.holding(at=100.0, tag="broken").exit_reason(100.0)


def test_a_trade_on_a_market_feels_its_exit_signal(tmp_path: Path) -> None:
    strategy = load(write_example(tmp_path), NAME)
    signals = strategy.on(trend(0.3, 100) + trend(-0.3, 100))
    assert signals.holding(100.0, candles=5).exit_reason(99.0) == "exit_signal"


def test_a_trade_cannot_be_older_than_its_market(tmp_path: Path) -> None:
    signals = load(write_example(tmp_path), NAME).on(flat(10))
    with pytest.raises(ValueError, match="has 10 candles"):
        signals.holding(candles=11)
