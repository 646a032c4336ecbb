"""Made-up strategies whose true edge is known: what a policy makes of them shows how well it tells skill from luck."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.domain.costs import Fills
from pipeline.domain.job import Account
from pipeline.domain.lineage import Attempts
from pipeline.domain.luck import Sample, cost_values, day_values, interval_values, left_out_values, sharpe_values
from pipeline.domain.markets import DEFAULT_FEE_RATIO
from pipeline.domain.metrics import measure, measure_curves
from pipeline.domain.trades import ClosedTrade
from pipeline.domain.verdict import ALL_WINDOWS, Measurement, Subject
from pipeline.domain.windows import Window

Floats = npt.NDArray[np.float64]

START, DAYS = datetime(2024, 1, 1, tzinfo=UTC), 360
"""The made-up stretch of time that an environment's windows are laid over."""

DEVIATION_RATIO = 0.02
"""Standard deviation of a trade's profit ratio after fees."""

FREEDOM = 5
"""Degrees of freedom of Student's t distribution, from which the tails come."""

PERSISTENCE, CLUSTERING = 0.95, 0.3
"""Of the logarithm of volatility, an autoregression from trade to trade: its memory, and its standard deviation."""

TOGETHER, COMMON = 3, 0.5
"""Where trades overlap: how many are opened at once, and the share of their variance that they have in common."""

PAIRS, CANDLES_HELD = 5, 12
_PRICE, _TICK, _SPREAD_RATIO = 100.0, 0.01, 0.0005


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of strategy: `edge` is the true mean over the true standard deviation of a trade's profit, after fees."""

    edge: float
    trades: int
    overlapping: bool = False


@dataclass(frozen=True, slots=True)
class Ground:
    """What all synthetic strategies share: windows, money, and a market that does not move."""

    windows: tuple[Window, ...]
    account: Account
    market: tuple[Measurement, ...]


def ground(windows: Sequence[Window], account: Account) -> Ground:
    """The ground on these windows."""
    flats = [_daily(window, np.array([]), np.array([]), account.wallet) for window in windows]
    spans = [(window.name, [flat]) for window, flat in zip(windows, flats, strict=True)]
    measured = [
        Measurement(metric, value, name, Subject.MARKET)
        for name, curves in (*spans, (ALL_WINDOWS, flats))
        for metric, value in measure_curves(curves).items()
    ]
    return Ground(tuple(windows), account, tuple(measured))


