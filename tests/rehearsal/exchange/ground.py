"""What the tests of the books stand on: a small symbol, a depth around a price, and orders in short."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from pipeline.rehearsal.exchange.books import Books
from pipeline.rehearsal.exchange.depth import Depth, Level
from pipeline.rehearsal.exchange.orders import OrderType, Side, Wanted
from pipeline.rehearsal.exchange.symbols import Symbol

FEE = Decimal("0.001")
SYMBOL = Symbol("COIN", "USDT", Decimal("0.01"), Decimal("0.001"))
START = datetime(2026, 1, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def depth(last: str | Decimal, quantity: str | Decimal = "1000") -> Depth:
    """Three levels a side, a tick apart, with the same quantity at each."""
    price, tick = Decimal(last), SYMBOL.tick
    bids = tuple(Level(price - tick * place, Decimal(quantity)) for place in (1, 2, 3))
    asks = tuple(Level(price + tick * place, Decimal(quantity)) for place in (1, 2, 3))
    return Depth(bids, asks, price)


def books(**deposits: str) -> Books:
    """Books with one account, `ours`, that holds so much of each asset."""
    made = Books({SYMBOL.name: SYMBOL}, FEE)
    made.open_account("ours", {asset: Decimal(amount) for asset, amount in deposits.items()})
    return made


def wanted(
    side: str, kind: str = "MARKET", quantity: str | None = "1", price: str | None = None, **more: object
) -> Wanted:
    return Wanted(
        SYMBOL.name,
        Side(side),
        OrderType(kind),
        None if quantity is None else Decimal(quantity),
        None if price is None else Decimal(price),
        **more,  # type: ignore[arg-type]
    )
