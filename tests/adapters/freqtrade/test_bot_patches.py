"""The places in freqtrade that the bot's entry point stands on: a freqtrade that is built otherwise fails here and not in an account."""

import inspect
import re
from decimal import Decimal
from pathlib import Path

import freqtrade
import pytest
from freqtrade import freqtradebot, worker
from freqtrade.exchange import Exchange
from freqtrade.freqtradebot import FreqtradeBot
from freqtrade.persistence import LocalTrade, Order, Trade
from freqtrade.rpc import RPC
from freqtrade.rpc.api_server import api_trading, api_v1

from pipeline.adapters.freqtrade import loader
from pipeline.adapters.freqtrade.bot_trading import BotWorker, GuardedBot, report
from pipeline.domain.bot_settings import BotSettings

ROOT = Path(freqtrade.__file__).parent
SETTINGS = BotSettings("b", "test", "eager", "sha256:1", "Eager", "dry_run", Decimal(1), "strategy", "db.sqlite", ())


def names(function: object) -> list[str]:
    return list(inspect.signature(function).parameters)  # type: ignore[arg-type]


def test_orders_are_created_in_two_places_one_for_entries_and_one_for_exits() -> None:
    source = inspect.getsource(freqtradebot)
    assert source.count("exchange.create_order(") == 2
    assert source.count("_api.create_order") == 0
    for function in (FreqtradeBot.execute_entry, FreqtradeBot.execute_trade_exit):
        assert "self.exchange.create_order(" in inspect.getsource(function)
    callers = [file for file in ROOT.rglob("*.py") if re.search(r"[^_\w]create_order\(", file.read_text())]
    assert {file.name for file in callers if file.parent.name != "exchange"} == {"freqtradebot.py"}


def test_every_entry_goes_through_execute_entry() -> None:
    callers = [file for file in ROOT.rglob("*.py") if ".execute_entry(" in file.read_text()]
    assert {file.relative_to(ROOT).as_posix() for file in callers} == {"freqtradebot.py", "rpc/rpc.py"}


def test_the_methods_that_are_overridden_are_called_as_we_override_them() -> None:
    assert names(FreqtradeBot.execute_entry)[:4] == ["self", "pair", "stake_amount", "price"]
    assert {"mode", "ordertype"} < set(names(FreqtradeBot.execute_entry))
    assert "self.get_valid_enter_price_and_stake(" in inspect.getsource(FreqtradeBot.execute_entry)
    assert names(FreqtradeBot.get_valid_enter_price_and_stake)[:2] == ["self", "pair"]
    created = set(names(Exchange.create_order))
    assert {"pair", "ordertype", "side", "amount", "rate", "leverage", "reduceOnly"} < created
    assert issubclass(GuardedBot, FreqtradeBot)
    assert issubclass(BotWorker, worker.Worker)


def test_the_worker_makes_its_bot_by_the_name_that_is_replaced_and_sleeps_where_it_can_be_woken() -> None:
    assert "self.freqtrade = FreqtradeBot(self._config)" in inspect.getsource(worker.Worker._init)
    assert "self._sleep(sleep_duration)" in inspect.getsource(worker.Worker._throttle)
    assert "self.freqtrade.process()" in inspect.getsource(worker.Worker._process_running)


def test_the_api_tells_the_identity_through_the_function_that_is_replaced() -> None:
    assert "RPC._rpc_show_config(config, state, strategy_version)" in inspect.getsource(api_v1.show_config)
    assert names(RPC._rpc_show_config) == ["config", "botstate", "strategy_version"]


def test_the_api_tells_what_an_order_asked_for_beside_what_it_got(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "self.to_json" not in inspect.getsource(RPC._rpc_trade_history)
    assert "[trade.to_json() for trade in trades]" in inspect.getsource(RPC._rpc_trade_history)
    assert "order.to_json(entry_side, minified)" in inspect.getsource(LocalTrade.to_json)
    (history,) = (route for route in api_trading.router.routes if route.path == "/trades")  # type: ignore[attr-defined]
    assert history.response_model is None, "a model would leave out what freqtrade does not know"
    monkeypatch.setattr(Order, "to_json", Order.to_json)
    monkeypatch.setattr(RPC, "_rpc_show_config", staticmethod(RPC._rpc_show_config))
    report(SETTINGS)
    order = Order(ft_order_side="buy", ft_pair="A/B", ft_price=9.5, ft_amount=2.0, order_id="1", price=10.0, amount=2.0)
    assert order.to_json("buy")["ft_price"] == 9.5
    assert order.to_json("buy")["safe_price"] == 10.0
    assert "ft_price" not in order.to_json("buy", minified=True)


def test_what_closed_trades_earned_is_asked_for_by_the_function_that_is_replaced_and_by_wallets_alone() -> None:
    assert names(Trade.get_total_closed_profit) == []
    callers = [file for file in ROOT.rglob("*.py") if ".get_total_closed_profit(" in file.read_text()]
    assert [file.relative_to(ROOT).as_posix() for file in callers] == ["wallets.py"]
    assert 'count_in(config["stake_currency"])' in inspect.getsource(GuardedBot.__init__)
    assert "is_open" in inspect.getsource(Trade.get_total_closed_profit)


def test_the_loop_says_its_state_as_it_is_looked_for() -> None:
    source = inspect.getsource(worker)
    assert "Changing state{f' from {old_state.name}' if old_state else ''} to: {state.name}" in source
    assert "Bot heartbeat. PID={getpid()}, version='{version}', state='{state.name}'" in source


def test_the_bot_loads_its_strategy_by_the_call_that_the_loader_makes() -> None:
    call = "StrategyResolver.load_strategy("
    assert f"self.strategy: IStrategy = {call}self.config)" in inspect.getsource(FreqtradeBot.__init__)
    assert f"return {call}config)" in inspect.getsource(loader.resolve)


def test_the_api_and_the_worker_say_what_the_loop_should_do_by_setting_the_state_that_is_replaced() -> None:
    for function in (RPC._rpc_start, RPC._rpc_stop, RPC._rpc_pause):
        assert "self._freqtrade.state = State." in inspect.getsource(function)
    assert "self.freqtrade.state = State.STOPPED" in inspect.getsource(worker.Worker._process_running)
    assert "self.state = State." in inspect.getsource(FreqtradeBot.__init__)
    assert isinstance(GuardedBot.state, property)
