"""Resident memory of a bot of ours against a plain `freqtrade trade` with the same strategy, configuration and exchange.

    .venv/bin/python -m benchmarks.memory [--times 3]

Both trade in dry-run on the loopback exchange, one after the other. Each is looked at for twenty seconds after it has looped for as long: the
median of what its process, and whatever it started, has resident.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from pipeline.adapters.clock import SystemClock
from pipeline.rehearsal.exchange import ExchangeInThread, Settings
from tests.bot_ground import PAIRS, Home, Running, free_port, running

GOAL = 1.05
SETTLES_SECONDS = 20.0
LOOKS = 20
PATIENCE_SECONDS = 120.0


def main() -> None:
    """Print a row a side, and one JSON object as the last line; end with 1 where the goal is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--times", type=int, default=3)
    times = parser.parse_args().times
    found: dict[str, list[float]] = {"ours": [], "plain": []}
    with (
        tempfile.TemporaryDirectory(prefix="freqtrain-benchmark-") as folder,
        ExchangeInThread(Settings(pairs=PAIRS), SystemClock()) as exchange,
    ):
        for number in range(times):
            home = Home(Path(folder) / f"device-{number}", exchange.address)
            with running(home) as bot:
                _loops(bot)
                found["ours"].append(_resident(bot.process.pid))
            with _plain(home) as process:
                _trades(process, home)
                found["plain"].append(_resident(process.pid))
    for side, values in found.items():
        print(f"{side}: {', '.join(f'{mib:.1f}' for mib in values)} MiB", flush=True)
    ours, plain = (statistics.median(found[side]) for side in ("ours", "plain"))
    ratio = round(ours / plain, 3)
    told: dict[str, Any] = {
        "name": "resident memory of a bot",
        "value": ratio,
        "unit": "times a plain freqtrade trade with the same strategy and configuration, medians",
        "ours_mib": round(ours, 1),
        "against": f"{plain:.1f} MiB",
        "machine": os.uname().machine,
        "goal": GOAL,
    }
    print(json.dumps(told))
    sys.exit(0 if ratio <= GOAL else 1)


def _loops(bot: Running) -> None:
    bot.until_looping()
    bot.api.start()  # It enters as the plain one does.
    time.sleep(SETTLES_SECONDS)


@contextmanager
def _plain(home: Home) -> Iterator["subprocess.Popen[bytes]"]:
    """`freqtrade trade` with the very fragments of the bot, but for its database, its port and its state."""
    own = json.loads((home.path / "owned.json").read_text())
    public = json.loads((home.path / "public.json").read_text())
    port = free_port()
    changed = {
        "db_url": f"sqlite:///{home.folder / 'plain.sqlite'}",
        "initial_state": "running",
        "api_server": {**public["api_server"], "listen_port": port},
    }
    (home.path / "plain.json").write_text(json.dumps({**own, **changed}))
    argv = [str(Path(sys.executable).parent / "freqtrade"), "trade", "--userdir", str(home.folder / "user_data")]
    for name in ("public.json", "secret.json", "plain.json"):
        argv += ["--config", str(home.path / name)]
    argv += ["--strategy", "Eager", "--strategy-path", str(home.path / "strategy")]
    (home.folder / "user_data").mkdir(exist_ok=True)
    env = {"PATH": os.environ["PATH"], "HOME": str(home.folder), "LANG": "C.UTF-8", "TZ": "UTC"}
    with (home.folder / "plain.log").open("wb") as log:
        process = subprocess.Popen(
            argv, cwd=home.folder, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _trades(process: "subprocess.Popen[bytes]", home: Home) -> None:
    """Wait until it loops, which its log tells, and as long as the other one was given."""
    until, log = time.monotonic() + PATIENCE_SECONDS, home.folder / "plain.log"
    while b"state='RUNNING'" not in log.read_bytes() and b"state: RUNNING" not in log.read_bytes():
        if process.poll() is not None or time.monotonic() > until:
            raise SystemExit(f"plain freqtrade does not trade:\n{log.read_text(errors='replace')[-4000:]}")
        time.sleep(0.2)
    time.sleep(SETTLES_SECONDS)


def _resident(pid: int) -> float:
    """MiB, the median of several looks."""
    looks = []
    for _ in range(LOOKS):
        one = psutil.Process(pid)
        looks.append(sum(each.memory_info().rss for each in (one, *one.children(recursive=True))) / 2**20)
        time.sleep(1.0)
    return statistics.median(looks)


if __name__ == "__main__":
    main()
