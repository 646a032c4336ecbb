"""evidence.json from a folder: read strictly, and believed only where its digest fits."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.adapters import evidence_file
from pipeline.adapters.evidence_file import read_evidence, read_folder
from pipeline.domain.canonical import digest
from pipeline.domain.verdict import Outcome
from pipeline.errors import ConfigError, Refused
from pipeline.render.evidence_json import document_digest, evidence_document, to_text
from tests.bundle_samples import candidate, evidence_text, judgement
from tests.render import samples


def text_of(document: dict[str, Any]) -> bytes:
    return json.dumps(document).encode()


def document() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(evidence_text(candidate()))
    return read


def test_everything_that_a_judge_needs_is_read_back() -> None:
    told, judged = read_evidence(evidence_text(candidate())), judgement(candidate())
    assert told.outcome is Outcome.PASS
    assert told.provenance == judged.evidence.provenance
    assert told.policy_digest == judged.policy.digest
    assert sorted(map(str, told.findings)) == sorted(map(str, judged.verdict.findings))
    assert sorted(map(str, told.measurements)) == sorted(map(str, judged.evidence.measurements))
    assert told.checks == ("lint", "behaviour", "backtest")
    assert told.incumbent == ""
    assert digest(told.document) == told.digest


@pytest.mark.parametrize(
    "make", [samples.passing, samples.failing, samples.inconclusive, samples.broken, samples.hostile]
)
def test_whatever_a_gate_writes_can_be_read(make: Callable[[], Any]) -> None:
    judged = make()[0]
    told = read_evidence(to_text(evidence_document(judged)).encode())
    assert told.outcome is judged.verdict.outcome


def test_how_a_run_went_is_no_part_of_the_evidence() -> None:
    other = document()
    other["run"]["seconds"] = 99.0
    assert read_evidence(text_of(other)).digest == document()["digest"]
    assert "run" not in read_evidence(text_of(other)).document


def _set(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(into: dict[str, Any]) -> None:
        *parents, last = path.split(".")
        for parent in parents:
            into = into[int(parent)] if isinstance(into, list) else into[parent]
        into[last] = value

    return change


def _fitting(change: Callable[[dict[str, Any]], None]) -> bytes:
    """An edited document with the digest that fits."""
    edited = document()
    change(edited)
    edited["digest"] = document_digest(edited)
    return text_of(edited)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (b"", "is no evidence"),
        (b"\xff\xfe", "is no evidence"),
        (b"[" * 100_000, "is no evidence"),
        (b"[]", "the whole|is no evidence"),
        (b"{}", "outcome: Field required"),
        (evidence_text(candidate()).replace(b'"outcome": "PASS"', b'"outcome": "FAIL"', 1), "it was changed"),
        (evidence_text(candidate()).replace(b'"simulated": false', b'"simulated": false, "simulated": false', 1), "twice"),
        (_fitting(_set("schema", 2)), "schema"),
        (_fitting(_set("more", 1)), "more"),
        (_fitting(_set("provenance.simulated", "no")), "provenance.simulated"),
        (_fitting(_set("provenance.content_digest", "sha256:x")), "content_digest"),
        (_fitting(_set("findings.0.outcome", "MAYBE")), "findings.0.outcome"),
        (_fitting(_set("measurements.0.subject", "me")), "measurements.0.subject"),
        (_fitting(_set("measurements.0.value", "1.0")), "measurements.0.value"),
        (_fitting(_set("measurements.0.value", None)), "measurements.0.value"),
        (text_of({**document(), "measurements": [float("nan")]}), "NaN is no number"),
    ],
)  # fmt: skip
def test_what_is_no_evidence_is_refused_with_the_place(text: bytes, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        read_evidence(text)


def write(folder: Path, id: str, text: bytes) -> None:
    (folder / id).mkdir(parents=True)
    (folder / id / "evidence.json").write_bytes(text)


def test_a_folder_gives_all_that_it_holds_or_what_is_asked_for(tmp_path: Path) -> None:
    write(tmp_path, "sma_trend", evidence_text(candidate()))
    write(tmp_path, "other", evidence_text(candidate("other")))
    (tmp_path / "report.html").write_text("x")
    assert sorted(read_folder(tmp_path, ())) == ["other", "sma_trend"]
    assert list(read_folder(tmp_path, ("other", "other"))) == ["other"]


def test_every_document_that_cannot_be_read_is_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, "a", b"{}")
    write(tmp_path, "b", evidence_text(candidate("b")).replace(b'"PASS"', b'"FAIL"', 1))
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "evidence.json").symlink_to(tmp_path / "a" / "evidence.json")
    with pytest.raises(ConfigError) as refused:
        read_folder(tmp_path, ("a", "b", "c", "d"))
    told = [str(problem).replace(f"{tmp_path}/", "") for problem in refused.value.problems]
    assert [line.partition(":")[0] for line in told] == [f"{id}/evidence.json" for id in "abcd"]
    assert "symbolic link" in told[2]
    assert "No such file" in told[3]
    assert refused.value.hint == "make it anew with: freqtrain gate a b c d"


def test_a_folder_without_evidence_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="holds no evidence"):
        read_folder(tmp_path, ())
    with pytest.raises(Refused, match="is no folder"):
        read_folder(tmp_path / "nowhere", ())


def test_a_document_is_not_read_further_than_it_may_be_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence_file, "LARGEST_BYTES", 2048)
    write(tmp_path, "sma_trend", evidence_text(candidate()))
    with pytest.raises(ConfigError, match="is larger than 2 KiB"):
        read_folder(tmp_path, ())
