"""The frozen market snapshot: what an exchange lets one trade, in ccxt's unified shape."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from pipeline.domain.candles import Units
from pipeline.domain.canonical import Plain
from pipeline.domain.dataset import MARKETS_FILE, DataProblem, Severity

DEFAULT_FEE_RATIO = 0.001
"""Per side, of maker and taker alike, where no snapshot says better: the usual rate of a large exchange for a small account."""

DEFAULT_LEAST_COST = 5.0
"""The least order value in the quote currency where no snapshot says better."""

_HIGHEST_FEE = 0.05


def unified_market(
    pair: str, units: Units, *, fee_ratio: float = DEFAULT_FEE_RATIO, least_cost: float = DEFAULT_LEAST_COST
) -> Plain:
    """A spot market in ccxt's unified shape; precisions are tick sizes."""
    base, quote = pair.split("/")
    tick, step = float(units.tick), float(units.step)
    no_limit: dict[str, Plain] = {"min": None, "max": None}
    kinds: dict[str, Plain] = {
        kind: kind == "spot" for kind in ("spot", "margin", "swap", "future", "option", "contract")
    }
    return {
        "id": base + quote,
        "symbol": pair,
        "base": base,
        "quote": quote,
        "baseId": base,
        "quoteId": quote,
        "settle": None,
        "settleId": None,
        "type": "spot",
        **kinds,
        "active": True,
        "linear": None,
        "inverse": None,
        "taker": fee_ratio,
        "maker": fee_ratio,
        "contractSize": None,
        "expiry": None,
        "expiryDatetime": None,
        "strike": None,
        "optionType": None,
        "precision": {"amount": step, "price": tick},
        "limits": {
            "leverage": no_limit,
            "amount": {"min": step, "max": None},
            "price": {"min": tick, "max": None},
            "cost": {"min": least_cost, "max": None},
        },
        "info": {},
    }


def units_of(markets: Mapping[str, Plain], pair: str) -> Units:
    """What a pair is counted in.

    Raises:
        ValueError: the snapshot lacks the pair or its precision; the message says which.
    """
    precision = _object(_object(markets.get(pair)).get("precision"))
    try:
        return Units.of(precision.get("price"), precision.get("amount"))
    except ValueError as error:
        raise ValueError(f"{pair} has no usable precision: {error}") from None


def market_problems(markets: Mapping[str, Plain], pairs: Iterable[str]) -> tuple[DataProblem, ...]:
    """What the snapshot lacks of the pairs that a data set holds: precision, limits, fees; and pairs that are no spot markets."""
    problems: list[DataProblem] = []
    for pair in pairs:
        market = _object(markets.get(pair))
        if not market:
            problems.append(DataProblem(MARKETS_FILE, f"it lacks {pair}"))
            continue
        problems += [DataProblem(MARKETS_FILE, f"{pair} {what}") for what in _lacks(market, pair)]
        if market.get("active") is False:
            problems.append(
                DataProblem(MARKETS_FILE, f"{pair} was not traded when the snapshot was taken", Severity.WARNING)
            )
    return tuple(problems)


def _lacks(market: Mapping[str, Plain], pair: str) -> list[str]:
    lacks = []
    if f"{market.get('base')}/{market.get('quote')}" != pair or market.get("symbol") != pair:
        lacks.append("is described as another market: its symbol, base and quote must spell the pair")
    if market.get("spot") is not True:
        lacks.append("is no spot market")
    precision, limits = _object(market.get("precision")), _object(market.get("limits"))
    lacks += [
        f"lacks precision.{key}, a positive number" for key in ("price", "amount") if not _positive(precision.get(key))
    ]
    for key in ("amount", "price", "cost"):
        limit = limits.get(key)
        if not isinstance(limit, dict) or any(not _limit(limit.get(edge)) for edge in ("min", "max")):
            lacks.append(f"lacks limits.{key}, with min and max (null: no limit)")
    lacks += [f"lacks {key}, a fee as a ratio such as 0.001" for key in ("taker", "maker") if not _fee(market.get(key))]
    return lacks


def _object(value: Plain) -> Mapping[str, Plain]:
    return value if isinstance(value, dict) else {}


def _positive(value: Plain) -> bool:
    return (
        isinstance(value, int | float) and not isinstance(value, bool) and Decimal(str(value)).is_finite() and value > 0
    )


def _limit(value: Plain) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool) and value >= 0)


def _fee(value: Plain) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -_HIGHEST_FEE < value < _HIGHEST_FEE
