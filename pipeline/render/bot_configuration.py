"""A bot's freqtrade configuration as data: one fragment that everybody may read, and one that only the bot may.

freqtrade splices them (`--config public.json --config secret.json`). What the train owns comes last, so that no setting that passes through can
take its place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from pipeline.domain.canonical import Plain
from pipeline.domain.environment import Mode
from pipeline.domain.trading import RuntimeKind, Secret, Secrets, TradingEnvironment

THROTTLE_SECONDS = 5
"""freqtrade's own default: the shortest time from one loop's start to the next's."""

ORDER_TYPES: dict[str, Plain] = {"entry": "limit", "exit": "limit", "stoploss": "limit"}
"""freqtrade's own defaults, for a strategy that names none."""

_PRICING: dict[str, Plain] = {"price_side": "same", "use_order_book": True, "order_book_top": 1}


@dataclass(frozen=True, slots=True)
class BotSettings:
    """What differs from bot to bot of one environment.

    `capital` in the stake currency, at most the environment's `capital_per_bot`. `pairs` are those that the strategy trades there (`pairs_for`),
    none where pair lists choose. `timeframe` is the strategy's, "" where its class alone names it. `order_types` are the strategy's own: a
    configuration replaces them as a whole, so those that are not given here are freqtrade's defaults. `database_url` is SQLAlchemy's, such as
    `sqlite:////home/x/.freqtrain/prod/databases/trend.live.sqlite`.
    """

    bot_name: str
    database_url: str
    api_port: int
    capital: Decimal
    pairs: tuple[str, ...] = ()
    timeframe: str = ""
    order_types: Mapping[str, Plain] = field(default_factory=dict)
    throttle_seconds: int = THROTTLE_SECONDS


@dataclass(frozen=True, slots=True)
class ApiAccess:
    """How the train signs in to a bot's API; made anew for every bot.

    Raises:
        ValueError: the key that signs sessions has fewer than the 32 characters that freqtrade demands.
    """

    username: str
    password: Secret
    jwt_secret_key: Secret
    ws_token: Secret

    def __post_init__(self) -> None:
        if len(self.jwt_secret_key.reveal()) < 32:
            raise ValueError("a jwt_secret_key needs at least 32 characters")


def public_configuration(
    environment: TradingEnvironment, bot: BotSettings, *, ccxt_config: Mapping[str, Plain] | None = None
) -> dict[str, Plain]:
    """The fragment without secrets: the settings that the environment passes through, and over them everything that the train owns.

    The bot starts paused: it is proved before it may enter. `ccxt_config` is for the rehearsal alone, which leads its bots to the loopback.

    Raises:
        ValueError: the capital is above the environment's limit, there is nothing to trade, or the database is the other mode's.
    """
    _demand(environment, bot)
    passed = dict(environment.freqtrade)
    exchange = _object(passed.pop("exchange", {}))
    order_types = {**ORDER_TYPES, **bot.order_types, **_object(passed.pop("order_types", {}))}
    settings: dict[str, Plain] = {
        "pairlists": [{"method": "StaticPairList"}],
        "entry_pricing": dict(_PRICING),
        "exit_pricing": dict(_PRICING),
        **passed,
        "bot_name": bot.bot_name,
        "dry_run": environment.dry_run,
        "trading_mode": "spot",
        "stake_currency": environment.stake_currency,
        "stake_amount": "unlimited" if environment.stake is None else _number(environment.stake),
        "available_capital": _number(bot.capital),
        "max_open_trades": environment.limits.max_open_trades,
        "db_url": bot.database_url,
        "initial_state": "paused",
        "process_only_new_candles": True,
        "force_entry_enable": False,
        "cancel_open_orders_on_exit": False,
        "order_types": {**order_types, "stoploss_on_exchange": environment.stoploss_on_exchange},
        "exchange": {
            "pair_blacklist": [],
            **exchange,
            "name": environment.exchange,
            "pair_whitelist": list(bot.pairs),
        },
        "api_server": _api_server(bot.api_port, environment),
        "telegram": {"enabled": False, "token": "", "chat_id": ""},
        "internals": {"process_throttle_secs": bot.throttle_seconds},
        "dataformat_ohlcv": "feather",
        "dataformat_trades": "feather",
    }
    if bot.timeframe:
        settings["timeframe"] = bot.timeframe
    if environment.dry_run_wallet is not None:
        settings["dry_run_wallet"] = _number(environment.dry_run_wallet)
    if ccxt_config is not None:
        settings["exchange"] = {**_object(settings["exchange"]), "ccxt_config": dict(ccxt_config)}
    return settings


def secret_configuration(environment: TradingEnvironment, secrets: Secrets, access: ApiAccess) -> dict[str, Plain]:
    """The fragment with secrets, for a file of mode 0600. A dry-run's holds no access to the exchange.

    Every value is text in JSON, so that 000123, quotes, `#`, `$` and line breaks arrive as they are.
    """
    settings: dict[str, Plain] = {
        "api_server": {
            "username": access.username,
            "password": access.password.reveal(),
            "jwt_secret_key": access.jwt_secret_key.reveal(),
            "ws_token": access.ws_token.reveal(),
        }
    }
    if not environment.dry_run:
        held = {"key": secrets.access_key, "secret": secrets.access_secret, "password": secrets.access_password}
        settings["exchange"] = {key: secret.reveal() for key, secret in held.items() if secret is not None}
    if environment.bots_on_telegram and secrets.telegram_token and secrets.telegram_chat_id:
        token, chat = secrets.telegram_token.reveal(), secrets.telegram_chat_id.reveal()
        settings["telegram"] = {"enabled": True, "token": token, "chat_id": chat}
    return settings


def spliced(public: Mapping[str, Plain], secret: Mapping[str, Plain]) -> dict[str, Plain]:
    """Both fragments as freqtrade puts them together: objects are merged, everything else is taken from the secret one."""
    whole = dict(public)
    for key, value in secret.items():
        mine = whole.get(key)
        whole[key] = spliced(mine, value) if isinstance(mine, dict) and isinstance(value, dict) else value
    return whole


def _demand(environment: TradingEnvironment, bot: BotSettings) -> None:
    if not 0 < bot.capital <= environment.limits.capital_per_bot:
        raise ValueError(f"{bot.bot_name}: a capital of {bot.capital:f} is not within {environment.name}'s limit")
    if not bot.pairs and not environment.dynamic_pairs:
        raise ValueError(f"{bot.bot_name}: there is nothing to trade")
    other = Mode.DRY_RUN if environment.mode is Mode.LIVE else Mode.LIVE
    if f".{other}." in bot.database_url.rsplit("/", 1)[-1]:
        raise ValueError(f"{bot.bot_name}: the database belongs to {other}, and the environment is {environment.mode}")


def _api_server(port: int, environment: TradingEnvironment) -> dict[str, Plain]:
    """In a container with a network of its own, the API listens on all of that, and the engine publishes it on the device's loopback alone."""
    own_network = environment.runtime is RuntimeKind.COMPOSE and not environment.rehearsal
    return {
        "enabled": True,
        "listen_ip_address": "0.0.0.0" if own_network else "127.0.0.1",
        "listen_port": port,
        "verbosity": "error",
        "enable_openapi": False,
        "CORS_origins": [],
    }


def _object(value: Plain) -> dict[str, Plain]:
    return dict(value) if isinstance(value, dict) else {}


def _number(amount: Decimal) -> float | int:
    """Money as freqtrade's JSON takes it."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)
