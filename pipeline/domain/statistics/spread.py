"""The spread between bid and ask, estimated from candles, because history keeps no order book."""

import math

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]

_K = 3.0 - 2.0 * math.sqrt(2.0)


def high_low_spread(frame: pd.DataFrame) -> float:
    """The mean relative spread over all pairs of successive candles with columns high and low; not below 0, NaN without two candles.

    A high is bought at the ask and a low sold at the bid, and the range of two candles holds twice the variance of one, but the spread only
    once (Corwin & Schultz, "A Simple Way to Estimate Bid-Ask Spreads from Daily High and Low Prices", Journal of Finance, 2012). Negative
    estimates of single pairs stay in the mean; set to zero one by one, they would make a spread out of noise.
    """
    high, low = frame["high"].to_numpy(dtype=float), frame["low"].to_numpy(dtype=float)
    sound = (low > 0) & (high >= low)
    high, low = high[sound], low[sound]
    if len(high) < 2:
        return math.nan
    ranges: Floats = np.log(high / low) ** 2
    beta = ranges[:-1] + ranges[1:]
    gamma = np.log(np.maximum(high[:-1], high[1:]) / np.minimum(low[:-1], low[1:])) ** 2
    alpha = (np.sqrt(2.0 * beta) - np.sqrt(beta)) / _K - np.sqrt(gamma / _K)
    spreads = 2.0 * np.expm1(alpha) / (1.0 + np.exp(alpha))
    return max(0.0, float(spreads.mean()))


def covariance_spread(frame: pd.DataFrame) -> float:
    """The relative spread that makes successive price changes jump back and forth: `2 sqrt(-cov)`; 0 where they do not.

    Roll, "A Simple Implicit Measure of the Effective Bid-Ask Spread in an Efficient Market", Journal of Finance, 1984, on logarithms of the
    column close. NaN below three candles.
    """
    closes = frame["close"].to_numpy(dtype=float)
    changes = np.diff(np.log(closes[closes > 0]))
    if len(changes) < 2:
        return math.nan
    covariance = float(np.mean((changes[1:] - changes[1:].mean()) * (changes[:-1] - changes[:-1].mean())))
    return 2.0 * math.sqrt(-covariance) if covariance < 0 else 0.0
