"""The verb dies at every place there is: whoever comes next finds out what runs, and brings it to what should run."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.domain.account_report import AccountOrder
from pipeline.domain.train.catalogue import all_steps
from pipeline.domain.train.decisions import Retired
from pipeline.domain.train.movements import TradePolicy
from pipeline.domain.train.plan import Order
from pipeline.domain.train.steps import StepKind
from pipeline.errors import FreqtrainError, ToolFailed
from pipeline.flows.block import set_block
from pipeline.flows.converge import bring_back, converge
from pipeline.flows.deploy import deploy
from pipeline.flows.roll_back import roll_back
from pipeline.flows.stop import stop
from tests.domain.trading.samples import DRY, LIVE
from tests.flows.road_ground import NEW, OLD, STRATEGY, Crash, Device, running

ORDER = Order(STRATEGY, NEW, "operator")
MOST_CALLS = 200


@dataclass(frozen=True)
class Journey:
    """Something that a verb does on a device, and what may run after it died and somebody converged."""

    name: str
    begin: Callable[[Path], Device]
    verb: Callable[[Device], object]
    entering: tuple[tuple[str, ...], ...]


def rolled_back(device: Device) -> None:
    roll_back(STRATEGY, device.road(), "operator", "it lost")


def sick(device: Device) -> None:
    device.sick.add(NEW)
    deploy(ORDER, device.road())


def new_runs(tmp_path: Path) -> Device:
    """The new bundle runs, and the old one is known to be good."""
    device = running(tmp_path, LIVE)
    deploy(ORDER, device.road())
    device.calls = 0
    return device


def live(tmp_path: Path) -> Device:
    return running(tmp_path, LIVE)


def retires(device: Device) -> None:
    device.road().record(Retired("sandbox", STRATEGY, OLD, "it was deleted", at_once=True))
    bring_back(device.road(), "operator")


def doubtful(tmp_path: Path) -> Device:
    """The bot does not know what became of an order, and an older one waits that no database knows."""
    device = live(tmp_path)
    now = device.clock.now()
    device.doubt = ("an order was sent", now - timedelta(minutes=5))
    one = Decimal(1)
    device.orders.append(AccountOrder("lost", "", "BTC/USDT", "buy", one, one, one, now - timedelta(minutes=5)))
    return device


EITHER = ((OLD,), (NEW,))
JOURNEYS = (
    Journey("first", lambda folder: Device(folder, DRY), lambda d: deploy(ORDER, d.road()), ((), (NEW,))),
    Journey("carry", live, lambda d: deploy(ORDER, d.road()), EITHER),
    Journey("warm", live, lambda d: deploy(replace(ORDER, warm=True), d.road()), EITHER),
    Journey("exit", live, lambda d: deploy(replace(ORDER, trades=TradePolicy.EXIT), d.road()), EITHER),
    Journey("drain", live, lambda d: deploy(replace(ORDER, trades=TradePolicy.DRAIN), d.road()), ((OLD,), (NEW,), ())),
    Journey("never healthy", live, sick, ((OLD,),)),
    Journey("roll back", new_runs, rolled_back, ((OLD,), (NEW,), ())),  # blocked, and not yet back
    Journey("stop", live, lambda d: stop((STRATEGY,), d.road(), "operator", "why not", exits=False), ((OLD,), ())),
    Journey("doubt", doubtful, lambda d: deploy(ORDER, d.road()), EITHER),
    Journey("retire", live, retires, ((OLD,), ())),
    Journey("block", live, lambda d: set_block(STRATEGY, "", d.road(), "operator", "it lost"), ((OLD,), ())),
    Journey("stop and sell", live, lambda d: stop((STRATEGY,), d.road(), "operator", "", exits=True), ((OLD,), ())),
)


def journey(one: Journey, folder: Path, dies_at: tuple[int, bool]) -> Device:
    """The verb up to where it dies, or its end; then somebody converges."""
    folder.mkdir()
    device = one.begin(folder)
    device.calls, device.dies_at = 0, dies_at
    try:
        one.verb(device)
    except Crash:
        pass
    except FreqtrainError:
        assert one.name == "never healthy"
    device.dies_at = None
    return device


def failures(does: Callable[[], None]) -> str:
    try:
        does()
    except ToolFailed as error:
        return error.message
    return ""


@pytest.mark.parametrize("one", JOURNEYS, ids=lambda one: one.name)
def test_wherever_the_verb_dies_the_next_one_finds_its_way(one: Journey, tmp_path: Path) -> None:
    number = 0
    while True:
        number += 1
        assert number < MOST_CALLS
        for takes_effect in (False, True):
            device = journey(one, tmp_path / f"{number}-{takes_effect}", (number, takes_effect))
            where = f"{one.name} died at call {number} ({device.died_in}), {'after' if takes_effect else 'before'} it"
            assert device.violations == [], where
            told = failures(lambda: bring_back(device.road(), "timer"))  # noqa: B023
            # Forward may be tried first, where only the sick one is up.
            assert not told or (one.name == "never healthy" and "what ran before runs again" in told), where
            assert device.violations == [], where
            assert tuple(device.entering()) in one.entering, where
            assert len(device.alive()) <= 1, where
            assert device.road().ledger.verify() == (), where
            state = device.road().state().of(STRATEGY)
            assert state.progress is None, where
            assert device.watched() == bool(device.alive()), where
            assert bool(device.homes) == bool(device.alive()), where
            calls = device.calls
            bring_back(device.road(), "timer")
            assert device.calls == calls, f"{where}: a second look finds nothing to do"
        if not device.died_in:
            return


def test_the_whole_device_loses_power_in_the_middle_and_comes_back(tmp_path: Path) -> None:
    number = 0
    while True:
        number += 1
        device = journey(JOURNEYS[1], tmp_path / str(number), (number, True))
        for process in device.processes.values():
            process.alive = process.reads_database = False
        converge(device.road(), "boot")
        assert device.violations == []
        assert tuple(device.entering()) in EITHER, device.died_in
        if not device.died_in:
            return


def test_converge_itself_dies_and_the_next_one_goes_on(tmp_path: Path) -> None:
    for number in range(1, MOST_CALLS):
        for second in (1, 3, 6, 9):
            device = journey(JOURNEYS[1], tmp_path / f"{number}-{second}", (number, True))
            if not device.died_in:
                return
            device.calls, device.dies_at = 0, (second, True)
            try:
                converge(device.road(), "timer")
            except Crash:
                device.dies_at = None
                converge(device.road(), "timer")
            assert device.violations == []
            assert tuple(device.entering()) in EITHER, f"died at {number}, then at {second}"


def test_every_kind_of_step_is_died_in(tmp_path: Path) -> None:
    """A step without a case fails here."""
    died: set[str] = set()
    for at, one in enumerate(JOURNEYS):
        number = 0
        while True:
            number += 1
            device = journey(one, tmp_path / f"{at}-{number}", (number, False))
            if not device.died_in:
                break
            died.add(device.died_in.removeprefix("ledger: "))
    wanted = {f"step_began {kind.value}" for kind in StepKind if kind is not StepKind.RECORD}
    wanted -= {f"step_began {StepKind.ADOPT_DATABASE.value}"}  # tried with real databases
    assert wanted <= died, sorted(wanted - died)
    assert {point.kind for point in all_steps()} == set(StepKind)
