"""Made-up bots whose true mean profit per trade is known, many at once: fat tails, volatility in clusters, and trades that share their luck."""

import math
from dataclasses import dataclass

import numpy as np

from pipeline.domain.statistics.betting import Floats, Scale
from pipeline.domain.synthetic import CLUSTERING, DEVIATION_RATIO, FREEDOM, PERSISTENCE

STOP_DEVIATIONS = 5.0
"""A trade loses no more than so many standard deviations: its stop loss."""


@dataclass(frozen=True, slots=True)
class World:
    """How trades come: on one day one of `sizes` of them, with the probabilities `shares`; they have the share `common` of their variance in common.

    `deviation_ratio` is the standard deviation of a trade's profit ratio. `promise_trades` is how many backtested trades the promise was measured on;
    0 where it is exactly true.
    """

    name: str
    sizes: tuple[int, ...] = (1,)
    shares: tuple[float, ...] = (1.0,)
    common: float = 0.0
    deviation_ratio: float = DEVIATION_RATIO
    promise_trades: int = 0

    @property
    def scale(self) -> Scale:
        """The true scale of a day."""
        sizes, shares = np.array(self.sizes, dtype=float), np.array(self.shares)
        size = float((sizes * shares).sum())
        together = float((sizes * (sizes - 1) * shares).sum()) * self.common
        return Scale(self.deviation_ratio * math.sqrt(size + together), size)

    def days_for(self, trades: int) -> int:
        """Days in which so many trades are entered, but for one run in many thousands."""
        return math.ceil(trades / self.scale.size * 1.1) + 25


@dataclass(frozen=True, slots=True)
class Traded:
    """What bots made in a world, float (runs, days): sums of profit ratios around their mean, sums of their squares, and numbers of trades."""

    sums: Floats
    squares: Floats
    counts: Floats

    def shifted(self, mean: float | Floats) -> "Traded":
        """The same with another mean per trade."""
        squares = self.squares + 2.0 * mean * self.sums + self.counts * mean**2
        return Traded(self.sums + self.counts * mean, squares, self.counts)


def trade(world: World, runs: int, trades: int, dice: np.random.Generator) -> Traded:
    """Let `runs` bots with a mean of 0 enter at least so many trades.

    As `synthetic.returns`: Student's t for the tails, the logarithm of volatility an autoregression, here from day to day.
    """
    days = world.days_for(trades)
    volatility = _volatility(runs, days, dice)
    counts = dice.choice(world.sizes, p=world.shares, size=(runs, days)).astype(float)
    shared = math.sqrt(world.common) * _shocks((runs, days), dice) if world.common else 0.0
    sums, squares = np.zeros((runs, days)), np.zeros((runs, days))
    for place in range(max(world.sizes)):
        shock = math.sqrt(1.0 - world.common) * _shocks((runs, days), dice) + shared
        made = world.deviation_ratio * np.maximum(volatility * shock, -STOP_DEVIATIONS)
        made[counts <= place] = 0.0
        sums += made
        squares += made**2
    return Traded(sums, squares, counts)


def _volatility(runs: int, days: int, dice: np.random.Generator) -> Floats:
    """float (runs, days), with a mean square of 1."""
    level: Floats = np.empty((runs, days))
    memory = dice.standard_normal(runs) * CLUSTERING
    innovations = dice.standard_normal((days, runs)) * CLUSTERING * math.sqrt(1 - PERSISTENCE**2)
    for day in range(days):
        memory = level[:, day] = PERSISTENCE * memory + innovations[day]
    return np.exp(level - CLUSTERING**2)


def _shocks(shape: tuple[int, int], dice: np.random.Generator) -> Floats:
    """Student's t, scaled to variance 1."""
    shocks: Floats = dice.standard_t(FREEDOM, shape) * math.sqrt((FREEDOM - 2) / FREEDOM)
    return shocks
