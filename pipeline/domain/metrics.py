"""One function from closed trades and an equity curve to metrics, whoever traded: a backtest, a dry-run or a live account.

The definitions are the textbook's; docs/metrics.md lists each beside freqtrade's and says where they differ.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from pipeline.domain.trades import ClosedTrade

if TYPE_CHECKING:  # Who only wants to know a metric's name, as `status` and the watch do, need not load it.
    import numpy as np
    import pandas as pd

DAYS_PER_YEAR = 365
"""Crypto markets trade every day; freqtrade annualises with the same number."""


@dataclass(frozen=True, slots=True)
class Metric:
    """How a metric is called on screens, and its unit: ratio (shown as percent), count, money, or number."""

    name: str
    title: str
    unit: str
    per_trade: bool = True


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("trades", "trades", "count"),
        Metric("profit_total_ratio", "profit", "ratio"),
        Metric("profit_mean_ratio", "mean profit per trade", "ratio"),
        Metric("win_rate_ratio", "win rate", "ratio"),
        Metric("profit_factor", "profit factor", "number"),
        Metric("expectancy", "expectancy per trade", "money"),
        Metric("expectancy_ratio", "expectancy ratio", "number"),
        Metric("sharpe", "Sharpe ratio", "number", per_trade=False),
        Metric("sortino", "Sortino ratio", "number", per_trade=False),
        Metric("calmar", "Calmar ratio", "number", per_trade=False),
        Metric("drawdown_max_ratio", "maximum drawdown", "ratio", per_trade=False),
        Metric("exposure_ratio", "time in the market", "ratio", per_trade=False),
        Metric("market_change_ratio", "market change", "ratio", per_trade=False),
        Metric("excess_ratio", "profit above the market", "ratio", per_trade=False),
        Metric("profit_fees_doubled_ratio", "profit with doubled fees", "ratio"),
        Metric("profit_slippage_ticks_ratio", "profit with slipped ticks", "ratio"),
        Metric("profit_slippage_spread_ratio", "profit with half a spread", "ratio"),
        Metric("profit_late_entry_ratio", "profit with late entries", "ratio"),
        Metric("profit_without_best_pair_ratio", "profit without the best pair", "ratio"),
        Metric("profit_without_best_window_ratio", "profit without the best window", "ratio"),
        Metric("bootstrap_mean_low_ratio", "lowest likely mean profit per trade", "ratio"),
        Metric("bootstrap_mean_high_ratio", "highest likely mean profit per trade", "ratio"),
        Metric("bootstrap_profit_low_ratio", "lowest likely profit", "ratio"),
        Metric("bootstrap_profit_high_ratio", "highest likely profit", "ratio"),
        Metric("sharpe_per_trade", "Sharpe ratio per trade", "number"),
        Metric("trades_independent", "independent trades", "count"),
        Metric("probabilistic_sharpe_ratio", "probabilistic Sharpe ratio", "ratio"),
        Metric("deflated_sharpe_ratio", "deflated Sharpe ratio", "ratio"),
        Metric("trades_needed", "trades needed", "count"),
        Metric("attempts", "attempts", "count", per_trade=False),
        Metric("day_mean_ratio", "mean profit per trade, days clipped", "ratio"),
        Metric("day_spread_ratio", "spread of a day's trades", "ratio"),
        Metric("day_trades", "trades entered on a day", "number"),
        Metric("edge_low_ratio", "lowest mean profit per trade that the trades leave possible", "ratio"),
        Metric("edge_high_ratio", "highest mean profit per trade that the trades leave possible", "ratio"),
        Metric("slippage_mean_ratio", "mean slippage", "ratio"),
        Metric("parity_ratio", "share of trades that are the backtest's", "ratio", per_trade=False),
        Metric("parity_trades", "number of trades compared with the backtest's", "count", per_trade=False),
    )
}
"""Every metric that a policy can name."""

WHOLE_METRICS = frozenset(
    {
        "profit_without_best_window_ratio",
        "bootstrap_mean_low_ratio",
        "bootstrap_mean_high_ratio",
        "bootstrap_profit_low_ratio",
        "bootstrap_profit_high_ratio",
        "sharpe_per_trade",
        "trades_independent",
        "probabilistic_sharpe_ratio",
        "deflated_sharpe_ratio",
        "trades_needed",
        "attempts",
        "day_mean_ratio",
        "day_spread_ratio",
        "day_trades",
    }
)
"""Metrics that are measured of all windows together only: single windows hold too few trades to tell luck from skill."""

LUCK_METRICS = WHOLE_METRICS | {
    "profit_fees_doubled_ratio",
    "profit_slippage_ticks_ratio",
    "profit_slippage_spread_ratio",
    "profit_late_entry_ratio",
    "profit_without_best_pair_ratio",
}
"""Metrics that the robustness check measures, of candidates alone."""

EDGE_METRICS = ("edge_low_ratio", "edge_high_ratio")
"""Metrics of running bots that stay true although they are looked at every day."""

RUNNING_METRICS = (*EDGE_METRICS, "slippage_mean_ratio", "parity_ratio", "parity_trades")
"""Metrics that only trades of running bots have."""

CURVE_METRICS = ("profit_total_ratio", "sharpe", "sortino", "calmar", "drawdown_max_ratio")
"""What `measure_curves` measures."""

ACCOUNT_METRICS = (
    *(
        "trades",
        "profit_mean_ratio",
        "win_rate_ratio",
        "profit_factor",
        "expectancy",
        "expectancy_ratio",
        "exposure_ratio",
    ),
    *CURVE_METRICS,
)
"""What `measure` measures."""


def measure(trades: Sequence[ClosedTrade], curves: Sequence[pd.Series]) -> dict[str, float]:
    """All metrics of one account over one or more separate stretches of time.

    Args:
        trades: closed trades of all stretches.
        curves: one equity curve a stretch, float (n,), indexed by UTC time, in order; each starts at its own starting balance. Stretches
            are linked geometrically: a stretch's growth is applied to what the one before ended with.

    Returns:
        metric -> value; NaN where a definition has no answer (no trades, no variance), infinite where it divides by zero losses.
    """
    import numpy as np

    profits = np.array([trade.profit for trade in trades], dtype=float)
    ratios = np.array([trade.profit_ratio for trade in trades], dtype=float)
    return {
        "trades": float(len(profits)),
        "profit_mean_ratio": float(ratios.mean()) if len(ratios) else math.nan,
        "win_rate_ratio": float((profits > 0).mean()) if len(profits) else math.nan,
        "profit_factor": profit_factor(profits),
        "expectancy": float(profits.mean()) if len(profits) else math.nan,
        "expectancy_ratio": expectancy_ratio(profits),
        "exposure_ratio": exposure(trades, curves),
    } | measure_curves(curves)


def measure_curves(curves: Sequence[pd.Series]) -> dict[str, float]:
    """The metrics that need no trades; see `measure`. The market is measured with these."""
    import numpy as np

    daily = np.concatenate([daily_returns(curve) for curve in curves]) if curves else np.array([])
    total = math.prod(float(curve.iloc[-1]) / float(curve.iloc[0]) for curve in curves) - 1.0 if curves else math.nan
    drawdown = max_drawdown(curves)
    return {
        "profit_total_ratio": total,
        "sharpe": sharpe(daily),
        "sortino": sortino(daily),
        "calmar": calmar(total, drawdown, sum((curve.index[-1] - curve.index[0] for curve in curves), timedelta())),
        "drawdown_max_ratio": drawdown,
    }


def profit_factor(profits: np.ndarray) -> float:
    """Gross profit over gross loss (both positive); infinite without a loss, NaN without trades. freqtrade answers 0 without a loss."""
    gains, losses = float(profits[profits > 0].sum()), float(-profits[profits < 0].sum())
    if losses == 0:
        return math.inf if gains > 0 else math.nan
    return gains / losses


def expectancy_ratio(profits: np.ndarray) -> float:
    """Expected profit in units of the average loss (Tharp, "Trade Your Way to Financial Freedom", 2nd ed., 2007, ch. 7).

    Equals freqtrade's `(1 + average win / average loss) * win rate - 1` where no trade ends at exactly zero; NaN without a loss.
    """
    losses = profits[profits < 0]
    loss = -float(losses.mean()) if len(losses) else 0.0
    return float(profits.mean()) / loss if loss else math.nan


def daily_returns(curve: pd.Series) -> np.ndarray:
    """Simple returns between the last values of successive UTC days, the first against the curve's start; float (days,).

    A value at midnight belongs to the day that it ends.
    """
    import numpy as np

    days = (cast("pd.DatetimeIndex", curve.index[1:]) - timedelta(milliseconds=1)).floor("D")
    closes = curve.iloc[1:].groupby(days).last().to_numpy(dtype=float)
    values = np.concatenate(([float(curve.iloc[0])], closes))
    return values[1:] / values[:-1] - 1.0


def sharpe(daily: np.ndarray) -> float:
    """Mean over sample standard deviation (n - 1) of daily returns, times the root of 365; risk-free rate 0 (Sharpe, "The Sharpe Ratio", 1994).

    NaN below two days or without variance.
    """
    if len(daily) < 2:
        return math.nan
    deviation = float(daily.std(ddof=1))
    return float(daily.mean()) / deviation * math.sqrt(DAYS_PER_YEAR) if deviation > 1e-15 else math.nan


def sortino(daily: np.ndarray) -> float:
    """Mean of daily returns over their downside deviation, times the root of 365; target 0.

    The downside deviation is the root of the mean of squared shortfalls over *all* days (Sortino & Price, "Performance Measurement in a Downside
    Risk Framework", 1994). NaN below two days, infinite without a losing day.
    """
    import numpy as np

    if len(daily) < 2:
        return math.nan
    downside = math.sqrt(float((np.minimum(daily, 0.0) ** 2).mean()))
    mean = float(daily.mean())
    if downside > 1e-15:
        return mean / downside * math.sqrt(DAYS_PER_YEAR)
    return math.inf if mean > 0 else math.nan


def calmar(total_ratio: float, drawdown_ratio: float, duration: timedelta) -> float:
    """Compound annual growth over maximum drawdown (Young, "Calmar Ratio: A Smoother Tool", 1991).

    NaN without time or after the loss of everything, infinite for a gain without a drawdown.
    """
    days = duration / timedelta(days=1)
    if not math.isfinite(total_ratio) or days <= 0 or total_ratio <= -1:
        return math.nan
    exponent = DAYS_PER_YEAR / days * math.log1p(total_ratio)
    growth = math.expm1(exponent) if exponent < 700 else math.inf
    if drawdown_ratio > 0:
        return growth / drawdown_ratio
    return math.inf if growth > 0 else math.nan


def max_drawdown(curves: Sequence[pd.Series]) -> float:
    """Largest fall from a running peak of the linked curves, as a positive share of that peak; open positions count at each candle's close."""
    import numpy as np

    level, parts = 1.0, []
    for curve in curves:
        part = curve.to_numpy(dtype=float) / float(curve.iloc[0]) * level
        parts.append(part)
        level = float(part[-1])
    if not parts:
        return math.nan
    linked = np.concatenate(parts)
    peaks = np.maximum.accumulate(linked)
    return float(np.max((peaks - linked) / peaks))


def exposure(trades: Sequence[ClosedTrade], curves: Sequence[pd.Series]) -> float:
    """Share of the time in which at least one position was open."""
    total = sum((curve.index[-1] - curve.index[0] for curve in curves), timedelta())
    if not total:
        return math.nan
    held, until = timedelta(), None
    for trade in sorted(trades, key=lambda t: t.opened_at):
        start = trade.opened_at if until is None else max(trade.opened_at, until)
        held += max(trade.closed_at - start, timedelta())
        until = trade.closed_at if until is None else max(until, trade.closed_at)
    return float(held / total)
