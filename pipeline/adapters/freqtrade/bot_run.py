"""From settings to trading: everything that may be refused is refused before the database is touched, then it is waited for, then traded."""

import logging
import socket
import sqlite3
from copy import deepcopy
from pathlib import Path
from typing import Any

import ccxt
from freqtrade.enums import RunMode
from freqtrade.exceptions import OperationalException
from freqtrade.loggers import setup_logging_pre
from freqtrade.rpc.api_server import api_analysis, api_v1, api_ws, web_ui, webserver  # noqa: F401  (before the wait: a successor starts warm)
from freqtrade.system import asyncio_setup, gc_set_threshold, set_mp_start_method

from pipeline.adapters.freqtrade import bot_configuration, bot_database, bot_lock, loader
from pipeline.adapters.freqtrade.backtest import failure
from pipeline.adapters.freqtrade.bot_ending import RESTART_MAY_HELP, BotRefused, Ending, say
from pipeline.adapters.freqtrade.bot_guard import EntryGuard
from pipeline.adapters.freqtrade.bot_trading import BotWorker, report
from pipeline.domain.bot_settings import BotSettings


def run(settings: BotSettings, home: Path, ending: Ending) -> int:
    """Trade until the end is wished for; the exit code.

    Raises:
        BotRefused: it cannot trade, and starting it again changes nothing.
    """
    setup_logging_pre()
    asyncio_setup()
    gc_set_threshold()
    set_mp_start_method()
    arguments = bot_configuration.arguments(settings, home)
    config = bot_configuration.finished(settings, arguments)
    prepare(settings, config)
    try:
        if not bot_lock.hold(Path(settings.lock), ending, settings.name):
            return 0
        bot_database.claim(Path(settings.database), settings)
    except (OSError, sqlite3.OperationalError) as error:
        say(f"the database cannot be opened: {error}")
        return RESTART_MAY_HELP
    taken = _taken(config.get("api_server", {}))
    if taken:
        say(taken)
        return RESTART_MAY_HELP
    return _trade(settings, home, ending, arguments)


def prepare(settings: BotSettings, config: dict[str, Any]) -> None:
    """Load the strategy once, as freqtrade will, and let freqtrade check the configuration together with it.

    Raises:
        BotRefused: either does not hold.
    """
    tried = deepcopy(config)
    bot_configuration.demand_consistency({**config, "runmode": RunMode.OTHER})
    try:
        loader.resolve(tried, Path(settings.strategy_dir))
    except Exception as error:
        told = failure(error, settings.strategy_dir)
        where = f"{told.file}:{told.line}: " if told.file else ""
        raise BotRefused(f"the strategy cannot be loaded: {where}{told.kind}: {told.message}") from error
    bot_configuration.demand_consistency(tried)


def _trade(settings: BotSettings, home: Path, ending: Ending, arguments: dict[str, Any]) -> int:
    report(settings)
    guard = EntryGuard(settings, home, ending)
    swallowed = _Swallowed()
    logging.getLogger("freqtrade.exchange.exchange").addFilter(swallowed)
    try:
        worker = BotWorker(arguments, guard, ending)
    except Exception as error:
        wrong_key = _within(ccxt.AuthenticationError, error, *swallowed.errors)
        if wrong_key:
            raise BotRefused(f"the exchange refuses the key: {wrong_key}") from error
        if isinstance(error, OperationalException) and not swallowed.errors:
            raise BotRefused(str(error)) from error
        raise
    finally:
        logging.getLogger("freqtrade.exchange.exchange").removeFilter(swallowed)
    try:
        worker.run()
    finally:
        worker.exit()
    return 0


class _Swallowed(logging.Filter):
    """Keeps what freqtrade's exchange only logs: that it could not load the markets, and why. What it raises afterwards does not tell.

    A filter and no handler: freqtrade sets up its logging again with each configuration, and takes the handlers away.
    """

    def __init__(self) -> None:
        super().__init__()
        self.errors: list[BaseException] = []

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and record.exc_info[1]:
            self.errors.append(record.exc_info[1])
        return True


def _within(kind: type[BaseException], *errors: BaseException) -> BaseException | None:
    """The first error of that kind behind these: freqtrade raises its own, and sometimes from itself."""
    for error in errors:
        seen: list[BaseException] = []
        one: BaseException | None = error
        while one is not None and one not in seen:
            if isinstance(one, kind):
                return one
            seen.append(one)
            one = one.__context__
    return None


def _taken(api: dict[str, Any]) -> str:
    """Why the API cannot listen; empty where it can. freqtrade would wait for its own server for ever, while a stranger answers."""
    if not api.get("enabled"):
        return ""
    address = (api["listen_ip_address"], api["listen_port"])
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            return f"the API cannot listen on {address[0]} port {address[1]}: {error.strerror}"
    return ""
