"""Accounts, settings and ccxt clients for the tests that talk to a running exchange."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import ccxt
import ccxt.async_support

from pipeline.rehearsal.exchange import Account, RemoteControl, Settings, ccxt_settings

Sync = ccxt.binance
PAIR = "BTC/USDT"

FIRST = Account("sandbox", "first-key", "first-secret", {"USDT": Decimal(10_000), "BTC": Decimal(1)})
SECOND = Account("prod", "second-key", "second-secret", {"USDT": Decimal(50)}, may_withdraw=True)
READ_ONLY = Account("looks", "third-key", "third-secret", {"USDT": Decimal(50)}, may_trade=False)


@dataclass(frozen=True)
class Running:
    """A running exchange."""

    address: str
    control: RemoteControl


def running_settings() -> Settings:
    return Settings(accounts=(FIRST, SECOND, READ_ONLY), pairs=(PAIR, "ETH/USDT"), swing_ratio=0.0)


def sync_client(address: str, account: Account = FIRST, **more: object) -> Sync:
    return ccxt.binance(_options(address, account, more))


def async_client(address: str, account: Account = FIRST, **more: object) -> Any:
    return ccxt.async_support.binance(_options(address, account, more))


def _options(address: str, account: Account, more: dict[str, object]) -> dict[str, object]:
    return {"apiKey": account.key, "secret": account.secret, **ccxt_settings(address), **more}
