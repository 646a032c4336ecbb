"""How long nobody looks after a strategy's trades while another bundle takes its bot's place, against a bare restart of the same bot.

    .venv/bin/python -m benchmarks.swap [--times 5]

Real bots under supervisord on the loopback exchange, with freqtrade's default throttle and no order in flight: from the end of the one's last loop
to the end of the other's first. A swap stops the old bot right after a loop, and so is the one that is restarted: otherwise it would wait
half a throttle more on average. A warm successor has imported everything before.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.supervisor.runtime import SupervisorRuntime
from pipeline.domain.train.plan import Order
from pipeline.errors import ToolFailed
from pipeline.flows.deploy import deploy
from pipeline.flows.road import Road
from pipeline.rehearsal.exchange import Account, ExchangeInThread, RemoteControl, Settings
from pipeline.render.bot_configuration import THROTTLE_SECONDS
from tests.bot_ground import PAIRS, SECRET, free_port
from tests.journeys.ground import NEW, OLD, STRATEGY, road

GOALS = {"cold": 1.3, "warm": 1.0}
PATIENCE_SECONDS = 120.0
LOOK_SECONDS = 0.05


def main() -> None:
    """Print a row a way, and one JSON object as the last line; end with 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--times", type=int, default=5)
    times = parser.parse_args().times
    with tempfile.TemporaryDirectory(prefix="freqtrain-benchmark-") as folder:
        device, runtime = Path(folder) / "device", SupervisorRuntime(Path(folder) / "device", SystemClock())
        with ExchangeInThread(Settings(pairs=PAIRS), SystemClock()) as exchange:
            control = RemoteControl(exchange.address)
            control.open_account(Account("swap", "key-of-swap", SECRET, {"USDT": Decimal(10_000)}))
            here = road(device, exchange.address, free_port(), "swap", throttle_seconds=THROTTLE_SECONDS)
            try:
                deploy(Order(STRATEGY, OLD.digest, "benchmark"), here)
                bare = _median("bare restart", times, lambda: _restarted(here, runtime))
                found = {way: _median(f"{way} swap", times, lambda w=way: _swapped(here, w == "warm")) for way in GOALS}
            finally:
                runtime.shutdown()
    ratios = {way: round(seconds / bare, 2) for way, seconds in found.items()}
    print(
        json.dumps(
            {
                "name": "down-time of a swap",
                "value": ratios,
                "unit": "times a bare restart of the same bot under the same supervisor, medians",
                "against": f"{bare:.1f} s",
                "goal": GOALS,
            }
        )
    )
    sys.exit(0 if all(ratios[way] <= goal for way, goal in GOALS.items()) else 1)


def _median(what: str, times: int, once: Callable[[], float]) -> float:
    found = [once() for _ in range(times)]
    print(f"{what}: {', '.join(f'{seconds:.1f}' for seconds in found)} s", flush=True)
    return statistics.median(found)


def _swapped(here: Road, warm: bool) -> float:
    """Down-time of one swap, as the ledger has it."""
    standing = here.state().of(STRATEGY).standing
    assert standing is not None
    bundle = NEW if standing.bundle == OLD.digest else OLD
    deploy(replace(Order(STRATEGY, bundle.digest, "benchmark"), warm=warm), here)
    (told,) = [entry for entry in here.ledger.entries() if entry.kind == "deployed"][-1:]
    return float(str(told.body["down_seconds"]))


def _restarted(here: Road, runtime: SupervisorRuntime) -> float:
    """From the last loop before a plain stop and start to the first one after it."""
    (bot,) = runtime.running()
    last = _next_loop(here, _loop(here))
    runtime.stop(bot.spec.name, bot.spec.stop_seconds)
    runtime.start(bot.spec)
    return (_next_loop(here, last) - last).total_seconds()


def _next_loop(here: Road, last: datetime | None) -> datetime:
    """The end of the first loop after another one, as soon as it is there."""
    until = time.monotonic() + PATIENCE_SECONDS
    while (loop := _loop(here)) is None or loop == last:
        if time.monotonic() > until:
            raise SystemExit("the bot does not come back")
        time.sleep(LOOK_SECONDS)
    return loop


def _loop(here: Road) -> datetime | None:
    (bot,) = here.runtime.running()
    try:
        return here.homes.bot(bot.spec).health().last_loop_at
    except ToolFailed:
        return None


if __name__ == "__main__":
    main()
