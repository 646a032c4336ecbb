import math
from dataclasses import replace

import pytest

from pipeline.domain.verdict import ALL_WINDOWS, Finding, Outcome, Place, Subject, Verdict
from pipeline.render.figures import figures, in_order, measurements, say, shortcomings, subjects, windows
from tests.render import samples


@pytest.mark.parametrize(
    ("metric", "value", "said"),
    [
        ("profit_total_ratio", -0.031, "-3.10 %"),
        ("profit_factor", 1.25, "1.25"),
        ("trades", 12.0, "12"),
        ("sharpe", -0.001, "0.00"),
        ("profit_total_ratio", -0.00001, "0.00 %"),
        ("sharpe", -0.01, "-0.01"),
        ("profit_factor", math.inf, "∞"),
        ("profit_factor", -math.inf, "−∞"),
        ("profit_factor", math.nan, "–"),
    ],
)
def test_a_number_is_said_with_its_unit(metric: str, value: float, said: str) -> None:
    assert say(metric, value) == said


def test_the_incumbent_s_own_numbers_stand_under_its_name_whichever_way_they_were_kept() -> None:
    judgement = samples.passing()[0]
    assert subjects(judgement) == (Subject.CANDIDATE, Subject.INCUMBENT, Subject.MARKET)
    before = judgement.incumbent
    assert before is not None
    kept = tuple(replace(m, subject=Subject.INCUMBENT) for m in before.measurements if m.subject is Subject.CANDIDATE)
    renamed = replace(judgement, incumbent=replace(before, measurements=kept))
    assert figures(renamed) == figures(judgement)


def test_numbers_come_in_the_order_in_which_people_read_them() -> None:
    judgement = samples.passing()[0]
    table = measurements(judgement)
    assert list(dict.fromkeys(m.subject for m in table)) == list(subjects(judgement))
    assert list(dict.fromkeys(m.window for m in table)) == [*windows(judgement), ALL_WINDOWS]
    assert [m.metric for m in table][:3] == ["trades", "profit_total_ratio", "profit_mean_ratio"]


def test_findings_come_by_check_and_place_and_the_heaviest_first() -> None:
    late = Finding("lint", "B", Outcome.FAIL, "late", Place("strategy.py", 9, 1))
    early = Finding("lint", "A", Outcome.FAIL, "early", Place("strategy.py", 2, 5))
    other = Finding("backtest", "C", Outcome.ERROR, "other")
    assert in_order([late, other, early]) == [early, late, other]
    judgement = replace(samples.failing()[0], verdict=Verdict((other, late, early)))
    assert shortcomings(judgement) == [early, late, other]
