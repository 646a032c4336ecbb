"""What an exchange says of an account: its orders, fills, money and rights. Amounts are Decimal, in the coin that the name says."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class AccountOrder:
    """An order that waits in the exchange's book. `side` is "buy" or "sell"; `amount` and `filled` are in the base currency, `price` in the quote."""

    id: str
    client_id: str
    pair: str
    side: str
    amount: Decimal
    filled: Decimal
    price: Decimal
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class AccountFill:
    """A trade of the account, as the exchange lists it; `order_id` is the order that it belongs to."""

    id: str
    order_id: str
    pair: str
    side: str
    amount: Decimal
    price: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class AccountRights:
    """What a key may do; `may_withdraw` is None where the exchange does not tell."""

    may_trade: bool
    may_withdraw: bool | None


@dataclass(frozen=True, slots=True)
class KnownOrders:
    """What a bot's database explains: ids of the exchange's orders, and since when it has kept book (None: it is empty).

    `pairs` are all that it ever traded, or tried to.
    """

    ids: frozenset[str]
    since_at: datetime | None
    pairs: frozenset[str] = frozenset()
