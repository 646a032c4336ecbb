"""An entry's order that is not in the database: the exchange may have taken it, so nothing is bought again until the exchange was asked.

Written down before the order is sent and taken back when the trade is recorded, so that a lost answer, a full disk and a kill all leave it
behind. freqtrade alone drops such an order (https://github.com/freqtrade/freqtrade/issues/11494 shows what it adopts instead) and would buy again.
"""

import json
import os
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import ccxt
from freqtrade.exceptions import DDosProtection, DependencyException, FreqtradeException, InvalidOrderException
from freqtrade.exchange import Exchange
from freqtrade.persistence import Order

from pipeline.adapters.freqtrade.bot_ending import say

_ANSWERS = (ccxt.ExchangeError, ccxt.DDoSProtection, ccxt.RateLimitExceeded, ccxt.InvalidNonce)
"""Whatever else ccxt raises, the exchange has said no: it has taken no order."""

_SETTLE_SECONDS = 15.0
"""An order that was under way is refused by the exchange after its receive window, 10 s at ccxt's setting; later it cannot turn up."""

_SLACK = timedelta(minutes=1)


class Doubt:
    """Whether an entry's order is unaccounted for. It is a file beside the database, so that every bot that opens it knows."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._asked_again_at = 0.0
        self._told = ""

    def stands(self) -> bool:
        return self._file.exists()

    def sent(self, create_order: Callable[..., Any], order: Mapping[str, Any]) -> Any:
        """Send an entry's order. The doubt begins before it and is over where the exchange says no; else `recorded` ends it.

        Raises:
            DependencyException: the doubt could not be written down; nothing was sent.
            whatever `create_order` raises.
        """
        try:
            self._write(order)
        except OSError as error:
            raise DependencyException(f"No entry: {self._file} cannot be written: {error.strerror}.") from error
        try:
            return create_order(**order)
        except BaseException as error:
            if _refused(error):
                self.recorded()
            else:
                self._tell(f"the answer to an entry's order on {order['pair']} was lost: {error}")
            raise

    def recorded(self) -> None:
        """The order that was sent last is in the database, or known to be none."""
        self._file.unlink(missing_ok=True)

    def settle(self, exchange: Exchange) -> None:
        """Ask the exchange, now and then, whether it holds an entry that the database does not know; if none, the doubt is over."""
        if not self.stands() or time.monotonic() < self._asked_again_at:
            return
        self._asked_again_at = time.monotonic() + _SETTLE_SECONDS
        try:
            doubted = json.loads(self._file.read_bytes())
            pair, side, at = doubted["pair"], doubted["side"], datetime.fromisoformat(doubted["at"])
            if (datetime.now(UTC) - at).total_seconds() < _SETTLE_SECONDS:  # noqa: TID251
                return
            unknown = [order["id"] for order in exchange.fetch_orders(pair, at - _SLACK) if _unknown(order, pair, side)]
        except (OSError, ValueError, TypeError, KeyError, FreqtradeException) as error:
            self._tell(f"what became of the order cannot be found out: {error}")
            return
        if unknown:
            self._tell(f"the exchange took the order {', '.join(unknown)} on {pair}, which the database does not know")
            return
        self.recorded()
        self._tell(f"the exchange holds no entry on {pair} that the database does not know; the doubt is over")

    def _write(self, order: Mapping[str, Any]) -> None:
        """On the disk when this returns."""
        at = datetime.now(UTC).isoformat()  # noqa: TID251  (a bot has no ports)
        content = {key: order[key] for key in ("pair", "side", "ordertype", "amount", "rate")} | {"at": at}
        with os.fdopen(os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
            json.dump(content, stream)
            stream.flush()
            os.fsync(stream.fileno())
        folder = os.open(self._file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _tell(self, text: str) -> None:
        if text != self._told:
            say(text)
            self._told = text


def _refused(error: BaseException) -> bool:
    """Whether the error is the exchange's own no, or freqtrade's before anything was sent."""
    if isinstance(error, InvalidOrderException | DDosProtection):
        return True
    return isinstance(error.__cause__, _ANSWERS)


def _unknown(order: Mapping[str, Any], pair: str, side: str) -> bool:
    if order["side"] != side or not (order.get("filled") or order.get("status") == "open"):
        return False
    return Order.order_by_id(order["id"], pair) is None
