"""The `freqtrade:` section: any setting may pass through to freqtrade, except those that the train owns and those that are secret."""

from collections.abc import Iterator

from pipeline.config.small_yaml import Route
from pipeline.config.source import Source
from pipeline.domain.canonical import Plain
from pipeline.errors import Problem

_ACCOUNT = "is set by the section account"
_MODE = "follows from mode"
_STRATEGY = "belongs to the strategy: its class or its strategy.yml"
_TRAIN = "is set by the train itself"
_SECRET = "is or may hold a secret, which never stands in an environment's file"
_PAIRS = "follows from the strategy's pairs and the data set"
_SPOT = "is not supported yet: only spot markets are traded"

OWNED: dict[str, str] = {
    **dict.fromkeys(
        ("stake_currency", "stake_amount", "max_open_trades", "dry_run_wallet", "fee", "available_capital"), _ACCOUNT
    ),
    **dict.fromkeys(("dry_run", "runmode"), _MODE),
    **dict.fromkeys(
        (
            "strategy",
            "strategy_path",
            "strategy_list",
            "recursive_strategy_search",
            "timeframe",
            "timeframe_detail",
            "stoploss",
        ),
        _STRATEGY,
    ),
    **dict.fromkeys(
        ("minimal_roi", "trailing_stop", "trailing_stop_positive", "trailing_stop_positive_offset"), _STRATEGY
    ),
    **dict.fromkeys(
        ("trailing_only_offset_is_reached", "use_custom_stoploss", "use_exit_signal", "exit_profit_only"), _STRATEGY
    ),
    **dict.fromkeys(
        ("exit_profit_offset", "ignore_roi_if_entry_signal", "startup_candle_count", "protections"), _STRATEGY
    ),
    **dict.fromkeys(
        ("position_adjustment_enable", "max_entry_position_adjustment", "process_only_new_candles"), _STRATEGY
    ),
    **dict.fromkeys(("freqai", "freqaimodel", "freqaimodel_path"), "is not supported yet: FreqAI"),
    **dict.fromkeys(("trading_mode", "margin_mode", "liquidation_buffer", "futures_funding_rate"), _SPOT),
    **dict.fromkeys(
        ("user_data_dir", "datadir", "db_url", "config", "config_files", "add_config_files", "original_config"), _TRAIN
    ),
    **dict.fromkeys(
        ("bot_name", "strategy_version", "initial_state", "api_server", "telegram", "webhook", "discord"), _TRAIN
    ),
    **dict.fromkeys(
        ("logfile", "log_config", "verbosity", "internals", "exportdirectory", "exportfilename", "export"), _TRAIN
    ),
    **dict.fromkeys(
        ("backtest_cache", "timerange", "dataformat_ohlcv", "dataformat_trades", "force_entry_enable"), _TRAIN
    ),
    **dict.fromkeys(("enable_protections", "external_message_consumer", "pairs", "experimental"), _TRAIN),
    "exchange.name": "is set by the key exchange",
    "exchange.pair_whitelist": _PAIRS,
    **dict.fromkeys(("exchange.ccxt_config", "exchange.ccxt_async_config", "exchange.ccxt_sync_config"), _SECRET),
}
"""Setting -> why it cannot stand here."""

_UNKNOWN_ORDERS = "would leave orders or fills unknown"
_ELSEWHERE = "would lead the bot elsewhere than to the exchange"

OWNED_IN_TRADING: dict[str, str] = {
    "stake_currency": "is set by the key stake_currency",
    "stake_amount": "is set by the key stake",
    "dry_run_wallet": "is set by the key dry_run_wallet",
    **dict.fromkeys(("max_open_trades", "available_capital"), "is set by the section limits"),
    **dict.fromkeys(("tradable_balance_ratio", "amount_reserve_percent"), "follows from limits.capital_per_bot"),
    "fee": "is the exchange's",
    **dict.fromkeys(("telegram", "webhook", "discord"), "follows from the section secrets and bots_on_telegram"),
    "exchange.pair_whitelist": "is set by the key pairs",
    "order_types.stoploss_on_exchange": "is set by the key stoploss_on_exchange",
    "cancel_open_orders_on_exit": _TRAIN,
    "disable_dataframe_checks": "would let a strategy trade on broken candles",
    "exchange.skip_open_order_update": _UNKNOWN_ORDERS,
    **dict.fromkeys(("exchange.demo_trading", "exchange.sandbox"), "follows from mode"),
}
"""As `OWNED`, where bots run; what stands in both has this reason."""

_ELSEWHERE_WORDS = ("url", "proxy", "proxies", "hostname")

_SECRET_WORDS = (
    "key",
    "secret",
    "password",
    "token",
    "uid",
    "wallet_address",
    "walletaddress",
    "private_key",
    "privatekey",
    "account_id",
)
_SECRET_WORDS_INSIDE = ("secret", "password", "token", "private", "apikey", "api_key")


def owned_settings(source: Source, route: Route, *, trading: bool = False) -> Iterator[Problem]:
    """A problem for every setting in the section at a route that is not the environment's to set; `trading` where bots run there."""
    section = source.at(route)
    if isinstance(section, dict):
        yield from _walk(source, section, route, (), trading)


def _walk(
    source: Source, section: dict[str, Plain], route: Route, path: tuple[str, ...], trading: bool
) -> Iterator[Problem]:
    for key, value in section.items():
        here = (*path, key.lower())
        if why := _why_not(here, trading):
            yield source.problem((*route, key), why, key=True)
        else:
            yield from _inside(source, value, (*route, key), here, trading)


def _inside(source: Source, value: Plain, route: Route, path: tuple[str, ...], trading: bool) -> Iterator[Problem]:
    if isinstance(value, dict):
        yield from _walk(source, value, route, path, trading)
    for index, item in enumerate(value if isinstance(value, list) else ()):
        yield from _inside(source, item, (*route, index), path, trading)


def _why_not(path: tuple[str, ...], trading: bool) -> str:
    name, key = ".".join(path), path[-1]
    if trading and (why := OWNED_IN_TRADING.get(name)):
        return why
    if why := OWNED.get(name):
        return why
    if _is_secret(key):
        return _SECRET
    return _ELSEWHERE if trading and any(word in key for word in _ELSEWHERE_WORDS) else ""


def _is_secret(key: str) -> bool:
    return key in _SECRET_WORDS or any(word in key for word in _SECRET_WORDS_INSIDE)
