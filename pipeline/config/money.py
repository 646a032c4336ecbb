"""Amounts of money, ratios and lengths of time as the file of a trading environment writes them."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import PlainValidator, WithJsonSchema

from pipeline.config.fields import amount, refuse
from pipeline.domain.trading.freeze import MINUTES_PER_DAY, WEEKDAYS

UNLIMITED = "unlimited"
MOST = Decimal(10) ** 12

NUMBER = {"type": "number"}
PERCENT = {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)? ?%$"}
WEEKLY = f"^({'|'.join(WEEKDAYS)}) [0-9]{{2}}:[0-9]{{2}}$"
DAILY = "^[0-9]{2}:[0-9]{2}$"
DAY = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"

Moment = tuple[str, int] | date
"""`("weekly", minutes since Monday 00:00)`, `("daily", minutes since midnight)`, or a date."""


def money(value: object) -> Decimal:
    """An amount above zero, exactly as it is written."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        refuse("must be an amount of money such as 100 or 12.5")
    exact = Decimal(str(value))
    if not 0 < exact <= MOST:
        refuse(f"must be above 0 and at most {MOST:,}")
    return exact


def stake(value: object) -> Decimal | tuple[Decimal] | None:
    """None for `unlimited`, an amount, or a share of the bot's capital (in a tuple)."""
    if value == UNLIMITED:
        return None
    if isinstance(value, str):
        match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) ?%", value)
        share = Decimal(match[1]) / 100 if match else Decimal(0)
        if not 0 < share <= 1:
            refuse("must be unlimited, an amount such as 25, or a share of the bot's capital of at most 100%")
        return (share,)
    return money(value)


def ratio(value: object) -> float:
    """A share above 0 and at most 1; who writes 10 usually means 10 %."""
    found = amount(value)
    if not 0 < found.value <= 1:
        refuse("must be above 0 and at most 100%", then="; write 10% for a tenth" if found.value > 1 else "")
    return found.value


def moment(value: object) -> Moment:
    """A point in a week (`Fri 18:00`), in a day (`18:00`), or a date (`2026-12-24`)."""
    text = value if isinstance(value, str) else ""
    if match := re.fullmatch(r"(?:([A-Z][a-z]{2}) )?([0-9]{2}):([0-9]{2})", text):
        day, hours, minutes = match[1], int(match[2]), int(match[3])
        if hours < 24 and minutes < 60 and (day is None or day in WEEKDAYS):
            since = hours * 60 + minutes
            return ("daily", since) if day is None else ("weekly", WEEKDAYS.index(day) * MINUTES_PER_DAY + since)
    if re.fullmatch(DAY, text):
        try:
            return datetime.fromisoformat(text).date()
        except ValueError:
            refuse("must be a date that the calendar has")
    refuse("must be a time of the week such as Fri 18:00, a time of day such as 18:00, or a date such as 2026-12-24")


Money = Annotated[Decimal, PlainValidator(money), WithJsonSchema(NUMBER)]
Ratio = Annotated[float, PlainValidator(ratio), WithJsonSchema({"anyOf": [NUMBER, PERCENT]})]
TradingStake = Annotated[
    Decimal | tuple[Decimal] | None,
    PlainValidator(stake),
    WithJsonSchema({"anyOf": [{"const": UNLIMITED}, NUMBER, PERCENT]}),
]
MomentField = Annotated[
    Moment,
    PlainValidator(moment),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": pattern} for pattern in (WEEKLY, DAILY, DAY)]}),
]
