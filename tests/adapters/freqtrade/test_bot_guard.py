"""The last word before an order that spends money."""

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from freqtrade.exceptions import DependencyException
from freqtrade.persistence import Order, Trade, init_db

from pipeline.adapters.freqtrade.bot_ending import Ending
from pipeline.adapters.freqtrade.bot_guard import EntryGuard, committed
from tests.domain.test_bot_settings import SETTINGS

CONFIG = {"dry_run": False, "trading_mode": "spot"}
BUY = {"pair": "A/B", "ordertype": "limit", "side": "buy", "amount": 10.0, "rate": 3.0, "leverage": 1.0}


class FakeExchange:
    """Takes every order; prices count in tenths, rounded up."""

    def __init__(self) -> None:
        self.orders: list[dict[str, Any]] = []

    def create_order(self, **order: Any) -> dict[str, Any]:
        self.orders.append(order)
        return {"id": str(len(self.orders))}

    def create_stoploss(self, **order: Any) -> dict[str, Any]:
        return self.create_order(**order)

    def price_to_precision(self, pair: str, price: float) -> float:
        return round(price + 0.04, 1)

    def fetch_ticker(self, pair: str) -> dict[str, float | None]:
        return {"ask": 50.0, "last": None}


@pytest.fixture(autouse=True)
def database(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(Trade, "use_db", True)
    init_db("sqlite://")
    yield
    Trade.session.remove()


@pytest.fixture
def lease(tmp_path: Path) -> Path:
    path = tmp_path / "lease"
    path.touch()
    return path


@pytest.fixture
def guard(tmp_path: Path, lease: Path) -> EntryGuard:
    settings = replace(
        SETTINGS, capital=Decimal(100), database=str(tmp_path / "x.sqlite"), lease_file=str(lease), lease_seconds=60.0
    )
    return EntryGuard(settings, tmp_path, Ending())


def trade(*orders: tuple[str, bool, float, float], stake: float, amount: float) -> None:
    """An open trade; each order is side, whether it is open, amount and price."""
    number = len(Trade.session.query(Trade).all()) + 1
    one = Trade(
        id=number,
        pair="A/B",
        stake_amount=stake,
        amount=amount,
        fee_open=0.0,
        fee_close=0.0,
        open_rate=1.0,
        open_date=datetime.now(UTC),
        is_open=True,
        exchange="binance",
        leverage=1.0,
    )
    for place, (side, is_open, quantity, price) in enumerate(orders):
        one.orders.append(
            Order(
                ft_order_side=side,
                ft_pair="A/B",
                ft_is_open=is_open,
                ft_amount=quantity,
                ft_price=price,
                order_id=f"{number}-{place}",
                amount=quantity,
                price=price,
            )
        )
    Trade.session.add(one)
    Trade.commit()


def test_what_is_committed_is_positions_and_waiting_entries() -> None:
    trade(("buy", False, 10.0, 2.0), stake=20.0, amount=10.0)
    trade(("buy", False, 10.0, 2.0), ("buy", True, 5.0, 3.0), ("sell", True, 10.0, 9.0), stake=20.0, amount=10.0)
    trade(("buy", True, 4.0, 2.5), stake=10.0, amount=0.0)
    trade(("buy", False, 4.0, 2.5), stake=10.0, amount=0.0)
    assert sum(committed(), Decimal(0)) == 20 + 20 + 15 + 10


def test_an_entry_that_fits_passes_and_one_that_does_not_never_reaches_the_exchange(guard: EntryGuard) -> None:
    exchange = FakeExchange()
    guard.watch_over(exchange, CONFIG)
    with guard.entry():
        assert exchange.create_order(**BUY) == {"id": "1"}
    trade(("buy", False, 1.0, 80.0), stake=80.0, amount=1.0)
    with (
        guard.entry(),
        pytest.raises(DependencyException, match=r"it would cost 30\.00*, and 20\.0* of the capital is left"),
    ):
        exchange.create_order(**BUY)
    with guard.entry():
        exchange.create_order(**{**BUY, "amount": 6.0})
    assert len(exchange.orders) == 2


def test_the_price_counts_as_the_exchange_will_round_it(guard: EntryGuard) -> None:
    exchange = FakeExchange()
    guard.watch_over(exchange, CONFIG)
    with guard.entry(), pytest.raises(DependencyException, match="it would cost"):
        exchange.create_order(**{**BUY, "amount": 10.0, "rate": 9.98, "leverage": 0.99})
    with guard.entry(), pytest.raises(DependencyException, match="it would cost"):
        exchange.create_order(**{**BUY, "amount": 9.999, "rate": 10.01})


def test_a_market_order_costs_what_the_exchange_asks_whatever_its_rate_says(guard: EntryGuard) -> None:
    exchange = FakeExchange()
    guard.watch_over(exchange, CONFIG)
    with guard.entry(), pytest.raises(DependencyException, match=r"it would cost 500\.0*,"):
        exchange.create_order(**{**BUY, "ordertype": "market", "rate": 0.01})
    with guard.entry():
        exchange.create_order(**{**BUY, "ordertype": "market", "amount": 1.9})


def test_an_order_that_the_bot_does_not_send_is_refused_and_an_entry_that_fails_leaves_its_doubt(
    guard: EntryGuard,
) -> None:
    exchange = FakeExchange()
    guard.watch_over(exchange, CONFIG)
    with pytest.raises(DependencyException, match="orders are the bot's to send"):
        exchange.create_order(**BUY)

    def enter() -> None:
        with guard.entry():
            exchange.create_order(**BUY)
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        enter()
    assert guard.doubt.stands()
    with guard.entry(), pytest.raises(DependencyException, match="fate is not known"):
        exchange.create_order(**BUY)


def test_exits_are_nobody_s_business(guard: EntryGuard, tmp_path: Path, lease: Path) -> None:
    lease.unlink()
    (tmp_path / "brake.json").touch()
    exchange = FakeExchange()
    guard.watch_over(exchange, CONFIG)
    exchange.create_order(**{**BUY, "side": "sell", "amount": 1e9})
    futures = FakeExchange()
    guard.watch_over(futures, {**CONFIG, "trading_mode": "futures"})
    futures.create_order(**BUY, reduceOnly=True)
    with pytest.raises(DependencyException, match="No entry: the bot is braked"):
        futures.create_order(**{**BUY, "side": "sell"}, reduceOnly=False)
    assert (len(exchange.orders), len(futures.orders)) == (1, 1)


def test_each_reason_is_told_once_and_so_is_its_end(
    guard: EntryGuard, tmp_path: Path, lease: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert guard.reason(CONFIG) == ""
    (tmp_path / "brake.json").touch()
    assert guard.reason(CONFIG) == guard.reason(CONFIG) == "the bot is braked"
    (tmp_path / "brake.json").unlink()
    os.utime(lease, (time.time() - 61, time.time() - 61))
    assert guard.reason(CONFIG) == "the watch's lease is older than 60 s"
    os.utime(lease, (time.time() + 600, time.time() + 600))
    assert guard.reason(CONFIG) == "the watch's lease lies in the future: the clock was set back"
    lease.unlink()
    assert guard.reason(CONFIG) == "the watch's lease is not there"
    lease.touch()
    (tmp_path / "x.sqlite.doubt.json").touch()
    assert guard.reason(CONFIG).startswith("an order's fate is not known")
    (tmp_path / "x.sqlite.doubt.json").unlink()
    assert guard.reason({"dry_run": True}) == "the configuration's dry_run was changed while the bot ran"
    assert guard.reason(CONFIG) == ""
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 7
    assert told[-1] == "bot: entries go on"