def returns(kind: Kind, dice: np.random.Generator) -> Floats:
    """float (trades,): profit ratios with fat tails (Student's t), volatility that comes in clusters, and the kind's edge.

    Expectation and variance are exact: the t numbers are scaled to variance 1, and the volatility to mean square 1.
    """
    count = kind.trades
    innovations = dice.standard_normal(count) * CLUSTERING * np.sqrt(1 - PERSISTENCE**2)
    level = np.empty(count)
    memory = float(dice.standard_normal()) * CLUSTERING
    for index in range(count):
        memory = level[index] = PERSISTENCE * memory + innovations[index]
    volatility = np.exp(level - CLUSTERING**2)
    shocks = _shocks(dice, count)
    if kind.overlapping:
        common = np.repeat(_shocks(dice, -(-count // TOGETHER)), TOGETHER)[:count]
        shocks = np.sqrt(1 - COMMON) * shocks + np.sqrt(COMMON) * common
    return np.maximum(DEVIATION_RATIO * (kind.edge + volatility * shocks), -0.95)


def play(kind: Kind, on: Ground, dice: np.random.Generator, seed: str) -> Sample:
    """Let a strategy of this kind trade: times and pairs at random, the returns in their order."""
    ratio = returns(kind, dice)
    lengths = np.array([(window.end - window.start).total_seconds() for window in on.windows])
    groups = np.arange(kind.trades) // TOGETHER if kind.overlapping else np.arange(kind.trades)
    moments = np.sort(dice.random(int(groups[-1]) + 1))[groups] * lengths.sum()
    ends = np.cumsum(lengths)
    window = np.minimum(np.searchsorted(ends, moments, side="right"), len(lengths) - 1)
    starts = np.array([pd.Timestamp(w.start).value for w in on.windows])
    opened = starts[window] + ((moments - (ends - lengths)[window]) * 1e9).astype(np.int64)
    stake = on.account.stake or on.account.wallet / on.account.max_open_trades
    fee = DEFAULT_FEE_RATIO if on.account.fee_ratio is None else on.account.fee_ratio
    return Sample(
        windows=tuple(w.name for w in on.windows),
        window=window.astype(np.int64),
        pair=dice.integers(0, PAIRS, kind.trades),
        profit=stake * ratio,
        ratio=ratio,
        opened=opened,
        closed=opened + int(CANDLES_HELD * 3600e9),
        fills=_fills(ratio, stake, fee, dice),
        wallet=on.account.wallet,
        seed=seed,
    )


def parts(sample: Sample, on: Ground, attempts: int) -> Iterator[list[Measurement]]:
    """All measurements of a strategy in groups, the quickest first, so that a verdict that is clear early costs little.

    Within a group, each metric is measured in every window in which it can be.
    """
    tried = Attempts(attempts)
    counts = np.bincount(sample.window, minlength=len(on.windows))
    names = (*(window.name for window in on.windows), ALL_WINDOWS)
    yield [Measurement("trades", float(n), name) for n, name in zip((*counts, len(sample.opened)), names, strict=True)]
    yield sharpe_values(sample, tried)
    yield day_values(sample)
    yield left_out_values(sample)
    yield cost_values(sample)
    yield _account(sample, on)
    yield interval_values(sample)


def _account(sample: Sample, on: Ground) -> list[Measurement]:
    """The metrics of every account, by the same function as for real trades; the market's among them."""
    curves, trades = [], []
    for number, window in enumerate(on.windows):
        mine = np.flatnonzero(sample.window == number)
        curves.append(_daily(window, sample.opened[mine], sample.profit[mine], sample.wallet))
        trades.append([_closed(sample, int(index), window) for index in mine])
    spans = [(w.name, t, [c]) for w, t, c in zip(on.windows, trades, curves, strict=True)]
    found = list(on.market)
    for name, closed, lines in (*spans, (ALL_WINDOWS, [trade for some in trades for trade in some], curves)):
        values = measure(closed, lines)
        values |= {"market_change_ratio": 0.0, "excess_ratio": values["profit_total_ratio"]}
        found += [Measurement(metric, value, name) for metric, value in values.items() if metric != "trades"]
    return found


def _daily(window: Window, at: npt.NDArray[np.int64], profit: Floats, wallet: float) -> pd.Series:
    days = pd.date_range(window.start, window.end, freq="D").union(pd.DatetimeIndex([window.end]))
    gained = np.concatenate(([0.0], np.cumsum(profit)))
    reached = np.searchsorted(at, days.as_unit("ns").asi8, side="right")
    return pd.Series(wallet + gained[reached], index=days)


def _closed(sample: Sample, index: int, window: Window) -> ClosedTrade:
    at = datetime.fromtimestamp(int(sample.opened[index]) / 1e9, UTC)
    profit, ratio = float(sample.profit[index]), float(sample.ratio[index])
    until = min(at + timedelta(hours=CANDLES_HELD), window.end)
    return ClosedTrade(
        "", at, until, _PRICE, _PRICE, 1.0, profit / ratio if ratio else 0.0, 0, 0, profit, ratio, "", ""
    )


def _fills(ratio: Floats, stake: float, fee: float, dice: np.random.Generator) -> Fills:
    """A buy and a sell for each trade, and the price one candle after the buy, on the way (a Brownian bridge) from one to the other."""
    count = len(ratio)
    sold = _PRICE * (1 + ratio) * (1 + fee) / (1 - fee)
    step = np.log(sold / _PRICE) / CANDLES_HELD
    wander = DEVIATION_RATIO * np.sqrt((1 - 1 / CANDLES_HELD) / CANDLES_HELD) * dice.standard_normal(count)
    amount = np.full(count, stake / (_PRICE * (1 + fee)))
    return Fills(
        trades=count,
        trade=np.tile(np.arange(count), 2),
        sign=np.repeat((1.0, -1.0), count),
        price=np.concatenate((np.full(count, _PRICE), sold)),
        amount=np.tile(amount, 2),
        fee=np.full(2 * count, fee),
        tick=np.full(2 * count, _TICK),
        spread=np.full(2 * count, _SPREAD_RATIO),
        late=np.tile(_PRICE * np.exp(step + wander), 2),
    )


def _shocks(dice: np.random.Generator, count: int) -> Floats:
    """float (count,): Student's t, scaled to variance 1."""
    shocks: Floats = dice.standard_t(FREEDOM, count) * np.sqrt((FREEDOM - 2) / FREEDOM)
    return shocks
