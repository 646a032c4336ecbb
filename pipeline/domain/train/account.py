"""An account compared with a database: nothing that a bot does not know of may stand behind its back. And whose account it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain.account_report import AccountFill, AccountOrder, KnownOrders
from pipeline.domain.trading import TradingEnvironment

TOLD = 5
"""Orders and fills that a sentence names."""


@dataclass(frozen=True, slots=True)
class Unexplained:
    """Orders and fills of the account that no order in the database explains."""

    orders: tuple[AccountOrder, ...]
    fills: tuple[AccountFill, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """One strategy's account and database: `told` says what is on the account and in no database, "" where they agree."""

    strategy: str
    bundle: str
    told: str


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


@dataclass(frozen=True, slots=True)
class Account:
    """One account that an environment trades with: `strategy` is whose own it is, "" for the one that all others share."""

    environment: str
    strategy: str = ""

    def __str__(self) -> str:
        return f"'{self.strategy}' in '{self.environment}'" if self.strategy else f"'{self.environment}'"


def against_sharing(environment: TradingEnvironment, strategy: str, others: Sequence[Account]) -> tuple[str, ...]:
    """What speaks against a bot whose key other accounts of the device hold too, one sentence each; none shows a key."""
    mine = Account(environment.name, strategy if environment.own_account(strategy) else "")
    own = environment.names_for(strategy).access_key
    return tuple(
        f"{mine} was given the key with which {other} trades on {environment.exchange}, and an account belongs to one environment, or to one "
        f"strategy with keys of its own: put another account's key into {own}"
        for other in others
    )
