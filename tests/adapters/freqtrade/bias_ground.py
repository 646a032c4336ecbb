"""Candles on which the bias check is tried, and the job that goes with them."""

import json
from pathlib import Path

from pipeline.domain.job import BIAS, Account, Job
from pipeline.domain.market import simulated
from pipeline.domain.scenario_timeframes import at_timeframe

PAIRS = ("BTC/USDT", "ETH/USDT", "SOL/USDT")
LONGER = ("4h", "1d")


def lay(folder: Path, days: int = 110) -> Path:
    """Candles of one hour and longer of three simulated pairs as freqtrade's files, with their markets."""
    folder.mkdir(parents=True, exist_ok=True)
    contents = simulated(7, days=days, pairs=PAIRS)
    for pair in PAIRS:
        hours = contents.candles[(pair, "1h")]
        for timeframe in ("1h", *LONGER):
            frame = hours if timeframe == "1h" else at_timeframe(hours, "1h", timeframe, startup=0)
            frame.to_feather(folder / f"{pair.replace('/', '_')}-{timeframe}.feather")
    (folder / "markets.json").write_text(json.dumps(contents.markets))
    return folder


def job(strategy_dir: Path, data_dir: Path, *, pairs: tuple[str, ...] = PAIRS, class_name: str = "Sample") -> Job:
    """A job with nothing but the bias check, over all candles."""
    return Job(
        strategy_dir=str(strategy_dir),
        class_name=class_name,
        exchange="binance",
        data_dir=str(data_dir),
        markets=str(data_dir / "markets.json"),
        pairs=pairs,
        timeframe="1h",
        windows=(),
        account=Account("USDT", 1000.0, None, 3),
        tasks=(BIAS,),
    )
