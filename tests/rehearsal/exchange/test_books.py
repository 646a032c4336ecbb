"""The books of the loopback exchange."""

from decimal import Decimal

import pytest

from pipeline.rehearsal.exchange.balances import Balance
from pipeline.rehearsal.exchange.books import Books
from pipeline.rehearsal.exchange.log import What
from pipeline.rehearsal.exchange.orders import Status, TimeInForce
from pipeline.rehearsal.exchange.refusals import Rejected
from tests.rehearsal.exchange.ground import START, SYMBOL, at, books, depth, wanted


def refused(made: Books, *arguments: object, last: str = "100", **more: object) -> Rejected:
    before = made.balances("ours")
    with pytest.raises(Rejected) as caught:
        made.place("ours", wanted(*arguments, **more), depth(last), START)  # type: ignore[arg-type]
    assert made.balances("ours") == before
    assert made.log.events()[-1].what is What.REJECTED
    assert made.log.events()[-1].reason == str(caught.value.refusal)
    assert not list(made.orders())
    return caught.value


def test_a_market_order_takes_level_after_level_and_pays_the_fee_from_what_it_gets() -> None:
    made = books(USDT="1000")
    order = made.place("ours", wanted("BUY", quantity="3"), depth("100", "2"), START)
    assert order.status is Status.FILLED
    assert [(fill.price, fill.quantity, fill.fee, fill.fee_asset) for fill in made.fills()] == [
        (Decimal("100.01"), 2, Decimal("0.002"), "COIN"),
        (Decimal("100.02"), 1, Decimal("0.001"), "COIN"),
    ]
    assert order.cost == Decimal("300.04")
    assert made.balances("ours") == {"USDT": Balance(Decimal("699.96")), "COIN": Balance(Decimal("2.997"))}


def test_a_market_order_larger_than_the_depth_expires_with_what_it_got() -> None:
    made = books(COIN="10")
    order = made.place("ours", wanted("SELL", quantity="5"), depth("100", "1"), START)
    assert (order.status, order.executed) == (Status.EXPIRED, 3)
    assert made.balances("ours")["COIN"] == Balance(Decimal(7))


def test_a_market_order_may_say_how_much_it_pays() -> None:
    made = books(USDT="1000")
    order = made.place("ours", wanted("BUY", quantity=None, quote_quantity=Decimal(50)), depth("100"), START)
    assert order.quantity == Decimal("0.499")
    assert order.status is Status.FILLED
    assert order.cost <= 50


def test_a_resting_order_locks_what_it_needs_and_is_filled_at_its_own_price_when_the_market_comes() -> None:
    made = books(USDT="1000")
    order = made.place("ours", wanted("BUY", "LIMIT", "2", "99"), depth("100"), START)
    assert order.status is Status.NEW
    assert made.balances("ours")["USDT"] == Balance(Decimal(802), Decimal(198))
    made.match(SYMBOL.name, depth("99"), at(1))
    assert made.find("ours", SYMBOL.name, order.id, None) == order, "the ask is still a tick above"
    made.match(SYMBOL.name, depth("98.98"), at(2))
    (fill,) = made.fills()
    assert (fill.price, fill.maker, fill.at) == (Decimal(99), True, at(2))
    assert made.balances("ours") == {"USDT": Balance(Decimal(802)), "COIN": Balance(Decimal("1.998"))}


def test_an_order_that_crosses_gets_the_better_price_and_its_lock_back() -> None:
    made = books(USDT="1000")
    order = made.place("ours", wanted("BUY", "LIMIT", "2", "105"), depth("100"), START)
    assert (order.status, order.cost) == (Status.FILLED, Decimal("200.02"))
    assert made.balances("ours")["USDT"] == Balance(Decimal("799.98"))


