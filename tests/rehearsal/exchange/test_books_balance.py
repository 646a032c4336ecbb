"""Whatever clients do and wherever the price goes, the books balance: checked against sums that are made from the fills alone."""

from collections import defaultdict
from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from pipeline.rehearsal.exchange.books import Books
from pipeline.rehearsal.exchange.log import What
from pipeline.rehearsal.exchange.orders import Fill, Order, OrderType, Side, Status, TimeInForce, Wanted
from pipeline.rehearsal.exchange.refusals import Rejected
from tests.rehearsal.exchange.ground import FEE, SYMBOL, at, depth

ACCOUNTS = ("ours", "theirs")
CENTS = st.integers(9_000, 11_000).map(lambda cents: Decimal(cents) / 100)
AMOUNTS = st.integers(1, 6_000).map(lambda steps: steps * SYMBOL.step)
ENDS = {Status.FILLED: What.FILLED, Status.CANCELED: What.CANCELED, Status.EXPIRED: What.EXPIRED}


class BooksBalance(RuleBasedStateMachine):
    @initialize(usdt=st.integers(0, 2_000), coin=st.integers(0, 20))
    def open(self, usdt: int, coin: int) -> None:
        self.books = Books({SYMBOL.name: SYMBOL}, FEE)
        self.deposits = {"USDT": Decimal(usdt), "COIN": Decimal(coin)}
        for account in ACCOUNTS:
            self.books.open_account(account, self.deposits)
        self.depth = depth("100")
        self.second = 0

    @rule(price=CENTS, quantity=AMOUNTS)
    def the_price_moves(self, price: Decimal, quantity: Decimal) -> None:
        self.second += 1
        self.depth = depth(price, quantity)
        self.books.match(SYMBOL.name, self.depth, at(self.second))

    @rule(
        account=st.sampled_from(ACCOUNTS),
        side=st.sampled_from(Side),
        kind=st.sampled_from(OrderType),
        quantity=AMOUNTS,
        price=CENTS,
        stop_price=CENTS,
        time_in_force=st.sampled_from(TimeInForce),
        by_cost=st.booleans(),
    )
    def somebody_orders(
        self,
        account: str,
        side: Side,
        kind: OrderType,
        quantity: Decimal,
        price: Decimal,
        stop_price: Decimal,
        time_in_force: TimeInForce,
        by_cost: bool,
    ) -> None:
        by_cost = by_cost and kind is OrderType.MARKET
        asked = Wanted(
            SYMBOL.name,
            side,
            kind,
            None if by_cost else quantity,
            price,
            stop_price,
            quantity * 100 if by_cost else None,
            time_in_force,
        )
        before = self._snapshot()
        try:
            self.books.place(account, asked, self.depth, at(self.second))
        except Rejected:
            assert self._snapshot() == before

    @rule(data=st.data())
    def somebody_cancels(self, data: st.DataObject) -> None:
        orders = list(self.books.orders())
        if not orders:
            return
        order = data.draw(st.sampled_from(orders))
        before = self._snapshot()
        try:
            cancelled = self.books.cancel(order.account, order, at(self.second))
        except Rejected:
            assert not order.open
            assert self._snapshot() == before
        else:
            assert order.open
            assert cancelled.status is Status.CANCELED

    @invariant()
    def every_total_is_the_deposits_and_the_fills(self) -> None:
        for account in ACCOUNTS:
            totals = defaultdict(Decimal, self.deposits)
            for fill in self.books.fills(account):
                sign = 1 if fill.side is Side.BUY else -1
                totals["COIN"] += sign * fill.quantity
                totals["USDT"] -= sign * fill.quantity * fill.price
                totals[fill.fee_asset] -= fill.fee
            balances = self.books.balances(account)
            assert {asset: balance.free + balance.locked for asset, balance in balances.items()} == totals

    @invariant()
    def locked_is_what_open_orders_need(self) -> None:
        for account in ACCOUNTS:
            locked = defaultdict(Decimal)
            for order in self.books.orders(account):
                if order.status in (Status.NEW, Status.PARTIALLY_FILLED):
                    left = order.quantity - order.executed
                    locked["USDT" if order.side is Side.BUY else "COIN"] += (
                        left * order.price if order.side is Side.BUY else left
                    )
            for asset, balance in self.books.balances(account).items():
                assert balance.locked == locked[asset]
                assert balance.free >= 0

    @invariant()
    def every_order_is_in_a_known_state_that_its_fills_and_the_log_explain(self) -> None:
        fills, events = defaultdict(list), defaultdict(list)
        for fill in self.books.fills():
            fills[fill.order_id].append(fill)
        for event in self.books.log.events():
            events[event.order_id].append(event.what)
        for order in self.books.orders():
            mine = fills.pop(order.id, [])
            assert order.executed == sum(fill.quantity for fill in mine) <= order.quantity
            assert order.cost == sum(fill.quantity * fill.price for fill in mine)
            assert all(
                fill.fee == (fill.quantity if order.side is Side.BUY else fill.quantity * fill.price) * FEE
                for fill in mine
            )
            self._check_prices(order, mine)
            self._check_state(order, events[order.id])
        assert not fills, "a fill without its order"

    def _check_prices(self, order: Order, fills: list[Fill]) -> None:
        for fill in fills:
            assert not fill.maker or fill.price == order.price
            better = fill.price <= order.price if order.side is Side.BUY else fill.price >= order.price
            assert better or order.type is OrderType.MARKET

    def _check_state(self, order: Order, events: list[What]) -> None:
        assert events[0] is What.ACCEPTED
        assert events.count(What.TRIGGERED) == (1 if order.stop_price and order.working_at else 0)
        assert (order.status is Status.FILLED) == (order.executed == order.quantity)
        assert (order.status is Status.NEW) <= (order.executed == 0)
        assert (order.status is Status.PARTIALLY_FILLED) <= (0 < order.executed < order.quantity)
        if order.open:
            assert order.type is not OrderType.MARKET
            assert order.time_in_force is TimeInForce.GTC or order.working_at is None
            assert events[-1] in (What.ACCEPTED, What.TRIGGERED, What.FILLED)
        else:
            assert events[-1] is ENDS[order.status]

    def _snapshot(self) -> object:
        return (
            {account: self.books.balances(account) for account in ACCOUNTS},
            list(self.books.orders()),
            list(self.books.fills()),
        )


BooksBalance.TestCase.settings = settings(max_examples=120, stateful_step_count=30, deadline=None)
TestBooksBalance = BooksBalance.TestCase
