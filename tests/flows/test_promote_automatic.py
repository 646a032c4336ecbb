"""Promotion by itself: only where the environment says so, by what the one before boarded last, and by the same judgement as ever."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.domain.trading import Promotion
from pipeline.domain.train.decisions import Promoted
from pipeline.domain.train.facts import recorded
from pipeline.errors import Refused, UsageError
from pipeline.flows.promote import promote
from pipeline.flows.promote_automatic import automatic
from pipeline.flows.promote_decide import PromoteGround, Wish
from tests.domain.trading.samples import DRY, LIVE
from tests.flows.promote_ground import DIP, DIP_2, SECOND, THIRD, TREND, TREND_1, Town
from tests.flows.road_ground import Device

BY_ITSELF = replace(LIVE, promotion=Promotion.AUTOMATIC)
WISH = Wish("a-schedule")


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """Dip has earned it; trend lacks time and trades."""
    made = Town(Device(tmp_path, BY_ITSELF))
    made.tags.name("v1", SECOND)
    made.tags.name("v2", THIRD)
    made.earn(DIP, DIP_2)
    made.earn(TREND, TREND_1, hours=3.0, trades=0)
    before = LIVE.after
    made.earned += [
        Promoted(before, DIP, DIP_2, "owner", "boards", source=f"tag v1 at {SECOND}"),
        Promoted(before, TREND, TREND_1, "owner", "boards", source=f"tag v2 at {THIRD}"),
    ]
    return made


def test_what_boarded_last_before_is_named_and_each_strategy_still_has_to_have_earned_it(town: Town) -> None:
    ground = town.ground()
    wish = automatic(WISH, ground)
    assert wish == Wish("automatic", tag="v2")
    made = promote(wish, ground)
    assert {seat.strategy: seat.decision.value for seat in made.boarding.seats} == {DIP: "boards", TREND: "stays"}
    assert town.device.entering() == [DIP_2]
    (fact,) = [one.fact for one in recorded(town.device.entries()) if isinstance(one.fact, Promoted)]
    assert (fact.by, fact.source) == ("automatic", f"tag v2 at {THIRD}")


def test_a_commit_is_named_as_a_tag_is(town: Town) -> None:
    town.earned.append(Promoted(LIVE.after, DIP, DIP_2, "ci", "boards", source=f"commit {SECOND}"))
    assert automatic(WISH, town.ground()) == Wish("automatic", commit=SECOND)


def test_where_a_person_promotes_nothing_boards_by_itself(town: Town) -> None:
    town.device.environment = LIVE
    said = automatic(WISH, town.ground())
    assert said == f"'{LIVE.name}' says promotion: manual, so a person lets bundles board"


def test_where_nothing_boarded_before_there_is_nothing_to_do(tmp_path: Path) -> None:
    said = automatic(WISH, Town(Device(tmp_path, BY_ITSELF)).ground())
    assert said == f"nothing ever boarded in '{LIVE.after}', so nothing can have earned '{LIVE.name}'"


def test_a_tag_that_moved_since_is_refused_as_ever(town: Town) -> None:
    town.tags.name("v2", SECOND)
    ground = town.ground()
    wish = automatic(WISH, ground)
    assert isinstance(wish, Wish)
    with pytest.raises(Refused, match="tag v2 is dead"):
        promote(wish, ground)


def test_words_that_name_nothing_are_refused(town: Town) -> None:
    town.earned.append(Promoted(LIVE.after, DIP, DIP_2, "ci", "boards", source="by the wind"))
    with pytest.raises(Refused, match="by the wind"):
        automatic(WISH, town.ground())


@pytest.mark.parametrize("wish", [replace(WISH, tag="v1"), replace(WISH, commit=THIRD)])
def test_what_boards_by_itself_is_named_by_nobody(town: Town, wish: Wish) -> None:
    with pytest.raises(UsageError, match="named by nobody"):
        automatic(wish, town.ground())


def test_an_environment_that_boards_what_was_merged_asks_for_no_bots_before_it(town: Town) -> None:
    ground: PromoteGround = town.ground()
    dry = replace(ground, road=replace(ground.road, environment=replace(DRY, promotion=Promotion.AUTOMATIC)))
    with pytest.raises(UsageError, match="no bots run before"):
        automatic(WISH, dry)
