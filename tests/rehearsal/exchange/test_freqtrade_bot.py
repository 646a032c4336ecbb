"""freqtrade itself, as it is installed, trades live at the loopback exchange, and its database agrees with the exchange's books."""

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipeline.adapters.clock import SystemClock
from pipeline.rehearsal.exchange import (
    Account,
    ExchangeInThread,
    Move,
    RemoteControl,
    Settings,
    freqtrade_settings,
)

pytestmark = [pytest.mark.processes, pytest.mark.sockets]

PAIR = "BTC/USDT"
PATIENCE_SECONDS = 150.0
ACCOUNT = Account("sandbox", "000123", "s'e\"c#r$et", {"USDT": Decimal(1000)})


def falling() -> tuple[Move, ...]:
    """A dip in the last closed minute and in each of the next ones, so that it is there whenever the bot looks first.

    While the price falls a purchase at the ask is filled at once, and a sale at the bid might not be: the bot sells at the market.
    """
    minute = datetime.now(UTC).replace(second=0, microsecond=0)
    return tuple(Move(PAIR, minute + timedelta(minutes=step), -0.04) for step in range(-2, 4))


def configuration(address: str, folder: Path, *, dry_run: bool) -> dict[str, Any]:
    made: dict[str, Any] = {
        "max_open_trades": 1,
        "stake_currency": "USDT",
        "stake_amount": 100,
        "dry_run": dry_run,
        "bot_name": "loopback",
        "initial_state": "running",
        "db_url": f"sqlite:///{folder / 'trades.sqlite'}",
        "entry_pricing": {"price_side": "other", "use_order_book": True, "order_book_top": 1},
        "exit_pricing": {"price_side": "other", "use_order_book": True, "order_book_top": 1},
        "order_types": {"entry": "limit", "exit": "market", "stoploss": "limit", "stoploss_on_exchange": True},
        "pairlists": [{"method": "StaticPairList"}],
        "internals": {"process_throttle_secs": 1},
        **freqtrade_settings(address, [PAIR]),
    }
    if not dry_run:
        made["exchange"] |= {"key": ACCOUNT.key, "secret": ACCOUNT.secret}
    return made


@contextmanager
def bot(address: str, folder: Path, *, dry_run: bool = False) -> Iterator[subprocess.Popen[bytes]]:
    (folder / "config.json").write_text(json.dumps(configuration(address, folder, dry_run=dry_run)))
    strategies = Path(__file__).parent
    argv = [sys.executable, "-m", "freqtrade", "trade", "-c", str(folder / "config.json"), "--strategy", "DipBuyer"]
    argv += ["--strategy-path", str(strategies), "--userdir", str(folder / "user_data")]
    (folder / "user_data").mkdir()
    with (folder / "bot.log").open("wb") as log:
        process = subprocess.Popen(argv, cwd=folder, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(60)


def query(folder: Path, sql: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(f"file:{folder / 'trades.sqlite'}?mode=ro", uri=True)) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute(sql)]


def until(met: Callable[[], bool], process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            if met():
                return
        except sqlite3.OperationalError:  # the database is not there yet
            pass
        log = (folder / "bot.log").read_text()[-6000:]
        assert process.poll() is None, log
        assert time.monotonic() < deadline, log
        time.sleep(0.3)


def test_a_real_bot_buys_guards_sells_and_agrees_with_the_books(tmp_path: Path) -> None:
    settings = Settings(accounts=(ACCOUNT,), pairs=(PAIR,), swing_ratio=0.0, moves=falling())
    with ExchangeInThread(settings, SystemClock()) as exchange:
        control = RemoteControl(exchange.address)
        with bot(exchange.address, tmp_path) as process:
            until(
                lambda: [order["type"] for order in control.orders()] == ["LIMIT", "STOP_LOSS_LIMIT"], process, tmp_path
            )
            control.move(PAIR, 0.4, seconds=0.5)
            until(lambda: bool(query(tmp_path, "select id from trades where is_open = 0")), process, tmp_path)
        orders, state = control.orders(), control.state()
        control.close()
    assert [(order["side"], order["type"], order["status"]) for order in orders] == [
        ("BUY", "LIMIT", "FILLED"),
        ("SELL", "STOP_LOSS_LIMIT", "CANCELED"),
        ("SELL", "MARKET", "FILLED"),
    ]
    known = {row["order_id"]: row for row in query(tmp_path, "select * from orders")}
    assert set(known) == {str(order["id"]) for order in orders}
    for order in orders:
        row = known[str(order["id"])]
        assert row["status"] == {"FILLED": "closed", "CANCELED": "canceled"}[order["status"]]
        assert Decimal(str(row["filled"] or 0)) == Decimal(order["executed"])
        if order["status"] == "FILLED":
            assert row["average"] == pytest.approx(float(Decimal(order["cost"]) / Decimal(order["executed"])))
    (trade,) = query(tmp_path, "select * from trades")
    holds = state["accounts"]["sandbox"]
    gained = Decimal(holds["USDT"]["free"]) - 1000
    by_orders = sum(
        row["filled"] * row["average"] * (-1 if row["side"] == "buy" else 0.999)
        for row in known.values()
        if row["status"] == "closed"
    )
    assert float(gained) == pytest.approx(by_orders, abs=1e-6)
    assert trade["exit_reason"] == "roi"
    dust = Decimal(holds["BTC"]["free"])
    assert dust < Decimal("0.00001"), "less than can be sold"
    assert float(gained) == pytest.approx(trade["close_profit_abs"], abs=float(dust) * trade["close_rate"] + 0.01)
    assert Decimal(holds["BTC"]["locked"]) == 0
    assert "s'e" not in (tmp_path / "bot.log").read_text()


def test_a_dry_bot_without_a_key_trades_on_the_same_prices_and_asks_for_nothing_signed(tmp_path: Path) -> None:
    settings = Settings(accounts=(ACCOUNT,), pairs=(PAIR,), swing_ratio=0.0, moves=falling())
    with ExchangeInThread(settings, SystemClock()) as exchange:
        control = RemoteControl(exchange.address)
        with bot(exchange.address, tmp_path, dry_run=True) as process:
            until(lambda: bool(query(tmp_path, "select id from orders where status = 'closed'")), process, tmp_path)
            control.move(PAIR, 0.4, seconds=0.5)
            until(lambda: bool(query(tmp_path, "select id from trades where is_open = 0")), process, tmp_path)
        calls, orders = control.calls(), control.orders()
        control.close()
    assert orders == []
    assert calls["GET /api/v3/klines"] > 0
    assert not {path for path in calls if "sapi" in path or path.endswith(("/account", "/order"))}
