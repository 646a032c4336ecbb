"""The alternative that the gate is measured against: freqtrade's own `backtesting` command, one strategy and window at a time.

The stock command asks the exchange for its markets. A server on the loopback answers `exchangeInfo` from the data set's market snapshot, so that
both sides see the same markets and neither needs a network.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@contextmanager
def exchange_info(markets: Path) -> Iterator[str]:
    """A server that answers Binance's `exchangeInfo` with the symbols of a snapshot; yields its base URL."""
    symbols = [market["info"] for market in json.loads(markets.read_text()).values()]
    body = json.dumps(
        {"timezone": "UTC", "serverTime": 0, "rateLimits": [], "exchangeFilters": [], "symbols": symbols}
    ).encode()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/api/v3"
    finally:
        server.shutdown()
        server.server_close()


@dataclass(frozen=True)
class Stock:
    """How the stock command is called: where candles and markets are, and the account."""

    data_dir: Path
    url: str
    pairs: Sequence[str]
    timeframe: str
    wallet: float
    max_open_trades: int
    scratch: Path

    def run(self, strategy_dir: Path, class_name: str, timerange: str) -> dict[str, object]:
        """One run; returns freqtrade's own result for the strategy."""
        user = self.scratch / "user_data"
        results = self.scratch / "results"
        for folder in (user / "strategies", user / "data", results):
            folder.mkdir(parents=True, exist_ok=True)
        for old in results.iterdir():
            old.unlink()
        config = self.scratch / "config.json"
        config.write_text(json.dumps(self.settings()))
        argv = [
            str(Path(sys.executable).parent / "freqtrade"),
            "backtesting",
            "-c",
            str(config),
            "--userdir",
            str(user),
        ]
        argv += ["--datadir", str(self.data_dir), "--strategy-path", str(strategy_dir), "-s", class_name]
        argv += ["-i", self.timeframe, "--timerange", timerange, "--cache", "none", "--enable-protections"]
        argv += ["--export", "trades", "--backtest-directory", str(results)]
        env = {"PATH": os.environ["PATH"], "HOME": str(self.scratch), "LANG": "C.UTF-8", "TZ": "UTC"}
        done = subprocess.run(argv, capture_output=True, text=True, env=env, cwd=self.scratch, timeout=900, check=False)
        archives = list(results.glob("backtest-result-*.zip"))
        if not archives:
            raise RuntimeError(f"freqtrade left no result (exit {done.returncode}):\n{done.stderr[-2000:]}")
        return _read(archives[0], class_name)

    def settings(self) -> dict[str, object]:
        """The configuration file of the stock command."""
        pricing = {"price_side": "same", "use_order_book": True, "order_book_top": 1}
        options = {"urls": {"api": {"public": self.url}}, "options": {"fetchMarkets": {"types": ["spot"]}}}
        return {
            "dry_run": True,
            "stake_currency": "USDT",
            "stake_amount": "unlimited",
            "dry_run_wallet": self.wallet,
            "max_open_trades": self.max_open_trades,
            "dataformat_ohlcv": "feather",
            "entry_pricing": pricing,
            "exit_pricing": pricing,
            "pairlists": [{"method": "StaticPairList"}],
            "exchange": {
                "name": "binance",
                "pair_whitelist": list(self.pairs),
                "pair_blacklist": [],
                "ccxt_config": options,
                "ccxt_async_config": options,
            },
        }


def _read(archive: Path, class_name: str) -> dict[str, object]:
    import zipfile

    with zipfile.ZipFile(archive) as packed:
        name = next(name for name in packed.namelist() if name == f"{archive.stem}.json")
        result: dict[str, object] = json.loads(packed.read(name))["strategy"][class_name]
        return result
