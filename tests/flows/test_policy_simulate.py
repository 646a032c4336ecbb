"""What a policy lets through: luck seldom, skill often, and counting attempts matters."""

from dataclasses import replace

import pytest

from pipeline.config.environment import load_environment
from pipeline.domain.environment import Environment
from pipeline.domain.evidence import CheckResult
from pipeline.domain.judge import judge
from pipeline.domain.pass_rates import ALLOWED, Rate
from pipeline.domain.policy import Policy, Scope, Span, Threshold
from pipeline.domain.statistics.bootstrap import seeded
from pipeline.domain.synthetic import Kind, parts, play
from pipeline.domain.windows import Point, WindowSpec
from pipeline.errors import Refused
from pipeline.flows import policy_simulate
from pipeline.flows.policy_simulate import simulate, verdict_of
from pipeline.render.pass_rates import document, table
from tests.domain.test_synthetic import GROUND
from tests.fakes import FakeNarrator
from tests.needs import ROOT

TOGETHER = Scope(Span.ALL_TOGETHER)
LUCK = (
    Threshold("deflated_sharpe_ratio", TOGETHER, at_least=0.98, minimum_trades=30),
    *(
        Threshold(metric, TOGETHER, above=0, minimum_trades=30)
        for metric in (
            "bootstrap_mean_low_ratio",
            "profit_fees_doubled_ratio",
            "profit_slippage_ticks_ratio",
            "profit_slippage_spread_ratio",
            "profit_late_entry_ratio",
            "profit_without_best_pair_ratio",
            "profit_without_best_window_ratio",
        )
    ),
)


def environment(*more: Threshold) -> Environment:
    """The repository's ci, with further thresholds where it lacks them."""
    loaded = load_environment(ROOT / "environments" / "ci.yml", {}).environment
    known = loaded.policy.thresholds
    return replace(loaded, policy=Policy((), known + tuple(t for t in more if t not in known)))


@pytest.fixture
def few_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy_simulate, "KINDS", (Kind(0.0, 100), Kind(0.0, 200, overlapping=True), Kind(0.3, 300)))


@pytest.mark.usefixtures("few_kinds")
def test_luck_seldom_passes_skill_does_and_counting_makes_the_difference() -> None:
    simulated = simulate(environment(*LUCK), 80, 1, FakeNarrator())
    alone, overlapping, skilled = simulated.rows
    for row in (alone, overlapping):
        assert row.alone.low <= row.counted.low <= ALLOWED
        assert row.uncounted.passed > 2 * row.counted.passed
    assert alone.counted.share <= ALLOWED
    assert skilled.alone.share > 0.9
    assert simulated.needed_first is not None
    assert simulated.needed_tenth is not None
    assert 200 < simulated.needed_first < simulated.needed_tenth < 2500


@pytest.mark.usefixtures("few_kinds")
def test_the_same_seed_tells_the_same() -> None:
    assert simulate(environment(*LUCK), 4, 7, FakeNarrator()) == simulate(environment(*LUCK), 4, 7, FakeNarrator())


@pytest.mark.parametrize("edge", [0.0, 0.1, 0.3])
def test_asking_in_groups_changes_no_verdict(edge: float) -> None:
    policy = environment(*LUCK).policy
    for number in range(6):
        sample = play(Kind(edge, 150), GROUND, seeded(f"{edge} {number}"), "x")
        whole = [m for group in parts(sample, GROUND, 2) for m in group]
        checks = [CheckResult(name) for name in policy.checks]
        assert verdict_of(policy, parts(sample, GROUND, 2)) is judge(checks, whole, policy).outcome


def test_windows_by_date_are_refused() -> None:
    from datetime import UTC, datetime

    window = WindowSpec(
        "old", Point(date=datetime(2020, 1, 1, tzinfo=UTC)), Point(date=datetime(2020, 6, 1, tzinfo=UTC))
    )
    with pytest.raises(Refused, match="do not fit into the simulated year"):
        simulate(replace(environment(), windows=(window,)), 1, 1, FakeNarrator())


def test_a_rate_s_interval_is_wilson_s() -> None:
    assert (Rate(5, 100).low, Rate(5, 100).high) == pytest.approx((0.0215, 0.1118), abs=5e-4)
    assert Rate(0, 50).low == 0.0


@pytest.mark.usefixtures("few_kinds")
def test_the_table_says_what_it_means() -> None:
    simulated = simulate(environment(*LUCK), 4, 1, FakeNarrator())
    text = table(simulated)
    assert text.startswith("edge per trade")
    assert "none, overlapping" in text
    assert "A true edge of 0.15 per trade passes in 80 of 100 cases with about" in text
    assert document(simulated)["tries"] == 10
