"""What a watch samples of a bot over time, and which samples are kept when there are too many: those on which every metric rests."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from pipeline.domain.bot_report import BotHealth
from pipeline.domain.slippage import slippage_ratio
from pipeline.domain.trades import ClosedTrade

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


def sample_of(
    of: tuple[str, str, str],
    at: datetime,
    state: str,
    *,
    capital: float,
    equity: float | None,
    closed: Sequence[ClosedTrade] | None,
    open_trades: int | None,
    health: BotHealth | None,
    errors: int = 0,
) -> Sample:
    """What one look at a bot is kept as.

    Args:
        of: strategy, bundle and stake currency.
        capital: what the bundle began with; `closed` are the trades that it opened and closed itself, None where it did not tell.
    """
    return Sample(
        *of,
        at,
        state,
        balance=None if closed is None else capital + sum(trade.profit for trade in closed),
        equity=equity,
        open_trades=open_trades,
        closed_trades=None if closed is None else len(closed),
        wins=None if closed is None else sum(trade.profit > 0 for trade in closed),
        fees=None if closed is None else sum(fees_of(trade) for trade in closed),
        slippage_ratio=None if closed is None else slippage_ratio(closed),
        looped_at=health.last_loop_at if health else None,
        errors=errors,
    )


def fees_of(trade: ClosedTrade) -> float:
    """What a trade paid in fees, in the stake currency."""
    if not trade.fills:
        return trade.amount * (trade.open_rate * trade.fee_open_ratio + trade.close_rate * trade.fee_close_ratio)
    ratios = {"buy": trade.fee_open_ratio, "sell": trade.fee_close_ratio}
    return sum(fill.amount * fill.price * ratios.get(fill.side, trade.fee_close_ratio) for fill in trade.fills)


def kept(at: Sequence[int], equity: Sequence[float | None], states: Sequence[int], bucket_ms: int) -> list[bool]:
    """Which samples stay, so that no metric of the equity curve changes.

    Args:
        at: times in milliseconds, ascending.
        equity: None or NaN where it is not known.
        states: a number for each state of the bot.

    Of each bucket the first, last, highest and lowest equity (open, high, low, close) stay, and both ends of its own largest drawdown. A largest
    drawdown within one bucket is that bucket's own; one that spans several goes from the highest of its first to the lowest of its last. A
    bucket includes its end, as a day includes its midnight. The bucket's first and last sample stay in any case, and every one at which
    the state changed.

    Without numpy, because the watch calls it, which runs for months beside bots on a small device.
    """
    stay = [place > 0 and states[place] != states[place - 1] for place in range(len(at))]
    for _, places in groupby(range(len(at)), key=lambda place: (at[place] - 1) // bucket_ms):
        bucket = list(places)
        known = [(place, value) for place in bucket if (value := equity[place]) is not None and math.isfinite(value)]
        for place in (bucket[0], bucket[-1], *_corners(known)):
            stay[place] = True
    return stay


def _corners(known: Sequence[tuple[int, float]]) -> Iterator[int]:
    """The places of the first, last, highest and lowest value, and of the ends of the largest fall relative to its peak."""
    if not known:
        return
    highest = lowest = peak = trough = known[0]
    largest = 0.0
    for one in known:
        highest = one if one[1] > highest[1] else highest
        lowest = one if one[1] < lowest[1] else lowest
        fall = (highest[1] - one[1]) / highest[1] if highest[1] > 0 else 0.0
        if fall > largest:
            largest, peak, trough = fall, highest, one
    yield from (place for place, _ in (known[0], known[-1], highest, lowest, peak, trough))
