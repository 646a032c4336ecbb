"""A report tells what the ledger, the observations and the runtime tell of its days, and goes on where one of them cannot be read."""

from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.domain.environment_report import EnvironmentReport
from pipeline.domain.monitor.overview import Condition
from pipeline.domain.train.decisions import RolledBack
from pipeline.errors import UsageError
from pipeline.wiring.report import report_at
from tests.monitor_ground import NOW, POWER, Ground, damage, story


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return story(tmp_path)


def report(ground: Ground, environment: str, days: int = 14) -> EnvironmentReport:
    return report_at(environment, ground.home, timedelta(days=days), ground.clock, ground.runtime, ground.watches)


def test_each_strategy_has_its_bundles_of_these_days_with_what_they_earned(ground: Ground) -> None:
    (one,) = report(ground, "sandbox").strategies
    assert one.view.condition is Condition.HELD
    assert [ran.earned.trades for ran in one.bundles] == [5, 9]
    assert one.earned is not None
    assert one.earned.trades == len(one.trades) == 14
    assert one.earned.profit == pytest.approx(sum(ran.earned.profit for ran in one.bundles))
    assert [ran.currency for ran in one.bundles] == ["USDT", "USDT"]


def test_fewer_days_show_less(ground: Ground) -> None:
    (one,) = report(ground, "sandbox", 7).strategies
    assert [ran.earned.trades for ran in one.bundles] == [7]
    assert [one.kind for one in report(ground, "sandbox", 7).happened] == ["braked"]


def test_decisions_brakes_and_roll_backs_are_told_and_daily_steps_are_not(ground: Ground) -> None:
    bundle, _ = ground.stored()
    ground.tell(
        "sandbox",
        RolledBack("sandbox", "sma_trend", bundle, "brake", "it fell", "sha256:" + "7" * 64),
        at=NOW - timedelta(hours=2),
    )
    made = report(ground, "sandbox")
    assert [one.kind for one in made.happened] == ["deployed", "braked", "rolled_back"]
    assert [(one.made.decision, one.made.power) for one in made.decisions] == [("hold", POWER)]


def test_a_gap_that_still_lasts_is_a_gap(ground: Ground) -> None:
    ground.clock.at = NOW + timedelta(hours=5)
    (one,) = report(ground, "sandbox").strategies
    assert [gap.reason for gap in one.gaps] == ["nobody looked", "nobody looked, up to now"]
    assert one.gaps[-1].until == ground.clock.at


def test_a_ledger_that_was_changed_is_a_problem_and_what_was_observed_is_told(ground: Ground) -> None:
    damage(ground.home / "sandbox" / "ledger.jsonl")
    made = report(ground, "sandbox")
    assert not made.well
    assert "ledger" in made.place.problems[0]
    assert (made.happened, made.decisions) == ((), ())
    assert [one.earned.trades for one in made.strategies if one.earned] == [14]


def test_damaged_observations_are_a_problem_and_what_the_ledger_tells_is_told(ground: Ground) -> None:
    damage(ground.home / "sandbox" / "observations.sqlite")
    made = report(ground, "sandbox")
    assert not made.well
    assert any("observations" in told for told in made.problems)
    assert [one.bundles for one in made.strategies] == [()]
    assert [one.kind for one in made.happened] == ["deployed", "braked"]


def test_an_environment_that_was_never_observed_has_a_report_without_numbers(ground: Ground) -> None:
    ground.deploy("prod", "sma_trend", "sha256:" + "5" * 64, NOW - timedelta(days=1))
    made = report(ground, "prod")
    assert [one.earned for one in made.strategies] == [None]
    assert [one.kind for one in made.happened] == ["deployed"]


def test_where_nothing_was_ever_deployed_there_is_nothing_to_report(ground: Ground) -> None:
    with pytest.raises(UsageError) as refused:
        report(ground, "nowhere")
    assert refused.value.hint == "there are: sandbox, test"
    with pytest.raises(UsageError):
        report(ground, "ci")
