"""The road with real things: real bots under supervisord trade on the loopback exchange, and its own order log is the judge."""

import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.supervisor.runtime import SupervisorRuntime
from pipeline.domain.bot_log import READY
from pipeline.domain.train.decisions import Soaked
from pipeline.domain.train.plan import Order
from pipeline.errors import Refused, Undone
from pipeline.flows.converge import converge
from pipeline.flows.deploy import deploy
from pipeline.flows.roll_back import roll_back
from pipeline.flows.stop import stop
from pipeline.rehearsal.exchange import Account, RemoteControl
from tests.bot_ground import SECRET, until
from tests.journeys.ground import NEW, OLD, SICK, STRATEGY, Place, road
from tests.needs import ROOT
from tests.ports import free_port

pytestmark = [pytest.mark.processes, pytest.mark.sockets]


@pytest.fixture
def place(tmp_path: Path, exchange_address: str, exchange: RemoteControl) -> Iterator[Place]:
    account = f"road-{tmp_path.name[-20:]}"
    exchange.open_account(Account(account, f"key-of-{account}", SECRET, {"USDT": Decimal(10_000)}))
    device, port = tmp_path / "device", free_port(neighbours=3)
    runtime = SupervisorRuntime(device, SystemClock())
    try:
        yield Place(
            road(device, exchange_address, port, account), device, exchange_address, port, account, runtime, exchange
        )
    finally:
        runtime.shutdown()


def test_a_bundle_is_deployed_replaced_taken_back_rolled_back_and_stopped(place: Place) -> None:
    place.deploy(OLD)
    assert place.entering() == [OLD.digest]
    until(lambda: place.exchange.orders(place.account), lambda: "it never bought")
    place.road.record(Soaked(place.road.environment.name, STRATEGY, OLD.digest, 30.0, 5))

    place.deploy(NEW)
    assert place.entering() == [NEW.digest]
    assert place.unexplained() == set()
    (deployed,) = [e for e in place.road.ledger.entries() if e.kind == "deployed" and e.body["bundle"] == NEW.digest]
    assert 0 < float(str(deployed.body["down_seconds"])) < 120

    with pytest.raises(Undone, match="what ran before runs again"):
        place.deploy(SICK)
    assert place.entering() == [NEW.digest]
    assert place.unexplained() == set()

    assert "runs again" in roll_back(STRATEGY, place.road, "operator", "it lost")
    assert place.entering() == [OLD.digest]

    place.kill_everything()
    converge(place.road, "boot")
    assert place.entering() == [OLD.digest]
    assert place.unexplained() == set()

    place.kill_everything()
    changed = place.another(stake_currency="BTC", pairs=("ETH/BTC",))
    until(lambda: place.road.databases.open_trades(STRATEGY), lambda: "it holds nothing")
    with pytest.raises(Refused, match=r"open in USDT on binance"):
        deploy(Order(STRATEGY, OLD.digest, "operator", again=True), changed)
    assert place.entering() == []
    (bot,) = place.road.seen()
    assert bot.says is not None, "it manages its exits under the configuration that they were entered with"
    assert "trades BTC on binance now, and the bot goes on in USDT on binance" in str(
        changed.state().of(STRATEGY).holds
    )

    stop((STRATEGY,), changed, "operator", "enough", exits=True)
    (bot,) = place.road.seen()
    assert bot.says is not None
    assert bot.says.open_trades == 0
    assert place.unexplained() == set()
    assert place.road.account is not None
    assert place.road.account.open_orders(place.road.environment.pairs) == ()
    assert place.road.ledger.entries()[-1].kind == "converged"
    assert Decimal(0) < place.road.account.free("USDT")


def test_a_warm_successor_takes_over_when_it_is_ready_and_one_that_cannot_start_costs_the_old_bot_nothing(
    place: Place,
) -> None:
    place.deploy(OLD)
    until(lambda: place.exchange.orders(place.account), lambda: "it never bought")
    (before,) = place.runtime.running()

    with pytest.raises(Undone, match="it went down"):
        deploy(Order(STRATEGY, SICK.digest, "operator", warm=True), place.road)
    assert place.entering() == [OLD.digest]
    assert [(bot.pid, bot.since) for bot in place.runtime.running()] == [(before.pid, before.since)]

    deploy(Order(STRATEGY, NEW.digest, "operator", warm=True), place.road)
    assert place.entering() == [NEW.digest]
    assert place.unexplained() == set()
    (after,) = place.runtime.running()
    assert f"bot: {READY}, which {before.spec.name} (process {before.pid}) holds" in place.runtime.logs(
        after.spec.name, 2000
    )
    (told,) = [e for e in place.road.ledger.entries() if e.kind == "deployed" and e.body["bundle"] == NEW.digest]
    assert float(str(told.body["down_seconds"])) > 0


@pytest.mark.parametrize(
    "step", ["stop_entries", "stop_safely", "start_paused", "prove", "reconcile", "release", "deployed"]
)
def test_the_verb_is_killed_and_the_next_one_finds_its_way(place: Place, step: str) -> None:
    """Each is a place where the device is in another state; the exchange is asked whether anything was lost or done twice."""
    place.deploy(OLD)
    until(lambda: place.exchange.orders(place.account), lambda: "it never bought")
    command = [
        sys.executable,
        "-m",
        "tests.journeys.ground",
        str(place.device),
        place.address,
        str(place.first_port),
        place.account,
        NEW.digest,
        step,
    ]
    killed = subprocess.run(command, cwd=ROOT, check=False, timeout=300, capture_output=True)
    assert killed.returncode == -9, killed.stderr.decode()[-2000:]
    converge(place.road, "timer")
    assert place.entering() in ([OLD.digest], [NEW.digest])
    assert len([bot for bot in place.road.seen() if bot.alive]) == 1
    assert place.unexplained() == set()
    assert place.road.state().of(STRATEGY).progress is None
    assert place.road.ledger.verify() == ()
