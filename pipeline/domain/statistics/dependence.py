"""How strongly successive trades depend on each other, and so how many independent ones they are worth."""

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


def block_length(values: Floats, together: float = 1.0) -> float:
    """The mean block length for the stationary bootstrap of float (n,) values in time order, at least 1.

    Where `together` trades are open at once on average, blocks must be long enough to seldom cut companions apart: at least
    `3 together - 2`. From few trades alone, their dependence is told too small. Otherwise the length comes from the values:

    Politis & White, "Automatic Block-Length Selection for the Dependent Bootstrap", Econometric Reviews, 2004, corrected by Patton, Politis &
    White, 2009: `(2 G^2 / D)^(1/3) n^(1/3)` with `D = 2 g(0)^2`; G and g(0) are sums of autocovariances under a flat-top window of 2 m lags.
    m is the lag after which the autocorrelations stay within `2 sqrt(log10(n) / n)` for `max(5, sqrt(log10 n))` lags. At most
    `min(3 sqrt(n), n / 3)`.
    """
    count = len(values)
    longest = max(1.0, min(3 * math.sqrt(count), count / 3))
    least = min(max(1.0, 3 * together - 2), longest)
    if count < 8:
        return least
    covariances = autocovariances(values)
    if covariances[0] <= 0:
        return least
    bandwidth = min(2 * max(_last_correlated_lag(covariances / covariances[0]), 1), count - 1)
    lags = np.arange(1, bandwidth + 1)
    weighted = np.clip(2.0 * (1.0 - lags / bandwidth), 0.0, 1.0) * covariances[1 : bandwidth + 1]
    spectrum = float(covariances[0] + 2 * weighted.sum())
    curvature = float(2 * (lags * weighted).sum())
    if spectrum == 0:
        return longest
    best = (curvature**2 / spectrum**2) ** (1 / 3) * count ** (1 / 3)
    return float(min(max(best, least), longest))


def _last_correlated_lag(correlations: Floats) -> int:
    """The smallest lag after which a run of autocorrelations is not told from zero."""
    count = len(correlations)
    run = max(5, math.ceil(math.sqrt(math.log10(count))))
    last = min(math.ceil(math.sqrt(count)) + run, count - run - 1)
    small = np.abs(correlations) < 2 * math.sqrt(math.log10(count) / count)
    return next((lag for lag in range(last) if small[lag + 1 : lag + 1 + run].all()), max(last, 1))


def open_at_once(opened: Integers, closed: Integers) -> float:
    """How many trades are open, on average over int (n,) opening and closing times, when one is opened; itself counts. 1 without trades."""
    if not len(opened):
        return 1.0
    begun = np.searchsorted(np.sort(opened), opened, side="right")
    ended = np.searchsorted(np.sort(closed), opened, side="right")
    return float(np.maximum(begun - ended, 1).mean())


def variance_inflation(values: Floats, length: float) -> float:
    """By how much dependence inflates the variance of the mean of float (n,) values; at least 1.

    The variance of the mean under the stationary bootstrap with mean block length `length`, over that of independent values (Politis & Romano,
    "The Stationary Bootstrap", JASA, 1994, Lemma 1): `1 + 2 sum b(k) r(k)`, `b(k) = (1 - k/n) (1 - p)^k + k/n (1 - p)^(n - k)`, `p = 1/length`.
    Autocovariances around the sample's own mean are too small: by the share `(2 length - 1) / n` together, which is made good here. Dependence
    that would make the mean surer than independence does is not counted.
    """
    count = len(values)
    covariances = autocovariances(values)
    if count < 2 or not covariances[0] > 0:
        return 1.0
    lags, kept = np.arange(1, count), 1.0 - 1.0 / length
    weights = (1 - lags / count) * kept**lags + lags / count * kept ** (count - lags)
    inflation = 1.0 + 2.0 * float((weights * covariances[1:]).sum() / covariances[0])
    return max(1.0, inflation / (1.0 - min((2.0 * length - 1.0) / count, 0.75)))


def autocovariances(values: Floats) -> Floats:
    """float (n,): the autocovariance at lags 0 to n - 1, each a sum over the pairs at hand, divided by n."""
    count = len(values)
    centred = values - values.mean()
    size = 1 << (2 * count - 1).bit_length()
    spectrum = np.fft.rfft(centred, size)
    found: Floats = np.fft.irfft(spectrum * np.conj(spectrum), size)[:count] / count
    return found
