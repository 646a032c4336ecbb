"""A bot's REST API on the loopback."""

import http.client
import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode

from pipeline.adapters import bot_answers
from pipeline.adapters.timed_socket import TimedSocket
from pipeline.domain.bot_log import loop_state, new_lines
from pipeline.domain.bot_report import Balance, BotHealth, BotIdentity, Candle, LogLine, OpenTrade, Profit, Trading
from pipeline.domain.trades import ClosedTrade
from pipeline.errors import ToolFailed
from pipeline.ports import Clock

_CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 30.0
_ORDER_SECONDS = 120.0
"""A forced exit waits for the loop to leave the trades alone, and then for the exchange."""

_MOST_BYTES = 32 << 20
_PAGE = 500
_MOST_PAGES = 200
_LOOK_SECONDS = 0.05

_Read = TypeVar("_Read")


@dataclass(slots=True)
class BotApi:
    """See `ports.Bot`. The password is never printed; no proxy is asked, and nothing is followed elsewhere."""

    port: int
    user: str
    clock: Clock
    password: str = field(repr=False, default="")
    answer_seconds: float = ANSWER_SECONDS

    def identity(self) -> BotIdentity:
        return self._get("show_config", bot_answers.identity)

    def health(self) -> BotHealth:
        return self._get("health", bot_answers.health)

    def open_trades(self) -> tuple[OpenTrade, ...]:
        return self._get("status", bot_answers.open_trades)

    def closed_trades(self) -> tuple[ClosedTrade, ...]:
        found: list[ClosedTrade] = []
        for page in range(_MOST_PAGES):
            query = {"limit": str(_PAGE), "offset": str(page * _PAGE), "order_by_id": "true"}
            trades, total = self._get("trades", bot_answers.closed_trades, query)
            found += trades
            if not trades or len(found) >= total:
                return tuple(sorted(found, key=lambda trade: (trade.closed_at, trade.pair)))
        raise ToolFailed(f"the bot on port {self.port} has more than {_MOST_PAGES * _PAGE} trades")

    def balance(self) -> Balance:
        return self._get("balance", bot_answers.balance)

    def profit(self) -> Profit:
        return self._get("profit", bot_answers.profit)

    def pairs(self) -> tuple[str, ...]:
        return self._get("whitelist", bot_answers.pairs)

    def candle(self, pair: str, timeframe: str) -> Candle | None:
        return self._get("pair_candles", bot_answers.candle, {"pair": pair, "timeframe": timeframe, "limit": "1"})

    def logs(self, since: datetime | None = None) -> tuple[LogLine, ...]:
        lines = self._get("logs", bot_answers.logs)
        return lines if since is None else tuple(line for line in lines if line.at > since)

    def start(self) -> None:
        self._call("POST", "start")

    def stop_entries(self) -> None:
        self._call("POST", "stopentry")

    def stop(self, deadline_seconds: float) -> None:
        """Ask for STOPPED, then wait for the loop's own word.

        Where the bot was running, only a word that was not there before the call counts. Where it had been asked before, its last word does.
        """
        until = self.clock.now() + timedelta(seconds=deadline_seconds)
        before = set(self.logs())
        already = "already stopped" in self._call("POST", "stop").decode(errors="replace")
        while True:
            lines = self.logs()
            if loop_state(lines if already else new_lines(lines, before)) is Trading.STOPPED:
                return
            if self.clock.now() >= until:
                raise ToolFailed(
                    f"the bot on port {self.port} did not finish its loop within {deadline_seconds:g} s after it was told to stop",
                    hint="an order may be in flight: wait for the exchange, and look at the bot's log",
                )
            self.clock.sleep(_LOOK_SECONDS)

    def force_exit(self, trade_id: int | None = None) -> None:
        content = {"tradeid": "all" if trade_id is None else str(trade_id)}
        self._call("POST", "forceexit", content=content, seconds=_ORDER_SECONDS)

    def _get(self, path: str, read: Callable[[bytes], _Read], query: Mapping[str, str] | None = None) -> _Read:
        try:
            return read(self._call("GET", path, query=query))
        except ValueError as error:
            raise ToolFailed(
                f"the bot on port {self.port} answered /{path} with something else: {error}",
                hint="the engine may be another version than the one that is pinned",
            ) from error

    def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        content: Mapping[str, str] | None = None,
        seconds: float = 0.0,
    ) -> bytes:
        seconds = seconds or self.answer_seconds
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_CONNECT_SECONDS)
        opened = None
        try:
            connection.connect()
            opened, connection.sock = connection.sock, TimedSocket(connection.sock, self.clock, seconds)
            body = None if content is None else json.dumps(content)
            target = f"/api/v1/{path}" + (f"?{urlencode(query)}" if query else "")
            connection.request(method, target, body, self._headers())
            response = connection.getresponse()
            said = self._bounded(response, path)
        except (OSError, http.client.HTTPException) as error:
            raise ToolFailed(
                f"the bot on port {self.port} does not answer /{path}: {_cause(error)}",
                hint="`freqtrain status` says whether it runs",
            ) from error
        finally:
            connection.close()
            if opened is not None:
                opened.close()
        if response.status == 401:
            raise ToolFailed(
                f"the bot on port {self.port} does not accept our password",
                hint="another program may have the port, or the bot was started with older secrets",
            )
        if response.status != 200:
            raise ToolFailed(f"the bot on port {self.port} refuses /{path} ({response.status}): {_reason(said)}")
        return said

    def _headers(self) -> dict[str, str]:
        access = b64encode(f"{self.user}:{self.password}".encode()).decode()
        return {"Authorization": f"Basic {access}", "Content-Type": "application/json", "Connection": "close"}

    def _bounded(self, response: http.client.HTTPResponse, path: str) -> bytes:
        """The whole answer, which must come within the size; its socket sees to the time."""
        said = bytearray()
        while chunk := response.read1(1 << 16):
            said += chunk
            if len(said) > _MOST_BYTES:
                raise ToolFailed(f"the bot on port {self.port} answers /{path} without an end")
        if response.length:
            raise http.client.IncompleteRead(b"", response.length)
        return bytes(said)


def of_home(home: Path, port: int, clock: Clock, secrets: str = "secret.json") -> BotApi:
    """The API of the bot whose home that is; user and password are in its secret fragment.

    Raises:
        ToolFailed: the fragment cannot be read.
    """
    file = home / secrets
    try:
        api = json.loads(file.read_bytes())["api_server"]
        return BotApi(port, str(api["username"]), clock, str(api["password"]))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ToolFailed(f"{file} does not tell the API's user and password", hint="deploy the bot again") from error


def _cause(error: OSError | http.client.HTTPException) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there"
    return "it broke the connection off" if isinstance(error, ConnectionError) else type(error).__name__


def _reason(said: bytes) -> str:
    """freqtrade's own words for a refusal; the answer's beginning where there are none."""
    try:
        told = json.loads(said)
        return str(told.get("error") or told.get("detail"))[:500]
    except (ValueError, AttributeError, RecursionError):
        return said[:200].decode(errors="replace")
