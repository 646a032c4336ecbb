"""The other side of every trade: what the rest of the market bids and asks at one moment, until it is used up."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from pipeline.rehearsal.exchange.orders import NOTHING, Side


@dataclass(slots=True)
class Level:
    """A price and the amount that is left at it."""

    price: Decimal
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Depth:
    """Both sides, the best price first, and the last price. Taking from it uses it up."""

    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    last: Decimal

    def opposite(self, side: Side, limit: Decimal | None = None) -> Iterator[Level]:
        """The levels that an order of that side can trade with, within its limit price."""
        for level in self.asks if side is Side.BUY else self.bids:
            if limit is not None and (level.price > limit if side is Side.BUY else level.price < limit):
                return
            if level.quantity > 0:
                yield level

    def available(self, side: Side, limit: Decimal | None) -> Decimal:
        """How much an order of that side could trade at once."""
        return sum((level.quantity for level in self.opposite(side, limit)), NOTHING)

    def cost(self, side: Side, quantity: Decimal) -> Decimal:
        """What a market order over the quantity would pay or receive, as far as the depth reaches."""
        total = NOTHING
        for level in self.opposite(side):
            part = min(level.quantity, quantity)
            total, quantity = total + part * level.price, quantity - part
        return total

    def worth(self, side: Side, cost: Decimal, step: Decimal) -> Decimal:
        """The quantity, in whole steps, that a market order can trade for so much of the quote currency."""
        quantity = NOTHING
        for level in self.opposite(side):
            part = min(level.quantity, cost / level.price // step * step)
            quantity, cost = quantity + part, cost - part * level.price
            if part < level.quantity:
                break
        return quantity
