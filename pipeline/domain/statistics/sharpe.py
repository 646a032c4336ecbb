"""What a Sharpe ratio is worth, given how many observations and how many attempts stand behind it.

Nothing here is annualised: ratio, skewness and kurtosis are those of single observations.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

CONFIDENCE = 0.98
"""How sure one wants to be of a Sharpe ratio before its track record counts as long enough; what the default policy demands."""

_EULER_MASCHERONI = 0.5772156649015329
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Shape:
    """A sample of returns: `sharpe` is mean over standard deviation (divisor n - 1); `kurtosis` is 3 for a normal distribution.

    NaN below two observations and without variance.
    """

    count: int
    sharpe: float
    skewness: float
    kurtosis: float


def shape(returns: npt.NDArray[np.float64]) -> Shape:
    """The shape of float (n,) returns; skewness and kurtosis are the moments of the sample, without correction."""
    count = len(returns)
    if count < 2 or not np.isfinite(returns).all():
        return Shape(count, math.nan, math.nan, math.nan)
    mean = float(returns.mean())
    centred = returns - mean
    variance = float((centred**2).mean())
    if variance <= (1e-12 * float(np.abs(returns).max())) ** 2:
        return Shape(count, math.nan, math.nan, math.nan)
    sharpe = mean / math.sqrt(variance * count / (count - 1))
    return Shape(count, sharpe, float((centred**3).mean()) / variance**1.5, float((centred**4).mean()) / variance**2)


def estimation_spread(of: Shape) -> float:
    """The standard deviation of the estimated Sharpe ratio, times the root of n - 1.

    `sqrt(1 - g3 SR + (g4 - 1)/4 SR^2)`: Mertens, "Comments on variance of the IID estimator in Lo (2002)", 2002, as used by Bailey & Lopez de
    Prado, "The Sharpe Ratio Efficient Frontier", Journal of Risk, 2012. NaN where it vanishes.
    """
    squared = 1.0 - of.skewness * of.sharpe + (of.kurtosis - 1.0) / 4.0 * of.sharpe**2
    return math.sqrt(squared) if squared > 1e-12 else math.nan


def probabilistic(of: Shape, benchmark: float, independent: float | None = None) -> float:
    """The probability that the true Sharpe ratio is above `benchmark` (Bailey & Lopez de Prado 2012).

    `independent` observations are counted instead of all of them where given. NaN where the shape has none, or for one observation or less.
    """
    count = of.count if independent is None else independent
    if not count > 1.0:
        return math.nan
    score = (of.sharpe - benchmark) * math.sqrt(count - 1.0) / estimation_spread(of)
    return math.nan if math.isnan(score) else _NORMAL.cdf(score)


def expected_maximum(attempts: float) -> float:
    """What the best of so many independent standard normal numbers is expected to be; 0 for a single one.

    `(1 - g) z(1 - 1/N) + g z(1 - 1/(N e))`, g the Euler-Mascheroni constant, z the normal quantile: Bailey & Lopez de Prado, "The Deflated Sharpe
    Ratio", Journal of Portfolio Management, 2014.
    """
    if attempts <= 1:
        return 0.0
    rare, rarer = _NORMAL.inv_cdf(1 - 1 / attempts), _NORMAL.inv_cdf(1 - 1 / (attempts * math.e))
    return (1 - _EULER_MASCHERONI) * rare + _EULER_MASCHERONI * rarer


def luck(attempts: float, variance: float) -> float:
    """SR0: the Sharpe ratio that the best of so many attempts without an edge is expected to show (2014).

    `variance` is that of the attempts' estimated Sharpe ratios.
    """
    return math.sqrt(variance) * expected_maximum(attempts)


def luck_variance(independent: float) -> float:
    """The variance of the estimated Sharpe ratio of an attempt without an edge: 1 / (n - 1) (Lo, "The Statistics of Sharpe Ratios", 2002)."""
    return 1.0 / (independent - 1.0) if independent > 1.0 else math.nan


def observations_needed(of: Shape, attempts: float, confidence: float = CONFIDENCE, benchmark: float = 0.0) -> float:
    """How many independent observations of this shape it takes until it is more than luck above `benchmark` with `confidence`.

    With one attempt this is the minimum track record length (Bailey & Lopez de Prado 2012): `1 + s^2 (z / (SR - SR*))^2`. With more attempts,
    SR0 shrinks as observations are added, because `luck_variance` does: `1 + ((s z + E[max]) / (SR - SR*))^2`. Infinite where the ratio is not
    above the benchmark.
    """
    if math.isnan(of.sharpe):
        return math.nan
    if of.sharpe <= benchmark:
        return math.inf
    demanded = estimation_spread(of) * _NORMAL.inv_cdf(confidence) + expected_maximum(attempts)
    return 1.0 + (max(demanded, 0.0) / (of.sharpe - benchmark)) ** 2
