"""Slippage: by how much orders were filled worse than at the prices for which they were sent."""

import math
from collections.abc import Sequence

from pipeline.domain.trades import ClosedTrade, Fill


def slippage_ratio(trades: Sequence[ClosedTrade]) -> float | None:
    """The mean over all filled orders of the trades, each weighed by what it would have come to at the price that it asked for.

    Positive where buys were dearer and sells cheaper than asked, so that it counts alike for entries and exits, long and short. Of an order
    that was filled in part, the filled part counts. Orders whose price nobody told are left out; None where none is left.
    """
    fills = [fill for trade in trades for fill in trade.fills]
    told = [(fill, fill.asked) for fill in fills if fill.asked is not None and _sound(fill, fill.asked)]
    worth = sum(asked * fill.amount for fill, asked in told)
    if not worth > 0:
        return None
    return sum(_lost(fill, asked) for fill, asked in told) / worth


def _lost(fill: Fill, asked: float) -> float:
    worse = fill.price - asked if fill.side == "buy" else asked - fill.price
    return worse * fill.amount


def _sound(fill: Fill, asked: float) -> bool:
    return all(math.isfinite(value) and value > 0 for value in (asked, fill.price, fill.amount))
