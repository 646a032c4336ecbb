"""What deployments that are over lost today, found anew from trades, observations and the ledger, where the watch has forgotten it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pipeline.domain.trades import ClosedTrade
from pipeline.domain.train.own import by_strategy, own_closed, stood
from pipeline.domain.train.samples import Sample
from pipeline.domain.train.state import Deployment, EnvironmentState

NEAR = timedelta(minutes=3)
"""How far a sample may be from the moment for which it speaks: one is kept every minute."""


@dataclass(frozen=True, slots=True)
class Told:
    """What there is to find it by.

    `closed` are all closed trades that anybody knows of, `in_currency` those of them whose profit is in the stake currency, `opened` the times at
    which open positions were opened. `samples` were observed about `begin` of the bundle that stood then, in the stake currency.
    """

    closed: Sequence[ClosedTrade]
    in_currency: Sequence[ClosedTrade]
    opened: Sequence[datetime]
    samples: Sequence[Sample]


def counts_from(released: Sequence[datetime], now: datetime) -> datetime:
    """What was lost before this moment counts no more: midnight UTC, or a person's latest release on this day."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return max([midnight, *(at for at in released if at <= now)])


def earlier_today(state: EnvironmentState, strategy: str, begin: datetime) -> tuple[Deployment, ...]:
    """The deployments before the present one that stood at `begin` or later."""
    before = state.of(strategy).deployments[:-1]
    return tuple(made for made in before if made.until_at is None or made.until_at > begin)


def lost_before(told: Told, state: EnvironmentState, strategy: str, begin: datetime, since: datetime) -> float | None:
    """What was lost from `begin` until `since`, when the present deployment began; below zero is a gain. None where that cannot be told.

    It is what was closed meanwhile, and what open positions had been worth at `begin`: those that stayed open until `since` are the present
    deployment's from then on. Trades are missing where fewer of them are found than the ledger has counted.
    """
    known = state.of(strategy)
    for made in earlier_today(state, strategy, begin):
        counted = known.observed.get(made.bundle)
        found = by_strategy(own_closed(told.closed, state, strategy, made.bundle))
        if counted is not None and len(found) < counted.closed_trades:
            return None
    taken_over = [trade.opened_at for trade in told.closed if trade.opened_at < begin <= trade.closed_at]
    taken_over += [at for at in told.opened if at < begin]
    worth = _worth(told, taken_over, state, strategy, begin) if taken_over else 0.0
    if worth is None:
        return None
    return worth - sum(trade.profit for trade in told.in_currency if begin <= trade.closed_at < since)


def stood_at(state: EnvironmentState, strategy: str, at: datetime) -> str:
    """The bundle that stood at that time; "" where none did."""
    made = state.of(strategy).deployments
    return next((one.bundle for one in made if one.since_at <= at and (one.until_at is None or at < one.until_at)), "")


def _worth(
    told: Told, opened: Sequence[datetime], state: EnvironmentState, strategy: str, begin: datetime
) -> float | None:
    """What the positions that were open at `begin` were worth beyond what they cost: only its own are in a bundle's equity."""
    bundle = stood_at(state, strategy, begin)
    if not bundle or not all(stood(at, state, strategy, bundle) for at in opened):
        return None
    near = sorted((one for one in told.samples if abs(one.at - begin) <= NEAR), key=lambda one: one.at)
    worth = [(one.at, one.equity - one.balance) for one in near if one.equity is not None and one.balance is not None]
    by_then = [value for at, value in worth if at <= begin]
    return by_then[-1] if by_then else worth[0][1] if worth else None
