"""A small honest list of trades with its candles, to forge from."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd

from pipeline.domain.audit import Terms, audit
from pipeline.domain.audit.sums import sums
from pipeline.domain.candles import Units
from pipeline.domain.canonical import Plain
from pipeline.domain.job import Account
from pipeline.domain.markets import unified_market
from pipeline.domain.trades import ClosedTrade, Fill
from pipeline.domain.verdict import Finding
from pipeline.domain.windows import Window

HOUR = timedelta(hours=1)
START = datetime(2025, 3, 1, tzinfo=UTC)
WINDOW = Window("w", START, START + timedelta(days=10))
PAIRS = ("BTC/USDT", "ETH/USDT", "SOL/USDT")
FEE = 0.001
ACCOUNT = Account("USDT", 1000.0, None, 2)
STRICT = Terms(HOUR, PAIRS, free_entry_price=False, free_exit_price=False)
FREE = Terms(HOUR, PAIRS)
MARKETS: dict[str, Plain] = {
    pair: unified_market(pair, Units.of("0.01", "0.001"), fee_ratio=FEE, least_cost=5.0)
    for pair in (*PAIRS, "DOGE/USDT")
}


def candles(pair: str, hours: int = 240) -> pd.DataFrame:
    """A wave around 100 whose candles reach 1.00 above and below their opening."""
    opens = np.round(100 + 10 * np.sin(np.arange(hours + 1) / 9 + len(pair) + PAIRS.index(pair)), 2)
    dates = pd.date_range(START, periods=hours, freq="h")
    frame = pd.DataFrame({"date": dates, "open": opens[:-1], "close": opens[1:], "volume": 50.0})
    frame["high"] = np.round(frame[["open", "close"]].max(axis=1) + 1.0, 2)
    frame["low"] = np.round(frame[["open", "close"]].min(axis=1) - 1.0, 2)
    return frame[["date", "open", "high", "low", "close", "volume"]]


FRAMES = {pair: candles(pair) for pair in PAIRS}


def at(hour: int) -> datetime:
    return START + hour * HOUR


def opening(pair: str, hour: int) -> float:
    return float(FRAMES[pair]["open"].iloc[hour])


def summed(trade: ClosedTrade) -> ClosedTrade:
    """The trade with every sum as its fills have it: a forger who knows arithmetic."""
    own = sums(trade)
    return replace(
        trade,
        opened_at=min(trade.opened_at, trade.fills[0].at),
        closed_at=trade.fills[-1].at,
        open_rate=own.average_price,
        close_rate=trade.fills[-1].price,
        amount=own.last_amount,
        stake=own.last_stake,
        profit=own.profit,
        profit_ratio=own.profit_ratio,
    )


def made(
    pair: str,
    bought: int,
    sold: int,
    amount: float = 4.0,
    *,
    price: float | None = None,
    exit_price: float | None = None,
    reason: str = "exit_signal",
    fee: float = FEE,
) -> ClosedTrade:
    """A trade from one hour to another, at the openings unless told otherwise."""
    fills = (
        Fill("buy", at(bought), price if price is not None else opening(pair, bought), amount),
        Fill("sell", at(sold), exit_price if exit_price is not None else opening(pair, sold), amount),
    )
    return summed(ClosedTrade(pair, at(bought), at(sold), 0, 0, 0, 0, fee, fee, 0, 0, "tag", reason, fills))


HONEST = (
    made("BTC/USDT", 5, 9),
    made("ETH/USDT", 7, 12),
    made("SOL/USDT", 9, 15),
    made("BTC/USDT", 12, 20),
    made("SOL/USDT", 30, 30, exit_price=opening("SOL/USDT", 30) - 0.5, reason="stop_loss"),
    made("ETH/USDT", 200, 239, reason="force_exit"),
)


def look(*trades: ClosedTrade, terms: Terms = STRICT, account: Account = ACCOUNT) -> tuple[Finding, ...]:
    """What the audit says of these trades."""
    return audit(trades, WINDOW, FRAMES, MARKETS, account, terms)


def said(*trades: ClosedTrade, terms: Terms = STRICT, account: Account = ACCOUNT) -> str:
    """The same, as text."""
    return "\n".join(f"{finding.rule}: {finding.reason}" for finding in look(*trades, terms=terms, account=account))
