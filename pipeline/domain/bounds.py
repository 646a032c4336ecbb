"""What a metric can be at all, so that a threshold that can never be missed, or never be met, is found before anything is judged."""

import math

from pipeline.domain.metrics import CURVE_METRICS, METRICS
from pipeline.domain.policy import Threshold

MARKET_METRICS = CURVE_METRICS
"""What is measured of the market: everything that needs no trades."""

_RANGES = {
    "trades": (0.0, math.inf),
    "profit_total_ratio": (-1.0, math.inf),
    "profit_mean_ratio": (-1.0, math.inf),
    "market_change_ratio": (-1.0, math.inf),
    "profit_factor": (0.0, math.inf),
    "win_rate_ratio": (0.0, 1.0),
    "drawdown_max_ratio": (0.0, 1.0),
    "exposure_ratio": (0.0, 1.0),
    "probabilistic_sharpe_ratio": (0.0, 1.0),
    "deflated_sharpe_ratio": (0.0, 1.0),
    "trades_independent": (0.0, math.inf),
    "trades_needed": (1.0, math.inf),
    "attempts": (1.0, math.inf),
    "parity_ratio": (0.0, 1.0),
    "parity_trades": (0.0, math.inf),
}


def idle_bounds(threshold: Threshold) -> tuple[tuple[str, str], ...]:
    """Key and sentence for each bound of a threshold that its metric can never miss or never meet on the spot market."""
    low, high = _RANGES.get(threshold.metric, (-math.inf, math.inf))
    if threshold.relative_to is not None:
        low, high = low - high, high - low
    found = []
    for key, value, strict in (("above", threshold.above, True), ("at_least", threshold.at_least, False)):
        if value is not None and (value < low or (value == low and not strict)):
            found.append(
                (
                    key,
                    f"{threshold.metric} is never below {low:g}, so this demands nothing{_percent(threshold.metric, value)}",
                )
            )
        elif value is not None and (value > high or (value == high and strict)):
            found.append(
                (
                    key,
                    f"{threshold.metric} is never above {high:g}, so nothing can meet this{_percent(threshold.metric, value)}",
                )
            )
    for key, value, strict in (("below", threshold.below, True), ("at_most", threshold.at_most, False)):
        if value is not None and (value > high or (value == high and not strict)):
            found.append(
                (
                    key,
                    f"{threshold.metric} is never above {high:g}, so this demands nothing{_percent(threshold.metric, value)}",
                )
            )
        elif value is not None and (value < low or (value == low and strict)):
            found.append(
                (
                    key,
                    f"{threshold.metric} is never below {low:g}, so nothing can meet this{_percent(threshold.metric, value)}",
                )
            )
    return tuple(found)


def _percent(metric: str, value: float) -> str:
    """Who writes 25 for a ratio usually means 25 %."""
    return f"; write {value:g}% if that is meant" if METRICS[metric].unit == "ratio" and abs(value) > 1 else ""