def test_an_order_is_filled_in_parts_and_a_cancel_gives_back_the_rest() -> None:
    made = books(COIN="10")
    order = made.place("ours", wanted("SELL", "LIMIT", "5", "100"), depth("99.99", "1"), START)
    assert (order.status, order.executed) == (Status.NEW, 0)
    for second, executed in ((1, 1), (2, 2)):
        made.match(SYMBOL.name, depth("100.01", "1"), at(second))
        order = next(made.orders())
        assert (order.status, order.executed) == (Status.PARTIALLY_FILLED, executed)
    assert made.balances("ours")["COIN"] == Balance(Decimal(5), Decimal(3))
    assert made.cancel("ours", order, at(3)).status is Status.CANCELED
    assert made.balances("ours")["COIN"] == Balance(Decimal(8))
    assert [event.what for event in made.log.events()] == [What.ACCEPTED, What.FILLED, What.FILLED, What.CANCELED]
    with pytest.raises(Rejected, match="-2011"):
        made.cancel("ours", order, at(4))


def test_what_one_order_took_is_gone_for_the_next() -> None:
    made = books(USDT="1000")
    shared = depth("100", "1")
    made.place("ours", wanted("BUY", quantity="1"), shared, START)
    made.place("ours", wanted("BUY", quantity="1"), shared, START)
    assert [fill.price for fill in made.fills()] == [Decimal("100.01"), Decimal("100.02")]


def test_a_stop_loss_sleeps_until_the_price_has_fallen_and_keeps_its_coins_locked() -> None:
    made = books(COIN="1")
    order = made.place(
        "ours", wanted("SELL", "STOP_LOSS_LIMIT", "1", "94", stop_price=Decimal(95)), depth("100"), START
    )
    assert order.working_at is None
    assert made.balances("ours")["COIN"] == Balance(Decimal(0), Decimal(1))
    made.match(SYMBOL.name, depth("95.01"), at(1))
    assert next(made.orders()).working_at is None
    made.match(SYMBOL.name, depth("94.90"), at(2))
    (fill,) = made.fills()
    assert (fill.price, fill.maker) == (Decimal("94.89"), False)
    assert [event.what for event in made.log.events()] == [What.ACCEPTED, What.TRIGGERED, What.FILLED]


def test_a_stop_loss_whose_limit_was_jumped_over_rests() -> None:
    made = books(COIN="1")
    made.place("ours", wanted("SELL", "STOP_LOSS_LIMIT", "1", "94", stop_price=Decimal(95)), depth("100"), START)
    made.match(SYMBOL.name, depth("90"), at(1))
    order = next(made.orders())
    assert (order.status, order.working_at) == (Status.NEW, at(1))
    made.match(SYMBOL.name, depth("94.01"), at(2))
    assert next(made.orders()).status is Status.FILLED


def test_a_stop_price_that_was_reached_already_is_refused() -> None:
    error = refused(books(COIN="1"), "SELL", "STOP_LOSS_LIMIT", "1", "104", stop_price=Decimal(105))
    assert error.refusal.message == "Stop price would trigger immediately."
    error = refused(books(COIN="1"), "SELL", "TAKE_PROFIT_LIMIT", "1", "95", stop_price=Decimal(95))
    assert error.refusal.message == "Stop price would trigger immediately."


def test_a_maker_order_that_would_take_is_refused() -> None:
    error = refused(books(USDT="1000"), "BUY", "LIMIT_MAKER", "1", "101")
    assert error.refusal.message == "Order would immediately match and take."


