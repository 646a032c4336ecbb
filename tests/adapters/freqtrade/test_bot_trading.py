"""Real bots on the loopback exchange: they finish their loop, keep to their capital, and enter only when they may."""

import os
import sqlite3
import threading
import time
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipeline.domain.bot_report import Trading
from pipeline.domain.bot_settings import BRAKE_FILE
from pipeline.errors import ToolFailed
from pipeline.rehearsal.exchange import FaultKind, RemoteControl
from tests.bot_ground import BUNDLE, FORGETFUL, GREEDY, Home, Running, account, running

pytestmark = [pytest.mark.processes, pytest.mark.sockets]

ORDER = {"method": "POST", "path": "/api/v3/order"}


def stakes(bot: Running) -> Decimal:
    """What the bot's positions and waiting entries cost, by its own API."""
    trades = bot.api.open_trades()
    held = sum((trade.stake for trade in trades if trade.amount), Decimal(0))
    return held + sum((o.amount * o.price for t in trades for o in t.orders if o.side == "buy"), Decimal(0))


def bought(exchange: RemoteControl, name: str) -> Decimal:
    """What an account's buys have cost at the exchange, waiting ones at their limit."""
    return sum((_cost(order) for order in exchange.orders(name) if order["side"] == "BUY"), Decimal(0))


def _cost(order: dict[str, Any]) -> Decimal:
    filled = sum((Decimal(fill["price"]) * Decimal(fill["quantity"]) for fill in order["fills"]), Decimal(0))
    return filled if order["fills"] else Decimal(order["price"]) * Decimal(order["quantity"])


def recorded(home: Home) -> set[str]:
    """The exchange's ids of the orders in the bot's database, if it is there."""
    if not home.database.exists():
        return set()
    with closing(sqlite3.connect(home.database)) as database:
        return {row[0] for row in database.execute("SELECT order_id FROM orders")}


def placed(exchange: RemoteControl, name: str) -> set[str]:
    return {str(order["id"]) for order in exchange.orders(name)}


def holding(exchange: RemoteControl) -> bool:
    return any(fault["holding"] for fault in exchange.faults())


def loops(bot: Running, count: int) -> None:
    """Wait until the bot has finished that many more loops."""
    for _ in range(count):
        last = bot.api.health().last_loop_at
        bot.until(lambda last=last: bot.api.health().last_loop_at != last, "its loop stands still")


def test_a_greedy_dry_run_bot_that_takes_limits_apart_keeps_to_its_capital(
    tmp_path: Path, exchange_address: str
) -> None:
    home = Home(tmp_path, exchange_address, strategy=GREEDY, freqtrade={"force_entry_enable": True})
    with running(home) as bot:
        bot.until_looping()
        identity = bot.api.identity()
        assert (identity.name, identity.bundle, identity.state) == ("test-eager-a", BUNDLE, Trading.PAUSED)
        assert identity.dry_run
        assert bot.api.open_trades() == ()
        bot.api.start()
        bot.until(lambda: stakes(bot) > 90, "it never used its capital")
        for _ in range(3):
            loops(bot, 1)
            assert stakes(bot) <= 100
        with pytest.raises(ToolFailed, match="refuses /forceenter"):
            bot.api._call("POST", "forceenter", content={"pair": "SOL/USDT", "stakeamount": "1000"})
        identity = bot.api.identity()
        assert (identity.name, identity.bundle, identity.capital) == ("test-eager-a", BUNDLE, 100)
        bot.ask_to_end()
        assert bot.code() == 0


def test_a_greedy_live_bot_keeps_to_its_capital_in_the_exchanges_books(
    tmp_path: Path, exchange_address: str, exchange: RemoteControl
) -> None:
    name = "greedy"
    exchange.open_account(account(name))
    types = {"entry": "market", "exit": "market", "stoploss": "market", "stoploss_on_exchange": False}
    settings = {"order_types": types}
    home = Home(tmp_path, exchange_address, mode="live", strategy=GREEDY, account=name, freqtrade=settings)
    with running(home) as bot:
        bot.until_looping()
        assert not bot.api.identity().dry_run
        bot.api.start()
        bot.until(lambda: bought(exchange, name) > 90, "it never used its capital")
        loops(bot, 3)
        assert 90 < bought(exchange, name) <= 100
        assert recorded(home) == placed(exchange, name)
        assert "direct order: No entry: orders are the bot's to send" in bot.said()


def test_an_order_that_the_exchange_holds_is_in_the_database_after_a_stop_and_after_a_term(
    tmp_path: Path, exchange_address: str, exchange: RemoteControl
) -> None:
    exchange.open_account(account("held"))
    home = Home(tmp_path, exchange_address, mode="live", account="held")
    with running(home) as bot:
        bot.until_looping()
        exchange.disturb(FaultKind.HANG_AFTER, **ORDER)
        bot.api.start()
        bot.until(lambda: holding(exchange), "no order was sent")
        with pytest.raises(ToolFailed, match="did not finish its loop within 1 s"):
            bot.api.stop(1.0)
        assert bot.api.identity().state is Trading.STOPPED
        assert (recorded(home), len(placed(exchange, "held"))) == (set(), 1)
        threading.Timer(1.0, exchange.lift).start()
        bot.api.stop(60.0)
        assert recorded(home) == placed(exchange, "held") != set()
        bot.api.stop(60.0)
        assert len(placed(exchange, "held")) == 1

        exchange.lift()
        exchange.disturb(FaultKind.HANG_AFTER, **ORDER)
        bot.api.start()
        bot.until(lambda: holding(exchange), "no order was sent")
        before = recorded(home)
        bot.ask_to_end()
        time.sleep(1.5)
        bot.ask_to_end()
        time.sleep(1.5)
        assert bot.process.poll() is None
        exchange.lift()
        assert bot.code() == 0
        assert recorded(home) == placed(exchange, "held")
        assert len(recorded(home) - before) == 1


