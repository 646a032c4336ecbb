"""The one function that judges: four outcomes, and nothing passes that was not measured."""

import math
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.evidence import CheckResult
from pipeline.domain.judge import judge
from pipeline.domain.policy import Policy, Scope, Span, Threshold
from pipeline.domain.verdict import ALL_WINDOWS, Finding, Measurement, Outcome, Subject, Verdict
from tests.domain.test_policy import THRESHOLDS, measured

EACH, TOGETHER = Scope(Span.EACH), Scope(Span.ALL_TOGETHER)
NOT_FINITE = [math.nan, math.inf, -math.inf]


def verdict(threshold: Threshold, *numbers: Measurement) -> Verdict:
    return judge((), numbers, Policy((), (threshold,)))


def number(
    value: float, metric: str = "profit_factor", window: str = ALL_WINDOWS, subject: Subject = Subject.CANDIDATE
) -> Measurement:
    return Measurement(metric, value, window, subject)


def test_a_policy_that_demands_nothing_never_passes() -> None:
    result = judge((), [number(1.0)], Policy(()))
    assert result.outcome is Outcome.INCONCLUSIVE
    assert result.findings[0].reason == "The policy demands nothing, so nothing was judged."


def test_a_check_that_was_not_made_is_an_error() -> None:
    result = judge([CheckResult("lint")], (), Policy(("lint", "behaviour")))
    assert [(f.outcome, f.rule) for f in result.findings] == [(Outcome.ERROR, "behaviour")]


def test_a_check_that_found_nothing_passes() -> None:
    result = judge([CheckResult("lint", (Finding("lint", "x", Outcome.PASS, "Fine."),))], (), Policy(("lint",)))
    assert result.outcome is Outcome.PASS


def test_a_bad_reading_outranks_a_broken_gauge() -> None:
    policy = Policy((), (Threshold("profit_factor", TOGETHER, at_least=1), Threshold("sharpe", TOGETHER, at_least=1)))
    assert judge((), [number(0.5)], policy).outcome is Outcome.FAIL


@pytest.mark.parametrize("value", NOT_FINITE)
@pytest.mark.parametrize("metric", ["profit_factor", "trades"])
@pytest.mark.parametrize("relative", [None, Subject.MARKET])
def test_a_number_that_is_not_finite_decides_nothing(value: float, metric: str, relative: Subject | None) -> None:
    threshold = Threshold(metric, TOGETHER, at_most=5, relative_to=relative)
    for low in (threshold, Threshold(metric, TOGETHER, above=-5, relative_to=relative)):
        result = verdict(low, number(value, metric), number(1.0, metric, subject=Subject.MARKET))
        assert result.outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize("trades", [*NOT_FINITE, 29.0])
def test_a_number_on_too_few_trades_decides_nothing(trades: float) -> None:
    threshold = Threshold("profit_factor", TOGETHER, at_least=1, minimum_trades=30)
    assert verdict(threshold, number(0.1), number(trades, "trades")).outcome is Outcome.INCONCLUSIVE


def test_a_number_whose_trades_were_not_counted_is_an_error() -> None:
    threshold = Threshold("profit_factor", TOGETHER, at_least=1, minimum_trades=30)
    assert verdict(threshold, number(9.0)).outcome is Outcome.ERROR


def test_a_window_in_which_only_the_market_was_measured_is_an_error() -> None:
    threshold = Threshold("profit_factor", EACH, at_least=1)
    result = verdict(threshold, number(2.0, window="a"), number(1.0, "sharpe", "b", Subject.MARKET))
    assert [(f.window, f.outcome) for f in result.findings] == [("a", Outcome.PASS), ("b", Outcome.ERROR)]


def test_a_number_that_was_measured_twice_with_different_results_is_an_error() -> None:
    threshold = Threshold("profit_factor", TOGETHER, at_least=1)
    assert verdict(threshold, number(2.0), number(2.0)).outcome is Outcome.PASS
    assert verdict(threshold, number(2.0), number(3.0)).outcome is Outcome.ERROR
    assert verdict(threshold, number(3.0), number(math.nan)).outcome is Outcome.ERROR
    assert verdict(threshold, number(math.nan), number(math.nan)).outcome is Outcome.INCONCLUSIVE


def test_trades_can_be_compared_with_the_incumbents() -> None:
    threshold = Threshold("trades", TOGETHER, at_least=-10, relative_to=Subject.INCUMBENT)
    numbers = [number(50, "trades"), number(100, "trades", subject=Subject.INCUMBENT)]
    (finding,) = verdict(threshold, *numbers).findings
    assert finding.outcome is Outcome.FAIL
    assert finding.reason == (
        "The number of trades is 50 below the incumbent's over all windows (50 against 100); the difference must be at least -10."
    )


