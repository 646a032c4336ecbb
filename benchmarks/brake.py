"""How long it takes from a bot's equity falling through its brake until its entries are stopped, against the interval at which the watch looks.

    .venv/bin/python -m benchmarks.brake [--times 5] [--interval 10] [--hung]

The watch is the real command, and simulated bots run under supervisord. The open trades of one after the other lose half of its capital at
once, at different times between two looks. Measured is until its home holds it, which a bot reads before every entry, and until it was told to pause.
With --hung another bot of the environment takes every question and answers none of them, all the while.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from benchmarks.watched import ENVIRONMENT, command, environments, freqtrain, laid_out, rounds_of, until
from pipeline.adapters.clock import SystemClock
from pipeline.adapters.supervisor.runtime import SupervisorRuntime
from pipeline.domain.bot import BotSpec
from pipeline.domain.bot_settings import BRAKE_FILE

MORE_SECONDS = 2.0
CAPITAL = 1000.0


def main() -> None:
    """Measure, print, and end with 1 where the goal is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--interval", type=float, default=10.0)
    parser.add_argument("--hung", action="store_true", help="beside a bot that hangs")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="freqtrain-benchmark-") as folder:
        took = _measured(Path(folder), told.times, told.interval, hung=told.hung)
    held, paused = ([one[place] for one in took] for place in (0, 1))
    print(f"until its home held it:      {', '.join(f'{seconds:.2f}' for seconds in held)} s")
    print(f"until it was told to pause:  {', '.join(f'{seconds:.2f}' for seconds in paused)} s")
    beside = ", beside a bot that hangs" if told.hung else ""
    value, goal = statistics.median(paused), told.interval + MORE_SECONDS
    print(
        json.dumps(
            {
                "name": f"from a breach to stopped entries, a watch that looks every {told.interval:g} s{beside}",
                "value": {"median_seconds": round(value, 2), "longest_seconds": round(max(paused), 2)},
                "unit": "s",
                "against": f"the interval alone, by chance {told.interval / 2:g} s on average and {told.interval:g} s at the most",
                "goal": {"median_seconds": goal},
            }
        )
    )
    sys.exit(0 if value <= goal else 1)


def _measured(folder: Path, times: int, interval: float, *, hung: bool) -> list[tuple[float, float]]:
    """Seconds until the home held a bot, and until it was told, each time of another one."""
    checkout, device = environments(folder / "checkout"), folder / "device"
    specs = laid_out(device, times + hung, deployed=timedelta(hours=2), closed=0)
    runtime = SupervisorRuntime(device, SystemClock(), lambda spec: command(spec.home))
    try:
        for spec in specs:
            runtime.start(spec)
        words = ("watch", ENVIRONMENT, "--home", str(device), "--interval", f"{interval:g}")
        with freqtrain(*words, cwd=checkout):
            rounds_of(device, 2)
            if hung:
                (Path(specs[-1].home) / "hangs").touch()
                rounds_of(device, 2)
            return [_latency(spec, interval * number / times) for number, spec in enumerate(specs[:times])]
    finally:
        runtime.shutdown()


def _latency(spec: BotSpec, wait_seconds: float) -> tuple[float, float]:
    time.sleep(wait_seconds)
    home = Path(spec.home)
    began = time.time()
    (home / "floating").write_text(f"{-CAPITAL / 2}")
    until(lambda: (home / BRAKE_FILE).exists(), "nobody brakes it")
    held = time.time() - began
    until(lambda: (home / "paused").exists() and (home / "paused").read_text().endswith("\n"), "nobody tells it")
    return held, float((home / "paused").read_text().split()[0]) - began


if __name__ == "__main__":
    main()
