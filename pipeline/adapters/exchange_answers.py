"""What ccxt makes of an exchange's answers, read into our words: amounts stay the decimal texts that the exchange sent."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from pipeline.domain.account_report import AccountFill, AccountOrder


def order_of(row: Mapping[str, Any], pair: str) -> AccountOrder:
    """A stop loss has no price of its own where it sells at the market's: then it is where it wakes."""
    price = row.get("price") or row.get("stopPrice") or row.get("triggerPrice") or "0"
    return AccountOrder(
        id=_text(row["id"]),
        client_id=str(row.get("clientOrderId") or ""),
        pair=pair,
        side=_side(row["side"]),
        amount=amount(row["amount"]),
        filled=amount(row.get("filled") or "0"),
        price=amount(price),
        placed_at=moment(row["timestamp"]),
    )


def fill_of(row: Mapping[str, Any], pair: str) -> AccountFill:
    """Raises ValueError where it does not tell its order: nothing could explain it."""
    return AccountFill(
        id=_text(row["id"]),
        order_id=_text(row["order"]),
        pair=pair,
        side=_side(row["side"]),
        amount=amount(row["amount"]),
        price=amount(row["price"]),
        at=moment(row["timestamp"]),
    )


def amount(value: object) -> Decimal:
    """Raises ValueError, ArithmeticError: it is no number that can be counted with."""
    number = Decimal(str(value))
    if not number.is_finite():
        raise ValueError("an amount without an end")
    return number


def moment(milliseconds: int) -> datetime:
    """Aware UTC, to the millisecond."""
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=int(milliseconds))


def _text(value: object) -> str:
    if value is None or value == "":
        raise ValueError("an id is missing")
    return str(value)


def _side(value: object) -> str:
    if value not in ("buy", "sell"):
        raise ValueError("neither bought nor sold")
    return str(value)
