"""Closed trades and what they did to the account: the raw material of every metric."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from pipeline.domain.canonical import digest


@dataclass(frozen=True, slots=True)
class Fill:
    """One executed order: `side` is "buy" or "sell", `amount` in the base currency, `price` in the quote currency, `at` aware UTC."""

    side: str
    at: datetime
    price: float
    amount: float


@dataclass(frozen=True, slots=True)
class ClosedTrade:
    """A long spot trade from its first buy to its last sell.

    `profit` is in the stake currency and `profit_ratio` relative to what was paid, both after fees; `fee_*_ratio` are the fees per side.
    Simulated amounts are measurements, hence floats.
    """

    pair: str
    opened_at: datetime
    closed_at: datetime
    open_rate: float
    close_rate: float
    amount: float
    stake: float
    fee_open_ratio: float
    fee_close_ratio: float
    profit: float
    profit_ratio: float
    enter_tag: str
    exit_reason: str
    fills: tuple[Fill, ...] = ()


def trades_digest(trades: Sequence[ClosedTrade]) -> str:
    """Names a list of trades by pair, times, tags, prices and amounts; the order in which they are listed does not matter."""
    return digest([list(trade_identity(trade).values()) for trade in in_order(trades)])


def in_order(trades: Sequence[ClosedTrade]) -> list[ClosedTrade]:
    """The trades as they were opened."""
    return sorted(trades, key=lambda trade: (trade.opened_at, trade.pair, trade.closed_at))


def trade_identity(trade: ClosedTrade) -> dict[str, str | datetime]:
    """What makes two trades the same, by field.

    Numbers count to ten significant digits, finer than any exchange's tick and coarser than the last bits in which processors differ.
    """
    return {
        "pair": trade.pair,
        "opened_at": trade.opened_at,
        "closed_at": trade.closed_at,
        "enter_tag": trade.enter_tag,
        "exit_reason": trade.exit_reason,
        "open_rate": f"{trade.open_rate:.9e}",
        "close_rate": f"{trade.close_rate:.9e}",
        "amount": f"{trade.amount:.9e}",
    }


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
