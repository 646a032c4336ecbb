"""Real bots in the homes that the train writes: who they are, what holds them, and which orders their databases explain."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.adapters.bot_database_files import in_use
from pipeline.adapters.bot_databases import BotDatabases
from pipeline.adapters.bot_homes import BotHomes
from pipeline.adapters.clock import SystemClock
from pipeline.domain.bot_report import Trading
from pipeline.domain.trading import Secret, Secrets, TradingEnvironment
from pipeline.errors import Refused
from pipeline.rehearsal.exchange import RemoteControl, ccxt_settings
from tests.adapters.bot_device import environment, stored
from tests.bot_ground import PAIRS, SECRET, Home, Running, account, running
from tests.ports import free_port

pytestmark = [pytest.mark.processes, pytest.mark.sockets]

PRICING = {"price_side": "other", "use_order_book": False}


class Prepared(Home):
    """A home that was written already, at the place where `Home` would have it."""

    def __post_init__(self) -> None:
        assert (self.path / "bot.json").is_file()


def loopback(name: str) -> TradingEnvironment:
    """An environment of this repository with small stakes on the loopback exchange's pairs."""
    one = environment(name)
    return replace(
        one,
        stake=Decimal(20),
        pairs=PAIRS,
        limits=replace(one.limits, capital_per_bot=Decimal(100), max_open_trades=3),
        freqtrade={"entry_pricing": PRICING, "exit_pricing": PRICING, "exchange": {"enable_ws": False}},
    )


def homes(device: Path, one: TradingEnvironment, address: str, port: int, secrets: Secrets | None = None) -> BotHomes:
    return BotHomes(
        device,
        one,
        SystemClock(),
        secrets,
        first_port=port,
        throttle_seconds=1,
        ccxt_config=ccxt_settings(address),
        rehearsal=True,
    )


def recorded(database: Path) -> set[str]:
    with closing(sqlite3.connect(database)) as opened:
        return {row[0] for row in opened.execute("SELECT order_id FROM orders")}


def loops(bot: Running, count: int) -> None:
    for _ in range(count):
        last = bot.api.health().last_loop_at
        bot.until(lambda last=last: bot.api.health().last_loop_at != last, "its loop stands still")


def test_a_dry_run_bot_is_who_its_home_says_and_enters_when_it_is_unheld(tmp_path: Path, exchange_address: str) -> None:
    device, one, bundle = tmp_path / "device", loopback("test"), stored()
    these, databases = homes(device, one, exchange_address, free_port()), BotDatabases(device, one, SystemClock())
    spec = these.spec("eager", "a", bundle.digest, 0)
    these.prepare(spec, bundle, "not proved yet")
    home = Prepared(device / "test", exchange_address, name=spec.name, port=spec.api_port)
    began = datetime.now(UTC)
    with running(home) as bot:
        api = these.bot(spec)
        bot.until_looping()
        identity = api.identity()
        assert (identity.name, identity.bundle, identity.class_name) == (spec.name, bundle.digest, "Eager")
        assert (identity.dry_run, identity.state, identity.capital) == (True, Trading.PAUSED, Decimal(100))
        assert identity.exchange == "binance"
        assert databases.exists("eager")
        assert databases.known_orders("eager").since_at is None

        api.start()
        loops(bot, 2)
        assert api.open_trades() == ()
        assert "no entries: the bot is braked" in bot.said()
        these.unhold(spec)
        bot.until(lambda: databases.known_orders("eager").ids, "it does not enter though nothing holds it")
        assert in_use(home.database)
        with pytest.raises(Refused, match=f"is in use by {spec.name}"):
            BotDatabases(tmp_path / "other", one, SystemClock()).adopt("eager", home.database)
        copy = Path(databases.copy("eager"))
        assert recorded(copy) <= databases.known_orders("eager").ids
        assert recorded(copy)

        these.prepare(spec, bundle, "braked again")
        assert these.bot(spec).identity().bundle == bundle.digest
        api.stop(60.0)
        bot.ask_to_end()
        assert bot.code() == 0
    known = databases.known_orders("eager")
    assert known.ids == recorded(home.database)
    assert known.since_at is not None
    assert began - timedelta(seconds=1) < known.since_at < datetime.now(UTC)

    elsewhere = BotDatabases(tmp_path / "other", one, SystemClock())
    elsewhere.adopt("eager", home.database)
    assert elsewhere.known_orders("eager") == known
    with pytest.raises(Refused, match="orders of the mode dry_run"):
        BotDatabases(device, loopback("prod"), SystemClock()).adopt("eager", home.database)


def test_a_live_bot_signs_in_with_the_secrets_of_another_home_and_every_order_is_known(
    tmp_path: Path, exchange_address: str, exchange: RemoteControl
) -> None:
    exchange.open_account(account("homes"))
    device, one, bundle = tmp_path / "device", loopback("prod"), stored(simulated=True)
    given = Secrets(access_key=Secret("key-of-homes"), access_secret=Secret(SECRET))
    first_port = free_port(neighbours=1)
    first = homes(device, one, exchange_address, first_port, given)
    first.prepare(first.spec("eager", "a", bundle.digest, 0), bundle, "")
    these = homes(device, one, exchange_address, first_port)
    spec = these.spec("eager", "b", bundle.digest, 0)
    these.prepare(spec, bundle, "")
    home = Prepared(device / "prod", exchange_address, mode="live", name=spec.name, port=spec.api_port)
    home.renew_lease()
    with running(home) as bot:
        bot.until_looping()
        api = these.bot(spec)
        assert not api.identity().dry_run
        api.start()
        bot.until(lambda: len(exchange.orders("homes")) >= 3, "it does not enter")
        api.stop(60.0)
        bot.process.kill()
        bot.process.wait()
    known = BotDatabases(device, one, SystemClock()).known_orders("eager")
    assert known.ids == {str(order["id"]) for order in exchange.orders("homes")}