def test_a_value_that_would_read_like_its_bound_is_told_with_more_digits() -> None:
    (finding,) = verdict(Threshold("profit_factor", TOGETHER, at_least=1.1), number(1.09999)).findings
    assert (
        finding.reason == "Profit factor is 1.1000 over all windows; it must be at least 1.1000."
        or "1.09999" in finding.reason
    )
    assert finding.reason == "Profit factor is 1.099990 over all windows; it must be at least 1.100000."


@pytest.mark.parametrize(
    ("values", "outcome"),
    [
        ((2.0, 2.0, 0.5), Outcome.PASS),
        ((2.0, 0.5, 0.5), Outcome.FAIL),
        ((2.0, 0.5, math.nan), Outcome.INCONCLUSIVE),
        ((2.0, 2.0, math.nan), Outcome.PASS),
        ((2.0, 0.5, None), Outcome.ERROR),
        ((0.5, 0.5, None), Outcome.FAIL),
        ((2.0, math.nan, None), Outcome.ERROR),
    ],
)
def test_two_of_three_windows_decide_as_soon_as_the_third_cannot_change_it(
    values: Sequence[float | None], outcome: Outcome
) -> None:
    numbers = [number(v, window=w) for w, v in zip("abc", values, strict=True) if v is not None]
    numbers += [number(0.0, "sharpe", w) for w in "abc"]
    assert verdict(Threshold("profit_factor", Scope(Span.K_OF_N, 2, 3), at_least=1), *numbers).outcome is outcome


def test_another_number_of_windows_than_the_policy_speaks_of_is_an_error() -> None:
    (finding,) = verdict(
        Threshold("profit_factor", Scope(Span.K_OF_N, 2, 3), at_least=1), number(2.0, window="a")
    ).findings
    assert (finding.outcome, finding.reason) == (
        Outcome.ERROR,
        "Profit factor was to hold in 2 of 3 windows, but there are 1.",
    )


def test_no_findings_at_all_are_inconclusive() -> None:
    assert Verdict(()).outcome is Outcome.INCONCLUSIVE


FINDINGS = st.builds(Finding, st.just("lint"), st.sampled_from("ab"), st.sampled_from(Outcome), st.just("It is so."))
CHECKS = st.lists(
    st.builds(CheckResult, st.sampled_from(["lint", "behaviour"]), st.lists(FINDINGS, max_size=2).map(tuple)),
    max_size=3,
)
POLICIES = st.builds(
    Policy,
    st.lists(st.sampled_from(["lint", "behaviour"]), unique=True).map(tuple),
    st.lists(THRESHOLDS, max_size=3).map(tuple),
)


@given(CHECKS, measured(), POLICIES, FINDINGS)
def test_one_more_finding_never_improves_the_outcome(
    checks: list[CheckResult], numbers: list[Measurement], policy: Policy, finding: Finding
) -> None:
    before = judge(checks, numbers, policy)
    after = judge([*checks, CheckResult("more", (finding,))], numbers, policy)
    if before.findings:
        assert after.outcome >= before.outcome


@given(CHECKS, measured(), POLICIES, st.randoms())
def test_the_order_of_what_is_judged_does_not_matter(
    checks: list[CheckResult], numbers: list[Measurement], policy: Policy, random: Random
) -> None:
    shuffled = [list(checks), list(numbers), list(policy.checks), list(policy.thresholds)]
    for items in shuffled:
        random.shuffle(items)
    other = judge(shuffled[0], shuffled[1], Policy(tuple(shuffled[2]), tuple(shuffled[3])))  # type: ignore[arg-type]
    first = judge(checks, numbers, policy)
    assert other.outcome is first.outcome
    assert sorted((f.rule, f.window, f.outcome) for f in other.findings) == sorted(
        (f.rule, f.window, f.outcome) for f in first.findings
    )


@given(measured(), st.lists(THRESHOLDS, min_size=1, max_size=3))
def test_every_pass_and_every_fail_rests_on_a_finite_number(
    numbers: list[Measurement], thresholds: list[Threshold]
) -> None:
    values = {(m.metric, m.window): m.value for m in numbers if m.subject is Subject.CANDIDATE}
    for finding in judge((), numbers, Policy((), tuple(thresholds))).findings:
        if finding.outcome in (Outcome.PASS, Outcome.FAIL) and finding.window:
            assert math.isfinite(values[finding.rule, finding.window])


@given(CHECKS, measured(), POLICIES)
def test_every_reason_is_a_sentence(checks: list[CheckResult], numbers: list[Measurement], policy: Policy) -> None:
    for finding in judge(checks, numbers, policy).findings:
        assert finding.reason[0].isupper(), finding.reason
        assert finding.reason.endswith("."), finding.reason
        assert not any(word in finding.reason for word in ("None", "nan,", "..", "  ")), finding.reason


@given(measured())
def test_an_empty_policy_never_passes(numbers: list[Measurement]) -> None:
    assert judge((), numbers, Policy(())).outcome is not Outcome.PASS
