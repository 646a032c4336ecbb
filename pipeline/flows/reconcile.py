"""No order stays unknown: before entries are released, the account's orders and fills are compared with the database."""

from pipeline.domain.bot import BotSpec
from pipeline.domain.trading.environment import pairs_for
from pipeline.domain.train.account import doubt, unexplained
from pipeline.domain.train.decisions import Doubted
from pipeline.flows.road import Road


def reconcile(strategy: str, spec: BotSpec, road: Road) -> str:
    """Cancel orders of the bot's account on its pairs that were placed since its database keeps book and are not in it.

    An unknown fill, and an order that is older than the database, become a doubt, which holds entries until a person has looked. Returns a
    note for the ledger. A dry-run has no account.
    """
    account = road.account_of(strategy)
    if account is None:
        return "a dry-run has no account"
    pairs = pairs_for(road.environment, road.bundles.get(spec.bundle).bundle.pairs)
    known = road.databases.known_orders(strategy)
    orders = account.open_orders(pairs)
    fills = account.fills(pairs, known.since_at) if known.since_at else ()
    found = unexplained(orders, fills, road.databases.known_orders(strategy), pairs)
    ours = tuple(order for order in found.orders if known.since_at and order.placed_at >= known.since_at)
    for order in ours:
        road.narrator.say(
            f"{strategy}: cancelling an order that no database knows: {order.side} {order.amount:f} {order.pair}"
        )
        account.cancel(order)
    if ours and known.since_at:  # An order that was filled before it could be cancelled is a fill by now.
        fills = account.fills(pairs, known.since_at)
        found = unexplained(found.orders, fills, road.databases.known_orders(strategy), pairs)
    strange = tuple(order for order in found.orders if order not in ours)
    if told := doubt(strange, found.fills):
        road.record(Doubted(road.environment.name, strategy, told))
        return told
    return f"the account and the database agree; {len(ours)} unknown orders were cancelled"
