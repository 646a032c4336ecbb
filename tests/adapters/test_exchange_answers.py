"""Orders and fills as ccxt gives them, read to the last digit or not at all."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from pipeline.adapters.exchange_answers import amount, fill_of, moment, order_of

ORDER = {
    "id": "7",
    "clientOrderId": None,
    "side": "sell",
    "amount": "0.10000000",
    "filled": None,
    "price": None,
    "stopPrice": "61000.01",
    "timestamp": 1_700_000_000_123,
}
FILL = {"id": "8", "order": "7", "side": "buy", "amount": "0.1", "price": "3", "timestamp": 1_700_000_000_123}


def test_an_order_without_a_price_of_its_own_stands_where_it_wakes() -> None:
    order = order_of(ORDER, "BTC/USDT")
    assert (order.client_id, order.filled, order.price) == ("", Decimal(0), Decimal("61000.01"))
    assert order_of({**ORDER, "stopPrice": None}, "BTC/USDT").price == 0


def test_a_moment_is_exact() -> None:
    assert moment(1_700_000_000_123) == datetime(2023, 11, 14, 22, 13, 20, 123_000, tzinfo=UTC)


@pytest.mark.parametrize("said", ["NaN", "Infinity", "-Infinity", "much", None, ""])
def test_what_cannot_be_counted_is_no_amount(said: object) -> None:
    with pytest.raises((ValueError, ArithmeticError)):
        amount(said)


@pytest.mark.parametrize(
    "changed", [{"id": None}, {"order": None}, {"order": ""}, {"side": None}, {"amount": None}, {"timestamp": None}]
)
def test_a_fill_that_lacks_what_explains_it_is_not_read(changed: dict[str, object]) -> None:
    with pytest.raises((ValueError, ArithmeticError, TypeError)):
        fill_of({**FILL, **changed}, "BTC/USDT")
