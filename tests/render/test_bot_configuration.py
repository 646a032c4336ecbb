"""A bot's configuration: what must hold for every bot holds, whatever passes through; secrets are in the secret fragment only."""

import json
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from freqtrade.config_schema.config_schema import SCHEMA_TRADE_REQUIRED
from freqtrade.configuration.config_validation import validate_config_consistency, validate_config_schema
from freqtrade.configuration.load_config import load_from_files
from freqtrade.enums import RunMode

from pipeline.config.trading import load_trading_environment
from pipeline.domain.canonical import Plain
from pipeline.domain.environment import Mode
from pipeline.domain.trading import RuntimeKind, Secret, Secrets, TradingEnvironment
from pipeline.render.bot_configuration import (
    ApiAccess,
    BotSettings,
    public_configuration,
    secret_configuration,
    spliced,
)
from pipeline.render.sample_configuration import sample_configuration
from tests.domain.trading.samples import DRY, LIVE
from tests.needs import ROOT

UGLY = '000123 it\'s "a" #b $HOME `id` \\n\n{end}'
SECRETS = Secrets(Secret("000123"), Secret(UGLY), None, Secret("1:a"), Secret("-100"))
ACCESS = ApiAccess("train", Secret("p" * 20), Secret("j" * 32), Secret("w" * 20))
BOT = BotSettings(
    "sandbox-trend-a",
    "sqlite:////home/x/.freqtrain/sandbox/databases/trend.live.sqlite",
    18123,
    Decimal(100),
    ("BTC/USDT", "ETH/USDT"),
    "5m",
)
DRY_BOT = replace(BOT, database_url="sqlite:////x/trend.dry_run.sqlite")
FILES = [
    load_trading_environment(ROOT / "environments" / f"{name}.yml", {}).environment
    for name in ("test", "sandbox", "prod")
]


def bot_for(environment: TradingEnvironment) -> BotSettings:
    return DRY_BOT if environment.dry_run else BOT


def at(settings: dict[str, Plain], *keys: str) -> Plain:
    value: Plain = settings
    for key in keys:
        assert isinstance(value, dict)
        value = value[key]
    return value


HOSTILE: dict[str, Plain] = {
    "dry_run": False,
    "available_capital": 1e9,
    "initial_state": "running",
    "force_entry_enable": True,
    "cancel_open_orders_on_exit": True,
    "process_only_new_candles": False,
    "stake_amount": "unlimited",
    "max_open_trades": -1,
    "db_url": "sqlite:///elsewhere",
    "bot_name": "x",
    "api_server": {"listen_ip_address": "0.0.0.0"},
    "telegram": {"enabled": True},
    "internals": {"process_throttle_secs": 0},
    "trading_mode": "futures",
    "exchange": {"name": "x", "pair_whitelist": ["DOGE/USDT"]},
    "order_types": {"stoploss_on_exchange": True},
}


@pytest.mark.parametrize("passed", [{}, HOSTILE])
@pytest.mark.parametrize("environment", [LIVE, DRY, *FILES])
def test_what_must_hold_for_every_bot_holds_whatever_passes_through(
    environment: TradingEnvironment, passed: dict[str, Plain]
) -> None:
    bot = bot_for(environment)
    public = public_configuration(replace(environment, freqtrade=passed, stoploss_on_exchange=False), bot)
    assert public["dry_run"] is (environment.mode is Mode.DRY_RUN)
    assert public["available_capital"] == 100
    assert public["initial_state"] == "paused"
    assert public["force_entry_enable"] is False
    assert public["cancel_open_orders_on_exit"] is False
    assert public["process_only_new_candles"] is True
    assert public["max_open_trades"] == environment.limits.max_open_trades
    assert public["bot_name"] == bot.bot_name
    assert public["db_url"] == bot.database_url
    assert public["trading_mode"] == "spot"
    assert at(public, "api_server", "listen_ip_address") == "127.0.0.1"
    assert at(public, "api_server", "listen_port") == 18123
    assert at(public, "telegram", "enabled") is False
    assert at(public, "internals", "process_throttle_secs") == 5
    assert at(public, "exchange", "name") == environment.exchange
    assert at(public, "exchange", "pair_whitelist") == ["BTC/USDT", "ETH/USDT"]
    assert at(public, "order_types", "stoploss_on_exchange") is False
    assert "ccxt_config" not in json.dumps(public)


