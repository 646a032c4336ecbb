"""How long `freqtrain status` takes as a whole process with twenty running bots, against asking the twenty one after another and nothing else.

    .venv/bin/python -m benchmarks.status [--times 5]

A real bot with open positions is asked first. The twenty are stand-ins, which say what it said and take as long; they run under supervisord,
and the ledger says that they should.
"""

import argparse
import json
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.adapters.bot_api import BotApi
from pipeline.adapters.clock import SystemClock
from pipeline.adapters.ledger_file import LedgerFile
from pipeline.adapters.supervisor.runtime import SupervisorRuntime
from pipeline.domain.bot import BotSpec
from pipeline.domain.train.facts import body_of, kind_of
from pipeline.domain.train.movements import Deployed, Deploying, Purpose
from pipeline.domain.train.steps import bot_name
from pipeline.errors import ToolFailed
from pipeline.rehearsal.exchange import ExchangeInThread, Settings
from tests.bot_ground import PAIRS, Home, free_port, running, until
from tests.cli.freqtrain import freqtrain
from tests.fakes import FakeNarrator

BOTS = 20
GOAL_SECONDS = 1.0
ENVIRONMENT = "test"
BUNDLE = "sha256:" + "0" * 64
API = "/api/v1/"
STAND_IN = Path(__file__).resolve().parent.parent / "tests" / "stand_in_bot.py"


@dataclass(frozen=True)
class Words:
    """What a real bot answers, by path, and how long it takes for an answer."""

    answers: Mapping[str, object]
    seconds: float


def main() -> None:
    """Measure, print, and end with 1 where the goal is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--times", type=int, default=5)
    times = parser.parse_args().times
    with tempfile.TemporaryDirectory(prefix="freqtrain-benchmark-") as folder:
        words = _words(Path(folder) / "real")
        print(f"a real bot takes {words.seconds * 1000:.0f} ms for an answer", flush=True)
        device = Path(folder) / "device"
        runtime = SupervisorRuntime(
            device, SystemClock(), lambda spec: (sys.executable, "-I", "-S", str(STAND_IN), spec.home)
        )
        try:
            bots = [_started(f"strategy_{number:02}", device, runtime, words) for number in range(BOTS)]
            until(lambda: all(_answers(bot) for bot in bots), lambda: "the stand-ins do not answer")
            compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(Path(folder) / "compiled")}
            _status(device, compiled)  # As on any device on which it ran before.
            before = _computed()
            took = [_status(device, compiled) for _ in range(times)]
            computed = (_computed() - before) / times
            alone = [_one_after_another(bots) for _ in range(times)]
        finally:
            runtime.shutdown()
    value, against = statistics.median(took), statistics.median(alone)
    told = f"{computed:.2f} s of processor time on average"
    print(f"freqtrain status:  {', '.join(f'{seconds:.2f}' for seconds in took)} s; {told}")
    print(f"one after another: {', '.join(f'{seconds:.2f}' for seconds in alone)} s")
    print(
        json.dumps(
            {
                "name": f"`freqtrain status` with {BOTS} running bots",
                "value": round(value, 2),
                "unit": "s, the whole process, median",
                "against": f"asking them one after another and nothing else, {against:.2f} s",
                "goal": f"<= {GOAL_SECONDS:g}",
            }
        )
    )
    sys.exit(0 if value <= GOAL_SECONDS else 1)


def _words(folder: Path) -> Words:
    """A real bot's answers to what `status` asks."""
    with (
        ExchangeInThread(Settings(pairs=PAIRS), SystemClock()) as exchange,
        running(Home(folder, exchange.address)) as bot,
    ):
        bot.until_looping()
        bot.api.start()
        bot.until(lambda: len(bot.api.open_trades()) == len(PAIRS), "it does not enter")
        began = time.perf_counter()
        for _ in range(10):
            bot.api.identity()
            bot.api.open_trades()
        seconds = (time.perf_counter() - began) / 20
        return Words(
            {f"{API}{path}": json.loads(bot.api._call("GET", path)) for path in ("show_config", "status")}, seconds
        )


def _started(strategy: str, device: Path, runtime: SupervisorRuntime, words: Words) -> BotApi:
    """A stand-in that runs and should."""
    clock, name, port = SystemClock(), bot_name(ENVIRONMENT, strategy, "a"), free_port()
    ledger = LedgerFile(device / ENVIRONMENT / "ledger.jsonl", clock, FakeNarrator())
    for fact in (
        Deploying(ENVIRONMENT, strategy, Purpose.DEPLOY, BUNDLE, "a", (), "benchmark"),
        Deployed(ENVIRONMENT, strategy, BUNDLE, "a", "benchmark"),
    ):
        ledger.append(kind_of(fact), body_of(fact))
    home = device / ENVIRONMENT / "bots" / name
    home.mkdir(parents=True)
    config = words.answers[f"{API}show_config"]
    assert isinstance(config, dict)
    own = {**words.answers, f"{API}show_config": {**config, "bot_name": name, "strategy_version": BUNDLE}}
    told = {"port": port, "answers": own, "answer_seconds": words.seconds}
    (home / "behaviour.json").write_text(json.dumps(told))
    (home / "secret.json").write_text(json.dumps({"api_server": {"username": "train", "password": "x"}}))
    runtime.start(BotSpec(name, ENVIRONMENT, strategy, BUNDLE, str(home), port))
    return BotApi(port, "train", clock, "x")


def _answers(bot: BotApi) -> bool:
    try:
        return bool(bot.identity())
    except ToolFailed:
        return False


def _status(device: Path, env: Mapping[str, str]) -> float:
    began = time.perf_counter()
    said = freqtrain("status", "--home", device, env=env)
    seconds = time.perf_counter() - began
    if said.code != 0 or f"All {BOTS} are as they should be." not in said.out:
        raise SystemExit(f"status ends with {said.code}:\n{said.out}{said.err}")
    return seconds


def _computed() -> float:
    """Processor time of all processes that this one started and that have ended; it tells what the wall clock hides on a machine that is busy."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _one_after_another(bots: list[BotApi]) -> float:
    began = time.perf_counter()
    for bot in bots:
        bot.identity()
        bot.open_trades()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
