"""A bundle's numbers as functions of time, ready to be drawn: balance, equity, win rate, drawdown, and what its trades leave possible."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd

from pipeline.domain.bot_report import BotHealth
from pipeline.domain.slippage import slippage_ratio
from pipeline.domain.statistics.betting import Floats, highest_mean, lowest_mean, stakes
from pipeline.domain.trades import ClosedTrade
from pipeline.domain.train.edge import HIGH_ERROR, LOW_ERROR, USUAL, Promise, by_day
from pipeline.domain.train.samples import Gap, Sample


@dataclass(frozen=True, slots=True)
class Line:
    """One number over time.

    `values`: float (n,), indexed by UTC time, ascending; NaN where it is not known, so that nothing is drawn there. `unit` is as in
    `metrics.Metric`: ratio, count, money or number.
    """

    name: str
    title: str
    unit: str
    values: pd.Series


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


def equity_over_time(equity: pd.Series, gaps: Sequence[Gap] = ()) -> Line:
    """The equity, with a hole wherever nobody looked."""
    return Line("equity", "equity", "money", with_holes(equity, gaps))


def drawdown_over_time(equity: pd.Series, gaps: Sequence[Gap] = ()) -> Line:
    """How far the equity lay below its highest value so far, as a positive share of that."""
    peaks = equity.cummax()
    return Line("drawdown_ratio", "drawdown", "ratio", with_holes((peaks - equity) / peaks, gaps))


def balance_over_time(trades: Sequence[ClosedTrade], capital: float, since: datetime) -> Line:
    """The capital and all that closed trades made of it, after each of them; it begins at `since`."""
    closed = _as_closed(trades)
    values = capital + np.cumsum([0.0, *(trade.profit for trade in closed)])
    times = [since, *(max(trade.closed_at, since) for trade in closed)]
    return Line("balance", "balance", "money", _series(times, values))


def win_rate_over_time(trades: Sequence[ClosedTrade]) -> Line:
    """The share of trades above zero among all that were closed so far, after each of them."""
    closed = _as_closed(trades)
    won = np.array([trade.profit > 0 for trade in closed], dtype=float)
    values = np.cumsum(won) / np.arange(1, len(won) + 1)
    return Line("win_rate_ratio", "win rate", "ratio", _series([trade.closed_at for trade in closed], values))


def mean_over_time(trades: Sequence[ClosedTrade]) -> Line:
    """The mean profit ratio of all trades that were closed so far, after each of them."""
    closed = _as_closed(trades)
    values = np.cumsum([trade.profit_ratio for trade in closed]) / np.arange(1, len(closed) + 1)
    title = "mean profit per trade"
    return Line("profit_mean_ratio", title, "ratio", _series([trade.closed_at for trade in closed], values))


def edge_over_time(trades: Sequence[ClosedTrade], promise: Promise | None) -> tuple[Line, Line]:
    """The lowest and the highest mean profit per trade that the trades left possible, at the end of each day on which some were entered.

    NaN before anything was refuted. Days are told as if all their trades had been closed by their end: a picture, not what was decided on.
    """
    days, scale = by_day(trades), promise.scale if promise else USUAL
    below, above = stakes(scale, LOW_ERROR, low=True), stakes(scale, HIGH_ERROR)
    entered = sorted({trade.opened_at.astimezone(UTC).date() for trade in trades})
    ends = [datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1) for day in entered]
    counts = range(1, len(ends) + 1)
    lows = [lowest_mean(days.sums[:n], days.counts[:n], below) for n in counts]
    highs = [highest_mean(days.sums[:n], days.counts[:n], above) for n in counts]
    return (
        Line("edge_low_ratio", "lowest mean profit per trade that is possible", "ratio", _series(ends, _finite(lows))),
        Line(
            "edge_high_ratio", "highest mean profit per trade that is possible", "ratio", _series(ends, _finite(highs))
        ),
    )


def with_holes(values: pd.Series, gaps: Sequence[Gap]) -> pd.Series:
    """The values with a NaN in the middle of each gap that lies among them, so that no line is drawn across it."""
    if values.empty:
        return values
    first, last = values.index[0], values.index[-1]
    holes = [gap.since + (gap.until - gap.since) / 2 for gap in gaps if gap.until > first and gap.since < last]
    inside = [hole for hole in holes if first < hole < last and hole not in values.index]
    if not inside:
        return values
    empty = pd.Series(np.nan, index=pd.DatetimeIndex(inside).as_unit("ms"), dtype=float)
    joined: pd.Series = pd.concat([values, empty[~empty.index.duplicated()]]).sort_index()
    joined.name = values.name
    return joined


def _as_closed(trades: Sequence[ClosedTrade]) -> list[ClosedTrade]:
    return sorted(trades, key=lambda trade: (trade.closed_at, trade.opened_at, trade.pair))


def _finite(values: Sequence[float]) -> Floats:
    found: Floats = np.array(values, dtype=float)
    found[~np.isfinite(found)] = np.nan
    return found


def _series(times: Sequence[datetime], values: Floats) -> pd.Series:
    return pd.Series(values, index=pd.DatetimeIndex(pd.to_datetime(list(times), utc=True)).as_unit("ms"), dtype=float)
