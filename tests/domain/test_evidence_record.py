"""Evidence is held against what is there: content, policy, data, engine, and its own verdict."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from pipeline.adapters.evidence_file import read_evidence
from pipeline.domain.canonical import digest
from pipeline.domain.environment import Environment
from pipeline.domain.evidence_record import EvidenceRecord, Present, judged_again, objections, verdict_digest
from pipeline.domain.policy import Policy, Scope, Span, Threshold
from pipeline.domain.verdict import Outcome, Subject
from pipeline.render.evidence_json import document_digest, evidence_document, to_text
from tests.bundle_samples import ENGINE, ENVIRONMENT, VERSIONS, candidate, dataset, evidence_text, present, record
from tests.render import samples


def environment(**changes: Any) -> Environment:
    return replace(ENVIRONMENT, **changes)


DEEPER = Threshold("drawdown_max_ratio", Scope(Span.ALL_TOGETHER), at_most=0.2)
OTHER_POLICY = Policy(samples.POLICY.checks, samples.POLICY.thresholds[1:])


def test_nothing_speaks_against_evidence_for_exactly_what_is_there() -> None:
    assert objections(record(), present()) == ()


@pytest.mark.parametrize(
    ("now", "complaint"),
    [
        (present(candidate(strategy_py=b"x = 1\n")), "other files: strategy.py changed since"),
        (present(candidate(strategy_json=None)), "other files: strategy.json changed since"),
        (present(candidate(test_strategy_py=b"")), "other files: test_strategy.py changed since"),
        (present(candidate("other")), "about the strategy 'sma_trend', not about other"),
        (present(environment=environment(policy=OTHER_POLICY)), "another policy"),
        (present(candidate(spec={"overrides": (DEEPER,)})), "another policy"),
        (present(environment=environment(exchange="kraken")), "another version of the environment ci"),
        (present(dataset=replace(dataset(), markets_sha256="sha256:" + "9" * 64)), "on the data set waves"),
        (present(dataset=dataset(simulated=True)), "on the data set waves"),
        (present(pins={**ENGINE, "freqtrade": "2026.10"}), "with freqtrade 2026.9, but 2026.10 is installed"),
        (present(pins={**ENGINE, "scipy": "1.16"}), "with an unknown scipy, but 1.16 is installed"),
        (present(versions={**VERSIONS, "judging code": "sha256:" + "e" * 64}), "the judge's own code"),
    ],
)  # fmt: skip
def test_evidence_for_something_else_is_refused_with_what_differs(now: Present, complaint: str) -> None:
    assert complaint in " ".join(objections(record(), now))


def test_everything_that_differs_is_told_at_once() -> None:
    now = present(
        candidate(strategy_py=b"x = 1\n"),
        environment=environment(policy=OTHER_POLICY),
        dataset=dataset(simulated=True),
        pins={**ENGINE, "ccxt": "5", "freqtrade": "2027.1"},
    )
    assert len(objections(record(), now)) == 5


def test_another_interpreter_or_machine_is_no_other_engine() -> None:
    assert objections(record(versions={**VERSIONS, "python": "3.12.1", "machine": "aarch64"}), present()) == ()


def test_a_verdict_is_not_believed_but_judged_again() -> None:
    honest = record()
    assert judged_again(honest, samples.POLICY).outcome is Outcome.PASS
    cheaper = replace(honest, measurements=tuple(m for m in honest.measurements if m.metric != "trades"))
    assert "Judged again it is ERROR, not PASS" in " ".join(objections(cheaper, present()))


def forged(change: Callable[[dict[str, Any]], None]) -> EvidenceRecord:
    """Evidence that somebody edited, and gave the digest that fits."""
    document = json.loads(evidence_text(candidate()))
    change(document)
    document["digest"] = document_digest(document)
    return read_evidence(to_text(document).encode())


def _worse(document: dict[str, Any]) -> None:
    for row in document["measurements"]:
        if (row["metric"], row["window"], row["subject"]) == ("drawdown_max_ratio", "all together", "candidate"):
            row["value"] = 0.6


def _without_a_check(document: dict[str, Any]) -> None:
    document["checks"].remove("lint")


def _with_a_failure(document: dict[str, Any]) -> None:
    finding = {
        "check": "lint",
        "rule": "FT201",
        "outcome": "FAIL",
        "warning": False,
        "reason": "peeks",
        "window": "",
        "place": None,
    }
    document["findings"].append(finding)


def _with_an_unlisted_failure(document: dict[str, Any]) -> None:
    _with_a_failure(document)
    document["findings"][-1]["check"] = "second opinion"


def _without_findings(document: dict[str, Any]) -> None:
    document["findings"] = document["findings"][:-1]


def _weaker_policy(document: dict[str, Any]) -> None:
    document["policy"] = {"digest": digest({"checks": [], "thresholds": []}), "checks": [], "thresholds": []}


def _fails(document: dict[str, Any]) -> None:
    document["outcome"] = "FAIL"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (_worse, "Judged again it is FAIL, not PASS: Maximum drawdown is 60.00 %"),
        (_without_a_check, "Judged again it is ERROR, not PASS"),
        (_with_a_failure, "Judged again it is FAIL, not PASS: peeks"),
        (_with_an_unlisted_failure, "Judged again it is FAIL, not PASS: peeks"),
        (_without_findings, "the findings are not the ones that it lists"),
        (_weaker_policy, "another policy"),
        (_fails, "calls itself FAIL"),
    ],
)
def test_forged_evidence_is_refused_though_its_digest_fits(
    change: Callable[[dict[str, Any]], None], complaint: str
) -> None:
    assert complaint in " ".join(objections(forged(change), present()))


def test_demands_against_an_incumbent_count_where_there_was_one_and_only_there() -> None:
    against = Threshold("profit_total_ratio", Scope(Span.ALL_TOGETHER), at_least=-1.0, relative_to=Subject.INCUMBENT)
    policy = Policy(samples.POLICY.checks, (*samples.POLICY.thresholds, against))
    now = present(environment=environment(policy=policy, windows=()))
    alone = record(environment_digest=now.environment.digest)
    assert objections(alone, now) == ()
    compared = replace(alone, incumbent="sha256:" + "7" * 64)
    assert any("another policy" in words for words in objections(compared, now))


def test_a_document_with_an_incumbent_is_judged_again_as_it_was() -> None:
    judged, _ = samples.passing()
    told = read_evidence(to_text(evidence_document(judged)).encode())
    assert judged.incumbent is not None
    assert told.incumbent == judged.incumbent.provenance.content_digest
    assert sorted(map(str, judged_again(told, judged.policy).findings)) == sorted(map(str, judged.verdict.findings))


def test_a_verdict_has_one_digest_whatever_the_order_of_its_findings() -> None:
    findings = record().findings
    assert verdict_digest(findings) == verdict_digest(tuple(reversed(findings)))
    assert verdict_digest(findings) != verdict_digest(findings[1:])
