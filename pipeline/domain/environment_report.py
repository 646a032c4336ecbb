"""What an environment's strategies did within a window: numbers by bundle, decisions and what happened, as a weekly report tells them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from pipeline.domain.metrics import measure
from pipeline.domain.monitor.overview import DeviceView, EnvironmentView, StrategyView
from pipeline.domain.monitor.story import Happened
from pipeline.domain.trades import ClosedTrade
from pipeline.domain.train.decisions import DecisionMade
from pipeline.domain.train.samples import Gap, fees_of


@dataclass(frozen=True, slots=True)
class Earned:
    """What closed trades and an equity curve amount to; money is in the stake currency and None where it is not known.

    `profit` and `fees` are those of the trades. `measured` is metric -> value as `metrics.measure` tells them, NaN where there is no answer.
    """

    trades: int
    profit: float
    fees: float
    equity_first: float | None
    equity_last: float | None
    measured: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class BundleReport:
    """One bundle within the window: the trades that it closed in it, its equity there (float (n,), by UTC time), and what nobody saw of it."""

    bundle: str
    currency: str
    trades: tuple[ClosedTrade, ...]
    equity: pd.Series
    gaps: tuple[Gap, ...]
    earned: Earned

    @property
    def began_at(self) -> datetime:
        """When it was first seen in the window, or closed its first trade."""
        first: list[datetime] = [] if self.equity.empty else [self.equity.index[0].to_pydatetime()]
        return min([*first, *(trade.closed_at for trade in self.trades)])


@dataclass(frozen=True, slots=True)
class StrategyReport:
    """One strategy: how it stands now (`view`, as the monitor shows it), and each of its bundles that was seen in the window, the earliest first.

    `earned` is of all of them; None where they did not trade with the same currency, or nothing was observed.
    """

    view: StrategyView
    bundles: tuple[BundleReport, ...] = ()
    earned: Earned | None = None

    @property
    def trades(self) -> tuple[ClosedTrade, ...]:
        """All that were closed in the window, in the order in which they were."""
        found = (trade for one in self.bundles for trade in one.trades)
        return tuple(sorted(found, key=lambda trade: (trade.closed_at, trade.opened_at, trade.pair)))

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What nobody saw, the oldest first; what was missed of several bundles at once stands once."""
        found = {(gap.since, gap.until, gap.reason): gap for one in self.bundles for gap in one.gaps}
        return tuple(found[key] for key in sorted(found))


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision of the watch, and when it was made."""

    at: datetime
    made: DecisionMade


@dataclass(frozen=True, slots=True)
class EnvironmentReport:
    """An environment from `since` to `until`. `device` is the device with this environment alone; `happened` is without decisions."""

    environment: str
    since: datetime
    until: datetime
    device: DeviceView
    strategies: tuple[StrategyReport, ...] = ()
    decisions: tuple[Decided, ...] = ()
    happened: tuple[Happened, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def place(self) -> EnvironmentView:
        """The environment as the monitor shows it."""
        (found,) = self.device.environments
        return found

    @property
    def well(self) -> bool:
        """Whether nothing wants a person's look."""
        return self.device.well and not self.problems


def bundle_report(
    bundle: str,
    currency: str,
    trades: Iterable[ClosedTrade],
    equity: pd.Series,
    gaps: Iterable[Gap],
    window: tuple[datetime, datetime],
) -> BundleReport | None:
    """A bundle within a window, given all that was ever kept of it; None where neither a trade nor an equity falls into it."""
    since, until = window
    closed = tuple(trade for trade in trades if since <= trade.closed_at <= until)
    curve = equity[(equity.index >= pd.Timestamp(since)) & (equity.index <= pd.Timestamp(until))]
    if not closed and curve.empty:
        return None
    missed = tuple(
        Gap(gap.strategy, gap.bundle, max(gap.since, since), min(gap.until, until), gap.reason)
        for gap in gaps
        if gap.until > since and gap.since < until
    )
    return BundleReport(bundle, currency, closed, curve, missed, earned(closed, [curve]))


def together(bundles: Sequence[BundleReport]) -> Earned | None:
    """What several bundles of one strategy earned; None for none, and for several currencies, which nobody can add up."""
    if not bundles or len({one.currency for one in bundles}) > 1:
        return None
    return earned([trade for one in bundles for trade in one.trades], [one.equity for one in bundles])


def earned(trades: Sequence[ClosedTrade], curves: Sequence[pd.Series]) -> Earned:
    """What trades and curves, in order of time, amount to. Curves of separate bundles are linked, as those of separate windows are."""
    known = [curve for curve in curves if not curve.empty and float(curve.iloc[0]) > 0]
    return Earned(
        len(trades),
        float(np.sum([trade.profit for trade in trades])),
        float(np.sum([fees_of(trade) for trade in trades])),
        float(known[0].iloc[0]) if known else None,
        float(known[-1].iloc[-1]) if known else None,
        measure(trades, known),
    )


def unseen(gaps: Sequence[Gap]) -> timedelta:
    """How long nobody saw anything in all; what overlaps counts once."""
    total, until = timedelta(), None
    for gap in sorted(gaps, key=lambda one: one.since):
        since = gap.since if until is None else max(gap.since, until)
        total += max(gap.until - since, timedelta())
        until = gap.until if until is None else max(until, gap.until)
    return total
