"""The order log: everything that happened to any order, in order; it only grows, and it is the judge when a client has crashed."""

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from pipeline.rehearsal.exchange.orders import NOTHING, Fill, Order, Wanted
from pipeline.rehearsal.exchange.refusals import Refusal

Json = dict[str, object]


class What(StrEnum):
    """What can happen to an order."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    TRIGGERED = "triggered"
    FILLED = "filled"
    """In part or whole; one event a fill."""
    CANCELED = "canceled"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `number` counts from 1; `order_id` is 0 for a rejected order; `price` and `quantity` are the fill's in a `filled` event."""

    number: int
    at: datetime
    what: What
    account: str
    symbol: str
    order_id: int
    client_id: str
    side: str
    type: str
    quantity: Decimal
    price: Decimal
    reason: str = ""


class OrderLog:
    """The events, the oldest first."""

    def __init__(self) -> None:
        self._events: list[Event] = []

    def events(self, after: int = 0) -> tuple[Event, ...]:
        """All events whose number is greater than `after`."""
        return tuple(self._events[after:])

    def rejected(self, account: str, wanted: Wanted, refusal: Refusal, at: datetime) -> None:
        self._events.append(
            Event(
                len(self._events) + 1,
                at,
                What.REJECTED,
                account,
                wanted.symbol,
                0,
                wanted.client_id,
                wanted.side,
                wanted.type,
                wanted.quantity or NOTHING,
                wanted.price or NOTHING,
                str(refusal),
            )
        )

    def happened(self, what: What, order: Order, fill: Fill | None = None) -> None:
        quantity, price = (fill.quantity, fill.price) if fill else (order.quantity, order.price)
        number, at = len(self._events) + 1, order.at if what is What.ACCEPTED else order.updated_at
        self._events.append(
            Event(
                number,
                at,
                what,
                order.account,
                order.symbol,
                order.id,
                order.client_id,
                order.side,
                order.type,
                quantity,
                price,
            )
        )


def as_json(thing: Event | Order | Fill) -> Json:
    """Field by field: numbers as text, times in ISO 8601."""
    return {name: _plain(value) for name, value in asdict(thing).items()}


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, datetime) else value
