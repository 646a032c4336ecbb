"""What a loopback exchange is started with: its market, its accounts, and where it listens."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from pipeline.domain.market import CATALOGUE, DEFAULT_PAIRS
from pipeline.rehearsal.exchange.prices import Move


@dataclass(frozen=True, slots=True)
class Account:
    """One account and the key to it. `balances` is what it holds at the start."""

    name: str
    key: str
    secret: str = field(repr=False)
    balances: Mapping[str, Decimal] = field(default_factory=dict)
    may_trade: bool = True
    may_withdraw: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole exchange. See `Market` for the ratios and the liquidity; `port` 0 takes a free one."""

    accounts: tuple[Account, ...] = ()
    pairs: tuple[str, ...] = DEFAULT_PAIRS
    seed: int = 7
    port: int = 0
    fee_ratio: Decimal = Decimal("0.001")
    spread_ratio: Decimal = Decimal("0.0002")
    liquidity: Decimal = Decimal(250_000)
    swing_ratio: float = 1.0
    moves: tuple[Move, ...] = ()


def settings_of(value: Mapping[str, object]) -> Settings:
    """The settings that a JSON object spells, with the names of the fields; amounts are texts or numbers, times ISO 8601.

    Raises:
        ValueError: a name, pair or value that makes no sense; the message says which.
    """
    known = {"accounts", "pairs", "seed", "port", "fee_ratio", "spread_ratio", "liquidity", "swing_ratio", "moves"}
    if strange := sorted(set(value) - known):
        raise ValueError(f"the exchange has no setting {', '.join(strange)}")
    made: dict[str, object] = {name: item for name, item in value.items() if name in {"seed", "port", "swing_ratio"}}
    try:
        for name in {"fee_ratio", "spread_ratio", "liquidity"} & set(value):
            made[name] = Decimal(str(value[name]))
        made["accounts"] = tuple(account_of(item) for item in _list(value, "accounts"))
        made["moves"] = tuple(move_of(item) for item in _list(value, "moves"))
        if "pairs" in value:
            made["pairs"] = tuple(str(pair) for pair in _list(value, "pairs"))
        settings = Settings(**made)  # type: ignore[arg-type]
    except (TypeError, ArithmeticError, KeyError, AttributeError) as error:
        raise ValueError(f"the exchange's settings make no sense: {error!r}") from error
    if unknown := sorted(set(settings.pairs) - set(CATALOGUE)):
        raise ValueError(f"the market model does not know {', '.join(unknown)}")
    return settings


def account_of(value: Mapping[str, object]) -> Account:
    """An account as a JSON object spells it.

    Raises:
        KeyError, TypeError, ArithmeticError: a field is missing, or is none.
    """
    balances = value.get("balances", {})
    if not isinstance(balances, dict):
        raise TypeError("balances must be an object of assets and amounts")
    return Account(
        str(value["name"]),
        str(value["key"]),
        str(value["secret"]),
        {str(asset): Decimal(str(amount)) for asset, amount in balances.items()},
        bool(value.get("may_trade", True)),
        bool(value.get("may_withdraw", False)),
    )


def move_of(value: Mapping[str, object], now: datetime | None = None) -> Move:
    """A move as a JSON object spells it; without `at` it begins now.

    Raises:
        KeyError, TypeError, ValueError: a field is missing, or is none.
    """
    at = datetime.fromisoformat(str(value["at"])) if "at" in value or now is None else now
    return Move(
        str(value["pair"]), at.astimezone(UTC), float(str(value["ratio"])), float(str(value.get("seconds", 60.0)))
    )


def _list(value: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    items = value.get(name, [])
    if not isinstance(items, list):
        raise TypeError(f"{name} must be a list")
    return items
