"""Real bots on the loopback exchange: homes as a deployment writes them, and bots that run in them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipeline.adapters import bot_api
from pipeline.adapters.bot_api import BotApi
from pipeline.adapters.clock import SystemClock
from pipeline.domain.bot_settings import BotSettings
from pipeline.domain.canonical import plain
from pipeline.errors import ToolFailed
from pipeline.rehearsal.exchange import Account, freqtrade_settings
from tests.needs import ROOT
from tests.ports import free_port

PAIRS = ("BTC/USDT", "ETH/USDT", "SOL/USDT")
BUNDLE = "sha256:" + "ab" * 32
SECRET = "secret-of-the-test"
PATIENCE_SECONDS = 60.0

EAGER = """
from freqtrade.strategy import IStrategy


class Eager(IStrategy):
    INTERFACE_VERSION = 3
    timeframe = "1m"
    stoploss = -0.5
    minimal_roi = {"0": 10}
    startup_candle_count = 1
    process_only_new_candles = False

    def populate_indicators(self, dataframe, metadata):
        return dataframe

    def populate_entry_trend(self, dataframe, metadata):
        dataframe["enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe, metadata):
        return dataframe
"""
"""Enters whatever it can, and leaves nothing by itself."""

GREEDY = (
    EAGER
    + """
    position_adjustment_enable = True

    def custom_stake_amount(self, **kwargs):
        return 1e9

    def adjust_trade_position(self, **kwargs):
        return 1e9

    def version(self):
        return "the best"

    def lock_pair(self, *args, **kwargs):
        pass

    def bot_loop_start(self, **kwargs):
        self.config.update(available_capital=1e9, max_open_trades=99, bot_name="another", initial_state="running")
        self.wallets.get_available_stake_amount = lambda: 1e9
        type(self).version = lambda self: "even better"
        try:
            self.dp._exchange.create_order(
                pair="BTC/USDT", ordertype="market", side="buy", amount=0.1, rate=1000.0, leverage=1.0
            )
        except Exception as error:
            print("direct order:", error, flush=True)
"""
)
"""Wants everything, adds to it in every loop, and takes apart what its own reach has of freqtrade's limits."""


FORGETFUL = (
    EAGER
    + """
    def bot_loop_start(self, **kwargs):
        self.config["max_open_trades"] = 99
"""
)


def account(name: str) -> Account:
    """An account with 10,000 USDT; `Home.account` is its name."""
    return Account(name, f"key-of-{name}", SECRET, {"USDT": Decimal(10_000)})


@dataclass
class Home:
    """A bot's home below `folder`, and what it was written from."""

    folder: Path
    address: str
    mode: str = "dry_run"
    strategy: str = EAGER
    name: str = "test-eager-a"
    capital: str = "100"
    port: int = field(default_factory=free_port)
    settings: dict[str, Any] = field(default_factory=dict)
    freqtrade: dict[str, Any] = field(default_factory=dict)
    account: str = "nobody"

    def __post_init__(self) -> None:
        (self.path / "strategy").mkdir(parents=True)
        (self.path / "strategy" / "strategy.py").write_text(self.strategy)
        self.renew_lease()
        self.write()

    @property
    def path(self) -> Path:
        return self.folder / "bots" / self.name

    @property
    def database(self) -> Path:
        return self.folder / "databases" / f"eager.{self.mode}.sqlite"

    def renew_lease(self) -> None:
        (self.folder / "lease").touch()

    def write(self) -> None:
        settings = BotSettings(
            name=self.name,
            environment="test",
            strategy="eager",
            bundle=BUNDLE,
            class_name="Eager",
            mode=self.mode,
            capital=Decimal(self.capital),
            strategy_dir="strategy",
            database=str(self.database),
            config_files=("public.json", "secret.json"),
            lease_file=str(self.folder / "lease"),
            lease_seconds=600.0,
        )
        written = plain(settings)
        assert isinstance(written, dict)
        self._write("bot.json", {**written, **self.settings})
        self._write("public.json", {**self._public(), **self.freqtrade})
        api = {"username": "tester", "password": "pass-of-the-test", "jwt_secret_key": "k" * 40, "ws_token": "t" * 20}
        self._write("secret.json", {"exchange": {"key": f"key-of-{self.account}", "secret": SECRET}, "api_server": api})

    def _public(self) -> dict[str, Any]:
        pricing = {"price_side": "other", "use_order_book": False}
        trades = freqtrade_settings(self.address, PAIRS)
        trades["exchange"]["ccxt_config"]["timeout"] = (
            1000 * PATIENCE_SECONDS
        )  # an order that is held on purpose is not lost
        listening = {"enabled": True, "listen_ip_address": "127.0.0.1", "listen_port": self.port, "verbosity": "error"}
        return {
            "dry_run": self.mode == "dry_run",
            "dry_run_wallet": 10_000,
            "stake_currency": "USDT",
            "stake_amount": 20,
            "max_open_trades": 3,
            "entry_pricing": pricing,
            "exit_pricing": pricing,
            "pairlists": [{"method": "StaticPairList"}],
            "internals": {"process_throttle_secs": 1},
            "api_server": listening,
            **trades,
        }

    def _write(self, name: str, content: object) -> None:
        file = self.path / name
        file.write_text(json.dumps(content))
        file.chmod(0o600)


@dataclass
class Running:
    """A bot's process and its API; what it prints is in `log`."""

    home: Home
    process: "subprocess.Popen[bytes]"
    log: Path
    api: BotApi

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def until(self, holds: Callable[[], object], what: str) -> None:
        until(holds, lambda: f"{what}; the bot said:\n{self.said()[-6000:]}", alive=self.process)

    def until_looping(self) -> None:
        """It answers and has finished a loop in this process."""
        self.until(self._looped, "it never finished a loop")

    def _looped(self) -> bool:
        try:
            return self.api.health().last_loop_at is not None
        except ToolFailed:
            return False

    def ask_to_end(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def code(self) -> int:
        return self.process.wait(PATIENCE_SECONDS)


@contextmanager
def running(home: Home) -> Iterator[Running]:
    """Start the entry point in a home; it is killed at the end where it still runs."""
    log = home.path / "printed.log"
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(home.folder), "LANG": "C.UTF-8"}
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "pipeline.adapters.freqtrade.bot", str(home.path)],
            cwd=home.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    try:
        yield Running(home, process, log, bot_api.of_home(home.path, home.port, SystemClock()))
    finally:
        process.kill()
        process.wait()


def until(
    holds: Callable[[], object],
    what: Callable[[], str],
    *,
    alive: "subprocess.Popen[bytes] | None" = None,
    seconds: float = PATIENCE_SECONDS,
) -> None:
    """Wait for something that is going to happen."""
    deadline = time.monotonic() + seconds
    while not holds():
        gone = alive is not None and alive.poll() is not None
        assert not gone, f"the process ended: {what()}"
        assert time.monotonic() < deadline, what()
        time.sleep(0.1)
