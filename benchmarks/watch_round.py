"""How long one round of a watch takes over 200 bots that answer over HTTP, against asking them one after another and nothing else.

    .venv/bin/python -m benchmarks.watch_round [--bots 200] [--times 5]

The watch's own files are real: ledger, memory, lease, observations, homes; only the runtime is not asked which bots there are. Bots answer
at once and from a few processes, so that what is measured is the watch. The first round of all opens and compares everything; those after
it are what goes on day and night. Every other one of them is a minute later, so that it keeps a sample of each bot.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.watched import ENVIRONMENT, answering, environments, laid_out
from pipeline.adapters.bot_api import BotApi
from pipeline.adapters.clock import SystemClock
from pipeline.domain.bot import BotSpec, BotState, RunningBot
from pipeline.flows.watch import Watching
from pipeline.wiring.watch import post

GOAL_SECONDS = 2.0
PROCESSES = 4
DEPLOYED = timedelta(hours=2)


class Late:
    """The present, and as much later as was waited (`ports.Clock`)."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def sleep(self, seconds: float) -> None:
        self.ahead += timedelta(seconds=seconds)


class Narrator:
    """Prints what a watch tells."""

    def say(self, text: str) -> None:
        print(text, file=sys.stderr)


class Held:
    """A runtime that holds these bots."""

    def __init__(self, specs: tuple[BotSpec, ...]) -> None:
        since = datetime.now(UTC)
        self._bots = tuple(RunningBot(spec, BotState.RUNNING, since) for spec in specs)

    def running(self) -> tuple[RunningBot, ...]:
        return self._bots


def main() -> None:
    """Measure, print, and end with 1 where the goal is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--bots", type=int, default=200)
    parser.add_argument("--times", type=int, default=5)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="freqtrain-benchmark-") as folder:
        os.chdir(environments(Path(folder) / "checkout"))
        device = Path(folder) / "device"
        specs = laid_out(device, told.bots, deployed=DEPLOYED)
        with answering(specs, PROCESSES):
            rounds, first, computed = _rounds(device, specs, told.times)
            os.chdir("/")
            alone = [_one_after_another(specs) for _ in range(told.times)]
    value, against = statistics.median(rounds), statistics.median(alone)
    print(f"the first round: {first:.2f} s; those after it: {', '.join(f'{seconds:.2f}' for seconds in rounds)} s")
    print(f"a round takes {computed:.2f} s of the watch's own processor time on average")
    print(f"one after another: {', '.join(f'{seconds:.2f}' for seconds in alone)} s")
    print(
        json.dumps(
            {
                "name": f"one round of the watch over {told.bots} simulated bots",
                "value": round(value, 2),
                "unit": "s, median",
                "against": f"asking them the same one after another and nothing else, {against:.2f} s",
                "goal": f"<= {GOAL_SECONDS:g}",
            }
        )
    )
    sys.exit(0 if value <= GOAL_SECONDS else 1)


def _rounds(device: Path, specs: tuple[BotSpec, ...], times: int) -> tuple[list[float], float, float]:
    """Seconds of each round, of the first one, and of the processor on average."""
    clock = Late()
    there = post(ENVIRONMENT, device, Narrator(), 10.0)
    road = replace(there.road, runtime=Held(specs), clock=clock)
    watching = Watching(replace(there, road=road, decider=None, patience_seconds=None))  # Until all have answered.
    took = list[float]()
    computed = time.process_time()
    for number in range(2 * times + 1):
        began = time.perf_counter()
        done = watching.round()
        took.append(time.perf_counter() - began)
        if done.problems or done.bots != len(specs):
            raise SystemExit(f"a round over {done.bots} bots had problems: {done.problems}")
        clock.sleep(50.0 if number % 2 else 10.0)
    computed = (time.process_time() - computed) / len(took)
    watching.close()
    return took[1:], took[0], computed


def _one_after_another(specs: tuple[BotSpec, ...]) -> float:
    clock = SystemClock()
    began = time.perf_counter()
    for spec in specs:
        bot = BotApi(spec.api_port, "train", clock, "x")
        bot.identity()
        bot.open_trades()
        bot.health()
        bot.profit()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
