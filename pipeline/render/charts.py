"""What the report's charts draw, as data that JSON holds; how it looks is the page's business (templates/report.js.j2).

Times are minutes since 1970 (UTC), written as differences; values have six significant digits.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from pipeline.domain.canonical import Plain, digest_bytes
from pipeline.domain.evidence import Judgement, WindowPicture
from pipeline.domain.trades import ClosedTrade
from pipeline.render.curves import drawdown, histogram, thin
from pipeline.render.digits import six_digits
from pipeline.render.plain import NAME_LIMIT, plain_text
from pipeline.render.trade_tables import all_trades, duration

POINTS = 1_200
"""Of one curve: about as many as a wide screen has columns."""

MARKED = 1_000
"""Trades marked on one pair's price in one window; of more, those that moved most."""


def chart_data(judgements: Sequence[Judgement], pictures: Mapping[str, Sequence[WindowPicture]]) -> dict[str, Plain]:
    """What all charts of the report draw.

    `prices` are series by digest, shared between strategies; `strategies` are per id the windows with their curves, the trades on each
    pair, and the histogram of returns.
    """
    prices: dict[str, Plain] = {}
    strategies: dict[str, Plain] = {}
    for judgement in judgements:
        name = judgement.evidence.provenance.strategy
        trades = {item.window.name: item.trades for item in judgement.evidence.windows}
        strategies[name] = {
            "windows": [
                _window(picture, trades.get(picture.window.name, ()), prices) for picture in pictures.get(name, ())
            ],
            "returns": [
                [*six_digits([low * 100, high * 100]), count]
                for low, high, count in histogram([t.profit_ratio for t in all_trades(judgement.evidence.windows)])
            ],
        }
    return {"prices": prices, "strategies": strategies}


def _window(picture: WindowPicture, trades: Sequence[ClosedTrade], prices: dict[str, Plain]) -> Plain:
    curves = {"candidate": picture.equity, "incumbent": picture.incumbent, "market": picture.market}
    present = {name: curve for name, curve in curves.items() if curve is not None}
    pairs: dict[str, Plain] = {}
    for pair, closes in picture.closes.items():
        known = closes.dropna()
        key = digest_bytes(known.to_numpy(dtype=float).tobytes() + _minutes(known).tobytes())[7:23]
        if key not in prices:
            prices[key] = _series(known)
        own = [trade for trade in trades if trade.pair == pair]
        omitted = max(0, len(own) - MARKED)
        pairs[plain_text(str(pair), NAME_LIMIT)] = {"price": key, "trades": _marks(own), "omitted": omitted}
    return {
        "name": picture.window.name,
        "curves": {name: _series(curve) for name, curve in present.items()},
        "drawdowns": {name: _series(drawdown(curve) * 100) for name, curve in present.items()},
        "pairs": pairs,
    }


def _series(series: pd.Series) -> Plain:
    """{"t": minutes, the first since 1970 and the others since the one before, "y": values}."""
    kept = thin(series, POINTS)
    return {"t": np.diff(_minutes(kept), prepend=0).tolist(), "y": six_digits(kept.to_numpy(dtype=float))}


def _minutes(series: pd.Series) -> np.ndarray:
    return np.asarray(pd.DatetimeIndex(series.index).as_unit("s").asi8 // 60)


def _marks(trades: Sequence[ClosedTrade]) -> Plain:
    """[opened, open rate, closed, close rate, profit in percent, profit, tag, reason, held] a trade, in order of time."""
    chosen = sorted(trades, key=lambda t: -abs(t.profit))[:MARKED]
    ordered = sorted(chosen, key=lambda t: (t.opened_at, t.closed_at))
    columns: list[list[Plain]] = [
        [int(t.opened_at.timestamp() // 60) for t in ordered],
        six_digits([t.open_rate for t in ordered]),
        [int(t.closed_at.timestamp() // 60) for t in ordered],
        six_digits([t.close_rate for t in ordered]),
        six_digits([t.profit_ratio * 100 for t in ordered]),
        six_digits([t.profit for t in ordered]),
        [plain_text(t.enter_tag, NAME_LIMIT) for t in ordered],
        [plain_text(t.exit_reason, NAME_LIMIT) for t in ordered],
        [duration(t.closed_at - t.opened_at) for t in ordered],
    ]
    return [list(row) for row in zip(*columns, strict=True)]
