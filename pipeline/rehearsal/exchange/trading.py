"""The endpoints for orders: placing, cancelling, and their histories."""

from typing import TypeVar

from pipeline.rehearsal.exchange import refusals
from pipeline.rehearsal.exchange.asking import Asking
from pipeline.rehearsal.exchange.orders import Order, OrderType, Side, TimeInForce, Wanted
from pipeline.rehearsal.exchange.refusals import Rejected
from pipeline.rehearsal.exchange.venue import Venue
from pipeline.rehearsal.exchange.wire import (
    cancelled_json,
    fill_json,
    milliseconds,
    order_json,
    placed_json,
)

Item = TypeVar("Item")


def new_order(venue: Venue, asking: Asking) -> object:
    wanted = _wanted(venue, asking)
    order = venue.books.place(asking.account.name, wanted, venue.market.depth(wanted.symbol), venue.now())
    return placed_json(order, (fill for fill in venue.books.fills(order.account) if fill.order_id == order.id))


def check_order(venue: Venue, asking: Asking) -> object:
    """Whether the parameters make sense; nothing is placed."""
    _wanted(venue, asking)
    return {}


def get_order(venue: Venue, asking: Asking) -> object:
    order = _find(venue, asking)
    if order is None:
        raise Rejected(refusals.NO_SUCH_ORDER)
    return order_json(order)


def cancel_order(venue: Venue, asking: Asking) -> object:
    order = _find(venue, asking)
    if order is None:
        raise Rejected(refusals.UNKNOWN_ORDER)
    _check_may_trade(asking)
    cancelled = venue.books.cancel(asking.account.name, order, venue.now())
    return cancelled_json(cancelled, asking.parameters.get("newClientOrderId", ""))


def cancel_open_orders(venue: Venue, asking: Asking) -> object:
    symbol = venue.symbol(asking.text("symbol")).name
    _check_may_trade(asking)
    found = [order for order in venue.books.orders(asking.account.name) if order.open and order.symbol == symbol]
    if not found:
        raise Rejected(refusals.UNKNOWN_ORDER)
    return [cancelled_json(venue.books.cancel(order.account, order, venue.now()), "") for order in found]


def open_orders(venue: Venue, asking: Asking) -> object:
    symbol = asking.parameters.get("symbol")
    if symbol:
        venue.symbol(symbol)
    return [
        order_json(order)
        for order in venue.books.orders(asking.account.name)
        if order.open and symbol in (None, "", order.symbol)
    ]


def all_orders(venue: Venue, asking: Asking) -> object:
    symbol = venue.symbol(asking.text("symbol")).name
    least = asking.whole("orderId")
    start, end = asking.whole("startTime"), asking.whole("endTime")
    found = [
        order
        for order in venue.books.orders(asking.account.name)
        if order.symbol == symbol
        and (order.id >= least if least is not None else _within(milliseconds(order.at), start, end))
    ]
    from_start = least is not None or start is not None
    return [order_json(order) for order in _page(found, asking.limit(500, 1000), from_start=from_start)]


def my_trades(venue: Venue, asking: Asking) -> object:
    symbol = venue.symbol(asking.text("symbol")).name
    order_id, least = asking.whole("orderId"), asking.whole("fromId")
    start, end = asking.whole("startTime"), asking.whole("endTime")
    found = [
        fill
        for fill in venue.books.fills(asking.account.name)
        if fill.symbol == symbol
        and order_id in (None, fill.order_id)
        and (least is None or fill.id >= least)
        and _within(milliseconds(fill.at), start, end)
    ]
    from_start = least is not None or start is not None
    return [fill_json(fill) for fill in _page(found, asking.limit(500, 1000), from_start=from_start)]


def _wanted(venue: Venue, asking: Asking) -> Wanted:
    symbol = venue.symbol(asking.text("symbol")).name
    _check_may_trade(asking)
    return Wanted(
        symbol=symbol,
        side=asking.choice("side", Side, refusals.NO_SUCH_SIDE),
        type=(kind := asking.choice("type", OrderType, refusals.NO_SUCH_TYPE)),
        quantity=asking.number("quantity"),
        price=asking.number("price"),
        stop_price=asking.number("stopPrice"),
        quote_quantity=asking.number("quoteOrderQty"),
        time_in_force=asking.choice(
            "timeInForce",
            TimeInForce,
            refusals.NO_SUCH_TIME_IN_FORCE,
            TimeInForce.GTC if kind in (OrderType.MARKET, OrderType.LIMIT_MAKER) else None,
        ),
        client_id=asking.client_id(),
    )


def _find(venue: Venue, asking: Asking) -> Order | None:
    symbol = venue.symbol(asking.text("symbol")).name
    order_id, client_id = asking.whole("orderId"), asking.parameters.get("origClientOrderId")
    if order_id is None and not client_id:
        raise Rejected(refusals.EITHER_ID)
    return venue.books.find(asking.account.name, symbol, order_id, client_id)


def _check_may_trade(asking: Asking) -> None:
    if not asking.account.may_trade:
        raise Rejected(refusals.WRONG_KEY)


def _within(at: int, start: int | None, end: int | None) -> bool:
    return (start is None or at >= start) and (end is None or at <= end)


def _page(found: list[Item], limit: int, *, from_start: bool) -> list[Item]:
    """The first ones from where the client asked to start, otherwise the latest ones."""
    return found[:limit] if from_start else found[-limit:]
