"""The bias check against freqtrade's own `lookahead-analysis` and `recursive-analysis`, on the same strategies and candles in one run.

    .venv/bin/python -m benchmarks.bias [DIR]

DIR holds real 1h candles. Ours runs as in the gate: in a process forked from one that has imported freqtrade. Prints both times and every
disagreement; the last line is one JSON object.
"""

import csv
import json
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

import pandas as pd

from benchmarks.stock import Stock, exchange_info
from pipeline.adapters.freqtrade import tasks
from pipeline.domain.job import BIAS, Account, Job
from pipeline.domain.scenario_timeframes import at_timeframe
from pipeline.domain.verdict import Finding, Outcome
from pipeline.domain.windows import Window
from tests.adapters.freqtrade.biased import FIVE, UNSETTLED, write
from tests.adapters.freqtrade.honest import KINDS
from tests.needs import SHARED

PAIRS = ("BTC/USDT", "ETH/USDT", "SOL/USDT")
WINDOW = Window("w", datetime(2025, 4, 1, tzinfo=UTC), datetime(2025, 6, 20, tzinfo=UTC))
HONEST = ("averages", "informative decorators", "custom stop and exit", "supertrend in a loop", "sessions and volume")
NOTICEABLE_PERCENT = 1.0
"""What `recursive-analysis` prints for the strategy's own start-up is a complaint from here on; it judges nothing itself."""
GOAL = 0.15


@dataclass(frozen=True)
class Opinion:
    """What one side says: `ahead` is None where it gives no answer; `unsettled` are the columns that depend on the history."""

    seconds: float
    ahead: bool | None
    unsettled: bool
    says: str


def main(data: Path) -> None:
    """Measure both sides on each strategy and print."""
    strategies = {**FIVE, **UNSETTLED, **{kind: KINDS[kind] for kind in HONEST}}
    ratios, disagreements = {}, []
    with tempfile.TemporaryDirectory(prefix="freqtrain-benchmark-") as folder:
        scratch = Path(folder)
        candles = _candles(data, scratch / "data")
        with exchange_info(candles / "markets.json") as url:
            stock = Stock(candles, url, PAIRS, "1h", 1000.0, 3, scratch / "stock")
            for number, (name, text) in enumerate(strategies.items()):
                here = write(scratch / f"strategy{number}", text)
                theirs, ours = _theirs(stock, here), _ours(here, candles)
                ratios[name] = ours.seconds / theirs.seconds
                print(
                    f"{name}: {ours.seconds:.2f} s against {theirs.seconds:.1f} s, {ratios[name]:.3f} of it", flush=True
                )
                disagreements += _disagreements(name, ours, theirs)
    print(f"{len(disagreements)} disagreements:")
    for sentence in disagreements:
        print(f"  {sentence}")
    worst = max(ratios, key=lambda name: ratios[name])
    print(f"the slowest by comparison: {worst}")
    print(
        json.dumps(
            {
                "name": "bias",
                "value": round(ratios[worst], 3),
                "unit": "largest share of the stock commands' time, per strategy",
                "against": "freqtrade lookahead-analysis and recursive-analysis, one after the other",
                "goal": GOAL,
            }
        )
    )


def _candles(data: Path, folder: Path) -> Path:
    """Real candles of one hour, and those of four hours and a day that strategies join them with."""
    folder.mkdir()
    for pair in PAIRS:
        name = pair.replace("/", "_")
        hours = pd.read_feather(data / f"{name}-1h.feather")
        for timeframe in ("1h", "4h", "1d"):
            at_timeframe(hours, "1h", timeframe, startup=0).to_feather(folder / f"{name}-{timeframe}.feather")
    shutil.copy(data / "markets.json", folder / "markets.json")
    return folder


def _ours(strategy: Path, candles: Path) -> Opinion:
    job = Job(
        str(strategy), "Sample", "binance", str(candles), str(candles / "markets.json"), PAIRS, "1h", (WINDOW,),
        Account("USDT", 1000.0, None, 3), tasks=(BIAS,),
    )  # fmt: skip
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    began = time.perf_counter()
    child = context.Process(target=_answer, args=(job, theirs))
    child.start()
    theirs.close()
    found: tuple[Finding, ...] = ours.recv()
    child.join()
    seconds = time.perf_counter() - began
    ahead = any(f.outcome is not Outcome.PASS and f.rule not in ("bias-unstable",) for f in found)
    unsettled = any(f.rule in ("bias-unstable", "bias-values", "bias-startup") and _complains(f) for f in found)
    return Opinion(seconds, ahead, unsettled, "; ".join(f.reason for f in found if _complains(f)) or "nothing")


