"""Slippage against sums done by hand, and what must hold of any orders."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.slippage import slippage_ratio
from pipeline.domain.trades import ClosedTrade, Fill
from tests.domain.trade_lists import HOUR, START, trade


def of(*fills: Fill) -> ClosedTrade:
    return replace(trade(0.0, 0), fills=fills)


def order(side: str, price: float, asked: float | None, amount: float = 1.0) -> Fill:
    return Fill(side, START + HOUR, price, amount, asked)


def test_a_dearer_buy_and_a_cheaper_sale_are_both_worse() -> None:
    assert slippage_ratio([of(order("buy", 101.0, 100.0))]) == pytest.approx(0.01)
    assert slippage_ratio([of(order("sell", 99.0, 100.0))]) == pytest.approx(0.01)
    assert slippage_ratio([of(order("buy", 99.0, 100.0))]) == pytest.approx(-0.01)
    assert slippage_ratio([of(order("sell", 101.0, 100.0))]) == pytest.approx(-0.01)


def test_a_short_position_loses_by_selling_cheaper_first_and_buying_dearer_then() -> None:
    short = of(order("sell", 99.0, 100.0), order("buy", 81.0, 80.0))
    assert slippage_ratio([short]) == pytest.approx(2.0 / 180.0)


def test_what_an_order_comes_to_is_its_weight_and_of_a_partial_fill_the_part() -> None:
    large, small = order("buy", 101.0, 100.0, 9.0), order("sell", 100.0, 100.0, 1.0)
    assert slippage_ratio([of(large, small)]) == pytest.approx(9.0 / 1000.0)
    half = order("buy", 101.0, 100.0, 4.5)
    assert slippage_ratio([of(half, small)]) == pytest.approx(4.5 / 550.0)


def test_what_nobody_told_is_left_out_and_stays_unknown() -> None:
    unknown = order("sell", 90.0, None)
    assert slippage_ratio([of(order("buy", 101.0, 100.0), unknown)]) == pytest.approx(0.01)
    assert slippage_ratio([of(unknown)]) is None
    assert slippage_ratio([of(order("sell", 90.0, 0.0), order("sell", 90.0, float("nan")))]) is None
    assert slippage_ratio([of()]) is None
    assert slippage_ratio([]) is None


PRICES = st.floats(1.0, 1000.0)
ORDERS = st.builds(order, st.sampled_from(["buy", "sell"]), PRICES, st.none() | PRICES, st.floats(0.1, 100.0))


@given(st.lists(ORDERS, min_size=1, max_size=8), st.floats(0.01, 100.0))
def test_neither_the_currency_nor_how_orders_form_trades_changes_it(orders: list[Fill], rate: float) -> None:
    found = slippage_ratio([of(*orders)])
    apart = slippage_ratio([of(one) for one in reversed(orders)])
    dearer = [replace(one, price=one.price * rate, asked=one.asked and one.asked * rate) for one in orders]
    again = slippage_ratio([of(*dearer)])
    if found is None:
        assert apart is again is None
    else:
        assert apart == pytest.approx(found, abs=1e-9)
        assert again == pytest.approx(found, abs=1e-9)


@given(st.lists(ORDERS, min_size=1, max_size=8))
def test_the_other_side_of_every_order_gains_what_it_loses(orders: list[Fill]) -> None:
    other = [replace(one, side="sell" if one.side == "buy" else "buy") for one in orders]
    found, mirrored = slippage_ratio([of(*orders)]), slippage_ratio([of(*other)])
    assert (found is None) == (mirrored is None)
    assert found is None or mirrored == pytest.approx(-found, abs=1e-9)
