"""The books of the exchange: who holds what, which orders rest, and what was traded. Pure: time and prices are given."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from pipeline.rehearsal.exchange import refusals
from pipeline.rehearsal.exchange.acceptance import accepted, triggered
from pipeline.rehearsal.exchange.balances import Balance, Purse, lock_of
from pipeline.rehearsal.exchange.depth import Depth
from pipeline.rehearsal.exchange.log import OrderLog, What
from pipeline.rehearsal.exchange.orders import Fill, Order, OrderType, Side, Status, TimeInForce, Wanted
from pipeline.rehearsal.exchange.refusals import Rejected
from pipeline.rehearsal.exchange.symbols import SMALLEST, Symbol

FIRST_ORDER = 1001


class Books:
    """All accounts, orders and fills. Accounts trade with the rest of the market, never with each other.

    `fee_ratio` is taken of what is received, from makers and takers alike.
    """

    def __init__(self, symbols: Mapping[str, Symbol], fee_ratio: Decimal) -> None:
        self.symbols = dict(symbols)
        self.fee_ratio = fee_ratio
        self.log = OrderLog()
        self._purses: dict[str, Purse] = {}
        self._orders: dict[int, Order] = {}
        self._fills: list[Fill] = []

    def open_account(self, account: str, deposits: Mapping[str, Decimal]) -> None:
        """Raises ValueError: the account exists, or a deposit is negative."""
        if account in self._purses:
            raise ValueError(f"account {account} exists")
        self._purses[account] = Purse(deposits)

    def balances(self, account: str) -> dict[str, Balance]:
        return self._purses[account].balances()

    def orders(self, account: str | None = None) -> Iterator[Order]:
        """The orders of one account, or all; the oldest first."""
        return (order for order in self._orders.values() if account in (None, order.account))

    def fills(self, account: str | None = None) -> Iterator[Fill]:
        """The fills of one account, or all; the oldest first."""
        return (fill for fill in self._fills if account in (None, fill.account))

    def find(self, account: str, symbol: str, order_id: int | None, client_id: str | None) -> Order | None:
        """The order with an id, or the latest one with a client id."""
        found = None
        for order in self.orders(account):
            wanted = order.id == order_id if order_id is not None else order.client_id == client_id
            if order.symbol == symbol and wanted:
                found = order
        return found

    def place(self, account: str, wanted: Wanted, depth: Depth, at: datetime) -> Order:
        """Take an order, and fill at once what can be filled.

        Raises:
            Rejected: a filter, the balance or the order's own terms forbid it; nothing has changed, and the log says so.
        """
        try:
            order = self._accept(account, wanted, depth, at)
        except Rejected as error:
            self.log.rejected(account, wanted, error.refusal, at)
            raise
        self._orders[order.id] = order
        self._purses[account].lock(*lock_of(order, self.symbols[order.symbol]))
        self.log.happened(What.ACCEPTED, order)
        if order.working_at:
            self._take(order.id, depth, at)
        return self._orders[order.id]

    def cancel(self, account: str, order: Order, at: datetime) -> Order:
        """Take an open order back.

        Raises:
            Rejected: it is not open, or not the account's.
        """
        current = self._orders.get(order.id)
        if current is None or current.account != account or not current.open:
            raise Rejected(refusals.UNKNOWN_ORDER)
        return self._close(current, Status.CANCELED, What.CANCELED, at)

    def match(self, symbol: str, depth: Depth, at: datetime) -> None:
        """Wake the orders whose stop price was reached, and fill the resting ones that the market has come to."""
        for order in [order for order in self._orders.values() if order.open and order.symbol == symbol]:
            if order.working_at is None:
                if triggered(order, depth.last):
                    self._orders[order.id] = woken = replace(order, working_at=at, updated_at=at)
                    self.log.happened(What.TRIGGERED, woken)
                    self._take(order.id, depth, at)
                continue
            for level in depth.opposite(order.side, order.price):
                quantity = min(level.quantity, self._orders[order.id].remaining)
                if quantity:
                    level.quantity -= quantity
                    self._fill(order.id, order.price, quantity, at, maker=True)

    def _accept(self, account: str, wanted: Wanted, depth: Depth, at: datetime) -> Order:
        symbol = self.symbols[wanted.symbol]
        mine = [order for order in self.orders(account) if order.open and order.symbol == wanted.symbol]
        if wanted.client_id and any(order.client_id == wanted.client_id for order in mine):
            raise Rejected(refusals.DUPLICATE)
        if len(mine) >= symbol.most_orders:
            raise refusals.filter_failure("MAX_NUM_ORDERS")
        order = accepted(FIRST_ORDER + len(self._orders), account, wanted, symbol, depth, at)
        asset, needed = lock_of(order, symbol)
        if order.type is OrderType.MARKET:
            buys = order.side is Side.BUY
            asset = symbol.quote if buys else symbol.base
            needed = depth.cost(order.side, order.quantity) if buys else order.quantity
        if needed > self._purses[account].free(asset):
            raise Rejected(refusals.NO_FUNDS)
        return order

    def _take(self, order_id: int, depth: Depth, at: datetime) -> None:
        """Fill what the depth offers at once; what may not wait expires."""
        order = self._orders[order_id]
        limit = None if order.type is OrderType.MARKET else order.price
        whole = order.time_in_force is not TimeInForce.FOK or depth.available(order.side, limit) >= order.quantity
        if whole:
            for level in depth.opposite(order.side, limit):
                quantity = min(level.quantity, self._orders[order_id].remaining)
                if quantity:
                    level.quantity -= quantity
                    self._fill(order_id, level.price, quantity, at, maker=False)
        order = self._orders[order_id]
        if order.open and (order.type is OrderType.MARKET or order.time_in_force is not TimeInForce.GTC):
            self._close(order, Status.EXPIRED, What.EXPIRED, at)

    def _fill(self, order_id: int, price: Decimal, quantity: Decimal, at: datetime, *, maker: bool) -> None:
        before = self._orders[order_id]
        symbol = self.symbols[before.symbol]
        buys = before.side is Side.BUY
        fee = ((quantity if buys else quantity * price) * self.fee_ratio).quantize(SMALLEST, ROUND_HALF_UP)
        fill = Fill(
            id=len(self._fills) + 1,
            order_id=order_id,
            account=before.account,
            symbol=before.symbol,
            side=before.side,
            price=price,
            quantity=quantity,
            fee=fee,
            fee_asset=symbol.base if buys else symbol.quote,
            maker=maker,
            at=at,
        )
        after = replace(
            before,
            executed=before.executed + quantity,
            cost=before.cost + quantity * price,
            status=Status.FILLED if quantity == before.remaining else Status.PARTIALLY_FILLED,
            updated_at=at,
        )
        self._purses[before.account].settle(before, after, fill, symbol)
        self._orders[order_id] = after
        self._fills.append(fill)
        self.log.happened(What.FILLED, after, fill)

    def _close(self, order: Order, status: Status, what: What, at: datetime) -> Order:
        self._purses[order.account].unlock(*lock_of(order, self.symbols[order.symbol]))
        self._orders[order.id] = closed = replace(order, status=status, updated_at=at)
        self.log.happened(what, closed)
        return closed
