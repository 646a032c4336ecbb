"""How often a policy lets strategies through whose true edge is known."""

import math
from dataclasses import dataclass
from statistics import NormalDist

from pipeline.domain.synthetic import Kind

TRIES = 10
"""How many tries somebody makes who takes the best."""

ALLOWED = 0.05
"""The share of strategies without an edge that a policy may let through, also as the best of TRIES."""

EDGE = 0.15
"""The edge whose trades are counted."""

POWER = 0.8
"""How often a strategy with an edge is to pass before its trades count as enough."""

MOST_TRADES = 5000
"""With more trades than this, nobody looks whether they are enough."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many of so many passed; `low` and `high` hold the true share with 95 % confidence (Wilson, JASA, 1927)."""

    passed: int
    of: int

    @property
    def share(self) -> float:
        return self.passed / self.of

    @property
    def low(self) -> float:
        return self._wilson(-1.0)

    @property
    def high(self) -> float:
        return self._wilson(1.0)

    def _wilson(self, side: float) -> float:
        z, n, p = NormalDist().inv_cdf(0.975), self.of, self.share
        middle = p + z * z / (2 * n)
        return max(0.0, (middle + side * z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))) / (1 + z * z / n))


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of strategy: how often one passes `alone`, how often any of ten does with every try `counted`, and with none counted."""

    kind: Kind
    alone: Rate
    counted: Rate
    uncounted: Rate


@dataclass(frozen=True, slots=True)
class Simulated:
    """What a policy lets through, and how many trades an edge of EDGE needs as the first and as the tenth try (None: more than MOST_TRADES)."""

    environment: str
    policy_digest: str
    runs: int
    seed: int
    rows: tuple[Row, ...]
    needed_first: int | None
    needed_tenth: int | None
