import pytest

from pipeline.domain.policy import Policy, Scope, Span, Threshold
from pipeline.domain.verdict import Outcome, Subject
from pipeline.render.demands import demands, needed
from tests.render import samples


@pytest.mark.parametrize(
    ("threshold", "said"),
    [
        (
            Threshold("profit_factor", Scope(Span.EACH), at_least=1.1, minimum_trades=30),
            "≥ 1.10, on at least 30 trades",
        ),
        (Threshold("drawdown_max_ratio", Scope(Span.EACH), at_most=0.25), "≤ 25.00 %"),
        (Threshold("trades", Scope(Span.EACH), above=5, below=100), "> 5 and < 100"),
        (
            Threshold("profit_total_ratio", Scope(Span.EACH), at_least=-0.1, relative_to=Subject.MARKET),
            "≥ -10.00 points against the market",
        ),
        (
            Threshold("sharpe", Scope(Span.EACH), at_least=0.0, relative_to=Subject.INCUMBENT),
            "≥ +0.00 against the incumbent",
        ),
    ],
)
def test_a_threshold_says_what_it_needs(threshold: Threshold, said: str) -> None:
    assert needed(threshold) == said


def test_each_threshold_stands_with_what_was_measured_and_the_judge_s_outcome() -> None:
    judgement = samples.failing()[0]
    table = demands(judgement)
    assert [d.outcome for d in table] == [
        Outcome.FAIL,
        Outcome.FAIL,
        Outcome.FAIL,
        Outcome.PASS,
        Outcome.FAIL,
        Outcome.FAIL,
    ]
    assert [(a.window, a.value, a.outcome) for a in table[2].actual] == [("all together", "61.07 %", Outcome.FAIL)]
    assert [a.window for a in table[4].actual] == ["early", "middle", "late"]
    assert table[5].actual[1].reference == "market: -3.14 %"


def test_k_of_n_shows_every_window_and_one_outcome() -> None:
    policy = Policy((), (Threshold("profit_total_ratio", Scope(Span.K_OF_N, 2, 3), above=0.14),))
    (demand,) = demands(samples.judgement("x", samples.TREND, policy=policy)[0])
    assert demand.scope == "2 of 3 windows"
    assert demand.outcome is Outcome.PASS
    assert [a.outcome for a in demand.actual] == [None, None, None]


def test_what_was_not_measured_is_a_dash_and_an_error() -> None:
    assert {d.outcome for d in demands(samples.broken()[0])} == {Outcome.ERROR}
    assert demands(samples.broken()[0])[0].actual[0].value == "–"
