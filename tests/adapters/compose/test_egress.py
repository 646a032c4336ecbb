"""What a bot in a container reaches outside, with the rules that docs/runtime.md gives for the device's firewall."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.adapters import bot_api
from pipeline.adapters.clock import SystemClock
from pipeline.adapters.compose.runtime import ComposeRuntime
from pipeline.domain.bot import BotSpec
from pipeline.errors import ToolFailed
from tests.adapters.compose.device import ContainerDevice, PortedBots
from tests.adapters.compose.engine import docker, real_image
from tests.adapters.compose.outside import HOME, INTERNET, RELAY, Outside, documented_rules, need_rights, outside
from tests.bot_ground import BUNDLE
from tests.bot_ground import Home as BotHome
from tests.runtime_contract import NAME, started, wait_for

pytestmark = [pytest.mark.processes, pytest.mark.sockets]

TRY = """
import json, socket, sys
found = {}
for place in sys.argv[1:]:
    host, _, port = place.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=4) as connection:
            found[place] = connection.recv(5).decode()
    except OSError:
        found[place] = ""
print(json.dumps(found))
"""
PRY = """
import socket, sys, time
heard, until = 0, time.monotonic() + 60
print("begun", flush=True)
while time.monotonic() < until:
    try:
        with socket.create_connection((sys.argv[1], 80), timeout=0.1):
            heard += 1
    except OSError:
        pass
    print(heard, flush=True)
"""
"""Tries the same over and over, and says each time how often it was let through."""

PLACES = [f"{host}:{port}" for host in (INTERNET, HOME) for port in (53, 80, 443)]
NEEDED = {f"{INTERNET}:53", f"{HOME}:53", f"{INTERNET}:443"}


@pytest.fixture
def world() -> Iterator[Outside]:
    need_rights()
    with outside() as made:
        yield made


def relay(world: Outside, exchange: int = 0) -> "subprocess.Popen[str]":
    process = world.start("-c", RELAY, INTERNET, HOME, str(exchange))
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def reached(container: str) -> set[str]:
    said = json.loads(docker("exec", container, "python3", "-I", "-c", TRY, *PLACES))
    return {place for place, heard in said.items() if heard == "hello"}


def test_a_bot_reaches_names_and_tls_outside_and_nothing_of_the_home(
    device: ContainerDevice, bots: PortedBots, world: Outside
) -> None:
    process = relay(world)
    try:
        started(device, bots.spec())
        container, bridge = device.container(NAME), device.layout.project("test").bridge
        assert reached(container) == set(PLACES), "nothing is limited where there are no rules"
        with documented_rules(bridge):
            assert reached(container) == NEEDED
        assert reached(container) == set(PLACES), "the rules are gone"
    finally:
        process.kill()
        process.communicate()


def test_these_rules_hold_also_while_docker_makes_networks(
    device: ContainerDevice, bots: PortedBots, world: Outside
) -> None:
    """For a moment each time, Docker takes the jump to DOCKER-USER out: rules that were there would hold nothing back."""
    process, other = relay(world), f"freqtrain-egress-{os.getpid()}"
    try:
        started(device, bots.spec())
        container, bridge = device.container(NAME), device.layout.project("test").bridge
        with documented_rules(bridge):
            prying = subprocess.Popen(
                ["docker", "exec", container, "python3", "-I", "-c", PRY, HOME], stdout=subprocess.PIPE, text=True
            )
            try:
                assert prying.stdout is not None
                assert prying.stdout.readline() == "begun\n"
                for _ in range(8):
                    docker("network", "create", other)
                    docker("network", "rm", other)
            finally:
                prying.kill()
                tried = [int(line) for line in prying.communicate()[0].splitlines() if line.strip()]
        assert len(tried) > 8, "it was tried all the while"
        assert tried[-1] == 0
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def bots_image() -> Iterator[str]:
    need_rights()
    tag = f"freqtrain-egress:{os.getpid()}"
    yield real_image(tag)
    docker("image", "rm", "--force", tag)


def test_a_real_bot_trades_behind_these_rules_on_an_exchange_outside(
    tmp_path: Path, world: Outside, bots_image: str
) -> None:
    exchange = world.start("-m", "pipeline.rehearsal.exchange")
    assert exchange.stdout is not None
    found = re.search(r":(\d+)$", exchange.stdout.readline().strip())
    assert found is not None
    process, device = relay(world, int(found[1])), ContainerDevice(tmp_path / "device", bots_image)
    home = BotHome(tmp_path / "bots", f"http://{INTERNET}:443")
    home.freqtrade = {"api_server": {**home._public()["api_server"], "listen_ip_address": "0.0.0.0"}}
    home.write()
    home.database.parent.mkdir(parents=True, exist_ok=True)
    device.runtime = ComposeRuntime(device.home, device.clock, bots_image)
    spec = BotSpec(home.name, "test", "eager", BUNDLE, str(home.path), home.port, stop_seconds=30.0)
    api = bot_api.of_home(home.path, home.port, SystemClock())

    def loops() -> bool:
        try:
            return api.health().last_loop_at is not None
        except ToolFailed:
            return False

    try:
        device.runtime.start(spec)
        with documented_rules(device.layout.project("test").bridge):
            wait_for(device, loops, seconds=240.0)
            api.start()  # it began paused, as every bot does
            wait_for(device, lambda: bool(api.open_trades()), seconds=240.0)
    except BaseException as error:
        error.add_note(device.runtime.logs(home.name, 60))
        raise
    finally:
        for one in (process, exchange):
            one.kill()
            one.communicate()
        device.end()