def test_a_forced_exit_that_the_exchange_holds_is_finished_before_the_bot_ends(
    tmp_path: Path, exchange_address: str, exchange: RemoteControl
) -> None:
    exchange.open_account(account("forced"))
    home = Home(tmp_path, exchange_address, mode="live", account="forced", freqtrade={"max_open_trades": 1})
    with running(home) as bot:
        bot.until_looping()
        bot.api.start()
        bot.until(lambda: any(trade.amount for trade in bot.api.open_trades()), "it does not enter")
        exchange.disturb(FaultKind.HANG_AFTER, **ORDER)
        leaving = threading.Thread(target=bot.api.force_exit)
        leaving.start()
        bot.until(lambda: holding(exchange), "no order was sent")
        bot.ask_to_end()
        time.sleep(1.5)
        assert bot.process.poll() is None
        exchange.lift()
        leaving.join()
        assert bot.code() == 0
        assert recorded(home) == placed(exchange, "forced")
        assert len(recorded(home)) == 2


def test_a_lost_answer_stops_entries_until_the_exchange_is_reconciled(
    tmp_path: Path, exchange_address: str, exchange: RemoteControl
) -> None:
    exchange.open_account(account("lost"))
    home = Home(tmp_path, exchange_address, mode="live", account="lost")
    doubt = home.database.with_name(home.database.name + ".doubt.json")
    with running(home) as bot:
        bot.until_looping()
        exchange.disturb(FaultKind.LOST_ANSWER, **ORDER, times=1)
        bot.api.start()
        bot.until(doubt.exists, "the doubt was not written down")
        loops(bot, 3)
        assert len(placed(exchange, "lost")) == 1
        assert recorded(home) == set()
        assert "no entries: an order's fate is not known" in bot.said()
        bot.ask_to_end()
        assert bot.code() == 0
    assert doubt.exists()


def test_a_kill_in_the_middle_of_an_order_makes_the_next_bot_doubt_and_not_buy_again(
    tmp_path: Path, exchange_address: str, exchange: RemoteControl
) -> None:
    exchange.open_account(account("killed"))
    home = Home(tmp_path, exchange_address, mode="live", account="killed")
    with running(home) as bot:
        bot.until_looping()
        exchange.disturb(FaultKind.HANG_AFTER, **ORDER)
        bot.api.start()
        bot.until(lambda: holding(exchange), "no order was sent")
        bot.process.kill()
    exchange.lift()
    with running(home) as bot:
        bot.until_looping()
        bot.api.start()
        loops(bot, 2)
        (lost,) = placed(exchange, "killed")
        assert "no entries: an order's fate is not known" in bot.said()
        told = f"the exchange took the order {lost} on BTC/USDT, which the database does not know"
        bot.until(lambda: told in bot.said(), "it does not find out")
        assert recorded(home) == set()


def test_brake_and_lease_stop_entries_and_leave_exits_alone(tmp_path: Path, exchange_address: str) -> None:
    home = Home(tmp_path, exchange_address, strategy=FORGETFUL, freqtrade={"max_open_trades": 1})
    brake, lease = home.path / BRAKE_FILE, home.folder / "lease"
    brake.write_text("{}")
    with running(home) as bot:
        bot.until_looping()
        bot.api.start()
        loops(bot, 2)
        assert bot.api.open_trades() == ()
        assert "no entries: the bot is braked" in bot.said()
        os.utime(lease, (1.0, 1.0))
        brake.unlink()
        loops(bot, 2)
        assert bot.api.open_trades() == ()
        assert "no entries: the watch's lease is older than 600 s" in bot.said()
        home.renew_lease()
        bot.until(lambda: any(trade.amount for trade in bot.api.open_trades()), "it does not enter")
        loops(bot, 2)
        assert len(bot.api.open_trades()) == 1
        brake.write_text("{}")
        bot.api.force_exit()
        bot.until(lambda: not bot.api.open_trades(), "a braked bot does not exit")
        bot.api._call("POST", "reload_config")
        bot.until(lambda: bot.said().count("Changing state from RELOAD_CONFIG to: PAUSED"), "it does not reload")
        bot.until_looping()
        assert bot.api.identity().state is Trading.PAUSED
        assert bot.api.identity().bundle == BUNDLE


def test_a_second_bot_waits_for_the_database_and_takes_over_when_the_first_is_killed(
    tmp_path: Path, exchange_address: str
) -> None:
    first, second = (Home(tmp_path, exchange_address, name=f"test-eager-{slot}") for slot in "ab")
    with running(first) as old:
        old.until_looping()
        old.api.start()
        old.until(old.api.open_trades, "it does not enter")
        with running(second) as new:
            new.until(lambda: "waiting for the database, which test-eager-a" in new.said(), "it does not wait")
            with pytest.raises(ToolFailed, match="nothing listens there"):
                new.api.identity()
            new.ask_to_end()
            assert new.code() == 0
        with running(second) as successor:
            successor.until(lambda: successor.said().count("waiting for the database") == 2, "it does not wait")
            held = {trade.id for trade in old.api.open_trades()}
            old.process.kill()
            successor.until_looping()
            assert held <= {trade.id for trade in successor.api.open_trades()}
            assert successor.api.identity().state is Trading.PAUSED
