"""`freqtrain reconcile`: what an account holds beside what its bot's database knows of it; nothing is changed."""

from datetime import datetime, timedelta

from pipeline.domain.train.account import Compared, doubt, unexplained
from pipeline.domain.train.state import Standing
from pipeline.flows.account_pairs import explained, look
from pipeline.flows.road import Road

SETTLES = timedelta(seconds=60)
"""An order that is younger may be one that the bot is just writing down."""

BACK = timedelta(hours=24)
"""How far back fills want an explanation; what was before, earlier comparisons have seen."""


def compare(road: Road) -> tuple[Compared, ...]:
    """Every strategy that runs in the environment, by name. One that is being exchanged is left out: the verb that does it compares by itself.

    Raises:
        Refused, ToolFailed: an exchange, its keys or a database could not be asked.
    """
    return tuple(
        Compared(strategy, known.standing.bundle, _told(strategy, known.standing, known.accounted_at, road))
        for strategy, known in sorted(road.state().strategies.items())
        if known.standing is not None and known.progress is None
    )


def _told(strategy: str, standing: Standing, accepted_at: datetime | None, road: Road) -> str:
    """What is there for a while, and what the database does not know; what a person accepted, and what is older than the book, is left out."""
    account, now = road.account_of(strategy), road.clock.now()
    known = road.databases.known_orders(strategy)
    since_at = known.since_at
    if account is None or since_at is None:
        return ""
    spec = road.homes.spec(strategy, standing.slot, standing.bundle, road.state().place_of(strategy))
    begins = max(at for at in (since_at, accepted_at, now - BACK) if at is not None)
    looked = look(spec, known, road.databases.open_trades(strategy), account, road)
    fills = account.fills(looked.pairs, begins)
    found = unexplained(looked.orders, fills, explained(strategy, road), looked.pairs)  # read after the account was
    begun = max(at for at in (since_at, accepted_at) if at is not None)  # an order that waits may be older than a day
    return doubt(
        [order for order in found.orders if begun < order.placed_at <= now - SETTLES],
        [fill for fill in found.fills if begins < fill.at <= now - SETTLES],
    )
