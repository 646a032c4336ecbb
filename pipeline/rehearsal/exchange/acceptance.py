"""From what a client wants to an order, or to the exchange's reason against it; and when a sleeping order wakes."""

from datetime import datetime
from decimal import Decimal

from pipeline.rehearsal.exchange import refusals
from pipeline.rehearsal.exchange.depth import Depth
from pipeline.rehearsal.exchange.orders import CONDITIONAL, NOTHING, Order, OrderType, Side, Wanted
from pipeline.rehearsal.exchange.refusals import Rejected, filter_failure
from pipeline.rehearsal.exchange.symbols import SMALLEST, Symbol


def accepted(order_id: int, account: str, wanted: Wanted, symbol: Symbol, depth: Depth, at: datetime) -> Order:
    """The order, as yet without a fill.

    Raises:
        Rejected: a parameter is missing, a filter forbids it, or its own terms do.
    """
    conditional = wanted.type in CONDITIONAL
    market = wanted.type is OrderType.MARKET
    _check_precision(wanted)
    quantity = _quantity(wanted, symbol, depth)
    order = Order(
        id=order_id,
        account=account,
        symbol=wanted.symbol,
        client_id=wanted.client_id or f"x-{order_id}",
        side=wanted.side,
        type=wanted.type,
        time_in_force=wanted.time_in_force,
        quantity=quantity,
        price=NOTHING if market else _price(wanted),
        stop_price=_stop_price(wanted) if conditional else NOTHING,
        quote_quantity=wanted.quote_quantity or NOTHING,
        at=at,
        updated_at=at,
        working_at=None if conditional else at,
    )
    symbol.check_quantity(quantity)
    if not market:
        symbol.check_price(order.price, depth.last)
    if conditional:
        symbol.check_price(order.stop_price, depth.last)
        if triggered(order, depth.last):
            raise Rejected(refusals.WOULD_TRIGGER)
    symbol.check_cost(quantity, depth.last if market else order.price)
    if wanted.type is OrderType.LIMIT_MAKER and depth.available(order.side, order.price):
        raise Rejected(refusals.WOULD_TAKE)
    return order


def triggered(order: Order, last: Decimal) -> bool:
    """Whether the last price has come to the order's stop price: a stop loss waits for a worse price, a take profit for a better one."""
    falls = (order.side is Side.SELL) == (order.type is OrderType.STOP_LOSS_LIMIT)
    return last <= order.stop_price if falls else last >= order.stop_price


def _quantity(wanted: Wanted, symbol: Symbol, depth: Depth) -> Decimal:
    if wanted.quantity is not None:
        return wanted.quantity
    if wanted.type is not OrderType.MARKET or wanted.quote_quantity is None:
        raise Rejected(refusals.missing("quantity"))
    if not wanted.quote_quantity >= symbol.least_cost:
        raise filter_failure("NOTIONAL")
    return depth.worth(wanted.side, wanted.quote_quantity, symbol.step)


def _price(wanted: Wanted) -> Decimal:
    if wanted.price is None:
        raise Rejected(refusals.missing("price"))
    return wanted.price


def _stop_price(wanted: Wanted) -> Decimal:
    if wanted.stop_price is None:
        raise Rejected(refusals.missing("stopPrice"))
    return wanted.stop_price


def _check_precision(wanted: Wanted) -> None:
    for number in (wanted.quantity, wanted.price, wanted.stop_price, wanted.quote_quantity):
        if number is not None and number % SMALLEST:
            raise Rejected(refusals.TOO_PRECISE)
