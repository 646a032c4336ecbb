"""A verb of the watch that hangs blinds nobody: whatever it waits for, another bot's brake is acted on meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
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


@dataclass
class Trouble:
    """Who loses, and what hangs until something has come about; or fails after a long while, which is noted."""

    until: Callable[[], bool] = lambda: True
    losing: set[str] = field(default_factory=set)
    in_vain: list[str] = field(default_factory=list)

    def hangs(self, real: object, call: str) -> Any:
        """The same thing of a port, one of whose calls hangs."""
        return Hanging(real, call, self)


class Hanging:
    def __init__(self, real: object, call: str, trouble: Trouble) -> None:
        self._real, self._call, self._trouble = real, call, trouble

    def __getattr__(self, name: str) -> Any:
        return self._hangs if name == self._call else getattr(self._real, name)

    def _hangs(self, *arguments: object) -> Any:
        for _ in range(2000):
            if self._trouble.until():
                return getattr(self._real, self._call)(*arguments)
            Event().wait(0.01)
        self._trouble.in_vain.append(self._call)
        raise ToolFailed("no answer in time")


@dataclass
class OwnMoney(BankHomes):
    """Homes of bots that lose each for itself; the bad one's API hangs in the call that is named."""

    trouble: Trouble = field(default_factory=Trouble)
    hangs: str = ""

    def bot(self, spec: BotSpec) -> BankApi:
        api = LosingApi(self.device, spec, self.trouble.losing)
        return cast(BankApi, self.trouble.hangs(api, self.hangs)) if spec.name == BAD and self.hangs else api


@dataclass
class LosingApi(BankApi):
    losing: set[str] = field(default_factory=set)

    def profit(self) -> Profit:
        self.process()
        return Profit(Decimal(0), LOST if self.spec.name in self.losing else Decimal(0), 0, 0)


def hanging(where: str, device: Bank, trouble: Trouble) -> Road:
    """The road of a device on which that hangs."""
    road = device.post().road
    own = replace(road, homes=OwnMoney(device, trouble=trouble, hangs="stop" if where == "bot" else ""))
    if where == "runtime":
        return replace(own, runtime=trouble.hangs(road.runtime, "stop"))
    if where == "account":
        return replace(own, account=trouble.hangs(road.account, "open_orders"))
    return replace(own, preflight=trouble.hangs(road, "preflight").preflight) if where == "preflight" else own


@pytest.mark.parametrize("where", ["bot", "runtime", "account", "preflight"])
def test_what_a_roll_back_waits_for_keeps_no_brake_of_another_bot_waiting(tmp_path: Path, where: str) -> None:
    device = with_new(tmp_path)
    deploy(Order(OTHER, WAVE, "operator"), replace(device.road(), bundles=Waves()))
    told: list[str] = []

    def until() -> bool:
        """Once the roll-back has begun, the other bot loses as well; what hangs, hangs until its entries are stopped."""
        if device.count("blocked"):
            trouble.losing.add(SECOND)
            device.wait(0.5)
        if held := SECOND in device.holds:
            told.append("held")
        return held

    trouble = Trouble(until)
    once = Watching(replace(device.post(), road=hanging(where, device, trouble), patience_seconds=0.02))
    once.round()
    device.wait(10)
    trouble.losing.add(BAD)
    for _ in range(20):
        once.round()
        if OLD in device.alive():
            break
        device.wait(10)
    once.close()
    assert (trouble.in_vain, bool(told)) == ([], True), (
        "it hung until the other bot's entries were stopped, and no longer"
    )
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
