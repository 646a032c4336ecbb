"""Bets against a claim about a mean: what they win is evidence that stays valid however often, and whenever, somebody looks at it.

Observations come in groups whose members share their luck (trades entered on one day); a bet is made on a group's sum. As long as the claim holds,
the wealth of somebody who starts with 1 and bets on the opposite is a nonnegative supermartingale, so it ever reaches 1/error with a probability of
at most `error` (Ville's inequality). Means that were refuted at any look so far are what a confidence sequence leaves out.

Waudby-Smith & Ramdas, "Estimating means of bounded random variables by betting", Journal of the Royal Statistical Society B, 2024: capital
processes, and several constant bets averaged ("grid Kelly"). Howard, Ramdas, McAuliffe & Sekhon, "Time-uniform, nonparametric,
nonasymptotic confidence sequences", Annals of Statistics, 2021: tuned for a number of observations. Catoni, "Challenging the empirical mean and
empirical variance", Annales de l'IHP, 2012: a mean by an influence function, here a clip.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

CLIP = 2.0
"""From how many standard deviations of a group on a result counts no further."""

HORIZON = 300
"""The number of observations for which the bets are sized: there a given mean is told from another one the surest."""

SIZES, SHARES = (1.0, 2.0), (0.8, 0.2)
"""The bets' sizes, relative to the best for the horizon, and how the starting wealth is shared out: the larger sees large differences sooner."""

LARGEST = 0.9
"""The largest share of its wealth that a bet may lose where results are clipped; with 1 a single group could end it."""

RUIN = 4.0
"""How many standard deviations of a group a loss has to be, where losses are not clipped, before it may end a bet."""

FEWEST_GROUPS = 8
"""From fewer groups no spread is told."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How far results spread: the standard deviation of a group's sum, and the mean number of observations in a group."""

    group: float
    size: float

    @property
    def single(self) -> float:
        """The standard deviation of one observation, made larger by what it shares with its group."""
        return self.group / math.sqrt(self.size)

    @property
    def clip(self) -> float:
        """What a group's sum counts at the most, up and down."""
        return CLIP * self.group


@dataclass(frozen=True, slots=True)
class Stakes:
    """Constant bets, chosen before anything was seen: float (bets,) shares of the wealth per unit of a group's sum, and the logarithms of what each
    of them starts with. The claim is refuted where the logarithm of the wealth reaches `target`.
    """

    bets: Floats
    shares: Floats
    clip: float
    target: float


def stakes(scale: Scale, error: float, *, low: bool = False) -> Stakes:
    """The bets `against_high`, or `against_low`, for a scale.

    The best for n observations is `sqrt(2 log(1/error) / n) / s`: it maximises `bet d - bet^2 s^2 / 2` for the smallest difference d that n
    observations can tell (Waudby-Smith & Ramdas 2024, on bets for a fixed n).
    """
    best = math.sqrt(2.0 * math.log(1.0 / error) / HORIZON) / scale.single
    bets = np.minimum(best * np.array(SIZES), 1.0 / (RUIN * scale.group) if low else LARGEST / scale.clip)
    return Stakes(bets, np.log(SHARES), scale.clip, math.log(1.0 / error))


def against_high(sums: Floats, counts: Floats, mean: float | Floats, of: Stakes) -> Floats:
    """Evidence that the mean is below `mean`: the wealth's logarithm after each group, float (..., n) from float (..., n) sums and counts.

    `W = sum_k share_k prod_g (1 - bet_k clip(S_g - n_g mean))`. The claim is that clipped differences are not below 0 on average, given all
    that was seen before. An infinite sum counts as the clip: the worst for the evidence, for a group that is not known yet.
    """
    return _wealth(-np.clip(sums - counts * mean, -of.clip, of.clip), of)


