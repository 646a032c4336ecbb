"""Policies: what contradicts itself, what demands nothing, and that a strategy can only make its policy stricter."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.bounds import MARKET_METRICS, idle_bounds
from pipeline.domain.judge import judge
from pipeline.domain.metrics import METRICS
from pipeline.domain.policy import Policy, Scope, Span, Threshold, contradictions, tighten, without_incumbent
from pipeline.domain.verdict import ALL_WINDOWS, Measurement, Outcome, Subject

EACH, TOGETHER = Scope(Span.EACH), Scope(Span.ALL_TOGETHER)


def factor(**bounds: float) -> Threshold:
    return Threshold("profit_factor", TOGETHER, **bounds)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "bounds", [{}, {"above": math.nan}, {"at_most": math.inf}, {"below": -math.inf}, {"above": 1, "below": math.nan}]
)
def test_a_threshold_without_a_finite_bound_cannot_be_made(bounds: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="needs finite bounds"):
        factor(**bounds)


def test_the_stricter_of_two_bounds_on_one_side_counts() -> None:
    assert factor(above=1, at_least=2).lower() == (2, False)
    assert factor(above=2, at_least=2).lower() == (2, True)
    assert factor(below=1, at_most=2).upper() == (1, True)
    assert factor(below=2, at_most=2).upper() == (2, True)


@pytest.mark.parametrize(
    ("first", "second", "clash"),
    [
        (factor(above=2), factor(below=1), True),
        (factor(at_least=1), factor(at_most=1), False),
        (factor(above=1), factor(at_most=1), True),
        (factor(at_least=1), factor(below=1), True),
        (factor(at_least=1), Threshold("profit_factor", EACH, below=0), False),
        (factor(at_least=1), Threshold("sharpe", TOGETHER, below=0), False),
        (factor(at_least=1), Threshold("profit_factor", TOGETHER, below=0, relative_to=Subject.INCUMBENT), False),
    ],
)
def test_thresholds_contradict_each_other_only_on_the_same_number(
    first: Threshold, second: Threshold, clash: bool
) -> None:
    for pair in ((first, second), (second, first)):
        assert [index for index, _ in contradictions(pair)] == ([1] if clash else [])


def test_a_threshold_can_contradict_itself() -> None:
    assert contradictions((factor(at_least=2, at_most=1),)) == (
        (0, "profit_factor cannot be at least 2 and at most 1 at once"),
    )


@pytest.mark.parametrize(
    ("threshold", "words"),
    [
        (
            Threshold("drawdown_max_ratio", TOGETHER, at_most=25),
            "never above 1, so this demands nothing; write 25% if that is meant",
        ),
        (Threshold("drawdown_max_ratio", TOGETHER, at_most=1), "never above 1, so this demands nothing"),
        (
            Threshold("profit_total_ratio", TOGETHER, at_least=-10),
            "never below -1, so this demands nothing; write -10% if",
        ),
        (Threshold("trades", TOGETHER, at_least=0), "never below 0, so this demands nothing"),
        (Threshold("win_rate_ratio", TOGETHER, above=1), "never above 1, so nothing can meet this"),
        (Threshold("exposure_ratio", TOGETHER, below=0), "never below 0, so nothing can meet this"),
        (
            Threshold("drawdown_max_ratio", TOGETHER, at_least=-1, relative_to=Subject.MARKET),
            "never below -1, so this demands nothing",
        ),
    ],
)
def test_a_bound_that_cannot_decide_anything_is_named(threshold: Threshold, words: str) -> None:
    ((_, told),) = idle_bounds(threshold)
    assert words in told


@pytest.mark.parametrize(
    "threshold",
    [
        Threshold("drawdown_max_ratio", TOGETHER, at_most=0.25),
        Threshold("trades", TOGETHER, above=0),
        Threshold("win_rate_ratio", TOGETHER, below=1),
        Threshold("profit_total_ratio", TOGETHER, at_least=10),
        Threshold("profit_total_ratio", EACH, at_least=-10, relative_to=Subject.MARKET),
        Threshold("sharpe", EACH, at_least=-100),
    ],
)
def test_a_bound_that_can_decide_something_is_left_alone(threshold: Threshold) -> None:
    assert idle_bounds(threshold) == ()


def test_the_market_has_only_numbers_that_need_no_trades() -> None:
    assert set(MARKET_METRICS) <= set(METRICS)
    assert "trades" not in MARKET_METRICS


BASE = Policy(
    ("backtest",), (factor(at_least=1.1), Threshold("drawdown_max_ratio", TOGETHER, at_most=0.25, minimum_trades=30))
)


@pytest.mark.parametrize(
    ("override", "words"),
    [
        (factor(at_least=1.0), "must stay at least 1.1, not at least 1"),
        (factor(above=1.0), "must stay at least 1.1, not above 1"),
        (factor(below=1.0), "contradicts the policy: profit_factor cannot be at least 1.1 and below 1"),
        (Threshold("drawdown_max_ratio", TOGETHER, at_most=0.3), "must stay at most 0.25, not at most 0.3"),
        (Threshold("drawdown_max_ratio", TOGETHER, at_most=0.2, minimum_trades=10), "needs 30 trades, not 10"),
    ],
)
def test_an_override_that_loosens_is_refused_and_changes_nothing(override: Threshold, words: str) -> None:
    policy, problems = tighten(BASE, (override,))
    assert policy == BASE
    assert [index for index, _ in problems] == [0]
    assert words in problems[0][1]


def test_an_override_that_tightens_takes_the_place_of_the_policys_bound() -> None:
    policy, problems = tighten(BASE, (factor(above=1.1, at_most=9),))
    assert problems == ()
    assert policy.thresholds[0] == factor(above=1.1, at_most=9)


def test_of_two_overrides_of_one_number_the_stricter_counts() -> None:
    policy, _ = tighten(BASE, (factor(at_least=2), factor(at_least=1.5)))
    assert policy.thresholds[0] == factor(at_least=2)


def test_an_override_of_another_number_is_one_more_demand() -> None:
    more = Threshold("profit_factor", EACH, at_least=1.0)
    assert tighten(BASE, (more,)) == (Policy(BASE.checks, (*BASE.thresholds, more)), ())


def test_asking_for_more_trades_does_not_hide_a_failure() -> None:
    policy, problems = tighten(BASE, (factor(at_least=1.2, minimum_trades=1000),))
    assert problems == ()
    numbers = [
        Measurement("profit_factor", 0.5, ALL_WINDOWS),
        Measurement("trades", 40.0, ALL_WINDOWS),
        Measurement("drawdown_max_ratio", 0.1, ALL_WINDOWS),
    ]
    outcomes = [finding.outcome for finding in judge((), numbers, policy).findings if finding.rule != "backtest"]
    assert outcomes == [Outcome.FAIL, Outcome.PASS, Outcome.INCONCLUSIVE]


def test_a_strategy_that_replaces_nothing_is_not_compared_with_an_incumbent() -> None:
    relative = Threshold("profit_factor", TOGETHER, at_least=0, relative_to=Subject.INCUMBENT)
    assert without_incumbent(Policy((), (*BASE.thresholds, relative))) == Policy((), BASE.thresholds)


def test_the_digest_does_not_follow_the_order() -> None:
    turned = Policy(BASE.checks[::-1], BASE.thresholds[::-1])
    assert turned.digest == BASE.digest
    assert Policy(BASE.checks, BASE.thresholds[:1]).digest != BASE.digest


BOUND = st.one_of(st.none(), st.integers(-3, 3).map(float))
THRESHOLDS = st.builds(
    lambda metric, scope, low, strict_low, high, strict_high, trades, relative: Threshold(
        metric,
        scope,
        above=low if strict_low else None,
        at_least=None if strict_low else low,
        below=high if strict_high else None,
        at_most=None if strict_high else high,
        minimum_trades=trades,
        relative_to=relative,
    ),
    st.sampled_from(["profit_factor", "trades"]),
    st.sampled_from([TOGETHER, EACH, Scope(Span.K_OF_N, 1, 2)]),
    st.integers(-3, 3).map(float),
    st.booleans(),
    BOUND,
    st.booleans(),
    st.sampled_from([0, 1, 2]),
    st.sampled_from([None, Subject.MARKET]),
)
NUMBERS = st.one_of(st.none(), st.just(math.nan), st.just(math.inf), st.integers(-4, 4).map(float))


@st.composite
def measured(draw: st.DrawFn) -> list[Measurement]:
    places = [
        (s, w, m)
        for s in (Subject.CANDIDATE, Subject.MARKET)
        for w in (ALL_WINDOWS, "a", "b")
        for m in ("profit_factor", "trades")
    ]
    values = [draw(NUMBERS) for _ in places]
    return [Measurement(m, value, w, s) for (s, w, m), value in zip(places, values, strict=True) if value is not None]


@given(st.lists(THRESHOLDS, max_size=3), st.lists(THRESHOLDS, max_size=3), measured())
def test_tightening_never_improves_an_outcome(
    base: list[Threshold], overrides: list[Threshold], numbers: list[Measurement]
) -> None:
    policy = Policy(("lint",), tuple(base))
    tightened, _ = tighten(policy, tuple(overrides))
    assert judge((), numbers, tightened).outcome >= judge((), numbers, policy).outcome
