"""Orders that failed one after the other."""

from pathlib import Path
from typing import Any

import pytest
from freqtrade.exceptions import InsufficientFundsError, TemporaryError

from pipeline.adapters.bot_order_errors import BotOrderErrors
from pipeline.adapters.freqtrade.bot_order_errors import OrderErrors


class Exchange:
    """Fails as long as it is told to."""

    def __init__(self) -> None:
        self.fails: Exception | None = None

    def create_order(self, *pair: str, **order: Any) -> str:
        if self.fails:
            raise self.fails
        return f"{pair} {order}"


@pytest.fixture
def exchange() -> Exchange:
    return Exchange()


def failing(errors: OrderErrors, exchange: Exchange, times: int) -> None:
    for number in range(times):
        exchange.fails = InsufficientFundsError("no") if number % 2 else TemporaryError("lost")
        with pytest.raises(type(exchange.fails)):
            errors.counted(exchange.create_order)(pair="A/B")
    exchange.fails = None


def test_failed_orders_are_counted_until_one_is_taken(tmp_path: Path, exchange: Exchange) -> None:
    file = tmp_path / "x.order-errors.json"
    errors, read = OrderErrors(file), BotOrderErrors(lambda _: file)
    assert errors.counted(exchange.create_order)("A/B", side="buy") == "('A/B',) {'side': 'buy'}"
    assert not file.exists()
    failing(errors, exchange, 3)
    assert len(read.of("x") or ()) == 3
    failing(OrderErrors(file), exchange, 1)
    assert len(read.of("x") or ()) == 4, "a bot that is started anew goes on counting"
    OrderErrors(file).counted(exchange.create_order)()
    assert read.of("x") == ()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_keeps_no_order_from_being_sent(
    tmp_path: Path, exchange: Exchange, capsys: pytest.CaptureFixture[str]
) -> None:
    errors = OrderErrors(tmp_path / "nowhere" / "x.json")
    failing(errors, exchange, 2)
    assert errors.counted(exchange.create_order)() == "() {}"
    assert "cannot be written" in "".join(capsys.readouterr())


def test_a_long_row_does_not_grow_without_end_and_a_damaged_file_begins_anew(
    tmp_path: Path, exchange: Exchange
) -> None:
    file = tmp_path / "x.json"
    file.write_text('{"failed_at": [1]}')
    failing(OrderErrors(file), exchange, 205)
    assert len(BotOrderErrors(lambda _: file).of("x") or ()) == 200