@pytest.mark.parametrize("environment", FILES, ids=lambda one: one.name)
def test_both_fragments_spliced_by_freqtrade_are_what_freqtrade_accepts(
    environment: TradingEnvironment, tmp_path: Path
) -> None:
    public = public_configuration(environment, bot_for(environment))
    secret = secret_configuration(replace(environment, bots_on_telegram=True), SECRETS, ACCESS)
    for name, fragment in (("public", public), ("secret", secret)):
        (tmp_path / f"{name}.json").write_text(json.dumps(fragment), encoding="utf-8")
    loaded: dict[str, Any] = load_from_files([str(tmp_path / "public.json"), str(tmp_path / "secret.json")])
    files = loaded.pop("config_files")
    assert len(files) == 2
    assert loaded == spliced(public, secret)
    accepted(loaded, RunMode.DRY_RUN if environment.dry_run else RunMode.LIVE)


def accepted(configuration: dict[str, Any], mode: RunMode) -> None:
    """Raises what freqtrade raises; what the strategy's class adds later is added here."""
    whole = {"stoploss": -0.1, "minimal_roi": {"0": 0.1}, **deepcopy(configuration), "runmode": mode}
    validate_config_schema(whole)
    validate_config_consistency(whole)
    assert set(SCHEMA_TRADE_REQUIRED) <= set(whole)


def test_secrets_arrive_exactly_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "secret.json"
    path.write_text(json.dumps(secret_configuration(LIVE, SECRETS, ACCESS)), encoding="utf-8")
    loaded = load_from_files([str(path)])
    assert loaded["exchange"] == {"key": "000123", "secret": UGLY}
    assert loaded["api_server"] == {
        "username": "train", "password": "p" * 20, "jwt_secret_key": "j" * 32, "ws_token": "w" * 20,
    }  # fmt: skip


def test_the_public_fragment_holds_no_secret_and_the_secret_one_all_of_them() -> None:
    public = json.dumps(public_configuration(LIVE, BOT))
    for text in ("000123", "p" * 20, "j" * 32, "w" * 20, "1:a"):
        assert text not in public
    secret = secret_configuration(
        replace(LIVE, bots_on_telegram=True), replace(SECRETS, access_password=Secret("pw")), ACCESS
    )
    assert secret["telegram"] == {"enabled": True, "token": "1:a", "chat_id": "-100"}
    assert at(secret, "exchange", "password") == "pw"


def test_a_dry_run_holds_no_access_to_the_exchange_even_where_it_is_handed_over() -> None:
    assert "exchange" not in secret_configuration(DRY, SECRETS, ACCESS)


def test_bots_are_silent_on_telegram_unless_the_environment_lets_them_speak() -> None:
    assert "telegram" not in secret_configuration(LIVE, SECRETS, ACCESS)
    assert "telegram" not in secret_configuration(replace(LIVE, bots_on_telegram=True), Secrets(), ACCESS)


def test_only_a_rehearsal_leads_the_bot_elsewhere_and_it_says_so_itself() -> None:
    config: dict[str, Plain] = {"urls": {"api": {"public": "http://127.0.0.1:9"}}}
    public = public_configuration(LIVE, BOT, ccxt_config=config)
    assert at(public, "exchange", "ccxt_config") == config


