"""Randomness that is equal on every machine, and the volatility that comes in clusters."""

import hashlib

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

PACES = (6, 24, 96, 288, 864)
"""After how many five-minute steps, on average, each component of the variance is renewed."""

_CALM, _WILD = 0.6, 1.4
_SHOCK_CHANCE = 0.0008
_SHOCK = 3.0


class Dice:
    """A stream of uniform numbers that depends on the seed and on what it is for, and on nothing else."""

    def __init__(self, seed: int, purpose: str) -> None:
        text = f"freqtrain market {seed} {purpose}".encode()
        self._bits = np.random.PCG64(int.from_bytes(hashlib.sha256(text).digest()[:16], "big"))

    def uniform(self, count: int) -> Floats:
        """float (count,) in [0, 1): the upper 53 bits of raw integers, whose stream numpy guarantees."""
        raw = np.asarray(self._bits.random_raw(count), dtype=np.uint64)
        return (raw >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def below(self, bound: int) -> int:
        """An integer in [0, bound); the bias of the remainder is below 2**-50 for the small bounds that are used here."""
        return int(self._bits.random_raw()) % bound

    def bell(self, count: int) -> Floats:
        """float (count,), mean 0, variance 1: four uniforms added (Irwin-Hall), a bell without tails; tails come from the volatility."""
        total = self.uniform(count) + self.uniform(count) + self.uniform(count) + self.uniform(count)
        numbers: Floats = (total - 2.0) * np.sqrt(3.0)
        return numbers


def volatility(dice: Dice, count: int, paces: tuple[int, ...] = PACES) -> Floats:
    """float (count,), mean square about 1: the square root of a product of components that are renewed at random times."""
    variance = np.ones(count)
    for pace in paces:
        renewed = dice.uniform(count) < 1.0 / pace
        renewed[0] = True
        drawn = np.where(dice.uniform(count) < 0.5, _CALM, _WILD)
        since = np.maximum.accumulate(np.where(renewed, np.arange(count), 0))
        variance = variance * drawn[since]
    shocked = dice.uniform(count) < _SHOCK_CHANCE
    return np.sqrt(variance) * np.where(shocked, _SHOCK, 1.0)
