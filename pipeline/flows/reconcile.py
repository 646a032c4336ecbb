"""No order stays unknown: before entries are released, the account's orders and fills are compared with the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.domain.account_report import KnownOrders
from pipeline.domain.bot import BotSpec
from pipeline.domain.train.account import doubt, unexplained
from pipeline.domain.train.decisions import Observed
from pipeline.domain.train.facts import recorded
from pipeline.flows.account_pairs import explained, look
from pipeline.flows.books import doubted
from pipeline.flows.road import Road

DOUBT_SETTLES = timedelta(seconds=60)
"""An order that a bot sent may still turn up on the exchange; a doubt that is younger than this is left alone."""

SLACK = timedelta(minutes=1)
"""How far the clocks of device and exchange may differ."""


def reconcile(strategy: str, spec: BotSpec, road: Road) -> str:
    """Cancel orders of the bot's account on its pairs that were placed since its database keeps book and are not in it.

    An unknown order on a pair that the bot is not known to trade, an unknown fill, an order that is older than the database, and a database that
    is empty although trades were counted, become a doubt, which holds entries until a person has looked; what stood there when a person released
    the strategy from a doubt is none again. Where nothing is left to doubt, the bot's own doubt about an order is over. Returns a note for the
    ledger. A dry-run has no account.
    """
    account = road.account_of(strategy)
    if account is None:
        return "a dry-run has no account"
    accepted_at, open_doubt = road.state().of(strategy).accounted_at, _doubt_of(strategy, road)
    known = explained(strategy, road)
    if known.since_at is None and (counted := _counted(strategy, accepted_at, road)):
        told = f"the database holds no order, and {counted} trades had been counted here: it was begun anew"
        return doubted(strategy, told, road)
    since = _since(known, accepted_at, open_doubt)
    looked = look(spec, known, road.databases.open_trades(strategy), account, road)
    pairs = looked.pairs
    fills = account.fills(pairs, since) if since else ()
    found = unexplained(looked.orders, fills, explained(strategy, road), pairs)
    ours = tuple(
        order
        for order in found.orders
        if known.since_at and order.placed_at >= known.since_at and order.pair in looked.own
    )
    for order in ours:
        road.narrator.say(
            f"{strategy}: cancelling an order that no database knows: {order.side} {order.amount:f} {order.pair}"
        )
        account.cancel(order)
    if ours and since:  # An order that was filled before it could be cancelled is a fill by now.
        fills = account.fills(pairs, since)
        found = unexplained(found.orders, fills, explained(strategy, road), pairs)
    strange = tuple(order for order in found.orders if order not in ours and _new(order.placed_at, accepted_at))
    if told := doubt(strange, found.fills):
        return doubted(strategy, told, road)
    note = f"the account and the database agree; {len(ours)} unknown orders were cancelled"
    may = open_doubt is not None and _may_settle(open_doubt, spec, pairs, accepted_at, road)
    if open_doubt and may and road.doubts and road.doubts.settle(strategy, open_doubt.since):
        note += f"; no longer doubted: {open_doubt.told}"
    return note


def _counted(strategy: str, accepted_at: datetime | None, road: Road) -> int:
    """The most closed trades that the ledger counted of a bundle here, since a person last accepted what there was."""
    return max(
        (
            record.fact.closed_trades
            for record in recorded(road.ledger.entries())
            if isinstance(record.fact, Observed) and record.fact.strategy == strategy and _new(record.at, accepted_at)
        ),
        default=0,
    )


@dataclass(frozen=True, slots=True)
class _OpenDoubt:
    """A doubt that was there before the account was asked, at `seen_at`."""

    told: str
    since: datetime
    pair: str
    seen_at: datetime


def _doubt_of(strategy: str, road: Road) -> _OpenDoubt | None:
    found = road.doubts.of(strategy) if road.doubts else None
    if found is None or road.doubts is None:
        return None
    return _OpenDoubt(*found, road.doubts.pair_of(strategy), road.clock.now())


def _since(known: KnownOrders, accepted_at: datetime | None, open_doubt: _OpenDoubt | None) -> datetime | None:
    """From when on fills want an explanation: since the database keeps book, and since before a doubt, but for what a person has accepted."""
    begins = [at for at in (known.since_at, open_doubt.since - SLACK if open_doubt else None) if at]
    if not begins:
        return None
    return max(min(begins), accepted_at) if accepted_at else min(begins)


def _new(at: datetime, accepted_at: datetime | None) -> bool:
    return accepted_at is None or at > accepted_at


def _may_settle(
    open_doubt: _OpenDoubt, spec: BotSpec, pairs: Sequence[str], accepted_at: datetime | None, road: Road
) -> bool:
    """Whether the order of the doubt would have been found, had it reached the exchange, and the bot sends no other one meanwhile."""
    old = open_doubt.seen_at - open_doubt.since >= DOUBT_SETTLES
    compared = open_doubt.pair in pairs or not _new(open_doubt.since, accepted_at)
    return old and compared and bool(road.homes.held(spec))
