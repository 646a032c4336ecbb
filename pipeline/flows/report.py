"""A report of one environment over a window: how it stands now, what was observed in the window, and what its ledger tells of it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from pipeline.domain.environment_report import (
    BundleReport,
    Decided,
    EnvironmentReport,
    StrategyReport,
    bundle_report,
    together,
)
from pipeline.domain.ledger import Entry, Head
from pipeline.domain.monitor.curve import Span
from pipeline.domain.monitor.overview import StrategyView
from pipeline.domain.monitor.standing import FRESH
from pipeline.domain.monitor.stops import Stop
from pipeline.domain.monitor.story import SMALL, Happened, happened
from pipeline.domain.train.decisions import DecisionMade
from pipeline.domain.train.facts import kind_of, recorded
from pipeline.domain.train.samples import Gap
from pipeline.errors import FreqtrainError, Refused
from pipeline.flows.monitor import Lookout, Place
from pipeline.ports import Clock, PastObservations, Runtime, Watches
from pipeline.ports.monitoring import LedgerNews, Proofs

MOST_NOTED = 5_000
"""Entries of the window that are told, the latest."""


def report(
    stop: Stop,
    place: Place,
    past: PastObservations | None,
    runtime: Runtime,
    watches: Watches,
    proofs: Proofs,
    clock: Clock,
    length: timedelta,
) -> EnvironmentReport:
    """The environment over the time of that length that ends now; whatever cannot be read is among its problems, and the rest is told.

    Args:
        past: what was observed; None where nothing ever was.
    """
    since = clock.now() - length
    noted = Noted(place.ledger, since)
    lookout = Lookout(lambda: ((stop,), ()), lambda _: replace(place, ledger=noted), runtime, watches, proofs, clock)
    device = lookout.look(Span.ALL, since)
    (seen,) = device.environments
    problems: list[str] = []
    strategies = tuple(_strategy(view, past, (since, device.at), problems) for view in seen.strategies)
    decisions, others = _told(noted.entries)
    return EnvironmentReport(stop.name, since, device.at, device, strategies, decisions, others, tuple(problems))


class Noted:
    """See `ports.monitoring.LedgerNews`: a ledger that notes, while somebody reads it, what of it falls into the window that began at `since`."""

    def __init__(self, ledger: LedgerNews, since: datetime) -> None:
        self._ledger = ledger
        self._since = since
        self.entries: list[Entry] = []

    def version(self) -> object:
        """See `ports.monitoring.LedgerNews`."""
        return self._ledger.version()

    def news(self, known: Head) -> Iterator[tuple[Head, Sequence[Entry]]]:
        """See `ports.monitoring.LedgerNews`."""
        for head, entries in self._ledger.news(known):
            new = [entry for entry in entries if entry.at >= self._since and entry.kind not in SMALL]
            self.entries = [*self.entries, *new][-MOST_NOTED:] if new else self.entries
            yield head, entries


def _strategy(
    view: StrategyView, past: PastObservations | None, window: tuple[datetime, datetime], problems: list[str]
) -> StrategyReport:
    found: list[BundleReport] = []
    try:
        named = past.bundles() if past else ()
        found = [
            one
            for strategy, bundle in named
            if past and strategy == view.strategy and (one := _bundle(strategy, bundle, view, past, window)) is not None
        ]
    except FreqtrainError as error:
        if error.message not in problems:
            problems.append(error.message)
    found.sort(key=lambda one: one.began_at)
    return StrategyReport(view, tuple(found), together(found))


def _bundle(
    strategy: str, bundle: str, view: StrategyView, past: PastObservations, window: tuple[datetime, datetime]
) -> BundleReport | None:
    gaps = list(past.gaps(strategy, bundle))
    own = next((ran.curve for ran in view.ran if ran.curve.bundle == bundle), None)
    if (
        view.bundle == bundle and own and own.latest and window[1] - own.latest.at > FRESH
    ):  # kept when somebody looks again
        gaps.append(Gap(strategy, bundle, own.latest.at, window[1], "nobody looked, up to now"))
    currency = own.currency if own else next((one.currency for one in past.samples(strategy, bundle, *window)), "")
    return bundle_report(bundle, currency, past.trades(strategy, bundle), past.equity(strategy, bundle), gaps, window)


def _told(entries: Sequence[Entry]) -> tuple[tuple[Decided, ...], tuple[Happened, ...]]:
    try:
        facts = recorded(entries)
    except Refused:  # It is told with the environment.
        return (), ()
    decided = tuple(Decided(one.at, one.fact) for one in facts if isinstance(one.fact, DecisionMade))
    others = tuple(happened(one, kind_of(one.fact)) for one in facts if not isinstance(one.fact, DecisionMade))
    return decided, others
