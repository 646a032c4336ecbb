"""What is left of a strategy of which nothing runs any more: its database and its logs, and no secret."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.domain.train.decisions import Retired
from pipeline.domain.train.plan import Order
from pipeline.errors import Undone
from pipeline.flows.converge import bring_back
from pipeline.flows.deploy import deploy
from pipeline.flows.road import Road
from tests.domain.trading.samples import LIVE
from tests.flows.road_ground import NEW, OLD, STRATEGY, Device, FakeProcesses, running


class Printing(FakeProcesses):
    """Bots that have printed something."""

    def logs(self, name: str, lines: int) -> str:
        return f"what {name} printed\n" if name in self.device.processes else ""


def road(device: Device) -> Road:
    return replace(device.road(), runtime=Printing(device))


def retired(device: Device) -> None:
    device.road().record(Retired(device.environment.name, STRATEGY, OLD, "it was deleted"))
    bring_back(road(device), "timer")


def test_the_homes_of_a_retired_strategy_go_with_its_last_trade(tmp_path: Path) -> None:
    device = running(tmp_path, LIVE, trades=1)
    retired(device)
    assert (device.alive(), len(device.homes)) == ([OLD], 1), "it still manages a trade"
    device.open_trades[STRATEGY] = 0
    bring_back(road(device), "timer")
    assert (device.alive(), device.homes) == ([], {})
    assert STRATEGY in device.databases
    assert device.logs == ["what sandbox-dip-a printed\n"]
    calls = device.calls
    bring_back(device.road(), "timer")
    assert device.calls == calls, "there is nothing more to remove"
    deploy(Order(STRATEGY, NEW, "operator"), device.road())
    assert (device.entering(), device.violations) == ([NEW], [])


def test_a_first_deployment_that_was_undone_leaves_no_home(tmp_path: Path) -> None:
    device = Device(tmp_path, LIVE, sick={NEW})
    with pytest.raises(Undone):
        deploy(Order(STRATEGY, NEW, "operator"), device.road())
    bring_back(device.road(), "timer")
    assert device.homes == {}


def test_a_strategy_that_runs_or_is_only_down_keeps_its_homes(tmp_path: Path) -> None:
    device = running(tmp_path, LIVE)
    for process in device.processes.values():
        process.alive = process.reads_database = False
    bring_back(device.road(), "boot")
    assert (device.entering(), len(device.homes)) == ([OLD], 1)
    deploy(Order(STRATEGY, NEW, "operator"), device.road())
    bring_back(device.road(), "timer")
    assert device.entering() == [NEW]
    assert NEW in device.homes.values()


def test_a_log_that_cannot_be_kept_keeps_nobody_from_going_on(tmp_path: Path) -> None:
    device = running(tmp_path, LIVE)
    device.full_disk = True
    deploy(Order(STRATEGY, NEW, "operator"), road(device))
    assert (device.entering(), device.logs) == ([NEW], [])
    told = [entry.body["note"] for entry in device.entries() if entry.body.get("note") == "the disk is full"]
    assert told != []