def test_immediate_orders_never_rest_and_whole_ones_are_never_cut() -> None:
    made = books(USDT="1000")
    now = wanted("BUY", "LIMIT", "3", "100.01", time_in_force=TimeInForce.IOC)
    cut = made.place("ours", now, depth("100", "1"), START)
    assert (cut.status, cut.executed) == (Status.EXPIRED, 1)
    whole = wanted("BUY", "LIMIT", "3", "100.01", time_in_force=TimeInForce.FOK)
    none = made.place("ours", whole, depth("100", "1"), START)
    assert (none.status, none.executed) == (Status.EXPIRED, 0)
    assert made.balances("ours")["USDT"].locked == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("BUY", "LIMIT", "1", "100.001"), "-1013: Filter failure: PRICE_FILTER"),
        (("BUY", "LIMIT", "1", "0"), "-1013: Filter failure: PRICE_FILTER"),
        (("BUY", "LIMIT", "1", "19.99"), "-1013: Filter failure: PERCENT_PRICE_BY_SIDE"),
        (("BUY", "LIMIT", "1", "500.01"), "-1013: Filter failure: PERCENT_PRICE_BY_SIDE"),
        (("BUY", "LIMIT", "0.0001", "100"), "-1013: Filter failure: LOT_SIZE"),
        (("BUY", "LIMIT", "1.0001", "100"), "-1013: Filter failure: LOT_SIZE"),
        (("BUY", "LIMIT", "0", "100"), "-1013: Filter failure: LOT_SIZE"),
        (("BUY", "LIMIT", "0.049", "100"), "-1013: Filter failure: NOTIONAL"),
        (("BUY", "MARKET", "0.049"), "-1013: Filter failure: NOTIONAL"),
        (("BUY", "LIMIT", "1", "99.000000001"), "-1111: Precision is over"),
        (("BUY", "LIMIT", "11", "100"), "-2010: Account has insufficient balance"),
        (("BUY", "MARKET", "11"), "-2010: Account has insufficient balance"),
        (("SELL", "LIMIT", "1", "100"), "-2010: Account has insufficient balance"),
        (("SELL", "MARKET", "1"), "-2010: Account has insufficient balance"),
        (("BUY", "LIMIT", "1", None), "-1102: Mandatory parameter 'price'"),
        (("BUY", "LIMIT", None, "100"), "-1102: Mandatory parameter 'quantity'"),
        (("BUY", "STOP_LOSS_LIMIT", "1", "110"), "-1102: Mandatory parameter 'stopPrice'"),
    ],
)
def test_an_order_that_breaks_a_rule_is_refused_in_the_exchange_s_words(
    arguments: tuple[object, ...], message: str
) -> None:
    assert str(refused(books(USDT="1000"), *arguments)).startswith(message)


def test_a_client_id_is_used_once_among_open_orders_and_again_when_its_order_is_done() -> None:
    made = books(USDT="1000")
    again = wanted("BUY", "LIMIT", "1", "90", client_id="mine")
    first = made.place("ours", again, depth("100"), START)
    with pytest.raises(Rejected, match="Duplicate order sent"):
        made.place("ours", again, depth("100"), START)
    made.cancel("ours", first, at(1))
    second = made.place("ours", again, depth("100"), at(2))
    assert made.find("ours", SYMBOL.name, None, "mine") == second
    assert made.find("ours", SYMBOL.name, first.id, None) != second


def test_an_account_does_not_see_or_cancel_the_orders_of_another() -> None:
    made = books(USDT="1000")
    made.open_account("theirs", {"USDT": Decimal(1000)})
    order = made.place("theirs", wanted("BUY", "LIMIT", "1", "90"), depth("100"), START)
    assert made.find("ours", SYMBOL.name, order.id, None) is None
    with pytest.raises(Rejected, match="-2011"):
        made.cancel("ours", order, at(1))
    assert not list(made.orders("ours"))


def test_an_account_may_have_so_many_open_orders_and_no_more() -> None:
    made = books(USDT="100000")
    for _ in range(SYMBOL.most_orders):
        made.place("ours", wanted("BUY", "LIMIT", "1", "90"), depth("100"), START)
    with pytest.raises(Rejected, match="MAX_NUM_ORDERS"):
        made.place("ours", wanted("BUY", "LIMIT", "1", "90"), depth("100"), START)


def test_an_order_is_not_filled_by_a_price_from_before_it_was_placed() -> None:
    made = books(USDT="1000")
    made.place("ours", wanted("BUY", "LIMIT", "1", "90"), depth("100"), at(10))
    made.match(SYMBOL.name, depth("80"), at(9))
    assert not list(made.fills())
    made.match(SYMBOL.name, depth("80"), at(10))
    assert len(list(made.fills())) == 1
