"""A trade that a strategy holds: freqtrade says at which price it would be closed and why."""

import logging
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pandas as pd
from freqtrade.persistence import LocalTrade
from freqtrade.strategy.interface import IStrategy

from pipeline.adapters.freqtrade.analysis import signalled

STAKE = 100.0
FEE_RATIO = 0.001


class Position:
    """One open trade of 100 in the stake currency with a fee of 0.1 % a side; freqtrade's own object is `trade`."""

    def __init__(
        self,
        strategy: IStrategy,
        pair: str,
        analysed: pd.DataFrame,
        *,
        at: float,
        opened_at: datetime,
        now: datetime,
        tag: str,
    ) -> None:
        self.trade = LocalTrade(
            pair=pair,
            base_currency=pair.partition("/")[0],
            stake_currency=pair.partition("/")[2],
            exchange="",
            is_open=True,
            is_short=False,
            leverage=1.0,
            open_rate=at,
            open_date=opened_at,
            amount=STAKE / at,
            stake_amount=STAKE,
            max_stake_amount=STAKE,
            fee_open=FEE_RATIO,
            fee_close=FEE_RATIO,
            enter_tag=tag or None,
            timeframe=strategy.timeframe,
        )
        self.trade.adjust_min_max_rates(at, at)
        self.trade.adjust_stop_loss(at, strategy.stoploss, initial=True)
        self._strategy, self._now = strategy, now
        self._enter, self._exit = (bool(signalled(analysed, column)[-1]) for column in ("enter_long", "exit_long"))
        self._price = float(analysed["close"].iloc[-1])

    def reaches(self, price: float) -> "Position":
        """The price has been here since the trade was opened: trailing and custom stop losses follow it."""
        __tracebackhide__ = True
        _loudly(
            lambda: self._strategy.ft_stoploss_adjust(
                current_rate=price,
                trade=self.trade,
                current_time=self._now,
                current_profit=self.trade.calc_profit_ratio(price),
                force_stoploss=0.0,
            )
        )
        self.trade.adjust_min_max_rates(price, price)
        self._price = price
        return self

    def exit_reason(self, price: float | None = None) -> str:
        """Why freqtrade would close the trade at this price (default: the last one), "" where it would not.

        freqtrade's reasons are `roi`, `stop_loss`, `trailing_stop_loss` and `exit_signal`; `custom_exit` gives its own, or `custom_exit`.
        """
        __tracebackhide__ = True
        rate = self._price if price is None else price
        reasons = _loudly(
            lambda: self._strategy.should_exit(self.trade, rate, self._now, enter=self._enter, exit_=self._exit)
        )
        return str(reasons[0].exit_reason) if reasons else ""

    @property
    def stop_price(self) -> float:
        """The price at which the stop loss stands now."""
        return float(self.trade.stop_loss)


class _Heard(logging.Handler):
    """Keeps the exception that freqtrade's wrapper around callbacks logs and replaces by a default."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.error: BaseException | None = None

    def emit(self, record: logging.LogRecord) -> None:
        self.error = self.error or sys.exc_info()[1]


def _loudly(call: Callable[[], Any]) -> Any:
    """Call freqtrade, and let an exception of a callback come out, which it would only log."""
    __tracebackhide__ = True
    heard, wrapper = _Heard(), logging.getLogger("freqtrade.strategy.strategy_wrapper")
    wrapper.addHandler(heard)
    wrapper.propagate = False
    try:
        result = call()
    finally:
        wrapper.propagate = True
        wrapper.removeHandler(heard)
    if heard.error is not None:
        raise heard.error
    return result
