"""What trades would have made had trading cost more: each fill is priced anew, and nothing else changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.domain.statistics.spread import high_low_spread
from pipeline.domain.trades import ClosedTrade, Fill

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

SLIPPED_TICKS = 2
"""By how many of the exchange's ticks each fill is made worse."""


@dataclass(frozen=True, slots=True)
class Pair:
    """What it takes to price a fill of one pair otherwise.

    `tick` in the quote currency; `spread_ratio` between bid and ask, relative to the price; `opened_at` (UTC, ascending) and `opens` are the
    candles' opening times and prices, (n,) each.
    """

    tick: float
    spread_ratio: float
    opened_at: pd.DatetimeIndex
    opens: Floats


def pair_costs(frame: pd.DataFrame, tick: float, slippage_ratio: float = 0.0) -> Pair:
    """From a pair's candles (columns date, open, high, low); no spread is narrower than a tick.

    `slippage_ratio` is what bots were seen to lose on an order: where that is more than half the spread, the spread is twice as much.
    """
    opens = frame["open"].to_numpy(dtype=float)
    estimated = high_low_spread(frame)
    usual = float(np.median(opens)) if len(opens) else np.nan
    spread = float(np.maximum(np.maximum(estimated, tick / usual), 2 * slippage_ratio)) if usual > 0 else np.nan
    return Pair(tick, spread, pd.DatetimeIndex(frame["date"]), opens)


@dataclass(frozen=True, slots=True)
class Fills:
    """The fills of `trades` trades as columns of length m.

    `trade` is the index of its trade; `sign` 1 for a buy, -1 for a sell; `price` in the quote currency; `amount` in the base currency;
    `fee` the fee's ratio. `tick` and `spread` are the pair's. `late` is, for a buy, the opening price of the next candle, or infinite
    where that candle opens only when the position is already closed. What is not known of a pair is NaN.
    """

    trades: int
    trade: Integers
    sign: Floats
    price: Floats
    amount: Floats
    fee: Floats
    tick: Floats
    spread: Floats
    late: Floats


def fills_of(trades: Sequence[ClosedTrade], pairs: Mapping[str, Pair]) -> Fills:
    """The columns of a list of trades; a pair that is not known has the tick, spread and late price NaN."""
    rows = [(index, trade, fill) for index, trade in enumerate(trades) for fill in trade.fills or _two(trade)]
    unknown = Pair(np.nan, np.nan, pd.DatetimeIndex([], tz="UTC"), np.array([]))
    known = [pairs.get(trade.pair, unknown) for _, trade, _ in rows]
    return Fills(
        trades=len(trades),
        trade=np.array([index for index, _, _ in rows], dtype=np.int64),
        sign=np.array([1.0 if fill.side == "buy" else -1.0 for _, _, fill in rows]),
        price=np.array([fill.price for _, _, fill in rows], dtype=float),
        amount=np.array([fill.amount for _, _, fill in rows], dtype=float),
        fee=np.array([t.fee_open_ratio if f.side == "buy" else t.fee_close_ratio for _, t, f in rows], dtype=float),
        tick=np.array([pair.tick for pair in known], dtype=float),
        spread=np.array([pair.spread_ratio for pair in known], dtype=float),
        late=_late(rows, pairs),
    )


def profits(fills: Fills) -> Floats:
    """float (trades,): what each trade made after fees, in the stake currency."""
    return _profits(fills, fills.price, fills.amount, fills.fee)


def profits_with_fees(fills: Fills, times: float) -> Floats:
    """`profits` with every fee so many times as high."""
    return _profits(fills, fills.price, fills.amount, fills.fee * times)


def profits_with_ticks(fills: Fills, ticks: float = SLIPPED_TICKS) -> Floats:
    """`profits` with every fill so many ticks worse: buys dearer, sells cheaper."""
    return _profits(fills, fills.price + fills.sign * fills.tick * ticks, fills.amount, fills.fee)


def profits_with_spread(fills: Fills) -> Floats:
    """`profits` with every fill half a spread worse: candles show trades, which happen at the bid about as often as at the ask."""
    return _profits(fills, fills.price * (1.0 + fills.sign * fills.spread / 2.0), fills.amount, fills.fee)


def profits_with_late_entry(fills: Fills) -> Floats:
    """`profits` with every buy one candle later, for the same money; sells happen at the same times and prices, of what there is to sell.

    A buy whose candle would come only when the position is closed is not made; a trade without any makes nothing.
    """
    buys, made = fills.sign > 0, ~np.isinf(fills.late)
    price = np.where(buys & made, fills.late, fills.price)
    amount = np.where(buys, np.where(made, fills.amount * fills.price / price, 0.0), fills.amount)
    before = np.bincount(fills.trade, np.where(buys, fills.amount, 0.0), fills.trades)
    after = np.bincount(fills.trade, np.where(buys, amount, 0.0), fills.trades)
    share = np.divide(after, before, out=np.zeros(fills.trades), where=before > 0)
    return _profits(fills, price, np.where(buys, amount, fills.amount * share[fills.trade]), fills.fee)


def _profits(fills: Fills, price: Floats, amount: Floats, fee: Floats) -> Floats:
    money = -fills.sign * amount * price * (1.0 + fills.sign * fee)
    made: Floats = np.bincount(fills.trade, money, fills.trades).astype(np.float64)
    return made


def _two(trade: ClosedTrade) -> tuple[Fill, Fill]:
    """A trade whose orders are not known was bought at once and sold at once."""
    return (
        Fill("buy", trade.opened_at, trade.open_rate, trade.amount),
        Fill("sell", trade.closed_at, trade.close_rate, trade.amount),
    )


def _late(rows: Sequence[tuple[int, ClosedTrade, Fill]], pairs: Mapping[str, Pair]) -> Floats:
    found = np.full(len(rows), np.nan)
    for name, pair in pairs.items():
        if not len(pair.opened_at):
            continue
        mine = [place for place, (_, trade, fill) in enumerate(rows) if trade.pair == name and fill.side == "buy"]
        at = pd.DatetimeIndex([rows[place][2].at for place in mine], tz="UTC")
        closed = pd.DatetimeIndex([rows[place][1].closed_at for place in mine], tz="UTC")
        following = pair.opened_at.searchsorted(at, side="right")
        inside = np.minimum(following, len(pair.opened_at) - 1)
        in_time = (following < len(pair.opened_at)) & (pair.opened_at[inside] < closed)
        found[mine] = np.where(in_time, pair.opens[inside], np.inf)
    return found
