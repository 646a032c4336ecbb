"""How long the monitor's page takes with a year of 20 bots, against reading all of their curves; and how much memory its process takes.

    .venv/bin/python -m benchmarks.monitor [DAYS]

365 days by default. The observations are what compaction leaves of a sample a minute: six an hour, and the last two days whole. The ledger has an
entry an hour and bot, and a decision a day. The page is asked for over HTTP, from the command as a person starts it, first as soon as it says where
its pages are. Prints what was measured, and as its last line one JSON object.
"""

import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.adapters.files import write_whole
from pipeline.adapters.observations.reader import ObservationReader
from pipeline.adapters.observations.store import ObservationStore
from pipeline.domain.canonical import canonical
from pipeline.domain.ledger import Head, after, follow, line
from pipeline.domain.trades import ClosedTrade
from pipeline.domain.train.decisions import DecisionMade, Observed
from pipeline.domain.train.facts import Fact, body_of, kind_of
from pipeline.domain.train.movements import Deployed, Deploying, Purpose
from pipeline.domain.train.samples import Sample
from tests.fakes import FakeClock, FakeNarrator
from tests.monitor_ground import Ground
from tests.monitor_served import ask

BOTS, TRADES_A_DAY = 20, 4
GOAL_SECONDS, GOAL_MIB = 0.5, 60
BUNDLES = [f"sha256:{bot:064x}" for bot in range(BOTS)]
ENVIRONMENT = "test"
WHOLE = timedelta(hours=48)
PAGES = 5


def main(days: int) -> None:
    """Make a device, measure, print, and end with 1 where a goal is missed."""
    with tempfile.TemporaryDirectory(prefix="freqtrain-benchmark-") as folder:
        home = Path(folder)
        now = datetime.now(UTC)
        began = now - timedelta(days=days)
        ground = Ground(home, FakeClock(now))
        ground.environments()
        entries = _ledger(home, began, days)
        kept = _observations(home, began, now, days)
        for bot in range(BOTS):
            ground.holds(ENVIRONMENT, f"bot{bot}", "dry_run", "BTC/USDT")
        print(f"{kept} samples and {entries} entries of {days} days", flush=True)
        start, first, spans, computed, mib = _measured(home)
        started = time.monotonic()
        reader = ObservationReader(home / ENVIRONMENT / "observations.sqlite")
        points = sum(len(reader.equity(f"bot{bot}", BUNDLES[bot])) for bot in range(BOTS))
        against = time.monotonic() - started
    for span, (cold, warm) in spans.items():
        print(f"{span}: {cold:.3f} s, then {', '.join(f'{seconds:.3f}' for seconds in warm)} s")
    print(
        f"it is ready {start.seconds:.2f} s ({start.computed:.2f} s of processor time) after its start: the whole ledger is read and checked"
    )
    print(f"the very first page: {first:.3f} s; the process has {mib:.0f} MiB, {points} points read whole")
    print(f"a page takes {computed:.3f} s of processor time on average")
    worst = max(first, *(statistics.median(warm) for _, warm in spans.values()))
    value = {
        "page_seconds": round(worst, 3),
        "page_processor_seconds": round(computed, 3),
        "first_page_seconds": round(first, 3),
        "ready_seconds": round(start.seconds, 2),
        "ready_processor_seconds": round(start.computed, 2),
        "mib": round(mib),
        "days": days,
    }
    print(
        json.dumps(
            {
                "name": f"the monitor's page with {days} days of {BOTS} bots",
                "value": value,
                "unit": "s, the first page or the median of the slowest span, whichever is worse; MiB, resident at the most",
                "against": f"reading the {points} points of all curves, and drawing none, {against:.2f} s",
                "goal": {"page_seconds": GOAL_SECONDS, "mib": GOAL_MIB},
            }
        )
    )
    sys.exit(0 if worst <= GOAL_SECONDS and mib <= GOAL_MIB else 1)


