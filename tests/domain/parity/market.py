"""A day of candles of two pairs, and positions that fit them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd

from pipeline.domain.parity import Asked, Position
from pipeline.domain.trades import Fill
from pipeline.domain.windows import Window

START = datetime(2026, 3, 1, tzinfo=UTC)
CANDLE = timedelta(minutes=5)
COUNT = 600
END = START + COUNT * CANDLE
PAIRS = ("BTC/USDT", "ETH/USDT")


def candles() -> pd.DataFrame:
    """Each opens about 0.01 % above the one before, and reaches 0.2 % to both sides."""
    opens = np.round(100.0 * 1.0001 ** np.arange(COUNT), 2)
    dates = pd.date_range(START, periods=COUNT, freq="5min")
    return pd.DataFrame({"date": dates, "open": opens, "high": opens * 1.002, "low": opens * 0.998, "close": opens})


FRAMES = {pair: candles() for pair in PAIRS}
ASKED = Asked(Window("w", START, END), CANDLE, FRAMES, PAIRS, slots=5)


def at(candle: float) -> datetime:
    return START + candle * CANDLE


def price(candle: float) -> float:
    return float(FRAMES[PAIRS[0]]["open"].iloc[int(candle)])


def position(
    candle: float, left: float | None = None, pair: str = PAIRS[0], tag: str = "dip", why: str = "roi"
) -> Position:
    """Entered in a candle at its opening's price and left six candles later, or in the candle `left`; not at all where that is beyond the end."""
    end = candle + 6 if left is None else left
    fills = (Fill("buy", at(candle), price(candle), 1.0),)
    entered = Position(pair, False, at(candle), price(candle), enter_tag=tag, fills=fills)
    if end >= COUNT:
        return entered
    fills = (*fills, Fill("sell", at(end), price(end), 1.0))
    return replace(entered, closed_at=at(end), close_rate=price(end), exit_reason=why, fills=fills)


def a_little_later(one: Position, seconds: float) -> Position:
    """The same position by somebody who needs a moment."""
    later = timedelta(seconds=seconds)
    fills = tuple(replace(fill, at=fill.at + later) for fill in one.fills)
    closed = one.closed_at + later if one.closed_at else None
    return replace(one, opened_at=one.opened_at + later, closed_at=closed, fills=fills)
