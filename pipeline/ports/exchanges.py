"""What an exchange tells: anybody, and the owner of an account."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pipeline.domain.account_report import AccountFill, AccountOrder, AccountRights


class Exchange(Protocol):
    """What an exchange tells anybody. Every call raises ToolFailed where it does not answer, Refused where it does not know the pair."""

    def clock_ahead_seconds(self) -> float:
        """How far the exchange's clock is ahead of the device's."""
        ...

    def least_order(self, pair: str) -> Decimal:
        """The smallest order that the exchange takes on a pair, in the quote currency, at the present price."""
        ...

    def last_candle_at(self, pair: str, timeframe: str) -> datetime:
        """When the newest candle of a pair began, finished or not."""
        ...


class ExchangeAccount(Exchange, Protocol):
    """The environment's account on the exchange. Every call raises ToolFailed where the exchange does not answer, Refused where the key is wrong."""

    def open_orders(self, pairs: Sequence[str]) -> tuple[AccountOrder, ...]:
        """The account's waiting orders on these pairs."""
        ...

    def open_orders_anywhere(self) -> tuple[AccountOrder, ...] | None:
        """The account's waiting orders on whatever pair, as far as the exchange tells them at once; None where it wants to know the pair."""
        ...

    def listed(self, pairs: Sequence[str]) -> tuple[str, ...]:
        """Those of the pairs that the exchange trades at present, in their order."""
        ...

    def fills(self, pairs: Sequence[str], since_at: datetime) -> tuple[AccountFill, ...]:
        """All trades of the account on these pairs since a moment, the oldest first."""
        ...

    def cancel(self, order: AccountOrder) -> None:
        """Cancel an order; one that is gone by now is no error."""
        ...

    def free(self, currency: str) -> Decimal:
        """What is free to be spent of a coin."""
        ...

    def rights(self) -> AccountRights:
        """What the key may do."""
        ...
