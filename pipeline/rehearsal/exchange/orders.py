"""Orders and fills: what a client wants, what became of it, and what was traded."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

NOTHING = Decimal(0)


class Side(StrEnum):
    """Which way."""

    BUY = "BUY"
    SELL = "SELL"


class OrderType(StrEnum):
    """The kinds of orders that the exchange takes."""

    LIMIT = "LIMIT"
    LIMIT_MAKER = "LIMIT_MAKER"
    MARKET = "MARKET"
    STOP_LOSS_LIMIT = "STOP_LOSS_LIMIT"
    TAKE_PROFIT_LIMIT = "TAKE_PROFIT_LIMIT"


CONDITIONAL = frozenset({OrderType.STOP_LOSS_LIMIT, OrderType.TAKE_PROFIT_LIMIT})
"""Orders that sleep until the price comes to their stop price."""


class TimeInForce(StrEnum):
    """How long an order may wait: until cancelled, not at all (the rest expires), or not at all (whole or nothing)."""

    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"


class Status(StrEnum):
    """Every state that an accepted order can be in."""

    NEW = "NEW"
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    FILLED = "FILLED"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"


OPEN = frozenset({Status.NEW, Status.PARTIALLY_FILLED})


@dataclass(frozen=True, slots=True)
class Wanted:
    """An order as a client asks for it; amounts in the base currency, prices and `quote_quantity` in the quote currency.

    A market order has one of `quantity` and `quote_quantity`; all others have `quantity` and `price`.
    """

    symbol: str
    side: Side
    type: OrderType
    quantity: Decimal | None = None
    price: Decimal | None = None
    stop_price: Decimal | None = None
    quote_quantity: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.GTC
    client_id: str = ""
    """Empty: the exchange makes one up."""


@dataclass(frozen=True, slots=True)
class Order:
    """An accepted order. `price` is 0 for market orders, `stop_price` for orders without a condition; times are aware UTC."""

    id: int
    account: str
    symbol: str
    client_id: str
    side: Side
    type: OrderType
    time_in_force: TimeInForce
    quantity: Decimal
    price: Decimal
    stop_price: Decimal
    quote_quantity: Decimal
    at: datetime
    updated_at: datetime
    working_at: datetime | None
    """Since when it can be filled; None while it waits for its stop price."""
    status: Status = Status.NEW
    executed: Decimal = NOTHING
    cost: Decimal = NOTHING
    """What was paid or received so far, in the quote currency, before fees."""

    @property
    def open(self) -> bool:
        return self.status in OPEN

    @property
    def remaining(self) -> Decimal:
        return self.quantity - self.executed


@dataclass(frozen=True, slots=True)
class Fill:
    """One trade of one order. `fee` is in `fee_asset`: the base currency of a purchase, the quote currency of a sale."""

    id: int
    order_id: int
    account: str
    symbol: str
    side: Side
    price: Decimal
    quantity: Decimal
    fee: Decimal
    fee_asset: str
    maker: bool
    at: datetime
