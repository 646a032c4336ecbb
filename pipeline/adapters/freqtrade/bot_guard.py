"""The last word before an order that spends money: brakes, the watch's lease, and the capital, on what the database holds."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from freqtrade.exceptions import DependencyException
from freqtrade.exchange import Exchange
from freqtrade.persistence import Trade

from pipeline.adapters.freqtrade.bot_doubt import Doubt
from pipeline.adapters.freqtrade.bot_ending import Ending, say
from pipeline.adapters.freqtrade.bot_order_errors import OrderErrors
from pipeline.domain.bot_entry import Circumstances, no_entry, room
from pipeline.domain.bot_settings import BRAKE_FILE, BotSettings


class EntryGuard:
    """What a bot asks before it enters. Nothing here comes from the strategy's attributes or from the configuration that it shares."""

    def __init__(self, settings: BotSettings, home: Path, ending: Ending) -> None:
        self._settings = settings
        self._brake = home / BRAKE_FILE
        self._ending = ending
        self._told = ""
        self._entering = False
        self.doubt = Doubt(Path(settings.doubt))
        self.order_errors = OrderErrors(Path(settings.order_errors))

    def reason(self, config: dict[str, Any]) -> str:
        """Why nothing may be entered now; empty where it may. A new reason is told to the log once."""
        why = no_entry(
            Circumstances(
                ending=self._ending.asked,
                braked=self._brake.exists(),
                doubtful=self.doubt.stands(),
                mode_changed=config.get("dry_run") is not self._settings.dry_run,
                lease_seconds=self._settings.lease_seconds,
                lease_age_seconds=self._lease_age(),
            )
        )
        if why != self._told:
            say(f"no entries: {why}" if why else "entries go on")
            self._told = why
        return why

    @contextmanager
    def entry(self) -> Iterator[None]:
        """While the bot itself enters: at other times nobody does. An entry that returns is recorded, or there was none."""
        self._entering = True
        try:
            yield
            self.doubt.recorded()
        finally:
            self._entering = False

    def room(self) -> Decimal:
        """What may still be spent, in the stake currency."""
        return room(self._settings.capital, committed())

    def watch_over(self, exchange: Exchange, config: dict[str, Any]) -> None:
        """Stand between the bot and the exchange: no order that opens or adds to a position passes without being asked about."""
        create_order = self.order_errors.counted(exchange.create_order)
        exchange.create_stoploss = self.order_errors.counted(exchange.create_stoploss)

        def guarded(**order: Any) -> Any:
            if not _enters(order, config):
                return create_order(**order)
            self._demand(exchange, config, order)
            return create_order(**order) if self._settings.dry_run else self.doubt.sent(create_order, order)

        exchange.create_order = guarded

    def _demand(self, exchange: Exchange, config: dict[str, Any], order: dict[str, Any]) -> None:
        why = self.reason(config) or ("" if self._entering else "orders are the bot's to send")
        if why:
            raise DependencyException(f"No entry: {why}.")
        cost = _decimal(order["amount"]) * _decimal(_price(exchange, order)) / _decimal(order["leverage"])
        left = self.room()
        if cost > left:
            raise DependencyException(f"No entry: it would cost {cost:f}, and {left:f} of the capital is left.")

    def _lease_age(self) -> float | None:
        try:
            return time.time() - Path(self._settings.lease_file).stat().st_mtime if self._settings.lease_file else None  # noqa: TID251
        except OSError:
            return None


def committed() -> Iterator[Decimal]:
    """What each open position and each open entry order costs, in the stake currency; the database's open trades are the source.

    freqtrade's own sum leaves out orders that add to a position and are not filled yet, and counts entries that were cancelled.
    """
    for trade in Trade.get_open_trades():
        if trade.has_open_position:
            yield _decimal(trade.stake_amount)
        for order in trade.open_orders:
            if order.ft_order_side == trade.entry_side:
                yield _decimal(order.stake_amount)


def _enters(order: dict[str, Any], config: dict[str, Any]) -> bool:
    """freqtrade marks exits as reducing only on futures markets; a spot exit is a sale."""
    if config.get("trading_mode", "spot") == "spot":
        return bool(order["side"] == "buy")
    return not order.get("reduceOnly", False)


def _price(exchange: Exchange, order: dict[str, Any]) -> float:
    """What one unit will cost at the most. A market order's own rate binds nobody, so the exchange's price counts as well."""
    pair, rate = order["pair"], order["rate"]
    if order["ordertype"] == "market":
        ticker = exchange.fetch_ticker(pair)
        return float(max(rate, ticker.get("ask") or 0.0, ticker.get("last") or 0.0))
    return float(max(rate, exchange.price_to_precision(pair, rate)))


def _decimal(value: float) -> Decimal:
    return Decimal(str(value))
