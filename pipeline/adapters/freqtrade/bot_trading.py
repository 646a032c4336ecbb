"""freqtrade's bot and its worker with our guard inside: what changes is when an entry is refused, what counts as earned, and how the process ends."""

import logging
import threading
from decimal import Decimal
from typing import Any

from freqtrade import worker
from freqtrade.constants import RETRY_TIMEOUT
from freqtrade.enums import State
from freqtrade.exceptions import TemporaryError
from freqtrade.freqtradebot import FreqtradeBot
from freqtrade.persistence import Order, Trade
from freqtrade.rpc import RPC
from sqlalchemy import func, or_, select

from pipeline.adapters.freqtrade.bot_ending import Ending
from pipeline.adapters.freqtrade.bot_guard import EntryGuard
from pipeline.domain.bot_entry import stake_within
from pipeline.domain.bot_settings import BotSettings

logger = logging.getLogger(__name__)


class GuardedBot(FreqtradeBot):  # type: ignore[misc]
    """A FreqtradeBot that asks before it enters. Exits are freqtrade's own."""

    def __init__(self, config: dict[str, Any], guard: EntryGuard, ending: Ending) -> None:
        self._guard = guard
        self._ending = ending
        self._entering = threading.RLock()
        self._entry_type = ""
        self._begun = False
        count_in(config["stake_currency"])
        most = config.get("max_open_trades")
        super().__init__(config)
        self._begun = True
        self._most_trades = self.config["max_open_trades"] if most is None else most
        guard.watch_over(self.exchange, self.config)

    @property
    def state(self) -> State:
        """What the loop should do; the API sets it from its threads."""
        return self._state

    @state.setter
    def state(self, state: State) -> None:
        """A loop that is told to stop, or to go on after that, need not wait the throttle out to hear of it. One that runs is finished."""
        known, self._state = getattr(self, "_state", state), state
        if self._begun and known != state and State.STOPPED in (known, state):
            self._ending.wake()

    def process(self) -> None:
        """One loop. A temporary error pauses as in freqtrade's worker, but the pause ends when the bot is asked to end or to stop."""
        self._guard.doubt.settle(self.exchange)
        try:
            super().process()
        except TemporaryError as error:
            logger.warning(f"Error: {error}, retrying in {RETRY_TIMEOUT} seconds...")
            self._ending.wait(RETRY_TIMEOUT)
            if self.state == State.STOPPED:
                self._ending.wake()  # The worker sleeps after the loop as well.

    def execute_entry(self, pair: str, stake_amount: float, price: float | None = None, **options: Any) -> bool:
        """New positions, increases, replaced and forced entries all come through here, forced ones from the API's threads."""
        with self._entering:
            if self._guard.reason(self.config) or not self._may_enter(options.get("mode", "initial")):
                return False
            self._entry_type = options.get("ordertype") or self.strategy.order_types["entry"]
            with self._guard.entry():
                return bool(super().execute_entry(pair, stake_amount, price, **options))

    def _may_enter(self, mode: str) -> bool:
        """A wish to pause or stop counts at once; freqtrade would go on with the pairs that are left in the loop.

        So does the number of open trades that the configuration began with, whatever stands in it now.
        """
        if mode == "initial" and Trade.get_open_trade_count() >= self._most_trades:
            return False
        return bool(self.state == State.RUNNING or (self.state == State.PAUSED and mode == "replace"))

    def get_valid_enter_price_and_stake(self, pair: str, *order: Any, **options: Any) -> tuple[float, float, float]:
        """freqtrade's price and stake, the latter made to fit the room that is left."""
        price, stake, leverage = super().get_valid_enter_price_and_stake(pair, *order, **options)
        if not stake:
            return price, stake, leverage
        least = self.exchange.get_min_pair_stake_amount(pair, price, self.strategy.stoploss, leverage) or 0.0
        wanted = Decimal(str(stake))
        market_order = self._entry_type == "market"
        fitting = stake_within(self._guard.room(), wanted, Decimal(str(least)), market_order=market_order)
        if fitting < wanted:
            logger.info(f"Stake of {wanted} for {pair} made to fit the capital: {fitting}")
        return price, float(fitting) if fitting < wanted else stake, leverage


class BotWorker(worker.Worker):  # type: ignore[misc]
    """freqtrade's worker, ended after a loop and not within one."""

    def __init__(self, arguments: dict[str, Any], guard: EntryGuard, ending: Ending) -> None:
        self._guard = guard
        self._ending = ending
        super().__init__(arguments)

    def run(self) -> None:
        """Loop until the end is wished for; returns after the loop in which it was."""
        self._ending.listen()
        state: State | None = None
        while not self._ending.asked:
            state = self._worker(old_state=state)
            if state == State.RELOAD_CONFIG:
                self._reconfigure()

    def exit(self) -> None:
        """Close down. Requests that the API is answering, a forced exit among them, are finished first."""
        if not hasattr(self, "freqtrade"):
            return
        if self._ending.asked:
            self.freqtrade.notify_status("finished its loop and ends")
            self.freqtrade.cleanup()
        else:
            super().exit()

    def _init(self, reconfig: bool) -> None:
        """freqtrade's own, with our bot in place of its own; the configuration is read again from the same files."""
        worker.FreqtradeBot = lambda config: GuardedBot(config, self._guard, self._ending)
        super()._init(reconfig)

    def _sleep(self, sleep_duration: float) -> None:
        self._ending.wait(sleep_duration)


def count_in(currency: str) -> None:
    """Have what closed trades earned count for what may be staked only where it is in this currency; a database outlives a change of it.

    freqtrade adds all of it up (`Trade.get_total_closed_profit`). Trades of engines that wrote no currency down count, as they do there.
    """

    def closed_profit() -> float:
        mine = or_(Trade.stake_currency == currency, Trade.stake_currency.is_(None))
        query = select(func.sum(Trade.close_profit_abs)).filter(Trade.is_open.is_(False), mine)
        return float(Trade.session.execute(query).scalar_one() or 0)

    Trade.get_total_closed_profit = staticmethod(closed_profit)


def report(settings: BotSettings) -> None:
    """Let the API tell the bot's identity as its settings have it, whatever the strategy's `version()` says, and of orders what they asked for."""
    show_config, order_json = RPC._rpc_show_config, Order.to_json

    def shown(config: dict[str, Any], botstate: Any, _version: str | None = None) -> dict[str, Any]:
        told: dict[str, Any] = show_config(config, botstate, settings.bundle)
        return {**told, "bot_name": settings.name, "available_capital": float(settings.capital)}

    def with_asked(order: Order, entry_side: str, minified: bool = False) -> dict[str, Any]:
        told: dict[str, Any] = order_json(order, entry_side, minified)
        return told if minified else {**told, "ft_price": order.ft_price}

    RPC._rpc_show_config = staticmethod(shown)
    Order.to_json = with_asked