def test_a_stake_is_an_amount_or_unlimited_and_money_is_a_number() -> None:
    assert public_configuration(LIVE, BOT)["stake_amount"] == 20
    assert public_configuration(replace(LIVE, stake=Decimal("12.5")), BOT)["stake_amount"] == 12.5
    assert public_configuration(replace(LIVE, stake=None), BOT)["stake_amount"] == "unlimited"
    assert json.dumps(public_configuration(LIVE, replace(BOT, capital=Decimal("99.90")))["available_capital"]) == "99.9"
    assert public_configuration(DRY, DRY_BOT)["dry_run_wallet"] == 1000
    assert "dry_run_wallet" not in public_configuration(LIVE, BOT)


def test_a_strategys_own_order_types_stay_and_the_environment_says_where_the_stop_loss_lies() -> None:
    bot = replace(BOT, order_types={"entry": "market", "stoploss_on_exchange": False, "emergency_exit": "market"})
    there = replace(LIVE, stoploss_on_exchange=True, freqtrade={"order_types": {"exit": "market"}})
    assert public_configuration(there, bot)["order_types"] == {
        "entry": "market", "exit": "market", "stoploss": "limit", "emergency_exit": "market", "stoploss_on_exchange": True,
    }  # fmt: skip


def test_settings_pass_through_beside_what_the_train_owns() -> None:
    passed: dict[str, Plain] = {
        "unfilledtimeout": {"entry": 3},
        "exchange": {"pair_blacklist": ["BNB/.*"], "enable_ws": False},
    }
    public = public_configuration(replace(LIVE, freqtrade=passed), BOT)
    assert public["unfilledtimeout"] == {"entry": 3}
    assert public["exchange"] == {
        "pair_blacklist": ["BNB/.*"], "enable_ws": False, "name": "binance", "pair_whitelist": ["BTC/USDT", "ETH/USDT"],
    }  # fmt: skip
    assert passed["exchange"] == {"pair_blacklist": ["BNB/.*"], "enable_ws": False}


def test_the_strategys_timeframe_is_named_where_it_is_known() -> None:
    assert public_configuration(LIVE, BOT)["timeframe"] == "5m"
    assert "timeframe" not in public_configuration(LIVE, replace(BOT, timeframe=""))


@pytest.mark.parametrize(
    ("environment", "bot", "reason"),
    [
        (LIVE, replace(BOT, capital=Decimal("100.01")), "a capital of 100.01 is not within sandbox's limit"),
        (LIVE, replace(BOT, capital=Decimal(0)), "a capital of 0 is not within sandbox's limit"),
        (LIVE, replace(BOT, pairs=()), "there is nothing to trade"),
        (LIVE, DRY_BOT, "the database belongs to dry_run, and the environment is live"),
        (DRY, BOT, "the database belongs to live, and the environment is dry_run"),
    ],
)
def test_what_would_cost_money_by_mistake_is_no_configuration(
    environment: TradingEnvironment, bot: BotSettings, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        public_configuration(environment, bot)


def test_the_key_that_signs_sessions_is_as_long_as_freqtrade_demands() -> None:
    with pytest.raises(ValueError, match="32"):
        ApiAccess("train", Secret("p"), Secret("j" * 31), Secret("w"))


@pytest.mark.parametrize("environment", [None, LIVE, DRY, *FILES])
def test_a_sample_is_a_whole_configuration(environment: TradingEnvironment | None) -> None:
    sample = sample_configuration(environment, {"fiat_display_currency": "EUR"})
    assert sample["fiat_display_currency"] == "EUR"
    live = environment is not None and not environment.dry_run
    accepted({"timeframe": "5m", **sample}, RunMode.LIVE if live else RunMode.DRY_RUN)


def test_only_in_a_container_with_a_network_of_its_own_the_api_listens_on_more_than_the_loopback() -> None:
    contained = replace(DRY, runtime=RuntimeKind.COMPOSE)
    for environment, address in (
        (DRY, "127.0.0.1"),
        (contained, "0.0.0.0"),
        (replace(contained, rehearsal=True), "127.0.0.1"),
    ):
        assert at(public_configuration(environment, bot_for(environment)), "api_server", "listen_ip_address") == address
