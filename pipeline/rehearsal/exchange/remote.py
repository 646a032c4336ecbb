"""The control endpoints from outside: what a rehearsal or a test calls to look into an exchange and to disturb it."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import requests

from pipeline.errors import ToolFailed
from pipeline.rehearsal.exchange.faults import FaultKind
from pipeline.rehearsal.exchange.prices import Move
from pipeline.rehearsal.exchange.settings import Account

SECONDS = 10.0


class RemoteControl:
    """Speaks to the exchange at `address`.

    Raises:
        ToolFailed: from every method, where the exchange is gone or does not do what it is asked; the message says why.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._session = requests.Session()
        self._session.trust_env = False

    def state(self) -> dict[str, Any]:
        """Balances by account and asset, prices by pair, the number of open orders and fills."""
        found: dict[str, Any] = self._ask("GET", "state")
        return found

    def orders(self, account: str = "") -> list[dict[str, Any]]:
        """Every order that was ever accepted, with its fills; the oldest first."""
        found: list[dict[str, Any]] = self._ask("GET", "orders", query={"account": account} if account else {})
        return found

    def log(self, after: int = 0) -> list[dict[str, Any]]:
        """Every event of any order whose number is above `after`."""
        found: list[dict[str, Any]] = self._ask("GET", "log", query={"after": str(after)})
        return found

    def calls(self) -> dict[str, int]:
        """How often each method and path was asked for."""
        found: dict[str, int] = self._ask("GET", "calls")
        return found

    def faults(self) -> list[dict[str, Any]]:
        """The faults in force, with how many requests each has met and holds."""
        found: list[dict[str, Any]] = self._ask("GET", "faults")
        return found

    def disturb(self, kind: FaultKind, **narrowed: object) -> int:
        """Put a fault in force; the keywords are the fields of `Fault`. Returns its number."""
        return int(self._ask("POST", "faults", body={"kind": kind.value, **narrowed})["number"])

    def lift(self, number: int | None = None) -> None:
        """Lift one fault or all; whoever was held goes on."""
        self._ask("DELETE", "faults", body={} if number is None else {"number": number})

    def move(self, pair: str, ratio: float, seconds: float = 60.0, at: datetime | None = None) -> None:
        """Plan a movement of the price; see `Move`. Without `at` it begins now."""
        asked: dict[str, object] = {"pair": pair, "ratio": ratio, "seconds": seconds}
        self._ask("POST", "moves", body=asked | ({"at": at.isoformat()} if at else {}))

    def plan(self, move: Move) -> None:
        """Plan a movement of the price."""
        self.move(move.pair, move.ratio, move.seconds, move.at)

    def set_liquidity(self, amount: Decimal) -> None:
        """What the best level of bids and asks is worth, in the quote currency: small amounts make partial fills."""
        self._ask("POST", "liquidity", body={"amount": str(amount)})

    def open_account(self, account: Account) -> None:
        """Add an account."""
        balances = {asset: str(amount) for asset, amount in account.balances.items()}
        asked = {"name": account.name, "key": account.key, "secret": account.secret, "balances": balances}
        self._ask(
            "POST", "accounts", body=asked | {"may_trade": account.may_trade, "may_withdraw": account.may_withdraw}
        )

    def _ask(
        self,
        method: str,
        name: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> Any:
        try:
            answer = self._session.request(
                method, f"{self._address}/_control/{name}", params=query, json=body, timeout=SECONDS
            )
            told = answer.json()
        except (requests.RequestException, ValueError) as error:
            raise ToolFailed(f"the loopback exchange at {self._address} does not answer: {error}") from error
        if answer.status_code != 200:
            raise ToolFailed(f"the loopback exchange refused {method} {name}: {told}")
        return told
