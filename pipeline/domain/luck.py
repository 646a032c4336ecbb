"""How much of a result could be luck: the numbers behind the robustness check, from trades alone."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.domain import costs
from pipeline.domain.costs import Fills
from pipeline.domain.lineage import Attempts
from pipeline.domain.statistics.betting import location, scale_of
from pipeline.domain.statistics.bootstrap import interval, resampled_means, seeded
from pipeline.domain.statistics.dependence import block_length, open_at_once, variance_inflation
from pipeline.domain.statistics.sharpe import luck, luck_variance, observations_needed, probabilistic, shape
from pipeline.domain.verdict import ALL_WINDOWS, Measurement

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

DAY_NS = 86_400 * 10**9

INTERVAL = 0.95
"""How much of the resampled means lies within the confidence interval."""


@dataclass(frozen=True, slots=True)
class Sample:
    """All trades of one candidate, in the order in which they were opened.

    `windows` are their names; `window` and `pair` number each trade's window and pair, int (n,). `profit` float (n,) is in the stake currency,
    `ratio` float (n,) relative to what was paid, both after fees. `opened` and `closed`, int (n,), are times in nanoseconds. `wallet` is what
    each window starts with; `seed` names the trades.
    """

    windows: tuple[str, ...]
    window: Integers
    pair: Integers
    profit: Floats
    ratio: Floats
    opened: Integers
    closed: Integers
    fills: Fills
    wallet: float
    seed: str

    @property
    def sound(self) -> bool:
        """Whether all numbers are numbers, and all prices above zero."""
        columns = (self.profit, self.ratio, self.fills.price, self.fills.amount, self.fills.fee)
        return all(bool(np.isfinite(column).all()) for column in columns) and bool((self.fills.price > 0).all())

    @property
    def block(self) -> float:
        """The mean length of the blocks in which trades depend on each other."""
        return block_length(self.ratio, open_at_once(self.opened, self.closed))

    def growths(self, profit: Floats) -> Floats:
        """float (windows,): what each window multiplies its wallet with if the trades make float (n,) `profit`."""
        return 1.0 + np.bincount(self.window, profit, len(self.windows)) / self.wallet


def sharpe_values(sample: Sample, attempts: Attempts | None) -> list[Measurement]:
    """The Sharpe ratio per trade and what it is worth; all windows together. `attempts` is None where they could not be counted."""
    of, independent = shape(sample.ratio), worth(sample)
    total = math.nan if attempts is None else float(attempts.total)
    needed = deflated = math.nan
    if attempts is not None:
        benchmark = luck(total, luck_variance(independent))
        deflated = probabilistic(of, benchmark, independent)
        needed = observations_needed(of, total) * (of.count / independent if independent > 0 else math.nan)
    return _together(
        sharpe_per_trade=of.sharpe,
        trades_independent=independent,
        attempts=total,
        probabilistic_sharpe_ratio=probabilistic(of, 0.0, independent),
        deflated_sharpe_ratio=deflated,
        trades_needed=math.ceil(needed) if math.isfinite(needed) else needed,
    )


def worth(sample: Sample) -> float:
    """How many independent trades the sample is worth; at most as many as there are, NaN where they have no variance."""
    if len(sample.ratio) < 2 or math.isnan(shape(sample.ratio).sharpe):
        return math.nan
    return len(sample.ratio) / variance_inflation(sample.ratio, sample.block)


def interval_values(sample: Sample, _attempts: Attempts | None = None) -> list[Measurement]:
    """Confidence intervals of the mean profit per trade and of the profit on the wallet; all windows together, without compounding."""
    low, high = np.full(2, math.nan), np.full(2, math.nan)
    if not math.isnan(shape(sample.ratio).sharpe):
        columns = np.column_stack((sample.ratio, sample.profit / sample.wallet * len(sample.profit)))
        means = resampled_means(columns, sample.block, seeded(sample.seed))
        low, high = interval(means, INTERVAL)
    return _together(
        bootstrap_mean_low_ratio=float(low[0]),
        bootstrap_mean_high_ratio=float(high[0]),
        bootstrap_profit_low_ratio=float(low[1]),
        bootstrap_profit_high_ratio=float(high[1]),
    )


def day_values(sample: Sample, _attempts: Attempts | None = None) -> list[Measurement]:
    """What the trades promise of a day: with these numbers a running bot is compared; NaN where days are too few, or all alike."""
    _, day, counted = np.unique(sample.opened // DAY_NS, return_inverse=True, return_counts=True)
    sums, counts = np.bincount(day, sample.ratio, len(counted)).astype(float), counted.astype(float)
    scale = scale_of(sums, counts)
    if scale is None:
        return _together(day_mean_ratio=math.nan, day_spread_ratio=math.nan, day_trades=math.nan)
    mean = location(sums, counts, scale.clip)
    return _together(day_mean_ratio=mean, day_spread_ratio=scale.group, day_trades=scale.size)


COSTS: dict[str, Callable[[Fills], Floats]] = {
    "profit_fees_doubled_ratio": lambda fills: costs.profits_with_fees(fills, 2.0),
    "profit_slippage_ticks_ratio": costs.profits_with_ticks,
    "profit_slippage_spread_ratio": costs.profits_with_spread,
    "profit_late_entry_ratio": costs.profits_with_late_entry,
}
"""Metric -> what each trade would have made."""


def cost_values(sample: Sample, _attempts: Attempts | None = None) -> list[Measurement]:
    """The profit at higher costs, in each window and all together; amounts stay, so smaller stakes after losses are not compounded."""
    return [
        measurement for metric, make in COSTS.items() for measurement in _linked(metric, sample, make(sample.fills))
    ]


def left_out_values(sample: Sample, _attempts: Attempts | None = None) -> list[Measurement]:
    """The profit without the pair, and without the window, that it would miss most; NaN where there are fewer than two."""
    pairs = np.unique(sample.pair)
    growths = np.array([sample.growths(np.where(sample.pair == pair, 0.0, sample.profit)) for pair in pairs])
    several = len(pairs) > 1
    found = [
        Measurement("profit_without_best_pair_ratio", float(growths[:, i].min()) - 1.0 if several else math.nan, window)
        for i, window in enumerate(sample.windows)
    ]
    together = float(growths.prod(axis=1).min()) - 1.0 if several else math.nan
    whole = sample.growths(sample.profit)
    others = [float(np.delete(whole, index).prod()) - 1.0 for index in range(len(whole))]
    return [
        *found,
        Measurement("profit_without_best_pair_ratio", together, ALL_WINDOWS),
        Measurement("profit_without_best_window_ratio", min(others) if len(others) > 1 else math.nan, ALL_WINDOWS),
    ]


PARTS = (sharpe_values, day_values, left_out_values, cost_values, interval_values)
"""Everything that is measured, the quickest first."""


def _linked(metric: str, sample: Sample, profit: Floats) -> list[Measurement]:
    growths = sample.growths(profit)
    each = [Measurement(metric, float(g) - 1.0, name) for name, g in zip(sample.windows, growths, strict=True)]
    return [*each, Measurement(metric, float(growths.prod()) - 1.0, ALL_WINDOWS)]


def _together(**values: float) -> list[Measurement]:
    return [Measurement(metric, value, ALL_WINDOWS) for metric, value in values.items()]
