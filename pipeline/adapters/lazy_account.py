"""An account that is signed in to when it is first asked: ccxt takes half a second and 20 MiB, and a key that is missing stops nobody before."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from pipeline.domain.account_report import AccountFill, AccountOrder, AccountRights
from pipeline.domain.trading import Secrets
from pipeline.ports import ExchangeAccount


def _ccxt_account(exchange: str, secrets: Secrets, ccxt_config: Mapping[str, Any] | None) -> ExchangeAccount:
    from pipeline.adapters.exchange_account import CcxtAccount

    return CcxtAccount(exchange, secrets, ccxt_config)


class LazyAccount:
    """See `ports.ExchangeAccount`. `ccxt_config` is for the rehearsal alone.

    `secrets` are asked for with each question, because a watch lives longer than a key: where they have changed, it is signed in anew. They may
    refuse, and then every question does.
    """

    def __init__(
        self,
        exchange: str,
        secrets: Callable[[], Secrets],
        ccxt_config: Mapping[str, Any] | None = None,
        sign_in: Callable[[str, Secrets, Mapping[str, Any] | None], ExchangeAccount] = _ccxt_account,
    ) -> None:
        self._exchange = exchange
        self._secrets = secrets
        self._ccxt_config = ccxt_config
        self._sign_in = sign_in
        self._there: tuple[Secrets, ExchangeAccount] | None = None

    def clock_ahead_seconds(self) -> float:
        return self._account().clock_ahead_seconds()

    def least_order(self, pair: str) -> Decimal:
        return self._account().least_order(pair)

    def last_candle_at(self, pair: str, timeframe: str) -> datetime:
        return self._account().last_candle_at(pair, timeframe)

    def open_orders(self, pairs: Sequence[str]) -> tuple[AccountOrder, ...]:
        return self._account().open_orders(pairs)

    def open_orders_anywhere(self) -> tuple[AccountOrder, ...] | None:
        return self._account().open_orders_anywhere()

    def listed(self, pairs: Sequence[str]) -> tuple[str, ...]:
        return self._account().listed(pairs)

    def fills(self, pairs: Sequence[str], since_at: datetime) -> tuple[AccountFill, ...]:
        return self._account().fills(pairs, since_at)

    def cancel(self, order: AccountOrder) -> None:
        self._account().cancel(order)

    def free(self, currency: str) -> Decimal:
        return self._account().free(currency)

    def rights(self) -> AccountRights:
        return self._account().rights()

    def _account(self) -> ExchangeAccount:
        secrets = self._secrets()
        if self._there is None or self._there[0] != secrets:
            self._there = (secrets, self._sign_in(self._exchange, secrets, self._ccxt_config))
        return self._there[1]
