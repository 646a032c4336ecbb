"""Lists of trades with known numbers, for what is measured of luck."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd

from pipeline.domain.canonical import Plain
from pipeline.domain.evidence import WindowTrades
from pipeline.domain.job import Account
from pipeline.domain.trades import ClosedTrade, Fill, trades_digest
from pipeline.domain.windows import Window

START = datetime(2025, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
ACCOUNT = Account("USDT", 1000.0, 100.0, 5)
FEE = 0.001
MARKETS: dict[str, Plain] = {
    pair: {"precision": {"price": 0.01, "amount": 0.001}} for pair in ("A/USDT", "B/USDT", "C/USDT")
}


def trade(ratio: float, hour: float, pair: str = "A/USDT", *, hours: float = 2) -> ClosedTrade:
    """A trade that paid about 100 and made `ratio` of it after fees; bought at 100."""
    opened, closed = START + hour * HOUR, START + (hour + hours) * HOUR
    amount = 100.0 / (100.0 * (1 + FEE))
    sold = 100.0 * (1 + ratio) * (1 + FEE) / (1 - FEE)
    fills = (Fill("buy", opened, 100.0, amount), Fill("sell", closed, sold, amount))
    return ClosedTrade(
        pair, opened, closed, 100.0, sold, amount, 100.0, FEE, FEE, 100.0 * ratio, ratio, "", "roi", fills
    )


def windows(*lists: Sequence[ClosedTrade]) -> list[WindowTrades]:
    """One window a list, 30 days each, one after the other."""
    length = timedelta(days=30)
    return [
        WindowTrades(
            Window(f"w{number}", START + number * length, START + (number + 1) * length),
            tuple(trades),
            trades_digest(trades),
        )
        for number, trades in enumerate(lists)
    ]


def flat(hours: int = 24 * 90) -> pd.DataFrame:
    """Candles around 100 that open at 100 plus a thousandth for each hour, and have a range of 0.1 %."""
    opens = 100.0 + 0.001 * np.arange(hours)
    dates = pd.date_range(START, periods=hours, freq="1h")
    return pd.DataFrame({"date": dates, "open": opens, "high": opens * 1.0005, "low": opens * 0.9995, "close": opens})
