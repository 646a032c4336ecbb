"""Decisions for people and programs: sentences, and numbers that are none are null."""

import json
import math
from dataclasses import replace

from pipeline.domain.train.decide import Applied, Decided, Decision
from pipeline.domain.verdict import ALL_WINDOWS, Finding, Measurement, Outcome, Verdict
from pipeline.errors import ExitCode
from pipeline.render.decisions import document, text

BUNDLE = "sha256:" + "a" * 64
HOLD = Decided(
    *("dip", BUNDLE, Decision.HOLD, ("12 of 30 closed trades.", "::warning::Its tag says\x1b[31m so.")),
    Verdict((Finding("observed", "staying", Outcome.PASS, "The environment demands nothing."),)),
    Verdict((Finding("boarding", "closed_trades", Outcome.INCONCLUSIVE, "12 of 30 closed trades"),)),
    (Measurement("edge_high_ratio", math.inf, ALL_WINDOWS), Measurement("trades", 12.0, ALL_WINDOWS)),
    "12 of about 123 trades; safe to look at daily",
)
BACK = Decided("trend", BUNDLE, Decision.ROLL_BACK, ("It lost.",), Verdict(()), None, ())


def test_every_strategy_has_its_decision_and_its_sentences() -> None:
    told = text([Applied(HOLD), Applied(BACK, "Nothing was done.")], 100)
    assert told.splitlines() == [
        "dip aaaaaaaaaaaa: HOLD",
        "  12 of 30 closed trades.",
        "  : :warning::Its tag says\ufffd[31m so.",
        "  12 of about 123 trades; safe to look at daily.",
        "",
        "trend aaaaaaaaaaaa: ROLL_BACK",
        "  It lost.",
        "  Nothing was done.",
        "",
        "HOLD: 1, ROLL_BACK: 1.",
    ]
    assert text([], 100) == "Nothing runs there.\n"


def test_slippage_and_parity_are_told_where_they_were_measured_and_are_numbers() -> None:
    measured = {"slippage_mean_ratio": 0.00081, "parity_ratio": 0.95, "parity_trades": 40.0}
    found = replace(BACK, measurements=tuple(Measurement(name, value, ALL_WINDOWS) for name, value in measured.items()))
    assert "  Orders were filled 0.081 % worse than asked. 95.00 % of 40 trades are the backtest's." in text(
        [Applied(found)], 100
    )
    unknown = replace(BACK, measurements=(Measurement("slippage_mean_ratio", math.nan, ALL_WINDOWS),))
    assert "asked" not in text([Applied(unknown)], 100)


def test_a_program_gets_an_outcome_first_and_null_for_what_is_no_number() -> None:
    found = json.loads(
        json.dumps(document("test", [Applied(HOLD), Applied(BACK, "x", ExitCode.LOCKED)]), allow_nan=False)
    )
    assert next(iter(found)) == "outcome"
    assert (found["outcome"], found["environment"]) == ("LOCKED", "test")
    dip, trend = found["strategies"]
    assert [one["value"] for one in dip["measurements"]] == [None, 12.0]
    assert (dip["decision"], dip["boarding"][0]["outcome"], trend["boarding"]) == ("HOLD", "INCONCLUSIVE", None)
