"""An account compared with a database: nothing that a bot does not know of may stand behind its back."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain.account_report import AccountFill, AccountOrder, KnownOrders

TOLD = 5
"""Orders and fills that a sentence names."""


@dataclass(frozen=True, slots=True)
class Unexplained:
    """Orders and fills of the account that no order in the database explains."""

    orders: tuple[AccountOrder, ...]
    fills: tuple[AccountFill, ...]


def unexplained(
    orders: Sequence[AccountOrder], fills: Sequence[AccountFill], known: KnownOrders, pairs: Sequence[str]
) -> Unexplained:
    """What stands on the bot's pairs and is not in its database.

    An account belongs to one environment, and its bots have disjoint pairs: whatever stands on these pairs is this bot's, or a stranger's.
    Other coins and pairs are no mismatch.
    """
    mine = frozenset(pairs)
    return Unexplained(
        tuple(order for order in orders if order.pair in mine and order.id not in known.ids),
        tuple(fill for fill in fills if fill.pair in mine and fill.order_id not in known.ids),
    )


def doubt(orders: Sequence[AccountOrder], fills: Sequence[AccountFill]) -> str:
    """The sentence that keeps a strategy from entering until a person has looked; "" where there is nothing to doubt."""
    told = [
        f"the order {order.id} waits ({_words(order)}, {order.placed_at:%Y-%m-%d %H:%M:%S} UTC)" for order in orders
    ]
    told += [
        f"the order {fill.order_id} was filled ({_words(fill)}, {fill.at:%Y-%m-%d %H:%M:%S} UTC)" for fill in fills
    ]
    if not told:
        return ""
    more = f" and {len(told) - TOLD} more" if len(told) > TOLD else ""
    return (
        f"the account and the database do not agree, and the database does not know why: {'; '.join(told[:TOLD])}{more}"
    )


def _words(what: AccountOrder | AccountFill) -> str:
    return f"{what.side} {what.amount:f} {what.pair} at {what.price:f}"
