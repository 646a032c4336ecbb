"""Closed trades: the raw material of every metric."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.domain.canonical import digest


@dataclass(frozen=True, slots=True)
class Fill:
    """One executed order: `side` is "buy" or "sell", `amount` in the base currency, `price` in the quote currency, `at` aware UTC.

    `price` is the mean over its parts, and `asked` the price for which it was sent; None where nobody told that, and in a backtest, whose
    orders are filled at the price that they ask for.
    """

    side: str
    at: datetime
    price: float
    amount: float
    asked: float | None = None


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


def quote_of(pair: str) -> str:
    """The coin in which a pair's prices and profits are: "USDT" of BTC/USDT, also of BTC/USDT:USDT; "" where the pair tells none."""
    return pair.partition("/")[2].partition(":")[0]
