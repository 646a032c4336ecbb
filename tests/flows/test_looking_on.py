"""A verb of the watch that hangs blinds nobody: whatever it waits for, another bot's brake is acted on meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from threading import Event
from typing import Any, cast

import pytest

from pipeline.domain.bot import BotSpec
from pipeline.domain.bot_report import Profit
from pipeline.domain.train.plan import Order
from pipeline.errors import ToolFailed
from pipeline.flows.deploy import deploy
from pipeline.flows.looking_on import looking_on
from pipeline.flows.road import Road
from pipeline.flows.watch import Watching
from tests.flows.road_ground import NEW, OLD
from tests.flows.test_watch_together import OTHER, WAVE, Waves
from tests.flows.watch_ground import ROLLS_BACK, Bank, BankApi, BankHomes, bot_name, with_new

BAD, SECOND = bot_name(slot="b"), f"{ROLLS_BACK.name}-{OTHER}-a"
LOST = Decimal(-20)


LOSES: set[str] = set()
"""The names of the bots that lose."""

IN_VAIN: list[str] = []
"""What hung to its end."""


class Hanging:
    """Something of a port; one of its calls comes to an end only once something has come about, or fails after a long while."""

    def __init__(self, real: object, call: str, until: Callable[[], bool]) -> None:
        self._real, self._call, self._until = real, call, until

    def __getattr__(self, name: str) -> Any:
        return self._hangs if name == self._call else getattr(self._real, name)

    def _hangs(self, *arguments: object) -> Any:
        for _ in range(2000):
            if self._until():
                return getattr(self._real, self._call)(*arguments)
            Event().wait(0.01)
        IN_VAIN.append(self._call)
        raise ToolFailed("no answer in time")


@dataclass
class OwnMoney(BankHomes):
    """Homes of bots that lose each for itself; `hangs` is asked what becomes of the bad one's API."""

    hangs: Callable[[BankApi], BankApi] = lambda api: api

    def bot(self, spec: BotSpec) -> BankApi:
        api = LosingApi(self.device, spec)
        return self.hangs(api) if spec.name == BAD else api


@dataclass
class LosingApi(BankApi):
    def profit(self) -> Profit:
        self.process()
        floating = LOST if self.spec.name in LOSES else Decimal(0)
        return Profit(Decimal(0), floating, 0, 0)


def hanging(where: str, device: Bank, until: Callable[[], bool]) -> Road:
    """The road of a device on which that hangs."""
    road = device.post().road
    if where == "bot":
        homes = OwnMoney(device, hangs=lambda api: cast(BankApi, Hanging(api, "stop", until)))
        return replace(road, homes=homes)
    road = replace(road, homes=OwnMoney(device))
    if where == "runtime":
        return replace(road, runtime=cast(Any, Hanging(road.runtime, "stop", until)))
    return replace(road, account=cast(Any, Hanging(road.account, "open_orders", until)))


@pytest.mark.parametrize("where", ["bot", "runtime", "account"])
def test_what_a_roll_back_waits_for_keeps_no_brake_of_another_bot_waiting(tmp_path: Path, where: str) -> None:
    device = with_new(tmp_path)
    deploy(Order(OTHER, WAVE, "operator"), replace(device.road(), bundles=Waves()))
    LOSES.clear()
    IN_VAIN.clear()
    told: list[str] = []

    def until() -> bool:
        """Once the roll-back has begun, the other bot loses as well; what hangs, hangs until its entries are stopped."""
        if device.count("blocked"):
            LOSES.add(SECOND)
            device.wait(0.5)
        if held := SECOND in device.holds:
            told.append("held")
        return held

    once = Watching(replace(device.post(), road=hanging(where, device, until), patience_seconds=0.02))
    once.round()
    device.wait(10)
    LOSES.add(BAD)
    for _ in range(20):
        once.round()
        if OLD in device.alive():
            break
        device.wait(10)
    once.close()
    assert (IN_VAIN, bool(told)) == ([], True), "it hung until the other bot's entries were stopped, and no longer"
    assert (OLD in device.entering(), NEW in device.road().state().blocks, device.violations) == (True, True, [])


def test_what_a_call_raises_or_answers_is_what_the_verb_gets(tmp_path: Path) -> None:
    device = with_new(tmp_path)
    road = device.post().road
    beside = looking_on(road, lambda: None, 10.0)
    assert beside.runtime.running() == road.runtime.running()
    assert beside.homes.held(road.runtime.running()[0].spec) == ""
    device.silent.add(BAD)
    spec = next(bot.spec for bot in road.runtime.running() if bot.spec.name == BAD)
    with pytest.raises(ToolFailed):
        beside.homes.bot(spec).identity()
