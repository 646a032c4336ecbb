"""The robustness check: what is left of a profit without luck, at higher costs, without its best pair and its best window."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from pipeline.domain.canonical import Plain, digest
from pipeline.domain.costs import Pair, fills_of, pair_costs
from pipeline.domain.evidence import WindowTrades
from pipeline.domain.job import Account
from pipeline.domain.lineage import Attempts
from pipeline.domain.luck import PARTS, Integers, Sample
from pipeline.domain.markets import units_of
from pipeline.domain.robustness_words import ROBUSTNESS, findings
from pipeline.domain.trades import ClosedTrade
from pipeline.domain.verdict import Finding, Measurement, Outcome

__all__ = ["ROBUSTNESS", "robustness"]


def robustness(
    windows: Sequence[WindowTrades],
    frames: Mapping[str, pd.DataFrame],
    markets: Mapping[str, Plain],
    account: Account,
    attempts: Attempts | None,
    timeframe: timedelta,
    slippage_ratio: float = 0.0,
) -> tuple[tuple[Measurement, ...], tuple[Finding, ...]]:
    """Measure how robust the trades of all windows are, and say it in sentences.

    Args:
        windows: the trades of every window of the policy; call it only where all of them have a result.
        frames: pair -> candles with columns date (UTC, ascending), open, high, low, covering the windows.
        markets: the frozen market snapshot, for the ticks.
        account: the money that each window started with.
        attempts: how many were made before and with this one, or None where they could not be counted (the caller's ERROR says why).
        timeframe: length of a candle.
        slippage_ratio: what bots were seen to lose on an order; no fill gets worse by less where half a spread is put on top.

    Returns:
        measurements of the candidate, NaN where a definition has no answer, and findings. None of these fails a strategy: thresholds do. A
        finding is an ERROR only where trades hold what is no number.
    """
    sample = _sample(windows, frames, markets, account, slippage_ratio)
    if not sample.sound:
        reason = "Some trades hold prices, amounts or profits that are not finite numbers, so nothing can be said about luck."
        return _nothing(sample), (Finding(ROBUSTNESS, "trades", Outcome.ERROR, reason),)
    measurements = tuple(m for part in PARTS for m in part(sample, attempts))
    traded = tuple(sorted({trade.pair for window in windows for trade in window.trades}))
    whole = float(sample.growths(sample.profit).prod()) - 1.0
    return measurements, tuple(findings(measurements, whole, len(sample.ratio), traded, attempts, timeframe))


def _sample(
    windows: Sequence[WindowTrades],
    frames: Mapping[str, pd.DataFrame],
    markets: Mapping[str, Plain],
    account: Account,
    slippage_ratio: float,
) -> Sample:
    trades = [
        (number, trade)
        for number, window in enumerate(windows)
        for trade in sorted(window.trades, key=lambda trade: (trade.opened_at, trade.pair, trade.closed_at))
    ]
    alone: list[ClosedTrade] = [trade for _, trade in trades]
    names = {pair: number for number, pair in enumerate(sorted({trade.pair for trade in alone}))}
    return Sample(
        windows=tuple(window.window.name for window in windows),
        window=np.array([number for number, _ in trades], dtype=np.int64),
        pair=np.array([names[trade.pair] for trade in alone], dtype=np.int64),
        profit=np.array([trade.profit for trade in alone], dtype=float),
        ratio=np.array([trade.profit_ratio for trade in alone], dtype=float),
        opened=_times([trade.opened_at for trade in alone]),
        closed=_times([trade.closed_at for trade in alone]),
        fills=fills_of(alone, {pair: _pair(pair, frames, markets, slippage_ratio) for pair in names if pair in frames}),
        wallet=account.wallet,
        seed=digest([window.digest for window in windows]),
    )


def _pair(pair: str, frames: Mapping[str, pd.DataFrame], markets: Mapping[str, Plain], slippage_ratio: float) -> Pair:
    try:
        tick = float(units_of(markets, pair).tick)
    except ValueError:
        tick = math.nan
    return pair_costs(frames[pair], tick, slippage_ratio)


def _times(moments: list[datetime]) -> Integers:
    return pd.DatetimeIndex(moments, tz="UTC").as_unit("ns").asi8


def _nothing(sample: Sample) -> tuple[Measurement, ...]:
    """Every measurement as not a number, so that no threshold takes it for unmeasured."""
    fills = fills_of((), {})
    none, never = np.array([]), np.array([], dtype=np.int64)
    blank = Sample(sample.windows, never, never, none, none, never, never, fills, sample.wallet, sample.seed)
    return tuple(Measurement(m.metric, math.nan, m.window) for part in PARTS for m in part(blank, None))
