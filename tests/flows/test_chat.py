"""The one chat may ask how it stands and stop entries; nothing that is written there lets anything enter."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pipeline.domain.chat import Message
from pipeline.domain.train.decisions import EntriesStopped
from pipeline.domain.train.facts import recorded
from pipeline.errors import ToolFailed
from pipeline.flows.chat import ChatGround, answer
from pipeline.flows.road import Road
from tests.domain.trading.samples import DRY
from tests.flows.road_ground import OLD, STRATEGY, Device, running

NAME = DRY.name


def asked(device: Device, text: str, at: datetime | None = None, by: str = "ada") -> str:
    message = Message(1, "7", by, at or device.clock.now(), text)
    return answer(message, ChatGround(device.clock, device.road))


def stops(device: Device) -> list[EntriesStopped]:
    return [record.fact for record in recorded(device.entries()) if isinstance(record.fact, EntriesStopped)]


def test_the_status_is_short_and_says_what_enters(tmp_path: Path) -> None:
    device = running(tmp_path)
    first, line = asked(device, "/status").splitlines()
    assert first == f"{NAME}:"
    assert line.startswith(f"{STRATEGY}: {OLD.removeprefix('sha256:')[:12]} since ")
    assert line.endswith(", up, enters, 1 open trades")
    asked(device, "/stop")
    assert "does not enter (stop by telegram:ada" in asked(device, "/status")


@pytest.mark.parametrize("text", ["/stop", "/stop all", f"/stop {STRATEGY}", f"/stop@my_bot {STRATEGY}"])
def test_a_stop_ends_entries_leaves_exits_and_is_recorded_by_name(tmp_path: Path, text: str) -> None:
    device = running(tmp_path)
    told = asked(device, text)
    assert (device.entering(), device.alive(), device.open_trades[STRATEGY]) == ([], [OLD], 1)
    (fact,) = stops(device)
    assert (fact.strategy, fact.by, fact.exits) == (STRATEGY, "telegram:ada", False)
    assert told.startswith(f"Entries of {STRATEGY} in {NAME} are stopped, exits go on.")


def test_a_stop_waits_for_no_other_verb(tmp_path: Path) -> None:
    device = running(tmp_path)
    device.locked_by = "deploy of somebody"
    assert "are stopped" in asked(device, "/stop")
    assert device.entering() == []


def test_what_is_not_known_there_is_told(tmp_path: Path) -> None:
    device = running(tmp_path)
    told = asked(device, "/stop nosuch")
    assert told == f"Not all of it worked: nosuch: not in '{NAME}' (there are: {STRATEGY})"
    assert (device.entering(), stops(device)) == ([OLD], [])


@pytest.mark.parametrize(
    "text", ["/start", "/release dip", "/stop --release", "/deploy x", "/forceenter BTC/USDT", "hello"]
)
def test_nothing_else_does_anything(tmp_path: Path, text: str) -> None:
    device = running(tmp_path)
    asked(device, "/stop")
    before = device.kinds()
    asked(device, text)
    assert (device.entering(), device.kinds()) == ([], before)


def test_an_old_stop_does_not_undo_what_a_person_decided_since(tmp_path: Path) -> None:
    device = running(tmp_path)
    told = asked(device, "/stop", device.clock.now() - timedelta(minutes=30))
    assert "too long ago" in told
    assert (device.entering(), stops(device)) == ([OLD], [])


def test_a_device_that_cannot_be_asked_is_told_as_that(tmp_path: Path) -> None:
    device = running(tmp_path)

    def broken() -> Road:
        raise ToolFailed("supervisord does not answer", hint="look at it")

    message = Message(1, "7", "ada", device.clock.now(), "/status")
    assert (
        answer(message, ChatGround(device.clock, broken))
        == "Not all of it worked: supervisord does not answer (look at it)"
    )


def test_nothing_runs_where_nothing_was_deployed(tmp_path: Path) -> None:
    device = Device(tmp_path, DRY)
    assert asked(device, "/stop") == f"Nothing runs in {NAME}."
    assert asked(device, "/status") == f"{NAME}:\nNothing was deployed here."