def _answer(job: Job, answer_to: Connection) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        answer_to.send(tasks.bias(job, Path(scratch)))


def _complains(finding: Finding) -> bool:
    return finding.warning or finding.outcome is not Outcome.PASS


def _theirs(stock: Stock, strategy: Path) -> Opinion:
    user = stock.scratch / "user_data"
    user.mkdir(parents=True, exist_ok=True)
    config, table = stock.scratch / "config.json", stock.scratch / "lookahead.csv"
    config.write_text(json.dumps(stock.settings()))
    table.unlink(missing_ok=True)
    began = time.perf_counter()
    said = _run(stock, config, strategy, "lookahead-analysis", "--lookahead-analysis-exportfilename", str(table))
    settling = _run(stock, config, strategy, "recursive-analysis")
    seconds = time.perf_counter() - began
    rows = list(csv.DictReader(table.read_text().splitlines())) if table.is_file() else []
    ahead = {"True": True, "False": False}.get(rows[0]["has_bias"]) if rows else None
    columns = dict(_unsettled(settling))
    why = [f"biased indicators: {rows[0]['biased_indicators'] or 'none'}" if rows else _last_words(said)]
    why += [f"{column} by {percent:g}%" for column, percent in columns.items()]
    return Opinion(seconds, ahead, bool(columns), "; ".join(why))


def _run(stock: Stock, config: Path, strategy: Path, command: str, *more: str) -> str:
    argv = [str(Path(sys.executable).parent / "freqtrade"), command, "-c", str(config)]
    argv += ["--userdir", str(stock.scratch / "user_data"), "--datadir", str(stock.data_dir)]
    argv += ["--strategy-path", str(strategy), "-s", "Sample", "-i", stock.timeframe]
    argv += ["--timerange", f"{WINDOW.start:%Y%m%d}-{WINDOW.end:%Y%m%d}", *more]
    env = {"PATH": os.environ["PATH"], "HOME": str(stock.scratch), "LANG": "C.UTF-8", "TZ": "UTC", "COLUMNS": "300"}
    done = subprocess.run(argv, capture_output=True, text=True, env=env, cwd=stock.scratch, timeout=900, check=False)
    return done.stdout + done.stderr


def _unsettled(said: str) -> Iterator[tuple[str, float]]:
    """The columns of recursive-analysis' table that are noticeably off after the strategy's own start-up candles."""
    rows = [
        [cell.strip() for cell in re.split("[│┃|]", line)[1:-1]]
        for line in said.splitlines()
        if re.search("[│┃]", line)
    ]
    heads = next((row for row in rows if row and row[0] == "Indicators"), [])
    own = next((at for at, head in enumerate(heads) if "from strategy" in head), None)
    for row in rows:
        if own is not None and len(row) == len(heads) and row[own].endswith("%"):
            percent = row[own].rstrip("%")
            if percent == "nan" or abs(float(percent)) >= NOTICEABLE_PERCENT:
                yield row[0], float(percent)


def _last_words(said: str) -> str:
    told = [line for line in said.splitlines() if "too few" in line or "ERROR" in line or "Error" in line]
    return f"no answer ({told[-1].strip()[:160]})" if told else "no answer"


def _disagreements(name: str, ours: Opinion, theirs: Opinion) -> Iterator[str]:
    for what, mine, other in (
        ("looks ahead", ours.ahead, theirs.ahead),
        ("depends on the history", ours.unsettled, theirs.unsettled),
    ):
        # Whoever looks ahead is not asked about its history.
        if mine != other and not (what == "depends on the history" and ours.ahead):
            yield f"{name}: {what}? ours {_word(mine)}, stock {_word(other)} | ours: {ours.says[:300]} | stock: {theirs.says[:300]}"


def _word(answer: bool | None) -> str:
    return {True: "yes", False: "no", None: "no answer"}[answer]


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED / "data" / "binance")
