"""Which trades speak for a bundle: those that it opened and closed itself, in all its deployments together."""

from collections.abc import Sequence
from datetime import datetime

from pipeline.domain.trades import ClosedTrade, quote_of
from pipeline.domain.train.state import EnvironmentState

BY_HAND = "force_entry"
"""The tag with which freqtrade enters a trade that a person asked for (`forceenter`)."""


def own_closed(
    closed: Sequence[ClosedTrade], state: EnvironmentState, strategy: str, bundle: str
) -> tuple[ClosedTrade, ...]:
    """The trades that the bundle opened and closed itself: those that it took over, or left behind, do not speak for it."""
    return tuple(
        trade
        for trade in closed
        if stood(trade.opened_at, state, strategy, bundle) and stood(trade.closed_at, state, strategy, bundle)
    )


def by_strategy(trades: Sequence[ClosedTrade]) -> tuple[ClosedTrade, ...]:
    """The trades that the strategy entered: what a person entered says nothing about it."""
    return tuple(trade for trade in trades if trade.enter_tag != BY_HAND)


def in_currency(trades: Sequence[ClosedTrade], currency: str) -> tuple[ClosedTrade, ...]:
    """The trades whose profit is in that currency: a database outlives a change of the stake currency."""
    return tuple(trade for trade in trades if quote_of(trade.pair) == currency)


def stood(at: datetime, state: EnvironmentState, strategy: str, bundle: str) -> bool:
    """Whether the bundle was the strategy's standing one at that time."""
    spans = ((made.since_at, made.until_at) for made in state.of(strategy).deployments if made.bundle == bundle)
    return any(since <= at and (until is None or at < until) for since, until in spans)


def joined(kept: Sequence[ClosedTrade], told: Sequence[ClosedTrade]) -> tuple[ClosedTrade, ...]:
    """What was kept of a bundle's trades and what its bot tells now, each trade once, in the order in which they were opened.

    A trade is known by its pair and its times, in whole milliseconds: those are what is kept of them.
    """
    known = {_identity(trade): trade for trade in (*told, *kept)}
    return tuple(sorted(known.values(), key=lambda trade: (trade.opened_at, trade.pair, trade.closed_at)))


def _identity(trade: ClosedTrade) -> tuple[str, int, int]:
    return trade.pair, round(trade.opened_at.timestamp() * 1000), round(trade.closed_at.timestamp() * 1000)
