"""One request, read: its parameters, each with the exchange's own complaint where it is missing or wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import TypeVar

from pipeline.rehearsal.exchange import refusals
from pipeline.rehearsal.exchange.refusals import Refusal, Rejected
from pipeline.rehearsal.exchange.settings import Account

Choice = TypeVar("Choice", bound=Enum)


@dataclass(frozen=True, slots=True)
class Asking:
    """The parameters of a request, and the account that signed it."""

    parameters: Mapping[str, str]
    signed_by: Account | None = None

    @property
    def account(self) -> Account:
        """Raises Rejected: nobody signed."""
        if self.signed_by is None:
            raise Rejected(refusals.missing("signature"))
        return self.signed_by

    def text(self, name: str) -> str:
        """Raises Rejected: it is missing or empty."""
        value = self.parameters.get(name, "")
        if not value:
            raise Rejected(refusals.missing(name))
        return value

    def number(self, name: str) -> Decimal | None:
        """Raises Rejected: it is no number above zero as the exchange writes numbers."""
        value = self.parameters.get(name)
        if not value:
            return None
        try:
            number = Decimal(value)
        except InvalidOperation:
            raise Rejected(refusals.illegal(name)) from None
        if not number.is_finite() or number < 0 or "e" in value.lower():
            raise Rejected(refusals.illegal(name))
        return number

    def whole(self, name: str) -> int | None:
        """Raises Rejected: it is no whole number."""
        value = self.parameters.get(name)
        if not value:
            return None
        if not value.isascii() or not value.isdigit():
            raise Rejected(refusals.illegal(name))
        return int(value)

    def limit(self, default: int, most: int) -> int:
        """The parameter `limit`, cut to what the endpoint gives."""
        return max(1, min(self.whole("limit") or default, most))

    def choice(self, name: str, kind: type[Choice], refusal: Refusal, default: Choice | None = None) -> Choice:
        """Raises Rejected: it is missing, or none of the values of the enumeration."""
        if default is not None and not self.parameters.get(name):
            return default
        try:
            return kind(self.text(name))
        except ValueError:
            raise Rejected(refusal) from None
