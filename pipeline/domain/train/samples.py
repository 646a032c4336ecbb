"""What a watch samples of a bot over time, and which samples are kept when there are too many: those on which every metric rests."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

BUCKET = timedelta(hours=1)
"""Of each such stretch, ending with it, a few samples are kept. It divides a day, so that a day's last sample stays."""

KEPT_WHOLE = timedelta(hours=48)
"""For so long every sample is kept."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One look at one bundle's bot; None where it did not tell.

    Money is in `currency`; these are measurements, hence floats. `balance` counts closed trades only, `equity` open positions at current prices
    too. `closed_trades`, `wins` (of those), `fees` (money), `slippage_ratio` (the mean by which fills were worse than the orders' prices) and
    `errors` (failed looks and orders) are totals of the bundle so far, so that a later sample says all that an earlier one did.
    """

    strategy: str
    bundle: str
    currency: str
    at: datetime
    state: str
    balance: float | None = None
    equity: float | None = None
    open_trades: int | None = None
    closed_trades: int | None = None
    wins: int | None = None
    fees: float | None = None
    slippage_ratio: float | None = None
    looped_at: datetime | None = None
    errors: int = 0


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of which nothing is known, and why; of every bundle where `strategy` is empty."""

    strategy: str
    bundle: str
    since: datetime
    until: datetime
    reason: str


def kept(at: Integers, equity: Floats, states: Integers, bucket_ms: int) -> npt.NDArray[np.bool_]:
    """bool (n,): which samples stay, so that no metric of the equity curve changes.

    Args:
        at: int (n,), times in milliseconds, ascending.
        equity: float (n,), NaN where it is not known.
        states: int (n,), a number for each state of the bot.

    Of each bucket the first, last, highest and lowest equity (open, high, low, close) stay, and both ends of its own largest drawdown. A largest
    drawdown within one bucket is that bucket's own; one that spans several goes from the highest of its first to the lowest of its last. A
    bucket includes its end, as a day includes its midnight. The bucket's first and last sample stay in any case, and every one at which
    the state changed.
    """
    stay = np.zeros(len(at), dtype=bool)
    if not len(at):
        return stay
    buckets = (at - 1) // bucket_ms
    starts = np.flatnonzero(np.concatenate(([True], buckets[1:] != buckets[:-1])))
    ends = np.append(starts[1:], len(at))
    stay[starts] = stay[ends - 1] = True
    stay[1:] |= states[1:] != states[:-1]
    for start, end in zip(starts, ends, strict=True):
        known = start + np.flatnonzero(np.isfinite(equity[start:end]))
        if len(known):
            stay[known[_corners(equity[known])]] = True
    return stay


def _corners(values: Floats) -> list[int]:
    """First, last, highest, lowest, and the ends of the largest fall relative to its peak; of float (n,), n at least 1."""
    peaks = np.maximum.accumulate(values)
    with np.errstate(divide="ignore", invalid="ignore"):
        falls = np.where(peaks > 0, (peaks - values) / peaks, 0.0)
    trough = int(np.argmax(falls))
    peak = int(np.argmax(values[: trough + 1]))
    return [0, len(values) - 1, int(np.argmax(values)), int(np.argmin(values)), peak, trough]
