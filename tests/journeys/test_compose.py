"""The road with bots in containers of a real Docker engine: they trade on the loopback exchange, and its own order log is the judge."""

import os
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.compose.runtime import ComposeRuntime
from pipeline.domain.bot import BotState
from pipeline.domain.train.decisions import Soaked
from pipeline.errors import Undone
from pipeline.flows.converge import converge
from pipeline.flows.roll_back import roll_back
from pipeline.flows.stop import stop
from pipeline.rehearsal.exchange import Account, RemoteControl
from tests.adapters.compose.engine import docker, need_engine, real_image
from tests.bot_ground import SECRET, until
from tests.journeys.compose_ground import road
from tests.journeys.ground import NEW, OLD, SICK, STRATEGY, Place
from tests.needs import ROOT
from tests.ports import free_port

pytestmark = [pytest.mark.processes, pytest.mark.sockets]


@pytest.fixture(scope="module")
def image() -> Iterator[str]:
    need_engine()
    tag = f"freqtrain-journeys:{os.getpid()}"
    yield real_image(tag)
    docker("image", "rm", "--force", tag)


@pytest.fixture
def place(tmp_path: Path, image: str, exchange_address: str, exchange: RemoteControl) -> Iterator[Place]:
    account = f"compose-{tmp_path.name[-20:]}"
    exchange.open_account(Account(account, f"key-of-{account}", SECRET, {"USDT": Decimal(10_000)}))
    device, port = tmp_path / "device", free_port(neighbours=3)
    own = road(image, device, exchange_address, port, account)
    try:
        yield Place(own, device, exchange_address, port, account, own.runtime, exchange)
    finally:
        ComposeRuntime(device, SystemClock(), image).shutdown()


def test_a_bundle_in_containers_is_deployed_replaced_taken_back_rolled_back_and_stopped(place: Place) -> None:
    place.deploy(OLD)
    assert place.entering() == [OLD.digest]
    until(lambda: place.exchange.orders(place.account), lambda: "it never bought")
    place.road.record(Soaked(place.road.environment.name, STRATEGY, OLD.digest, 30.0, 5))

    place.deploy(NEW)
    assert place.entering() == [NEW.digest]
    assert place.unexplained() == set()

    with pytest.raises(Undone, match="what ran before runs again"):
        place.deploy(SICK)
    assert place.entering() == [NEW.digest]

    assert "runs again" in roll_back(STRATEGY, place.road, "operator", "it lost")
    assert place.entering() == [OLD.digest]

    place.kill_everything()
    assert [bot.state for bot in place.runtime.running() if bot.spec.bundle == OLD.digest] == [BotState.DOWN]
    converge(place.road, "boot")
    assert place.entering() == [OLD.digest]
    assert place.unexplained() == set()

    stop((STRATEGY,), place.road, "operator", "enough", exits=True)
    assert place.entering() == []
    assert place.unexplained() == set()
    assert place.road.account is not None
    assert place.road.account.open_orders(place.road.environment.pairs) == ()


@pytest.mark.parametrize("step", ["stop_entries", "stop_safely", "start_paused", "prove", "reconcile", "release"])
def test_the_verb_is_killed_and_the_next_one_finds_its_way_with_containers(place: Place, step: str) -> None:
    """Each is a place where the device is in another state; the exchange is asked whether anything was lost or done twice."""
    image = docker("inspect", "--format", "{{.Id}}", f"freqtrain-journeys:{os.getpid()}").strip()
    place.deploy(OLD)
    until(lambda: place.exchange.orders(place.account), lambda: "it never bought")
    arguments = (image, str(place.device), place.address, str(place.first_port), place.account, NEW.digest, step, "{}")
    command = [sys.executable, "-m", "tests.journeys.compose_ground", *arguments]
    killed = subprocess.run(command, cwd=ROOT, check=False, timeout=300, capture_output=True)
    assert killed.returncode == -9, killed.stderr.decode()[-2000:]
    converge(place.road, "timer")
    assert place.entering() in ([OLD.digest], [NEW.digest])
    assert len([bot for bot in place.road.seen() if bot.alive]) == 1
    assert place.unexplained() == set()
    assert place.road.state().of(STRATEGY).progress is None
    assert place.road.ledger.verify() == ()
