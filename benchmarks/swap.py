"""How long nobody looks after a strategy's trades while another bundle takes its bot's place, against a bare restart of the same bot.

    .venv/bin/python -m benchmarks.swap [--times 5] [--runtime compose]

Real bots on the loopback exchange, with freqtrade's default throttle and no order in flight: from the end of the one's last loop
to the end of the other's first. A swap stops the old bot right after a loop, and so is the one that is restarted: otherwise it would wait
half a throttle more on average. A warm successor has imported everything before.

Under supervisord the bare restart is a plain stop and start; with containers it is `docker compose up -d --force-recreate` of a plain freqtrade in
the same image.
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

from benchmarks.bare_container import bare_bot
from pipeline.adapters.clock import SystemClock
from pipeline.adapters.compose.runtime import ComposeRuntime
from pipeline.adapters.supervisor.runtime import SupervisorRuntime
from pipeline.domain.bot import BotSpec
from pipeline.domain.trading import RuntimeKind
from pipeline.domain.train.plan import Order
from pipeline.errors import ToolFailed
from pipeline.flows.deploy import deploy
from pipeline.flows.road import Road
from pipeline.rehearsal.exchange import Account, ExchangeInThread, RemoteControl, Settings
from pipeline.render.bot_configuration import THROTTLE_SECONDS
from tests.bot_ground import PAIRS, SECRET, free_port
from tests.journeys.ground import NEW, OLD, STRATEGY, road
from tests.runner.image_ground import docker, image

GOALS = {"cold": 1.3, "warm": 1.0}
PATIENCE_SECONDS = 120.0
LOOK_SECONDS = 0.05


def main() -> None:
    """Print a row a way, and one JSON object as the last line; end with 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--runtime", type=RuntimeKind, choices=list(RuntimeKind), default=RuntimeKind.PROCESS)
    given = parser.parse_args()
    contained = given.runtime is RuntimeKind.COMPOSE
    built = docker("image", "inspect", "--format", "{{.Id}}", image()).strip() if contained else ""
    with tempfile.TemporaryDirectory(prefix="freqtrain-benchmark-") as folder:
        device, clock = Path(folder) / "device", SystemClock()
        runtime = (
            ComposeRuntime(device, clock, built, host_network=True) if contained else SupervisorRuntime(device, clock)
        )
        with ExchangeInThread(Settings(pairs=PAIRS), clock) as exchange:
            control = RemoteControl(exchange.address)
            control.open_account(Account("swap", "key-of-swap", SECRET, {"USDT": Decimal(10_000)}))
            own = road(device, exchange.address, free_port(), "swap", throttle_seconds=THROTTLE_SECONDS)
            here = replace(own, runtime=runtime)
            try:
                deploy(Order(STRATEGY, OLD.digest, "benchmark"), here)
                found = {
                    way: _median(f"{way} swap", given.times, lambda w=way: _swapped(here, w == "warm")) for way in GOALS
                }
                bare = (
                    _bare_container(here, device, built, given.times) if contained else _bare_restart(here, given.times)
                )
            finally:
                runtime.shutdown()
    ratios = {way: round(seconds / bare, 2) for way, seconds in found.items()}
    against = "`docker compose up -d --force-recreate` of plain freqtrade in the same image"
    print(
        json.dumps(
            {
                "name": f"down-time of a swap, {given.runtime}",
                "value": ratios,
                "unit": f"times {against if contained else 'a bare restart of the same bot under the same supervisor'}, medians",
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


def _bare_restart(here: Road, times: int) -> float:
    """A plain stop and start."""
    (bot,) = here.runtime.running()

    def again() -> None:
        here.runtime.stop(bot.spec.name, bot.spec.stop_seconds)
        here.runtime.start(bot.spec)

    return _median("bare restart", times, lambda: _restarted(here, bot.spec, again))


def _bare_container(here: Road, device: Path, built: str, times: int) -> float:
    """compose makes the container anew."""
    (bot,) = here.runtime.running()
    here.runtime.stop(bot.spec.name, bot.spec.stop_seconds)
    with bare_bot(bot.spec, device, built) as bare:
        return _median("bare container", times, lambda: _restarted(here, bot.spec, bare.recreate))


def _restarted(here: Road, spec: BotSpec, again: Callable[[], None]) -> float:
    """From the last loop before a bot is ended and started to the first one after it; the last has just ended, so no other can until then."""
    last = _next_loop(here, spec, _loop(here, spec))
    again()
    return (_next_loop(here, spec, last) - last).total_seconds()


def _next_loop(here: Road, spec: BotSpec, last: datetime | None) -> datetime:
    """The end of the first loop after another one, as soon as it is there."""
    until = time.monotonic() + PATIENCE_SECONDS
    while (loop := _loop(here, spec)) is None or loop == last:
        if time.monotonic() > until:
            raise SystemExit("the bot does not come back")
        time.sleep(LOOK_SECONDS)
    return loop


def _loop(here: Road, spec: BotSpec) -> datetime | None:
    try:
        return here.homes.bot(spec).health().last_loop_at
    except ToolFailed:
        return None


if __name__ == "__main__":
    main()
