"""An entry's order whose answer was lost: nothing is bought again until the exchange was asked."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import ccxt
import pytest
from freqtrade.exceptions import (
    DDosProtection,
    DependencyException,
    InsufficientFundsError,
    InvalidOrderException,
    TemporaryError,
)
from freqtrade.persistence import Order, Trade, init_db

from pipeline.adapters.freqtrade import bot_doubt
from pipeline.adapters.freqtrade.bot_doubt import Doubt

ORDER = {"pair": "A/B", "side": "buy", "ordertype": "limit", "amount": 2.0, "rate": 3.0, "leverage": 1.0}


@pytest.fixture
def doubt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Doubt:
    monkeypatch.setattr(bot_doubt, "_SETTLE_SECONDS", 0.0)
    return Doubt(tmp_path / "doubt.json")


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(Trade, "use_db", True)
    init_db("sqlite://")
    yield
    Trade.session.remove()


class FakeExchange:
    """Holds the orders that it was given."""

    def __init__(self, *orders: dict[str, Any] | Exception) -> None:
        self.orders = orders
        self.asked_since: list[datetime] = []

    def fetch_orders(self, pair: str, since: datetime) -> list[dict[str, Any]]:
        self.asked_since.append(since)
        for order in self.orders:
            if isinstance(order, Exception):
                raise order
        return [order for order in self.orders if isinstance(order, dict)]


def raised(error: Exception, cause: Exception | None = None) -> Any:
    def create_order(**_: object) -> None:
        raise error from cause

    return create_order


def order(id: str, side: str = "buy", status: str = "open", filled: float = 0.0) -> dict[str, Any]:
    return {"id": id, "side": side, "status": status, "filled": filled}


@pytest.mark.parametrize(
    "cause",
    [
        ccxt.RequestTimeout("no answer"),
        ccxt.ExchangeNotAvailable("503"),
        ccxt.NetworkError("reset"),
        ccxt.BadResponse("<html>"),
        ccxt.OperationFailed("-1007 execution status unknown"),
    ],
)
def test_where_no_answer_came_the_order_may_have_been_taken(doubt: Doubt, cause: Exception, tmp_path: Path) -> None:
    with pytest.raises(TemporaryError):
        doubt.sent(raised(TemporaryError("could not place"), cause), ORDER)
    assert doubt.stands()
    written = json.loads((tmp_path / "doubt.json").read_bytes())
    assert (written["pair"], written["side"], written["amount"], written["rate"]) == ("A/B", "buy", 2.0, 3.0)


def test_an_answer_that_ccxt_could_not_understand_may_have_been_a_yes(doubt: Doubt) -> None:
    with pytest.raises(KeyError):
        doubt.sent(raised(KeyError("orderId")), ORDER)
    assert doubt.stands()


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (InsufficientFundsError("no"), ccxt.InsufficientFunds("no")),
        (InvalidOrderException("no"), ccxt.InvalidOrder("no")),
        (DDosProtection("no"), ccxt.DDoSProtection("429")),
        (TemporaryError("no"), ccxt.ExchangeError("-1100")),
        (TemporaryError("no"), ccxt.AuthenticationError("-2015")),
        (TemporaryError("no"), ccxt.RateLimitExceeded("-1003")),
        (TemporaryError("no"), ccxt.InvalidNonce("-1021")),
    ],
)
def test_where_the_exchange_said_no_there_is_no_doubt(doubt: Doubt, error: Exception, cause: Exception) -> None:
    with pytest.raises(type(error)):
        doubt.sent(raised(error, cause), ORDER)
    assert not doubt.stands()


def test_the_doubt_is_on_the_disk_while_the_order_is_under_way_and_until_it_is_recorded(doubt: Doubt) -> None:
    seen = []

    def create_order(**_: object) -> dict[str, str]:
        seen.append(doubt.stands())
        return {"id": "1"}

    assert doubt.sent(create_order, ORDER) == {"id": "1"}
    assert seen == [True]
    assert doubt.stands()
    doubt.recorded()
    assert not doubt.stands()


def test_where_the_doubt_cannot_be_written_nothing_is_sent(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DependencyException, match=r"No entry: .* cannot be written"):
        Doubt(tmp_path / "file" / "doubt.json").sent(raised(AssertionError("was sent")), ORDER)


@pytest.fixture
def doubtful(doubt: Doubt, database: None) -> Doubt:
    with pytest.raises(TemporaryError):
        doubt.sent(raised(TemporaryError("x"), ccxt.RequestTimeout("x")), ORDER)
    return doubt


def test_the_doubt_is_over_when_the_exchange_holds_nothing_unknown(doubtful: Doubt) -> None:
    exchange = FakeExchange(order("1", status="canceled"), order("2", side="sell", status="closed", filled=1.0))
    doubtful.settle(exchange)
    assert not doubtful.stands()
    assert datetime.now(UTC) - exchange.asked_since[0] > timedelta(seconds=50)


@pytest.mark.parametrize(
    "unknown", [order("7"), order("7", status="closed", filled=2.0), order("7", "buy", "canceled", 0.5)]
)
def test_an_unknown_entry_on_the_exchange_keeps_the_doubt(
    doubtful: Doubt, unknown: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    doubtful.settle(FakeExchange(unknown))
    doubtful.settle(FakeExchange(unknown))
    assert doubtful.stands()
    told = "bot: the exchange took the order 7 on A/B, which the database does not know\n"
    assert capsys.readouterr().err.count(told) == 1


def test_an_entry_that_the_database_knows_is_no_reason_for_doubt(doubtful: Doubt) -> None:
    Trade.session.add(
        Order(
            id=1,
            ft_trade_id=1,
            ft_order_side="buy",
            ft_pair="A/B",
            ft_is_open=True,
            ft_amount=1.0,
            ft_price=1.0,
            order_id="7",
        )
    )
    Trade.commit()
    doubtful.settle(FakeExchange(order("7")))
    assert not doubtful.stands()


def test_an_exchange_that_cannot_be_asked_keeps_the_doubt(doubtful: Doubt) -> None:
    doubtful.settle(FakeExchange(TemporaryError("down")))
    assert doubtful.stands()


def test_a_doubt_that_cannot_be_read_stands(doubt: Doubt, tmp_path: Path) -> None:
    (tmp_path / "doubt.json").write_text("{")
    doubt.settle(FakeExchange())
    assert doubt.stands()


def test_a_fresh_doubt_is_not_settled_before_a_late_order_could_have_turned_up(
    doubtful: Doubt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot_doubt, "_SETTLE_SECONDS", 15.0)
    exchange = FakeExchange()
    doubtful.settle(exchange)
    assert doubtful.stands()
    assert exchange.asked_since == []
