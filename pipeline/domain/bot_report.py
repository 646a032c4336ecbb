"""What a running bot says of itself: identity, health, trades, money. Its words are a claim; proofs compare them with what was asked for."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum


class Trading(StrEnum):
    """What a bot's loop does; a wish for another state shows at once, before the loop has heard of it."""

    RUNNING = "running"
    PAUSED = "paused"
    """Exits are managed, nothing is entered."""
    STOPPED = "stopped"
    """Nobody manages anything."""
    RELOADING = "reload_config"


@dataclass(frozen=True, slots=True)
class BotIdentity:
    """Who answers. `bundle` is empty where something else than our entry point does."""

    name: str
    bundle: str
    class_name: str
    dry_run: bool
    state: Trading
    exchange: str
    stake_currency: str
    capital: Decimal | None
    """The cap on what its positions cost together, in the stake currency; None where there is none."""
    engine: str
    """freqtrade's version."""
    timeframe: str = ""
    """Of its candles, such as "5m"."""


@dataclass(frozen=True, slots=True)
class Candle:
    """The newest candle that a bot has of a pair: when it began, aware UTC, and how long it lasted."""

    began_at: datetime
    timeframe: timedelta


@dataclass(frozen=True, slots=True)
class BotHealth:
    """When a loop was last finished, and when trading began in this process; aware UTC, None before the first time.

    `started_at` outlives the process in the database, so that a bot which has not begun yet shows its predecessor's.
    """

    last_loop_at: datetime | None
    started_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An order that waits on the exchange; `side` is "buy", "sell" or "stoploss", amounts are in the base currency."""

    id: str
    side: str
    amount: Decimal
    filled: Decimal
    price: Decimal
    placed_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenTrade:
    """A position that is not closed yet, or an entry that waits to be filled (`amount` zero)."""

    id: int
    pair: str
    is_short: bool
    opened_at: datetime
    amount: Decimal
    stake: Decimal
    open_rate: Decimal
    current_rate: Decimal | None
    """None while the exchange gives no price."""
    profit: Decimal | None
    """After fees, in the stake currency, at the current rate, parts that were sold included; None while there is no rate."""
    stop_rate: Decimal | None
    stop_ratio: float | None
    """Relative to the price at which it was opened, negative for a long position."""
    enter_tag: str
    orders: tuple[OpenOrder, ...] = ()


@dataclass(frozen=True, slots=True)
class CoinBalance:
    """One coin of the account; amounts in that coin."""

    currency: str
    free: Decimal
    used: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class Balance:
    """The account as the bot sees it; `total`, `of_bot` and `starting_capital` in the stake currency."""

    coins: tuple[CoinBalance, ...]
    stake_currency: str
    total: Decimal
    of_bot: Decimal
    starting_capital: Decimal


@dataclass(frozen=True, slots=True)
class Profit:
    """What the database's trades earned, in the stake currency after fees; `with_open` values open positions at the current rates.

    `with_open` is None while the exchange gives no price.
    """

    closed: Decimal
    with_open: Decimal | None
    closed_trades: int
    open_trades: int


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the bot's log."""

    at: datetime
    logger: str
    level: str
    text: str
