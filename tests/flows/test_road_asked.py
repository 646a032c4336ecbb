"""Looking at an environment's bots: all at once, so that one that is slow does not keep the others waiting."""

from dataclasses import dataclass, replace
from pathlib import Path
from threading import Barrier, Event

from pipeline.domain.bot import BotSpec
from pipeline.domain.bot_report import BotIdentity
from tests.fakes import FakeClock
from tests.flows.road_ground import NEW, OLD, Device, FakeApi, FakeHomes, running

PATIENCE_SECONDS = 60.0


@dataclass
class Together(FakeApi):
    """A bot that tells who it is only once the others were asked as well."""

    all_asked: Barrier

    def identity(self) -> BotIdentity:
        self.all_asked.wait(PATIENCE_SECONDS)
        return super().identity()


@dataclass
class TogetherHomes(FakeHomes):
    """Homes of bots that answer together."""

    all_asked: Barrier

    def bot(self, spec: BotSpec) -> FakeApi:
        return Together(self.device, spec, self.all_asked)


def test_bots_are_asked_at_once_and_told_in_order(tmp_path: Path) -> None:
    device = Device(tmp_path)
    road = device.road()
    bundles = {"dip": OLD, "rise": NEW, "wave": OLD}
    for place, (strategy, bundle) in enumerate(bundles.items()):
        spec = road.homes.spec(strategy, "a", bundle, place)
        road.homes.prepare(spec, replace(road.bundles.get(bundle), digest=bundle), "it is not proved yet")
        road.runtime.start(spec)
    seen = replace(road, homes=TogetherHomes(device, Barrier(len(bundles)))).seen()
    assert [(bot.bot.spec.strategy, bot.says.bundle if bot.says else "") for bot in seen] == list(bundles.items())
    alone = replace(road, homes=TogetherHomes(device, Barrier(1))).seen("rise")
    assert [bot.bot.spec.strategy for bot in alone] == ["rise"], "nobody else was asked"


def test_while_a_bot_hangs_whoever_looks_on_is_told_that_time_passes(tmp_path: Path) -> None:
    device, heard = running(tmp_path), Event()

    class Clock(FakeClock):
        def sleep(self, seconds: float) -> None:
            heard.set()  # Only now the bot may answer.
            super().sleep(seconds)

    @dataclass
    class Hanging(FakeApi):
        def identity(self) -> BotIdentity:
            assert heard.wait(PATIENCE_SECONDS)
            return super().identity()

    class Homes(FakeHomes):
        def bot(self, spec: BotSpec) -> FakeApi:
            return Hanging(self.device, spec)

    (bot,) = replace(device.road(), homes=Homes(device), clock=Clock(device.clock.at)).seen()
    assert bot.says is not None
    assert heard.is_set()
