"""One verdict of many shards: whatever is missing, doubled, foreign or forged is an ERROR, and nothing but PASS is green."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from pipeline.adapters.evidence_file import read_evidence
from pipeline.domain.evidence_record import EvidenceRecord, judged_again
from pipeline.domain.joining import (
    CANCELLED,
    FAILURE,
    RESULTS,
    SKIPPED,
    SUCCESS,
    Delivered,
    Ended,
    Expected,
    Joined,
    join,
)
from pipeline.domain.verdict import Finding, Outcome
from pipeline.render.evidence_json import document_digest, to_text
from tests.bundle_samples import VERSIONS, candidate, evidence_text, present, record
from tests.render import samples

FIRST = candidate("alpha")


def expected(*of: str, **changes: Any) -> list[Expected]:
    return [Expected(present(candidate(id), **changes)) for id in of]


def delivered(id: str = "alpha", told: EvidenceRecord | None = None, part: int = 1) -> Delivered:
    return Delivered(f"gate-{part}/{id}/evidence.json", id, told or record(candidate(id)))


def joined(wanted: list[Expected], *arrived: Delivered, plan: str = SUCCESS, shards: str = SUCCESS) -> Joined:
    return join(wanted, arrived, Ended(plan, shards), simulated=False)


def reasons(of: Joined) -> str:
    return " ".join([*of.problems, *(reason.reason for verdict in of.verdicts for reason in verdict.reasons)])


def test_it_passes_when_every_planned_strategy_passed() -> None:
    whole = joined(expected("alpha", "beta"), delivered("beta", part=2), delivered("alpha"))
    assert (whole.outcome, reasons(whole)) == (Outcome.PASS, "")
    assert [verdict.strategy for verdict in whole.verdicts] == ["alpha", "beta"]


def test_it_passes_when_nothing_is_affected() -> None:
    assert joined([], shards=SKIPPED).outcome is Outcome.PASS


def test_a_missing_verdict_is_an_error_however_good_the_others_are() -> None:
    whole = joined(expected("alpha", "beta"), delivered("alpha"), shards=FAILURE)
    assert whole.outcome is Outcome.ERROR
    assert [verdict.outcome for verdict in whole.verdicts] == [Outcome.PASS, Outcome.ERROR]
    assert "No verdict arrived" in reasons(whole)


def test_two_verdicts_on_one_strategy_are_an_error_though_both_pass() -> None:
    whole = joined(expected("alpha"), delivered("alpha"), delivered("alpha", part=2))
    assert whole.outcome is Outcome.ERROR
    assert "2 verdicts arrived instead of one: gate-1/alpha/evidence.json, gate-2/alpha/evidence.json" in reasons(whole)


def test_a_verdict_that_nobody_planned_is_an_error() -> None:
    whole = joined(expected("alpha"), delivered("alpha"), delivered("beta"))
    assert whole.outcome is Outcome.ERROR
    assert "gate-1/beta/evidence.json is no verdict that was planned" in reasons(whole)


def test_something_that_cannot_be_read_is_an_error() -> None:
    whole = joined(expected("alpha"), Delivered("gate-1/alpha/evidence.json", "alpha", problem="is a symbolic link"))
    assert whole.outcome is Outcome.ERROR
    assert "gate-1/alpha/evidence.json is a symbolic link." in reasons(whole)


@pytest.mark.parametrize(
    ("told", "complaint"),
    [
        (record(candidate("alpha", strategy_py=b"x = 1\n")), "other files: strategy.py changed"),
        (record(candidate("beta")), "about the strategy 'beta', not about alpha"),
        (record(FIRST, policy_digest="sha256:" + "9" * 64), "another policy"),
        (record(FIRST, environment_digest="sha256:" + "9" * 64), "another version of the environment ci"),
        (record(FIRST, dataset_digest="sha256:" + "9" * 64), "on the data set waves"),
        (record(FIRST, markets_digest="sha256:" + "9" * 64), "on the data set waves"),
        (record(FIRST, simulated=True), "on the data set waves"),
        (record(FIRST, versions={**VERSIONS, "ccxt": "4.5.1"}), "ccxt 4.5.1"),
        (record(FIRST, versions={**VERSIONS, "judging code": "sha256:" + "9" * 64}), "the judge's own code"),
    ],
)  # fmt: skip
def test_evidence_of_another_commit_policy_data_or_engine_is_an_error(told: EvidenceRecord, complaint: str) -> None:
    whole = joined(expected("alpha"), delivered("alpha", told))
    assert whole.outcome is Outcome.ERROR
    assert complaint in reasons(whole)
    assert whole.verdicts[0].record is None


def forged(change: Callable[[dict[str, Any]], None]) -> EvidenceRecord:
    """Evidence that somebody edited, and gave the digest that fits."""
    document = json.loads(evidence_text(FIRST))
    change(document)
    document["digest"] = document_digest(document)
    return read_evidence(to_text(document).encode())


def _a_better_word(document: dict[str, Any]) -> None:
    for row in document["measurements"]:
        if (row["metric"], row["window"], row["subject"]) == ("drawdown_max_ratio", "all together", "candidate"):
            row["value"] = 0.6


def _without_findings(document: dict[str, Any]) -> None:
    document["findings"] = document["findings"][:-1]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [(_a_better_word, "calls itself PASS, and judged again it is FAIL"), (_without_findings, "other findings")],
)
def test_a_forged_word_is_not_believed_but_judged_again(
    change: Callable[[dict[str, Any]], None], complaint: str
) -> None:
    whole = joined(expected("alpha"), delivered("alpha", forged(change)))
    assert whole.outcome is Outcome.ERROR
    assert complaint in reasons(whole)


def failing() -> EvidenceRecord:
    def fail(document: dict[str, Any]) -> None:
        _a_better_word(document)
        document["outcome"] = "FAIL"

    found = forged(fail)
    return replace(found, findings=judged_again(found, samples.POLICY).findings)


def test_a_failure_outranks_an_error_and_says_why() -> None:
    whole = joined(expected("alpha", "beta"), delivered("alpha", failing()), shards=FAILURE)
    assert whole.outcome is Outcome.FAIL
    assert "drawdown" in whole.verdicts[0].reasons[0].reason
    assert whole.verdicts[1].outcome is Outcome.ERROR


@pytest.mark.parametrize("plan", [result for result in RESULTS if result != SUCCESS])
def test_without_a_plan_nothing_is_green_even_where_nothing_is_affected(plan: str) -> None:
    assert joined([], plan=plan, shards=SKIPPED).outcome is Outcome.ERROR
    assert joined(expected("alpha"), delivered("alpha"), plan=plan).outcome is Outcome.ERROR


@pytest.mark.parametrize("shards", [result for result in RESULTS if result != SUCCESS])
def test_jobs_that_did_not_succeed_contradict_verdicts_that_all_pass(shards: str) -> None:
    whole = joined(expected("alpha"), delivered("alpha"), shards=shards)
    assert whole.outcome is Outcome.ERROR
    assert repr(shards) in reasons(whole)


@pytest.mark.parametrize("shards", [FAILURE, CANCELLED])
def test_jobs_that_nobody_planned_and_that_did_not_succeed_are_an_error(shards: str) -> None:
    assert joined([], shards=shards).outcome is Outcome.ERROR


INCUMBENT = "sha256:" + "7" * 64


def test_a_pass_without_the_incumbent_that_there_is_must_say_why() -> None:
    wanted = [Expected(present(FIRST), INCUMBENT)]
    silent = joined(wanted, delivered("alpha"))
    assert silent.outcome is Outcome.ERROR
    assert "compared with no incumbent" in reasons(silent)
    told = record(FIRST)
    why = Finding(
        "backtest", "incumbent", Outcome.PASS, "There is no incumbent to compare with: it raised.", warning=True
    )
    noted = replace(told, findings=(*told.findings, why))
    assert joined(wanted, delivered("alpha", noted)).outcome is Outcome.PASS


def test_another_incumbent_is_an_error() -> None:
    told = replace(record(FIRST), incumbent="sha256:" + "8" * 64)
    whole = joined([Expected(present(FIRST), INCUMBENT)], delivered("alpha", told))
    assert whole.outcome is Outcome.ERROR
    assert "another incumbent" in reasons(whole)
