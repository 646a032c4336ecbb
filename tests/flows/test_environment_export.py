"""An environment leaves a device: nothing of it runs, nothing is lost, nothing starts again."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pipeline.domain.train.movements import Deploying, Purpose
from pipeline.domain.train.plan import Order
from pipeline.errors import FreqtrainError, Locked, Refused, ToolFailed, UsageError
from pipeline.flows.block import set_block
from pipeline.flows.converge import bring_back, planned
from pipeline.flows.deploy import deploy
from pipeline.flows.environment_export import Exported, export
from pipeline.flows.roll_back import roll_back
from pipeline.flows.stop import release, stop
from tests.domain.trading.samples import LIVE
from tests.flows.road_ground import NEW, OLD, STRATEGY, Crash, Device, running

ARCHIVE = "sha256:" + "c" * 64
OUT = Path("/nowhere/prod.tar")


@dataclass
class FakePacking:
    """Notices what runs while it packs."""

    device: Device
    fails: FreqtrainError | None = None
    there: bool = False
    packed: list[list[str]] = field(default_factory=list)
    handed_over: list[Path] = field(default_factory=list)

    def free(self, out: Path) -> None:
        if self.there:
            raise UsageError(f"{out} is there already")

    def pack(self, out: Path, needed: frozenset[str]) -> tuple[str, int]:
        if self.device.alive() or self.device.watches.up():
            self.device.violations.append("it was packed while something ran")
        if self.fails:
            raise self.fails
        assert needed == {OLD}
        self.packed.append(self.device.kinds())
        return ARCHIVE, 7

    def hand_over(self, out: Path) -> None:
        assert self.device.kinds()[-1] == "moved", "the ledger tells of it first"
        self.device.changing("hand over", lambda: self.handed_over.append(out))


def test_while_a_bot_or_its_watch_runs_it_stays(tmp_path: Path) -> None:
    device = running(tmp_path, LIVE)
    packing, before = FakePacking(device), device.kinds()
    with pytest.raises(Refused, match="sandbox-dip-a, the watch of 'sandbox' still runs"):
        export(device.road(), packing, OUT, "ada")
    assert (device.kinds(), device.entering(), packing.packed) == (before, [OLD], [])


def test_a_watch_that_a_person_runs_is_one_too(tmp_path: Path) -> None:
    device = running(tmp_path, LIVE)
    device.watched_by_hand = "watch by ada"
    with pytest.raises(Refused, match="watch by ada still runs"):
        export(device.road(), FakePacking(device), OUT, "ada", stop=True)
    device.watched_by_hand = ""
    bring_back(device.road(), "timer")
    assert device.entering() == [OLD]


def test_bots_end_in_order_before_it_is_packed_and_nothing_starts_afterwards(tmp_path: Path) -> None:
    device = running(tmp_path, LIVE, trades=2)
    packing = FakePacking(device)
    assert export(device.road(), packing, OUT, "ada", stop=True) == Exported(ARCHIVE, 7, (STRATEGY,))
    assert (device.alive(), device.watched(), device.violations) == ([], False, [])
    assert packing.packed[0][-1] == "moving"
    assert packing.handed_over == [OUT]
    assert device.open_trades == {STRATEGY: 2}, "nothing was sold"
    kinds = device.kinds()
    assert planned(device.road()) == ()
    for _ in range(2):
        bring_back(device.road(), "timer", again=True)
    assert (device.alive(), device.watched(), device.kinds()) == ([], False, kinds)


@pytest.mark.parametrize(
    "verb",
    [
        lambda road: deploy(Order(STRATEGY, NEW, "ada"), road),
        lambda road: roll_back(STRATEGY, road, "ada", "it lost"),
        lambda road: release((STRATEGY,), road, "ada", "go on"),
        lambda road: set_block(STRATEGY, OLD, road, "ada", "it lost"),
    ],
)
def test_no_verb_starts_or_changes_anything_of_what_left(tmp_path: Path, verb: object) -> None:
    device = running(tmp_path, LIVE)
    export(device.road(), FakePacking(device), OUT, "ada", stop=True)
    kinds = device.kinds()
    with pytest.raises(Refused, match=r"'sandbox' moved away in the archive cccccccccccc, by ada"):
        verb(device.road())  # type: ignore[operator]
    assert (device.alive(), device.kinds()) == ([], kinds)


def test_stop_says_nothing_against_it(tmp_path: Path) -> None:
    device = running(tmp_path, LIVE)
    export(device.road(), FakePacking(device), OUT, "ada", stop=True)
    stop((STRATEGY,), device.road(), "ada", "to be sure", exits=False)
    assert device.alive() == []


def test_what_cannot_be_packed_stays_and_converge_starts_it_again(tmp_path: Path) -> None:
    device = running(tmp_path, LIVE)
    with pytest.raises(ToolFailed, match="the disk is full"):
        export(device.road(), FakePacking(device, ToolFailed("the disk is full")), OUT, "ada", stop=True)
    assert (device.alive(), device.kinds()[-1]) == ([], "arrived")
    assert "`freqtrain converge sandbox` starts what should run" in device.narrator.lines[-1]
    bring_back(device.road(), "timer")
    assert (device.entering(), device.watched(), device.violations) == ([OLD], True, [])


def test_it_leaves_once_unless_the_archive_is_lost(tmp_path: Path) -> None:
    device = running(tmp_path, LIVE)
    export(device.road(), FakePacking(device), OUT, "ada", stop=True)
    with pytest.raises(Refused, match="moved away") as refused:
        export(device.road(), FakePacking(device), OUT, "ada")
    assert "--again" in refused.value.hint
    with pytest.raises(ToolFailed):
        export(device.road(), FakePacking(device, ToolFailed("no room")), OUT, "ada", again=True)
    assert device.kinds()[-1] == "moved", "it is still away"
    assert export(device.road(), FakePacking(device), OUT, "ada", again=True).archive == ARCHIVE


def test_a_deployment_that_was_interrupted_is_ended_first(tmp_path: Path) -> None:
    device = running(tmp_path, LIVE)
    device.road().record(Deploying("sandbox", STRATEGY, Purpose.DEPLOY, NEW, "b", (), "ada"))
    with pytest.raises(Refused, match="a deployment of dip was interrupted"):
        export(device.road(), FakePacking(device), OUT, "ada", stop=True)


def test_another_verb_or_a_file_in_the_way_keeps_it_here(tmp_path: Path) -> None:
    device = running(tmp_path, LIVE)
    kinds = device.kinds()
    with pytest.raises(UsageError):
        export(device.road(), FakePacking(device, there=True), OUT, "ada", stop=True)
    device.locked_by = "deploy"
    with pytest.raises(Locked):
        export(device.road(), FakePacking(device), OUT, "ada", stop=True)
    assert (device.kinds(), device.entering()) == (kinds, [OLD])


def test_wherever_the_verb_dies_nothing_starts_here_once_an_archive_may_be_complete(tmp_path: Path) -> None:
    number, moved = 0, False
    while not moved:
        number += 1
        device = running(tmp_path, LIVE)
        device.dies_at = (number, True)
        packing = FakePacking(device)
        try:
            export(device.road(), packing, OUT, "ada", stop=True)
            moved = True
        except Crash:
            pass
        device.dies_at = None
        bring_back(device.road(), "timer")
        kinds = device.kinds()
        if packing.packed:
            assert device.alive() == [], device.died_in
            assert not device.watched()
        elif "moving" not in kinds:
            assert device.entering() == [OLD], device.died_in
        assert device.violations == [], device.died_in
        if not packing.packed:
            again = FakePacking(device)
            export(device.road(), again, OUT, "ada", stop=True)
            assert (device.alive(), again.handed_over) == ([], [OUT]), device.died_in
    assert number > 5, "it has places to die at"


def test_where_nothing_was_ever_deployed_there_is_nothing_to_move(tmp_path: Path) -> None:
    device = Device(tmp_path, LIVE)
    with pytest.raises(UsageError, match="nothing was ever deployed"):
        export(device.road(), FakePacking(device), OUT, "ada", stop=True)
    assert device.kinds() == []
