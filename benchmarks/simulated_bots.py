"""Bots that need no freqtrade: `python -I -S benchmarks/simulated_bots.py HOME...` answers for all of them in one process, until TERM.

HOME/behaviour.json says how: `port`, `name`, `bundle`, `open` and `closed` trades. HOME/floating, where it is there, holds what open trades are worth
beyond what they cost, read anew at each question. As long as HOME/hangs is there, the bot answers nothing. Each pause that a bot is
asked for is a line in HOME/paused: seconds since 1970.
"""

import asyncio
import json
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

STARTED = time.time()
OPENED = int((STARTED - 3600) * 1000)
ORDER = {
    "order_id": "1",
    "ft_order_side": "buy",
    "amount": 0.01,
    "filled": 0.01,
    "safe_price": 60000.0,
    "is_open": False,
}


class Bot:
    """One bot's words."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self.told = json.loads((home / "behaviour.json").read_text())
        self._state = "running"
        self._open = json.dumps([_trade(number) for number in range(self.told["open"])]).encode()
        closed = [_closed(number) for number in range(self.told["closed"])]
        self._closed = json.dumps({"trades": closed[:500], "total_trades": len(closed)}).encode()
        self._earned = sum(trade["close_profit_abs"] for trade in closed)

    def hangs(self) -> bool:
        """Whether it does not answer at present."""
        return (self._home / "hangs").exists()

    def answer(self, method: str, path: str) -> bytes:
        """What it answers, as JSON."""
        asked = path.partition("?")[0].removeprefix("/api/v1/")
        if method == "POST" and asked == "stopentry":
            self._state = "paused"
            with (self._home / "paused").open("a") as file:
                file.write(f"{time.time()}\n")
            return b'{"status": "paused, no more entries will occur from now."}'
        if asked == "status":
            return self._open
        if asked == "trades":
            return self._closed
        return json.dumps({"show_config": self._config, "health": _health, "profit": self._profit}[asked]()).encode()

    def _config(self) -> dict[str, object]:
        return {
            "bot_name": self.told["name"],
            "strategy_version": self.told["bundle"],
            "strategy": "Simulated",
            "dry_run": True,
            "state": self._state,
            "exchange": "binance",
            "stake_currency": "USDT",
            "available_capital": 1000.0,
            "version": "2026.9",
        }

    def _profit(self) -> dict[str, object]:
        try:
            floating = float((self._home / "floating").read_text())
        except (FileNotFoundError, ValueError):
            floating = 0.0
        count = self.told["closed"]
        return {
            "profit_closed_coin": self._earned,
            "profit_all_coin": self._earned + floating,
            "trade_count": count + self.told["open"],
            "closed_trade_count": count,
        }


def _health() -> dict[str, object]:
    started = datetime.fromtimestamp(STARTED, UTC).isoformat()
    return {"last_process": datetime.now(UTC).isoformat(), "bot_startup": started}


def _trade(number: int) -> dict[str, object]:
    return {
        "trade_id": number + 1,
        "pair": f"COIN{number}/USDT",
        "is_short": False,
        "amount": 0.01,
        "stake_amount": 600.0,
        "open_rate": 60000.0,
        "open_timestamp": OPENED,
        "enter_tag": "dip",
        "orders": [ORDER],
        "current_rate": 60000.0,
        "total_profit_abs": 0.0,
    }


def _closed(number: int) -> dict[str, object]:
    began = OPENED - 600_000 * (number + 1)
    ends = {"close_timestamp": began + 300_000, "close_rate": 60100.0, "close_profit": 0.001, "close_profit_abs": 0.6}
    return {
        **_trade(number),
        "open_timestamp": began,
        **ends,
        "fee_open": 0.001,
        "fee_close": 0.001,
        "exit_reason": "roi",
    }


async def _serve(bots: list[Bot]) -> None:
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    servers = [await asyncio.start_server(_listener(bot), "127.0.0.1", bot.told["port"], backlog=64) for bot in bots]
    await ended.wait()
    for server in servers:
        server.close()


def _listener(bot: Bot) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n", 1)[0].decode().split(" ")
            while bot.hangs():
                await asyncio.sleep(0.1)
            said = bot.answer(request[0], request[1])
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(said)}\r\nConnection: close\r\n\r\n"
            writer.write(head.encode() + said)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    return listen


if __name__ == "__main__":
    asyncio.run(_serve([Bot(Path(home)) for home in sys.argv[1:]]))
