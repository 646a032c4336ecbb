"""What watching costs in memory: the watch and the monitor of a device as real processes, against a Python that has imported pandas and nothing else.

    .venv/bin/python -m benchmarks.resident [--bots 3] [--rounds 20] [--days 365]

Simulated bots run under supervisord. They were deployed a year ago, with an entry an hour and bot in the ledger since: so the watch reads a
long ledger, keeps samples, compacts, and decides about each bundle, in a process that ends. The monitor is asked for its page. Prints what is
resident at last and at the most, and as its last line one JSON object.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from benchmarks.watched import (
    ENVIRONMENT,
    command,
    environments,
    freqtrain,
    laid_out,
    most_resident_mib,
    resident_mib,
    rounds_of,
    until,
)
from pipeline.adapters.clock import SystemClock
from pipeline.adapters.ledger_file import LedgerFile
from pipeline.adapters.supervisor.runtime import SupervisorRuntime
from tests.monitor_served import ask

GOAL_MB = 120.0
MB_A_MIB = 1.048576
INTERVAL_SECONDS = 1.0


class Narrator:
    """Prints what is told."""

    def say(self, text: str) -> None:
        print(text, file=sys.stderr)


def main() -> None:
    """Measure, print, and end with 1 where the goal is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--bots", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--days", type=int, default=365)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="freqtrain-benchmark-") as folder:
        watch, monitor, decided = _measured(Path(folder), told.bots, told.rounds, told.days)
    against = _plain_pandas()
    both = (watch[1] + monitor[1]) * MB_A_MIB
    print(
        f"the watch:   {watch[0]:6.1f} MiB resident after {told.rounds} rounds, {watch[1]:.1f} at the most; {decided} decisions made"
    )
    print(f"the monitor: {monitor[0]:6.1f} MiB resident after its page, {monitor[1]:.1f} at the most")
    print(
        f"a Python with pandas imported: {against:.1f} MiB, {both / MB_A_MIB / against:.2f} of which is what both have at the most"
    )
    print(
        json.dumps(
            {
                "name": f"watch and monitor of {told.bots} simulated bots, resident together at the most",
                "value": {
                    "mb": round(both, 1),
                    "watch_mb": round(watch[1] * MB_A_MIB, 1),
                    "monitor_mb": round(monitor[1] * MB_A_MIB, 1),
                },
                "unit": "MB",
                "against": f"a Python that has imported pandas, {against * MB_A_MIB:.1f} MB",
                "goal": {"mb": GOAL_MB},
            }
        )
    )
    sys.exit(0 if both <= GOAL_MB else 1)


def _measured(folder: Path, bots: int, rounds: int, days: int) -> tuple[tuple[float, float], tuple[float, float], int]:
    """MiB of the watch and of the monitor, at last and at the most; and how many decisions the watch had made."""
    checkout, device = environments(folder / "checkout"), folder / "device"
    specs = laid_out(device, bots, deployed=timedelta(days=max(days, 2)), hourly=True)
    runtime = SupervisorRuntime(device, SystemClock(), lambda spec: command(spec.home))
    ledger = LedgerFile(device / ENVIRONMENT / "ledger.jsonl", SystemClock(), Narrator())
    try:
        for spec in specs:
            runtime.start(spec)
        interval = f"{INTERVAL_SECONDS:g}"
        with (
            freqtrain("watch", ENVIRONMENT, "--home", str(device), "--interval", interval, cwd=checkout) as watch,
            freqtrain("monitor", "--home", str(device), "--port", "0", cwd=checkout) as monitor,
        ):
            assert monitor.stdout is not None
            address = monitor.stdout.readline().partition(" ")[0]
            until(lambda: _decisions(ledger) >= bots, "the watch decides nothing")
            rounds_of(device, rounds)
            until(lambda: ask(address, "/").body.count("<article") == bots, "the monitor shows other bots")
            return _mib(watch.pid), _mib(monitor.pid), _decisions(ledger)
    finally:
        runtime.shutdown()


def _decisions(ledger: LedgerFile) -> int:
    """Among the latest entries; it is asked often."""
    return sum(entry.kind == "decision_made" for entry in ledger.entries()[-100:])


def _mib(pid: int) -> tuple[float, float]:
    return resident_mib(pid), most_resident_mib(pid)


def _plain_pandas() -> float:
    program = "import pandas; print(next(l.split()[1] for l in open('/proc/self/status') if l.startswith('VmRSS')))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return int(done.stdout) / 1024


if __name__ == "__main__":
    main()