def _ledger(home: Path, began: datetime, days: int) -> int:
    """Written at once: appended one by one, each entry would wait for the disk."""
    head, lines = Head(), list[bytes]()

    def tell(at: datetime, fact: Fact) -> None:
        nonlocal head
        entry = follow(head, at, kind_of(fact), body_of(fact))
        head = after(head, entry)
        lines.append(line(entry))

    for bot, bundle in enumerate(BUNDLES):
        tell(began, Deploying(ENVIRONMENT, f"bot{bot}", Purpose.DEPLOY, bundle, "a", (), "benchmark"))
        tell(began, Deployed(ENVIRONMENT, f"bot{bot}", bundle, "a", "benchmark"))
    for hour in range(1, days * 24):
        at = began + timedelta(hours=hour)
        for bot, bundle in enumerate(BUNDLES):
            tell(at, Observed(ENVIRONMENT, f"bot{bot}", bundle, float(hour), hour // 6))
            if hour % 24 == 0:
                tell(at, DecisionMade(ENVIRONMENT, f"bot{bot}", bundle, "hold", ("not enough trades (12 of 30).",)))
    path = home / ENVIRONMENT / "ledger.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(lines))
    write_whole(path.with_name("ledger.jsonl.head"), canonical(head) + b"\n")
    return len(lines)


def _observations(home: Path, began: datetime, now: datetime, days: int) -> int:
    path, kept = home / ENVIRONMENT / "observations.sqlite", 0
    with closing(ObservationStore(path, FakeClock(now), FakeNarrator(), timedelta(hours=2))) as store:
        for bot in range(BOTS):
            name, bundle, samples = f"bot{bot}", BUNDLES[bot], list[Sample]()
            at, closed = began, 0
            trades = [_trade(began + timedelta(hours=6 * number, minutes=bot)) for number in range(TRADES_A_DAY * days)]
            while at < now:
                while closed < len(trades) and trades[closed].closed_at <= at:
                    closed += 1
                balance = 1000.0 + 1.8 * closed
                equity = balance + 5 * math.sin((at - began).total_seconds() / 7000 + bot)
                samples.append(
                    Sample(
                        name,
                        bundle,
                        "USDT",
                        at,
                        "running",
                        balance,
                        equity,
                        1,
                        closed,
                        closed // 2,
                        0.04 * closed,
                        0.0,
                        at,
                        0,
                    )
                )
                at += timedelta(minutes=1 if now - at <= WHOLE else 10)
            store.record(samples)
            store.record_trades(name, bundle, "USDT", trades)
            kept += len(samples)
    return kept


def _trade(at: datetime) -> ClosedTrade:
    return ClosedTrade(
        "BTC/USDT", at, at + timedelta(hours=2), 60000, 60300, 0.01, 600, 0.001, 0.001, 1.8, 0.003, "dip", "roi"
    )


@dataclass(frozen=True)
class Start:
    """From the command to the line that says where it listens."""

    seconds: float
    computed: float


def _measured(home: Path) -> tuple[Start, float, dict[str, tuple[float, list[float]]], float, float]:
    """The start; the first page of all, a month's; each span's first page and those after it; processor time of a page, all in seconds; memory at the
    most, in MiB."""
    command = [str(Path(sys.executable).parent / "freqtrain"), "monitor", "--port", "0", "--home", str(home)]
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        address = process.stdout.readline().partition(" ")[0]
        start = Start(time.monotonic() - began, _processor_seconds(process.pid))
        first = _page(address, "month")
        spans, computed = {}, 0.0
        for span in ("day", "month", "year", "all"):
            cold, warm = _page(address, span), list[float]()
            before = _processor_seconds(process.pid)
            for _ in range(PAGES):
                time.sleep(2.1)  # Pages are kept for two seconds.
                warm.append(_page(address, span))
            computed += _processor_seconds(process.pid) - before
            spans[span] = (cold, warm)
        status = Path(f"/proc/{process.pid}/status").read_text()
        most = next(int(text.split()[1]) for text in status.splitlines() if text.startswith("VmHWM"))
        return start, first, spans, computed / (PAGES * len(spans)), most / 1024
    finally:
        process.terminate()
        process.wait(timeout=60)


def _processor_seconds(pid: int) -> float:
    """What the process has computed up to now; it tells what the wall clock hides on a machine that is busy."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _page(address: str, span: str) -> float:
    started = time.monotonic()
    answer = ask(address, f"/?span={span}")
    assert answer.status == 200
    assert answer.body.count("<article") == BOTS
    return time.monotonic() - started


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 365)
