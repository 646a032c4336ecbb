"""Promotion: who earned it boards, the others stay with what they lack, and nothing is recorded where anything is refused."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.domain.policy import Scope, Span, Threshold
from pipeline.domain.trading import Boarding, OpenTrades
from pipeline.domain.trading.freeze import Freeze, WallTimeSpan
from pipeline.domain.train.decisions import Blocked, Braked, Promoted
from pipeline.domain.train.facts import recorded
from pipeline.domain.train.plan import Order
from pipeline.domain.train.promotion import Promotion
from pipeline.errors import ExitCode, Locked, Refused, UsageError
from pipeline.flows.converge import converge
from pipeline.flows.deploy import deploy
from pipeline.flows.promote import planned, promote
from pipeline.flows.promote_decide import Before, Wish, before_of
from tests.domain.trading.samples import DRY, LIVE
from tests.flows.fake_notices import FakeNotices
from tests.flows.promote_ground import ASTRAY, DIP, DIP_1, DIP_2, FIRST, SECOND, THIRD, TREND, TREND_1, Town, stored
from tests.flows.road_ground import Crash, Device

TAG = Wish("owner", tag="v1")


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """Dip has earned it; trend lacks time and trades."""
    made = Town(Device(tmp_path, LIVE))
    made.tags.name("v1", THIRD)
    made.earn(DIP, DIP_2)
    made.earn(TREND, TREND_1, hours=3.0, trades=0)
    return made


def decisions(promotion: Promotion) -> dict[str, str]:
    return {seat.strategy: seat.decision.value for seat in promotion.boarding.seats}


def reason(promotion: Promotion, strategy: str) -> str:
    return next(seat.reason for seat in promotion.boarding.seats if seat.strategy == strategy)


def promotions(town: Town) -> list[Promoted]:
    return [record.fact for record in recorded(town.device.entries()) if isinstance(record.fact, Promoted)]


def test_who_earned_it_boards_and_the_other_stays_with_what_it_lacks(town: Town) -> None:
    made = promote(TAG, town.ground())
    assert decisions(made) == {DIP: "boards", TREND: "stays"}
    assert reason(made, TREND) == "3 of 24 hours healthy; 0 of 1 closed trades"
    assert (made.code, town.device.entering(), town.device.violations) == (ExitCode.DONE, [DIP_2], [])
    (fact,) = promotions(town)
    assert (fact.strategy, fact.bundle, fact.by, fact.overridden) == (DIP, DIP_2, "owner", "")
    assert fact.source == f"tag v1 at {THIRD}"
    assert town.device.kinds() == ["promoted", "deploying", "deployed"]


def test_a_plan_says_the_same_and_records_nothing(town: Town) -> None:
    made = planned(TAG, town.ground())
    assert decisions(made) == {DIP: "boards", TREND: "stays"}
    assert (made.code, town.device.kinds(), town.device.calls) == (ExitCode.DONE, [], 0)


def test_a_commit_boards_as_a_tag_does(town: Town) -> None:
    promote(Wish("owner", commit=THIRD), town.ground())
    assert [fact.source for fact in promotions(town)] == [f"commit {THIRD}"]


def test_what_is_decided_can_be_deployed_by_somebody_else(town: Town) -> None:
    made = promote(replace(TAG, deploy=False), town.ground())
    assert (made.attempts, town.device.kinds(), town.device.alive()) == ((), ["promoted"], [])


def test_what_runs_already_is_not_promoted_again(town: Town) -> None:
    promote(TAG, town.ground())
    again = promote(TAG, town.ground())
    assert decisions(again)[DIP] == "already there"
    assert len(promotions(town)) == 1


def test_a_reason_in_the_tag_boards_one_anyway_and_is_recorded(town: Town) -> None:
    town.tags.name("v1", THIRD, "Version 1\n\nBoard: trend it is a fix of the stop\n")
    made = promote(TAG, town.ground())
    assert decisions(made) == {DIP: "boards", TREND: "boards anyway"}
    assert {fact.strategy: fact.overridden for fact in promotions(town)} == {DIP: "", TREND: "it is a fix of the stop"}
    assert set(town.device.entering()) == {DIP_2, TREND_1}


@pytest.mark.parametrize("line", ["Board: trend", "board: trend for fun", "Board: trand for fun"])
def test_a_line_that_boards_nobody_is_refused_before_anything_is_recorded(town: Town, line: str) -> None:
    town.tags.name("v1", THIRD, line)
    with pytest.raises(Refused, match="tag's message"):
        promote(TAG, town.ground())
    assert town.device.kinds() == []


def test_a_tag_that_moved_is_dead(town: Town) -> None:
    promote(TAG, town.ground())
    before = town.device.kinds()
    town.tags.name("v1", SECOND)
    with pytest.raises(Refused, match="tag v1 is dead: it named 333333333333 when it was first used"):
        promote(TAG, town.ground())
    assert town.device.kinds() == before


def test_a_job_that_comes_late_brings_nothing_older_back_and_a_person_may(town: Town) -> None:
    promote(replace(TAG, in_order=True), town.ground())
    town.earn(DIP, DIP_1)
    town.tags.name("v0", FIRST)
    before, late = town.device.kinds(), Wish("owner", tag="v0", in_order=True)
    for verb in (promote, planned):
        with pytest.raises(Refused, match=f"tag v0 at {FIRST} comes before tag v1 at {THIRD}, which boarded already"):
            verb(late, town.ground())
    assert town.device.kinds() == before
    assert decisions(promote(replace(late, in_order=False), town.ground()))[DIP] == "boards"


def test_the_same_tag_again_and_one_that_is_later_come_in_order(town: Town) -> None:
    town.tags.name("v0", SECOND)
    for name in ("v0", "v0", "v1", "v1"):
        assert promote(Wish("owner", tag=name, in_order=True), town.ground()).code is ExitCode.DONE


def test_a_tag_that_moved_since_it_boarded_elsewhere_is_dead_too(town: Town) -> None:
    promote(TAG, town.ground())
    prod = Town(Device(town.device.root, replace(LIVE, name="prod", after="sandbox")))
    prod.tags.name("v1", SECOND)
    ground = replace(prod.ground(), before=before_of(town.device.entries(), "sandbox"))
    with pytest.raises(Refused, match="is dead"):
        promote(TAG, ground)
    assert prod.device.kinds() == []


def test_what_is_not_on_main_boards_nowhere(town: Town) -> None:
    town.tags.name("v1", ASTRAY)
    for wish in (TAG, Wish("owner", commit=ASTRAY)):
        with pytest.raises(Refused, match="is not on the protected main"):
            promote(wish, town.ground())
    assert town.device.kinds() == []


def test_a_blocked_bundle_stays_whatever_anybody_says(town: Town) -> None:
    town.tags.name("v1", THIRD, "Board: dip now\n")
    town.earned.append(Blocked("test", DIP, DIP_2, "operator", "it lost"))
    made = promote(TAG, town.ground())
    assert decisions(made)[DIP] == "blocked"
    assert "operator" in reason(made, DIP)
    assert promotions(town) == []


def test_a_block_of_the_target_counts_as_well(town: Town) -> None:
    town.device.road().record(Blocked("sandbox", DIP, DIP_2, "operator", "it lost"))
    assert decisions(promote(TAG, town.ground()))[DIP] == "blocked"


def test_nothing_boards_in_a_freeze(town: Town) -> None:
    town.tags.name("v1", THIRD, "Board: trend now\n")
    town.device.environment = replace(LIVE, freeze=Freeze(windows=(WallTimeSpan("holidays", 0, 7 * 24 * 60 - 1),)))
    made = promote(TAG, town.ground())
    assert decisions(made) == {DIP: "frozen", TREND: "frozen"}
    assert reason(made, DIP).startswith("'holidays' until 2026-01-0")
    assert town.device.kinds() == []


def test_a_bundle_whose_entries_are_held_where_it_ran_does_not_board(town: Town) -> None:
    town.earned.append(Braked("test", DIP, DIP_2, "drawdown_max_ratio", "lost 12 %"))
    made = promote(TAG, town.ground())
    assert decisions(made)[DIP] == "stays"
    assert "its entries are held there: brake" in reason(made, DIP)


def test_one_that_only_just_runs_in_the_environment_before_showed_nothing_yet(town: Town) -> None:
    town.earned.clear()
    town.earn(DIP, DIP_2)
    town.earned.pop()
    assert reason(promote(TAG, town.ground()), DIP) == "0 of 24 hours healthy; 0 of 1 closed trades"


def test_one_that_never_ran_in_the_environment_before_stays(town: Town) -> None:
    town.earned.clear()
    assert reason(promote(TAG, town.ground()), DIP) == "it never ran in the environment before"


def test_without_the_ledger_of_the_environment_before_nothing_is_decided(town: Town) -> None:
    for before in (Before(), Before(replace(town.ground().before.state, environment="prod"))):  # type: ignore[type-var]
        with pytest.raises(Refused, match="nothing is known of that"):
            promote(TAG, replace(town.ground(), before=before))


def test_where_the_environment_before_only_judges_every_bundle_boards(tmp_path: Path) -> None:
    town = Town(Device(tmp_path, DRY))
    made = promote(Wish("ci", commit=THIRD), town.ground())
    assert decisions(made) == {DIP: "boards", TREND: "boards"}
    assert set(town.device.entering()) == {DIP_2, TREND_1}


def test_a_threshold_that_nobody_measured_keeps_a_bundle(town: Town) -> None:
    profit = Threshold("profit_factor", Scope(Span.ALL_TOGETHER), at_least=1.1)
    town.device.environment = replace(LIVE, boarding=Boarding(24.0, 1, (profit,)))
    assert decisions(promote(TAG, town.ground()))[DIP] == "stays"


def test_simulated_evidence_trades_no_real_money_but_in_a_rehearsal(town: Town) -> None:
    town.tags.name("v1", THIRD, "Board: dip now\n")
    town.bundles.kept[DIP_2] = stored(DIP_2, DIP, 2, SECOND, simulated=True)
    made = planned(TAG, town.ground())
    assert decisions(made)[DIP] == "stays"
    assert "simulated" in reason(made, DIP)
    ground = town.ground()
    rehearsed = planned(TAG, replace(ground, road=replace(ground.road, rehearsal=True)))
    assert decisions(rehearsed)[DIP] == "boards"


@pytest.mark.parametrize(
    "kept",
    [
        stored(DIP_2, DIP, 2, ASTRAY),
        stored(DIP_2, DIP, 2, THIRD, uncommitted=True),
        stored(DIP_2, DIP, 1, SECOND),
        replace(stored(DIP_2, DIP, 2, SECOND), bundle=replace(stored(DIP_2, DIP, 2, SECOND).bundle, strategy=TREND)),
        stored(DIP_2, DIP, 2, FIRST),
    ],
    ids=["from elsewhere", "uncommitted", "other files", "another strategy", "a commit that holds other files"],
)
def test_a_bundle_counts_only_if_it_was_cut_from_what_is_there(town: Town, kept: object) -> None:
    town.bundles.kept[DIP_2] = kept  # type: ignore[assignment]
    assert reason(planned(TAG, town.ground()), DIP) == "no bundle was cut from it"


def test_of_two_bundles_of_the_same_files_the_one_of_the_commit_counts_and_then_the_latest(town: Town) -> None:
    other = "sha256:" + "9" * 64
    town.bundles.kept[other] = stored(other, DIP, 2, SECOND, SECOND)
    assert planned(TAG, town.ground()).boarding.seats[0].bundle == other
    town.bundles.kept[DIP_2] = stored(DIP_2, DIP, 2, THIRD)
    assert planned(TAG, town.ground()).boarding.seats[0].bundle == DIP_2


def test_a_damaged_bundle_boards_nowhere_and_keeps_no_other(town: Town) -> None:
    town.bundles.damaged.add(TREND_1)
    made = promote(TAG, town.ground())
    assert decisions(made) == {DIP: "boards", TREND: "stays"}
    assert any("damaged" in line for line in town.device.narrator.lines)


def deleted(town: Town) -> None:
    """Dip runs with one open trade, and main has it no more."""
    deploy(Order(DIP, DIP_2, "owner"), town.ground().road)
    town.device.open_trades[DIP] = 1
    del town.tags.versions[THIRD][DIP]


def test_a_deleted_strategy_retires_where_money_is_real(town: Town) -> None:
    deleted(town)
    made = promote(TAG, town.ground())
    assert decisions(made)[DIP] == "retires"
    assert (town.device.alive(), town.device.entering()) == ([DIP_2], [])
    assert town.device.kinds().count("retired") == 1
    promote(TAG, town.ground())
    assert town.device.kinds().count("retired") == 1, "it is leaving already"


def test_a_deleted_strategy_stops_at_once_in_a_dry_run(tmp_path: Path) -> None:
    town = Town(Device(tmp_path, DRY))
    deleted(town)
    made = promote(Wish("ci", commit=THIRD), town.ground())
    assert decisions(made)[DIP] == "stops"
    assert [(one.strategy, one.told) for one in made.attempts if one.strategy == DIP] == [(DIP, "stops")]
    assert town.device.alive() == [TREND_1]


def test_a_deleted_strategy_leaves_although_a_deployment_of_it_was_interrupted(tmp_path: Path) -> None:
    """Whether that one goes on or is taken back, before or after the retirement: nothing of it enters afterwards."""
    number, died_in = 0, "something"
    while died_in:
        number += 1
        folder = tmp_path / str(number)
        folder.mkdir()
        town = Town(Device(folder, DRY))
        deploy(Order(DIP, DIP_1, "owner"), town.ground().road)
        town.device.calls, town.device.dies_at = 0, (number, True)
        with suppress(Crash):
            deploy(Order(DIP, DIP_2, "owner"), town.ground().road)
        died_in, town.device.dies_at = town.device.died_in, None
        del town.tags.versions[THIRD][DIP], town.tags.versions[THIRD][TREND]
        town.tags.versions[THIRD]["other"] = 1
        made = promote(Wish("ci", commit=THIRD), town.ground())
        assert (made.code, town.device.alive(), town.device.violations) == (ExitCode.DONE, [], []), died_in


def test_a_strategy_that_an_older_commit_does_not_have_yet_goes_on(town: Town) -> None:
    deploy(Order(TREND, TREND_1, "owner"), town.ground().road)
    made = promote(Wish("owner", commit=FIRST), town.ground())
    assert decisions(made)[TREND] == "stays"
    assert town.device.entering() == [TREND_1]


def test_a_commit_without_any_strategy_takes_nothing_away(town: Town) -> None:
    deploy(Order(DIP, DIP_2, "owner"), town.ground().road)
    town.tags.versions[THIRD] = {}
    with pytest.raises(Refused, match="no strategy at all"):
        promote(TAG, town.ground())
    assert town.device.entering() == [DIP_2]


def test_one_that_fails_keeps_no_other_from_boarding_and_the_worst_code_is_told(town: Town) -> None:
    deploy(Order(DIP, DIP_1, "owner"), town.ground().road)
    town.earn(TREND, TREND_1)
    town.device.sick.add(DIP_2)
    made = promote(TAG, town.ground())
    assert {one.strategy: one.code for one in made.attempts} == {DIP: ExitCode.UNDONE, TREND: ExitCode.DONE}
    assert made.code is ExitCode.UNDONE
    assert {one.strategy: one.runs for one in made.attempts}[DIP] == DIP_1
    assert set(town.device.entering()) == {DIP_1, TREND_1}
    assert town.device.violations == []


def test_trades_are_drained_for_as_long_as_the_environment_says(town: Town) -> None:
    town.device.environment = replace(LIVE, open_trades=OpenTrades.DRAIN, drain_hours=6.0)
    deploy(Order(DIP, DIP_1, "owner"), town.ground().road)
    town.device.open_trades[DIP] = 1
    promote(TAG, town.ground())
    drain = town.device.road().state().of(DIP).drain
    assert drain is not None
    assert (drain.successor, drain.deadline_at) == (DIP_2, town.device.clock.at + timedelta(hours=6))
    assert decisions(promote(TAG, town.ground()))[DIP] == "already there"


def test_nothing_is_decided_while_another_verb_is_at_work(town: Town) -> None:
    town.device.locked_by = "deploy"
    with pytest.raises(Locked):
        promote(TAG, town.ground())
    assert decisions(planned(TAG, town.ground()))[DIP] == "boards"


def test_a_promotion_that_dies_anywhere_is_completed_by_the_next(tmp_path: Path) -> None:
    """Before and after every entry and every step, until it lives to its end."""
    died: list[str] = []
    while True:
        folder = tmp_path / str(len(died))
        folder.mkdir()
        town = Town(Device(folder, LIVE))
        town.tags.name("v1", THIRD)
        town.earn(DIP, DIP_2)
        deploy(Order(DIP, DIP_1, "owner"), town.ground().road)
        town.device.calls, town.device.dies_at = 0, (len(died) // 2 + 1, len(died) % 2 == 1)
        with suppress(Crash):
            promote(TAG, town.ground())
        if not town.device.died_in:
            break
        died.append(town.device.died_in)
        town.device.dies_at = None
        assert promote(TAG, town.ground()).code is ExitCode.DONE, died[-1]
        converge(town.device.road(), "timer")
        assert (town.device.entering(), town.device.violations) == ([DIP_2], []), died[-1]
    assert died[:2] == ["ledger: promoted"] * 2
    assert died[-1] == "ledger: deployed"


@pytest.mark.parametrize("wish", [Wish("owner"), Wish("owner", "v1", THIRD), Wish(" ", "v1"), Wish("owner", "v9")])
def test_a_wish_that_means_nothing_is_a_usage_error(town: Town, wish: Wish) -> None:
    with pytest.raises(UsageError):
        promote(wish, town.ground())
    assert town.device.kinds() == []


def test_what_the_watch_reads_has_changed_and_it_begins_anew_though_nothing_boards(town: Town) -> None:
    promote(TAG, town.ground())
    town.device.watch_reads = "with other brakes"
    promote(replace(TAG, deploy=False), town.ground())
    assert town.device.watches.starts == 1, "whoever only decides touches nothing"
    again = promote(TAG, town.ground())
    assert (decisions(again)[DIP], again.code) == ("already there", ExitCode.DONE)
    assert (town.device.watches.starts, town.device.watches.held["sandbox"].spec.configuration) == (
        2,
        "with other brakes",
    )


def test_who_did_not_board_and_why_is_told_because_no_ledger_holds_it(town: Town) -> None:
    told = FakeNotices()
    ground = town.ground()
    ground = replace(ground, road=replace(ground.road, notifier=told))
    planned(TAG, ground)
    assert told.told == []
    promote(TAG, ground)
    assert told.told == [
        f"{LIVE.name}: tag v1 at {THIRD}: 1 did not board.\n{TREND} stays: 3 of 24 hours healthy; 0 of 1 closed trades"
    ]


def test_that_nobody_can_be_told_keeps_nobody_from_boarding(town: Town) -> None:
    class Broken(FakeNotices):
        def tell(self, title: str, text: str) -> None:
            raise Refused("its file can be read by others")

    ground = town.ground()
    made = promote(TAG, replace(ground, road=replace(ground.road, notifier=Broken())))
    assert (made.code, town.device.entering()) == (ExitCode.DONE, [DIP_2])
