"""How large a year of one-minute samples of 20 bots is after compaction, against all of them kept; and how fast a page's curves are read.

Prints what was measured, and as its last line one JSON object. `python -m benchmarks.observations [DAYS]`, 365 by default; fewer, at
least 3, are scaled up.
"""

import json
import math
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from pipeline.adapters.observations.reader import ObservationReader
from pipeline.adapters.observations.store import ObservationStore
from pipeline.domain.metrics import max_drawdown
from pipeline.domain.statistics.bootstrap import seeded
from pipeline.domain.trades import ClosedTrade
from pipeline.domain.train.samples import Sample
from tests.fakes import FakeClock, FakeNarrator

BOTS, MINUTES, TRADES_A_DAY, WHOLE_DAYS = 20, 1440, 4, 2
GOAL_MB, GOAL_PAGE_SECONDS = 300.0, 0.5
BEGAN = datetime(2025, 1, 1, tzinfo=UTC)
BUNDLES = [f"sha256:{bot:064x}" for bot in range(BOTS)]


def main(days: int) -> None:
    """Fill a store, and print its size."""
    with tempfile.TemporaryDirectory(prefix="freqtrain-benchmark-") as folder:
        path = Path(folder) / "observations.sqlite"
        store = ObservationStore(path, FakeClock(), FakeNarrator())
        level, kept_whole, lowest = np.full(BOTS, 1000.0), 0, []
        began = time.monotonic()
        slowest = 0.0
        for day in range(days):
            equity = level[:, None] * np.exp(
                np.cumsum(seeded(f"day {day}").standard_normal((BOTS, MINUTES)) * 3e-4, axis=1)
            )
            level = equity[:, -1]
            lowest.append(equity[0])
            _record(store, day, equity)
            kept_whole += BOTS * MINUTES
            started = time.monotonic()
            store.compact(BEGAN + timedelta(days=day + 1))
            slowest = max(slowest, time.monotonic() - started)
        seconds = time.monotonic() - began
        store.close()
        size = path.stat().st_size / 1e6
        started = time.monotonic()
        curve = ObservationReader(path).equity("bot0", BUNDLES[0])
        page = time.monotonic() - started
        whole = np.concatenate(lowest)
        peaks = np.maximum.accumulate(whole)
        drawdown = float(np.max((peaks - whole) / peaks))
        assert math.isclose(max_drawdown([curve]), drawdown, rel_tol=1e-12), "compaction changed the drawdown"
        left = sum(len(ObservationReader(path).equity(f"bot{bot}", BUNDLES[bot])) for bot in range(BOTS))
    late = BOTS * MINUTES * WHOLE_DAYS  # The last two days are not thinned out, however long the others were.
    rows = late + (left - late) * (365 - WHOLE_DAYS) / (days - WHOLE_DAYS)
    year = size * rows / left
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{kept_whole} samples of {days} days in {seconds:.0f} s; {left} of them are left, {size:.0f} MB, {year:.0f} MB a year"
    )
    print(
        f"compacting a day of {BOTS} bots: {slowest:.2f} s at the most; one bot's curve of {len(curve)} points is read in {page:.3f} s"
    )
    print(f"peak memory {peak:.0f} MiB, with the benchmark's own copy of one bot's equity")
    print(
        json.dumps(
            {
                "name": "a year of one-minute samples of 20 bots after compaction",
                "value": {"mb_a_year": round(year, 1), "curve_seconds": round(page, 3), "days": days},
                "unit": "MB",
                "against": f"{kept_whole * 365 // days} samples kept whole, about {kept_whole * 365 / days * size / left:.0f} MB",
                "goal": {"mb_a_year": GOAL_MB, "curve_seconds": GOAL_PAGE_SECONDS},
            }
        )
    )
    sys.exit(0 if year <= GOAL_MB and page <= GOAL_PAGE_SECONDS else 1)


def _record(store: ObservationStore, day: int, equity: np.ndarray) -> None:
    for bot in range(BOTS):
        start = BEGAN + timedelta(days=day)
        closed = TRADES_A_DAY * (day + 1)
        samples = [
            Sample(
                f"bot{bot}",
                BUNDLES[bot],
                "USDT",
                at,
                "running",
                1000.0,
                float(value),
                2,
                closed,
                closed // 2,
                closed * 0.04,
                0.0003,
                at,
                0,
            )
            for minute, value in enumerate(equity[bot])
            for at in [start + timedelta(minutes=minute + 1)]
        ]
        store.record(samples)
        trades = [_trade(start + timedelta(hours=6 * number, minutes=bot)) for number in range(TRADES_A_DAY)]
        store.record_trades(f"bot{bot}", BUNDLES[bot], "USDT", trades)


def _trade(at: datetime) -> ClosedTrade:
    return ClosedTrade(
        "BTC/USDT", at, at + timedelta(hours=2), 60000, 60300, 0.01, 600, 0.001, 0.001, 1.8, 0.003, "dip", "roi"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 365)
