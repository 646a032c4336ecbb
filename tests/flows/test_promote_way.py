"""`promote`, whichever way it was called: what is recorded, what is asked of GitHub, and where nothing is to be done."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from pipeline.domain.trading import Approval, Promotion
from pipeline.domain.train import promotion
from pipeline.domain.train.decisions import Promoted
from pipeline.errors import ExitCode, Refused, UsageError
from pipeline.flows.promote_decide import PromoteGround, Wish
from pipeline.flows.promote_way import Call, Way, called
from tests.domain.trading.samples import LIVE
from tests.flows.promote_ground import DIP, DIP_2, THIRD, TREND, TREND_1, Town
from tests.flows.road_ground import Device

RUN = 77
TAG = Wish("owner", tag="v2")
NOBODY_NAMED_IT = Wish("a-schedule")


@dataclass
class Hub:
    """GitHub, and how often a promotion began and ended with it."""

    seen: list[str] = field(default_factory=list)

    @contextmanager
    def __call__(self, ground: PromoteGround) -> Iterator[PromoteGround]:
        self.seen.append("begun")
        try:
            yield ground
        finally:
            self.seen.append("ended")


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """Dip has earned it; trend lacks time and trades. Both boarded before by the tag."""
    made = Town(Device(tmp_path, replace(LIVE, promotion=Promotion.AUTOMATIC)))
    made.tags.name("v2", THIRD)
    made.earn(DIP, DIP_2)
    made.earn(TREND, TREND_1, hours=3.0, trades=0)
    made.earned.append(Promoted(LIVE.after, DIP, DIP_2, "owner", "boards", source=f"tag v2 at {THIRD}"))
    return made


def decided(made: promotion.Promotion | promotion.Idle) -> dict[str, str]:
    assert isinstance(made, promotion.Promotion)
    return {seat.strategy: seat.decision.value for seat in made.boarding.seats}


@pytest.mark.parametrize(("wish", "by_itself"), [(TAG, False), (NOBODY_NAMED_IT, True)])
def test_a_name_and_what_boarded_last_before_go_the_same_way(town: Town, wish: Wish, by_itself: bool) -> None:
    plan = called(Call(wish, Way.PLAN, by_itself), town.ground())
    assert decided(plan) == {DIP: "boards", TREND: "stays"}
    assert (town.device.entries(), town.device.entering()) == ((), [])
    made = called(Call(wish, Way.BOARD, by_itself), town.ground())
    assert decided(made) == decided(plan)
    assert (made.code, town.device.entering()) == (ExitCode.DONE, [DIP_2])


def test_a_run_that_asks_records_what_it_asks_for_and_lets_nothing_board(town: Town) -> None:
    town.device.environment = replace(town.device.environment, approval=Approval(required=True))
    made = called(Call(replace(NOBODY_NAMED_IT, run=RUN), Way.ASK, by_itself=True), town.ground())
    assert isinstance(made, promotion.Promotion)
    assert made.question is not None
    assert (made.question.asked.run, made.question.asked.bundles) == (RUN, (DIP_2,))
    assert [entry.kind for entry in town.device.entries()] == ["asked"]
    assert town.device.entering() == []


@pytest.mark.parametrize("way", list(Way))
def test_where_a_person_promotes_nothing_is_done_and_github_is_not_asked(town: Town, way: Way) -> None:
    town.device.environment = LIVE
    hub = Hub()
    made = called(Call(replace(NOBODY_NAMED_IT, run=RUN), way, by_itself=True), town.ground(), hub)
    why = f"'{LIVE.name}' says promotion: manual, so a person lets bundles board"
    assert made == promotion.Idle(LIVE.name, why)
    assert (made.code, hub.seen, town.device.entries()) == (ExitCode.DONE, [], ())


def test_github_is_there_for_as_long_as_a_promotion_asks_it_and_whatever_comes_of_it(town: Town) -> None:
    hub = Hub()
    called(Call(TAG, Way.BOARD), town.ground(), hub)
    assert hub.seen == ["begun", "ended"]
    town.tags.name("v2", "1" * 40)
    with pytest.raises(Refused, match="tag v2 is dead"):
        called(Call(TAG, Way.BOARD), town.ground(), hub)
    assert hub.seen == ["begun", "ended"] * 2


def test_what_boards_by_itself_and_is_named_as_well_is_refused_before_github_is_asked(town: Town) -> None:
    hub = Hub()
    with pytest.raises(UsageError, match="named by nobody"):
        called(Call(TAG, Way.BOARD, by_itself=True), town.ground(), hub)
    assert hub.seen == []