def against_low(sums: Floats, counts: Floats, mean: float | Floats, of: Stakes) -> Floats:
    """Evidence that the mean is above `mean`, as `against_high`, without any clip: the claim is about the mean itself.

    `1 + bet x` needs losses that are bounded, by stop losses: one beyond `1/bet` ends that bet for good, which is RUIN standard deviations or more.
    """
    return _wealth(sums - counts * mean, of)


def _wealth(edges: Floats, of: Stakes) -> Floats:
    """The logarithm of the wealth of all bets together, after each group of float (..., n) results."""
    total: Floats = np.full(edges.shape, -np.inf)
    for bet, share in zip(of.bets, of.shares, strict=True):
        with np.errstate(divide="ignore"):
            total = np.logaddexp(total, share + np.cumsum(np.log(np.maximum(1.0 + bet * edges, 0.0)), axis=-1))
    return total


def highest_mean(sums: Floats, counts: Floats, of: Stakes) -> float:
    """The upper end of the confidence sequence, intersected over all looks so far: every mean above it was refuted; infinite without evidence."""
    return _boundary(sums, counts, of, 1.0)


def lowest_mean(sums: Floats, counts: Floats, of: Stakes) -> float:
    """The lower end; every mean below it was refuted, minus infinity without evidence."""
    return _boundary(sums, counts, of, -1.0)


def _boundary(sums: Floats, counts: Floats, of: Stakes, side: float) -> float:
    """The least extreme mean that is refuted on one side; evidence grows with the distance, so it is found by halving."""

    def refuted(mean: float) -> bool:
        path = (against_high if side > 0 else against_low)(sums, counts, mean, of)
        return bool(len(path)) and float(path.max()) >= of.target

    kept = side * -_reach(sums, counts, of)
    gone = -kept
    if not refuted(gone):
        return side * math.inf
    for _ in range(60):
        middle = (kept + gone) / 2.0
        kept, gone = (kept, middle) if refuted(middle) else (middle, gone)
    return gone


def _reach(sums: Floats, counts: Floats, of: Stakes) -> float:
    """A mean so extreme that no other one is refuted if it is not."""
    known = np.isfinite(sums)
    return float(np.max(np.abs(sums[known] / counts[known]), initial=0.0)) + 2.0 * of.clip


def location(sums: Floats, counts: Floats, clip: float) -> float:
    """The mean by the same clip: the m for which `sum_g clip(S_g - n_g m)` is 0 (Huber, Annals of Mathematical Statistics, 1964; Catoni 2012).

    What a backtest promised is measured by it, so that a claim about clipped results is a claim about what was promised.
    """
    low, high = float((sums / counts).min()), float((sums / counts).max())
    for _ in range(60):
        middle = (low + high) / 2.0
        if float(np.clip(sums - counts * middle, -clip, clip).sum()) > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2.0


def scale_of(sums: Floats, counts: Floats) -> Scale | None:
    """How far groups spread around the mean of all; None below FEWEST_GROUPS groups or without any spread."""
    if len(sums) < FEWEST_GROUPS:
        return None
    spread = float(np.sqrt(((sums - counts * sums.sum() / counts.sum()) ** 2).mean()))
    return Scale(spread, float(counts.mean())) if spread > 1e-9 else None


def observations_until(difference: float, scale: Scale, error: float, *, low: bool = False) -> float:
    """About how many observations it takes until a true mean that lies this far away is told from the claim, in half of the cases.

    The number at which the expected logarithm of the wealth, `n (bet d - bet^2 s^2 / 2)` for each bet, reaches the target; infinite for none.
    """
    if not difference > 0:
        return math.inf
    of = stakes(scale, error, low=low)
    growth = of.bets * difference - (of.bets * scale.single) ** 2 / 2.0
    if growth.max() <= 0:
        return math.inf
    few, many = 0.0, float((of.target - of.shares.min()) / growth.max())
    for _ in range(60):
        middle = (few + many) / 2.0
        reached = bool(np.logaddexp.reduce(of.shares + middle * growth) >= of.target)
        few, many = (few, middle) if reached else (middle, many)
    return math.ceil(many)
