"""How long the gate takes against freqtrade's own command, one strategy and window at a time, on the same candles in one run.

Prints what was measured, and as its last line one JSON object. `python -m benchmarks.gate [DIR]`, where DIR holds real 5m candles.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.stock import Stock, exchange_info
from pipeline.adapters.engine import FreqtradeChild
from pipeline.domain.job import BACKTEST, Account, Job, Measured
from pipeline.domain.windows import Window

ROOT = Path(__file__).resolve().parent.parent
PAIRS = ("BTC/USDT", "ETH/USDT", "SOL/USDT", "ADA/USDT")
WINDOWS = (
    Window("first", datetime(2025, 1, 10, tzinfo=UTC), datetime(2025, 4, 5, tzinfo=UTC)),
    Window("second", datetime(2025, 4, 5, tzinfo=UTC), datetime(2025, 6, 30, tzinfo=UTC)),
)
ENVIRONMENT = """\
mode: history
exchange: binance
dataset: {digest: embedded}
account: {stake_currency: USDT, wallet: 10000, stake: unlimited, max_open_trades: 4, fee: snapshot}
windows:
  - {name: first, from: 2025-01-10, to: 2025-04-05}
  - {name: second, from: 2025-04-05, to: 2025-06-30}
policy:
  checks: [lint, behaviour, backtest]
  thresholds:
    - {metric: trades, scope: all_together, at_least: 1}
limits: {seconds: 900, memory_mib: 4096, answer_mib: 64}
freqtrade: {}
"""
STRATEGY = '''\
"""Crosses of two averages, with the periods {fast} and {slow}."""

import talib.abstract as ta
from freqtrade.strategy import IStrategy
from pandas import DataFrame


class Cross{number}(IStrategy):
    INTERFACE_VERSION = 3
    timeframe = "5m"
    stoploss = -0.08
    minimal_roi = {{"0": 0.05, "240": 0.02}}
    startup_candle_count = {startup}

    def populate_indicators(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe["fast"] = ta.EMA(dataframe, timeperiod={fast})
        dataframe["slow"] = ta.EMA(dataframe, timeperiod={slow})
        dataframe["rsi"] = ta.RSI(dataframe, timeperiod=14)
        return dataframe

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        rising = (dataframe["fast"] > dataframe["slow"]) & (dataframe["fast"].shift(1) <= dataframe["slow"].shift(1))
        dataframe.loc[rising & (dataframe["rsi"] < 70) & (dataframe["volume"] > 0), "enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        falling = (dataframe["fast"] < dataframe["slow"]) & (dataframe["volume"] > 0)
        dataframe.loc[falling, "exit_long"] = 1
        return dataframe
'''
TESTS = """\
from pipeline.testing import flat


def test_nothing_happens_in_a_market_without_movement(strategy):
    strategy.on(flat(300)).never_enters()
"""


def main(data: Path) -> None:
    """Measure both sides and print."""
    with tempfile.TemporaryDirectory(prefix="freqtrain-benchmark-") as folder:
        scratch = Path(folder)
        names = _strategies(scratch / "strategies")
        dataset = scratch / "dataset"
        _freqtrain("data", "import", str(data), "--out", str(dataset))
        stock, stock_trades = _stock(scratch, dataset, names)
        alone, alone_trades, peak = _backtests_alone(scratch, dataset, names)
        assert alone_trades == stock_trades, f"not the same trades: {alone_trades} against {stock_trades}"
        whole = _gate(scratch, dataset)
        again = _gate(scratch, dataset, cached=True)
    runs = len(names) * len(WINDOWS)
    print(f"stock freqtrade backtesting, {runs} runs one by one: {stock:.1f} s, {sum(stock_trades)} trades")
    print(
        f"backtests alone: {alone:.1f} s, the same trades, {alone / stock:.2f} of it (goal 0.35); peak {peak:.0f} MiB a process"
    )
    print(f"whole gate, nothing known from before: {whole:.1f} s, {whole / stock:.2f} of it (goal 0.75)")
    print(f"whole gate again, unchanged: {again:.2f} s (goal 2 s)")
    value = {
        "backtests": round(alone / stock, 3),
        "gate": round(whole / stock, 3),
        "again_seconds": round(again, 2),
        "peak_mib": round(peak),
    }
    goal = {"backtests": 0.35, "gate": 0.75, "again_seconds": 2.0}
    against = "freqtrade backtesting, one strategy and window at a time"
    print(
        json.dumps(
            {
                "name": "gate",
                "value": value,
                "unit": "share of the stock commands' time",
                "against": against,
                "goal": goal,
            }
        )
    )


def _strategies(folder: Path) -> list[str]:
    names = []
    for number, (fast, slow) in enumerate(((12, 48), (20, 80), (9, 60), (30, 120)), 1):
        here = folder / f"cross{number}"
        here.mkdir(parents=True)
        source = STRATEGY.format(number=number, fast=fast, slow=slow, startup=4 * slow)
        (here / "strategy.py").write_text(source)
        (here / "strategy.yml").write_text(f"class: Cross{number}\ntitle: Cross of {fast} and {slow}\n")
        (here / "test_strategy.py").write_text(TESTS)
        names.append(f"Cross{number}")
    return names


def _stock(scratch: Path, dataset: Path, names: list[str]) -> tuple[float, list[int]]:
    trades = []
    with exchange_info(dataset / "markets.json") as url:
        stock = Stock(dataset, url, PAIRS, "5m", 10_000, 4, scratch / "stock")
        began = time.perf_counter()
        for name in names:
            for window in WINDOWS:
                span = f"{int(window.start.timestamp())}-{int(window.end.timestamp()) - 300}"
                trades.append(int(str(stock.run(scratch / "strategies" / name.lower(), name, span)["total_trades"])))
        return time.perf_counter() - began, trades


def _backtests_alone(scratch: Path, dataset: Path, names: list[str]) -> tuple[float, list[int], float]:
    """The gate's own child processes with nothing but the backtests, two at once, imports included."""
    from concurrent.futures import ThreadPoolExecutor

    child = FreqtradeChild()

    def measure(name: str) -> Measured:
        here = str(scratch / "strategies" / name.lower())
        account = Account("USDT", 10_000.0, None, 4)
        markets = str(dataset / "markets.json")
        job = Job(here, name, "binance", str(dataset), markets, PAIRS, "5m", WINDOWS, account, tasks=(BACKTEST,))
        return child.measure(job)

    began = time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(measure, names))
    seconds = time.perf_counter() - began
    trades = [len(result.trades) for answer in answers for result in answer.backtests]
    return seconds, trades, max(answer.peak_memory_mib for answer in answers)


def _gate(scratch: Path, dataset: Path, *, cached: bool = False) -> float:
    """The whole command as a person types it; the first call fills the cache that the second one finds."""
    environment = scratch / "ci.yml"
    environment.write_text(ENVIRONMENT)
    if not cached:
        shutil.rmtree(scratch / "user_data", ignore_errors=True)
    began = time.perf_counter()
    _freqtrain(
        *(
            "gate",
            "--strategies",
            str(scratch / "strategies"),
            "--environment",
            str(environment),
            "--dataset",
            str(dataset),
        ),
        *("--user-data", str(scratch / "user_data"), "--out", str(scratch / "out"), "--jobs", "2"),
    )
    return time.perf_counter() - began


def _freqtrain(*arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode not in (0, 10):
        raise SystemExit(
            f"freqtrain {arguments[0]} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "data" / "binance")
