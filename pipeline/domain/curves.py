"""What closed trades did to the account, and what the market would have done to it: the curves that metrics are taken from."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pandas as pd

from pipeline.domain.trades import ClosedTrade


def equity_curve(
    trades: Sequence[ClosedTrade], closes: pd.DataFrame, *, starting_balance: float, timeframe: timedelta
) -> pd.Series:
    """The account's value after each candle: cash and open positions at the candle's closing price, fees paid when they fall due.

    Args:
        trades: closed trades with their fills, in any order.
        closes: float (n, pairs), indexed by each candle's opening time (UTC, ascending); the closing prices.
        starting_balance: cash before the first trade, in the stake currency.
        timeframe: length of a candle; a fill at time t counts at the close of the candle that contains t.

    Returns:
        float (n + 1,): the first value is the starting balance at the first candle's opening, the others stand at each candle's close.
    """
    opens = pd.DatetimeIndex(closes.index)
    cash = np.zeros(len(opens))
    value = np.zeros(len(opens))
    for pair, column in closes.items():
        held = np.zeros(len(opens))
        fills = [(fill, trade) for trade in trades if trade.pair == pair for fill in trade.fills]
        rows = opens.searchsorted(pd.DatetimeIndex([fill.at for fill, _ in fills], tz="UTC"), side="right") - 1
        for row, (fill, trade) in zip(np.clip(rows, 0, len(opens) - 1), fills, strict=True):
            sign, fee = (1.0, trade.fee_open_ratio) if fill.side == "buy" else (-1.0, trade.fee_close_ratio)
            held[row] += sign * fill.amount
            cash[row] -= sign * fill.amount * fill.price * (1.0 + sign * fee)
        position = np.cumsum(held)
        position[np.abs(position) < 1e-12] = 0.0
        value += position * column.ffill().bfill().to_numpy(dtype=float)
    curve = starting_balance + np.cumsum(cash) + value
    index = opens.insert(len(opens), opens[-1] + timeframe)
    return pd.Series(np.concatenate(([starting_balance], curve)), index=index, name="equity")


def market_curve(closes: pd.DataFrame, opens: pd.Series, *, starting_balance: float, timeframe: timedelta) -> pd.Series:
    """The same money spread in equal parts over all pairs at the first candle's opening prices and then held, without fees.

    Args:
        closes: float (n, pairs), indexed by each candle's opening time.
        opens: float (pairs,), each pair's opening price of the first candle.

    Returns:
        float (n + 1,), as `equity_curve`.
    """
    held = starting_balance / len(closes.columns) / opens
    curve = (closes.ffill().bfill() * held).sum(axis=1).to_numpy(dtype=float)
    index = closes.index.insert(len(closes.index), closes.index[-1] + timeframe)
    return pd.Series(np.concatenate(([starting_balance], curve)), index=index, name="market")
