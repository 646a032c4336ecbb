"""Somebody watches what runs: the verbs that move bots start the watch, start it anew, leave it alone, and end it."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.domain.train.decisions import Retired
from pipeline.domain.train.plan import Order
from pipeline.errors import Refused, ToolFailed, Undone
from pipeline.flows.converge import bring_back
from pipeline.flows.deploy import deploy
from pipeline.flows.roll_back import roll_back
from pipeline.flows.stop import release, stop
from tests.domain.trading.samples import LIVE
from tests.flows.road_ground import NEW, OLD, STRATEGY, Device, running

ORDER = Order(STRATEGY, NEW, "operator")


def test_a_deployment_has_its_environment_watched_by_one_watch(tmp_path: Path) -> None:
    device = Device(tmp_path, LIVE)
    assert not device.watched()
    deploy(ORDER, device.road())
    assert device.watched()
    deploy(replace(ORDER, bundle=OLD), device.road())
    roll_back(STRATEGY, device.road(), "operator", "no soak yet")
    bring_back(device.road(), "timer")
    assert (device.watches.starts, len(device.watches.held)) == (1, 1)


def test_a_first_deployment_that_fails_leaves_no_watch_and_a_later_one_leaves_it(tmp_path: Path) -> None:
    device = Device(tmp_path)
    device.sick.add(NEW)
    with pytest.raises(Undone):
        deploy(ORDER, device.road())
    assert device.watches.held == {}
    deploy(replace(ORDER, bundle=OLD), device.road())
    with pytest.raises(Undone):
        deploy(ORDER, device.road())
    assert (device.watched(), device.entering()) == (True, [OLD])


def test_after_a_reboot_converging_brings_the_watch_back_and_before_the_bots(tmp_path: Path) -> None:
    device = running(tmp_path, LIVE)
    device.watches.lose_power()
    for process in device.processes.values():
        process.alive = process.reads_database = False
    device.sick.add(OLD)
    with pytest.raises(ToolFailed, match="not proved healthy"):
        bring_back(device.road(), "boot")
    assert device.watched(), "also where a bot does not come up"


def test_a_watch_that_gave_up_is_started_once_more_by_the_next_verb(tmp_path: Path) -> None:
    device = running(tmp_path)
    device.watches.end("test", 2, "it could not read the environment")
    assert not device.watched()
    bring_back(device.road(), "timer")
    assert device.watched()


def test_what_the_watch_reads_has_changed_and_it_begins_anew(tmp_path: Path) -> None:
    device = running(tmp_path)
    device.watch_reads = "with other brakes"
    bring_back(device.road(), "timer")
    assert (device.watches.starts, device.watches.held["test"].spec.configuration) == (2, "with other brakes")
    assert device.watched()


def test_a_watch_that_a_person_runs_is_left_alone(tmp_path: Path) -> None:
    device = Device(tmp_path, watched_by_hand="watch by anna (process 7)")
    deploy(ORDER, device.road())
    assert device.watches.held == {}
    assert "'test' is watched: watch by anna (process 7)" in device.narrator.lines


def test_the_verb_that_ends_the_last_bot_ends_the_watch(tmp_path: Path) -> None:
    device = running(tmp_path, trades=0)
    stop((STRATEGY,), device.road(), "operator", "", exits=True)
    assert device.watched(), "a stopped bot goes on, and is watched"
    release((STRATEGY,), device.road(), "operator", "enough of it")
    device.road().record(Retired("test", STRATEGY, OLD, "it was deleted", at_once=True))
    bring_back(device.road(), "timer")
    assert (device.alive(), device.watched()) == ([], False)
    bring_back(device.road(), "timer")
    assert device.watches.starts == 1


def test_what_runs_and_is_not_watched_is_told_as_a_failure_and_stays(tmp_path: Path) -> None:
    device = Device(tmp_path, LIVE, watch_reads="wrong")
    with pytest.raises(ToolFailed, match=r"nobody watches 'sandbox', so its live bots enter nothing: .*it cannot read"):
        deploy(ORDER, device.road())
    assert device.entering() == [NEW]
    device.speaks_against = ("there is no disk",)
    with pytest.raises(Refused, match="there is no disk"):
        deploy(replace(ORDER, bundle=OLD), device.road())
    assert any("nobody watches 'sandbox'" in line for line in device.narrator.lines), (
        "and not instead of the verb's own"
    )


def test_a_ledger_that_cannot_be_read_hides_no_bot_from_the_watch(tmp_path: Path) -> None:
    device = running(tmp_path)
    device.watches.lose_power()
    device.lines[0] = b"{}"
    with suppress(Refused):
        bring_back(device.road(), "timer")
    assert device.watched()
