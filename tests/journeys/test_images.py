"""The road across images, with real bots in containers: each bundle runs in the image that it was cut for, on the way forward and back."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.compose.layout import layout
from pipeline.adapters.compose.runtime import ComposeRuntime
from pipeline.domain.train.decisions import Soaked
from pipeline.domain.train.plan import Order
from pipeline.errors import Undone
from pipeline.flows.converge import converge
from pipeline.flows.deploy import deploy
from pipeline.flows.roll_back import roll_back
from pipeline.rehearsal.exchange import Account, RemoteControl
from tests.adapters.compose.engine import derived_image, docker, need_engine, real_image
from tests.bot_ground import SECRET
from tests.journeys.compose_ground import road
from tests.journeys.ground import NEW, OLD, SICK, STRATEGY, Place
from tests.needs import ROOT
from tests.ports import free_port

pytestmark = [pytest.mark.processes, pytest.mark.sockets]

NOWHERE = "sha256:" + "9" * 64


@pytest.fixture
def images() -> Iterator[tuple[str, str]]:
    """The image of this tree, and one that was made of it later."""
    need_engine()
    first, second = (f"freqtrain-images-{which}:{os.getpid()}" for which in ("first", "second"))
    image = real_image(first)
    yield image, derived_image(image, second)
    docker("image", "rm", "--force", second, first)


@pytest.fixture
def place(tmp_path: Path, images: tuple[str, str], exchange_address: str, exchange: RemoteControl) -> Iterator[Place]:
    account = f"images-{tmp_path.name[-20:]}"
    exchange.open_account(Account(account, f"key-of-{account}", SECRET, {"USDT": Decimal(10_000)}))
    device, port = tmp_path / "device", free_port(neighbours=3)
    own = road("", device, exchange_address, port, account, cut_for=cut_for(images))
    try:
        yield Place(own, device, exchange_address, port, account, own.runtime, exchange)
    finally:
        ComposeRuntime(device, SystemClock(), "").shutdown()


def cut_for(images: tuple[str, str]) -> dict[str, str]:
    """The old bundle was cut for the first image, the new one for the second, and another for one that is nowhere."""
    return {OLD.digest: images[0], NEW.digest: images[1], SICK.digest: NOWHERE}


def runs_in(place: Place) -> dict[str, str]:
    """The bundles that enter, each with the image of its container."""
    entering = place.entering()
    project = layout(place.device).project(place.road.environment.name)
    return {
        bot.spec.bundle: docker("inspect", "--format", "{{.Image}}", project.container(bot.spec.name)).strip()
        for bot in place.runtime.running()
        if bot.spec.bundle in entering
    }


def test_every_bundle_runs_in_the_image_that_it_was_cut_for_and_in_no_other(
    place: Place, images: tuple[str, str]
) -> None:
    first, second = images
    place.deploy(OLD)
    assert runs_in(place) == {OLD.digest: first}
    place.road.record(Soaked(place.road.environment.name, STRATEGY, OLD.digest, 30.0, 5))

    # The verb dies when the old bot has ended and the new one, of the other image, is about to be started.
    where = ("", str(place.device), place.address, str(place.first_port), place.account)
    argv = [sys.executable, "-m", "tests.journeys.compose_ground", *where, NEW.digest, "start_paused"]
    killed = subprocess.run(
        [*argv, json.dumps(cut_for(images))], cwd=ROOT, check=False, timeout=300, capture_output=True
    )
    assert killed.returncode == -9, killed.stderr.decode()[-2000:]
    converge(place.road, "timer")
    assert runs_in(place) == {OLD.digest: first}

    deploy(Order(STRATEGY, NEW.digest, "operator", warm=True), place.road)
    assert runs_in(place) == {NEW.digest: second}

    with pytest.raises(Undone, match=f"cut for the image {NOWHERE}, which is not on this device") as refused:
        place.deploy(SICK)
    assert "docker pull" in refused.value.hint
    assert runs_in(place) == {NEW.digest: second}

    assert "runs again" in roll_back(STRATEGY, place.road, "operator", "it lost")
    assert runs_in(place) == {OLD.digest: first}

    place.kill_everything()
    converge(place.road, "boot")
    assert runs_in(place) == {OLD.digest: first}
    assert place.unexplained() == set()
    assert place.road.ledger.verify() == ()
