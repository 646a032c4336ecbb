"""The stationary bootstrap: the same trades in other orders and other luck, with what follows on each other kept together."""

import hashlib

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

RESAMPLES = 1000
"""How often a list of trades is drawn anew; the interval's ends then vary by a few hundredths of its width."""


def seeded(text: str) -> np.random.Generator:
    """A stream of random numbers (PCG64) that depends on a text and on nothing else."""
    return np.random.Generator(np.random.PCG64(int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big")))


def resampled_means(values: Floats, length: float, dice: np.random.Generator, resamples: int = RESAMPLES) -> Floats:
    """The means of resampled values: float (resamples, k) from float (n, k) in time order.

    Blocks begin anywhere, go round from the last value to the first, and have geometrically distributed lengths of mean `length`; all k columns
    are drawn together (Politis & Romano, "The Stationary Bootstrap", JASA, 1994).
    """
    count, columns = values.shape
    begins = dice.random((resamples, count), dtype=np.float32) < np.float32(1.0 / length)
    begins[:, 0] = True
    at = np.flatnonzero(begins)
    first = np.minimum((dice.random(len(at)) * count).astype(np.int64), count - 1)
    beyond = first + np.diff(at, append=resamples * count)
    rows = np.searchsorted(at, np.arange(resamples) * count)
    means: Floats = np.empty((resamples, columns))
    for column in range(columns):
        running = np.concatenate(([0.0], np.cumsum(np.tile(values[:, column], 2))))
        means[:, column] = np.add.reduceat(running[beyond] - running[first], rows) / count
    return means


def interval(means: Floats, confidence: float) -> tuple[Floats, Floats]:
    """The lower and upper end, float (k,) each, between which the middle `confidence` of float (resamples, k) means lie (percentile interval)."""
    tail = (1.0 - confidence) / 2.0
    low, high = np.quantile(means, (tail, 1.0 - tail), axis=0)
    return low, high
