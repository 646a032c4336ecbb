import json
from dataclasses import replace

import jsonschema
import pytest

from pipeline.domain.evidence import Judgement, Run
from pipeline.domain.judge import judge
from pipeline.domain.verdict import ALL_WINDOWS, Measurement, Outcome, Subject
from pipeline.render.evidence_json import document_digest, evidence_document, gate_document, to_text
from pipeline.render.evidence_schema import EVIDENCE, GATE
from tests.render import samples

EVERY = {
    "PASS": samples.passing,
    "FAIL": samples.failing,
    "INCONCLUSIVE": samples.inconclusive,
    "ERROR": samples.broken,
}


@pytest.mark.parametrize("outcome", EVERY)
def test_evidence_says_its_outcome_first_and_fits_its_schema(outcome: str) -> None:
    document = evidence_document(EVERY[outcome]()[0])
    assert next(iter(document)) == "outcome"
    assert document["outcome"] == outcome
    jsonschema.validate(json.loads(to_text(document)), EVIDENCE)


def test_hostile_evidence_fits_the_schema_too() -> None:
    jsonschema.validate(json.loads(to_text(evidence_document(samples.hostile()[0]))), EVIDENCE)


def test_the_schemas_are_schemas_and_refuse_what_is_not_evidence() -> None:
    for schema in (EVIDENCE, GATE):
        jsonschema.Draft202012Validator.check_schema(schema)
    document = evidence_document(samples.passing()[0])
    for broken in (
        {**document, "extra": 1},
        {k: v for k, v in document.items() if k != "policy"},
        {**document, "digest": "md5:1"},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(broken, EVIDENCE)


def test_the_digest_covers_everything_but_the_run() -> None:
    judgement = samples.passing()[0]
    document = evidence_document(judgement)
    assert document["digest"] == document_digest(json.loads(to_text(document)))
    later = replace(
        judgement,
        evidence=replace(judgement.evidence, run=Run("2031-01-01T00:00:00Z", 1.0, 2.0, True)),
        chosen_because="other",
    )
    assert evidence_document(later)["digest"] == document["digest"]
    assert evidence_document(later)["run"] != document["run"]
    slower = replace(judgement.evidence.provenance, versions={"freqtrade": "2026.10"})
    other = replace(judgement, evidence=replace(judgement.evidence, provenance=slower))
    assert evidence_document(other)["digest"] != document["digest"]


def test_the_order_in_which_things_were_measured_does_not_show() -> None:
    judgement = samples.failing()[0]
    evidence = judgement.evidence
    versions = dict(reversed(evidence.provenance.versions.items()))
    shuffled = replace(
        evidence,
        windows=tuple(reversed(evidence.windows)),
        provenance=replace(evidence.provenance, versions=versions),
        measurements=tuple(sorted(evidence.measurements, key=lambda m: (m.metric, m.subject))),
    )
    assert to_text(evidence_document(replace(judgement, evidence=shuffled))) == to_text(evidence_document(judgement))


def test_numbers_that_json_has_not_are_words() -> None:
    judgement = samples.passing()[0]
    odd = (Measurement("sharpe", float("nan"), "early"), Measurement("profit_factor", float("inf"), "early"))
    evidence = replace(judgement.evidence, measurements=odd)
    document = evidence_document(Judgement(evidence, samples.POLICY, judge((), odd, samples.POLICY)))
    values = {m["metric"]: m["value"] for m in document["measurements"]}  # type: ignore[union-attr, call-overload, index]
    assert values == {"sharpe": "nan", "profit_factor": "inf"}
    jsonschema.validate(json.loads(to_text(document)), EVIDENCE)


def test_evidence_holds_every_measurement_finding_and_trade_digest_and_the_incumbent_s() -> None:
    judgement = samples.passing()[0]
    document = json.loads(to_text(evidence_document(judgement)))
    told = {(m["subject"], m["window"], m["metric"]): m["value"] for m in document["measurements"]}
    assert judgement.incumbent is not None
    for measured in judgement.evidence.measurements:
        assert told[measured.subject.value, measured.window, measured.metric] == measured.value
    for measured in judgement.incumbent.measurements:
        if measured.subject is Subject.CANDIDATE:
            assert told["incumbent", measured.window, measured.metric] == measured.value
    assert len(document["findings"]) == len(judgement.verdict.findings)
    assert [w["trades_digest"] for w in document["windows"]] == [w.digest for w in judgement.evidence.windows]
    assert [w["trades_digest"] for w in document["incumbent"]["windows"]] == [
        w.digest for w in judgement.incumbent.windows
    ]


def test_the_text_is_ascii_and_cannot_become_a_workflow_command() -> None:
    text = to_text(evidence_document(samples.hostile()[0]))
    assert text.isascii()
    assert all(character.isprintable() or character == "\n" for character in text)
    assert "##[" not in text
    assert not any(line.strip().startswith("::") for line in text.splitlines())
    assert samples.HOSTILE in [finding["reason"] for finding in json.loads(text)["findings"]]


def test_the_gate_answers_with_the_worst_outcome_first_and_its_exit_code() -> None:
    judgements, _ = samples.gate()
    document = json.loads(to_text(gate_document(judgements, report="out/report.html")))
    assert next(iter(document)) == "outcome"
    assert (document["outcome"], document["exit_code"]) == ("FAIL", 10)
    assert document["meaning"] == "dip_buyer does not meet the policy."
    assert document["simulated"] is True
    assert document["note"] == "simulated: proves the train, not the strategy"
    assert [s["outcome"] for s in document["strategies"]] == ["PASS", "FAIL", "INCONCLUSIVE", "ERROR"]
    assert document["strategies"][1]["reasons"][0]["place"] == {"file": "strategy.py", "line": 42, "column": 34}
    assert document["strategies"][0]["measurements"]["candidate"][ALL_WINDOWS]["trades"] == 143
    jsonschema.validate(document, GATE)


@pytest.mark.parametrize(("outcome", "code"), [("PASS", 0), ("FAIL", 10), ("INCONCLUSIVE", 11), ("ERROR", 12)])
def test_each_outcome_has_its_exit_code(outcome: str, code: int) -> None:
    assert gate_document([EVERY[outcome]()[0]])["exit_code"] == code


def test_nothing_to_judge_passes_and_says_so() -> None:
    document = gate_document([])
    assert (document["outcome"], document["exit_code"], document["meaning"]) == (
        Outcome.PASS.name,
        0,
        "Nothing was to be judged.",
    )
    jsonschema.validate(document, GATE)
