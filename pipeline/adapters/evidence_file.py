"""evidence.json as a gate left it, believed only as far as its shape and its digest: whoever can write a file can write evidence."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from pipeline.adapters import strict_json
from pipeline.adapters.bounded import read_bounded
from pipeline.domain.canonical import Plain
from pipeline.domain.evidence import Provenance
from pipeline.domain.evidence_record import EvidenceRecord
from pipeline.domain.verdict import Finding, Measurement, Outcome, Place, Subject
from pipeline.errors import ConfigError, Problem, Refused
from pipeline.render.evidence_json import document_digest

FILE = "evidence.json"
LARGEST_BYTES = 64 * 2**20
LEFT_OUT = ("digest", "run")
"""What a document's digest does not cover."""

Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
OutcomeName = Literal["PASS", "INCONCLUSIVE", "ERROR", "FAIL"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Provenance(_Model):
    strategy: str
    class_name: str
    timeframe: str
    pairs: list[str]
    content_digest: Digest
    files: dict[str, Digest]
    policy_digest: Digest
    environment_digest: Digest
    dataset: str
    dataset_digest: Digest
    markets_digest: Digest
    simulated: bool
    versions: dict[str, str]
    isolation: str
    title: str
    owner: str


class _Place(_Model):
    file: str
    line: int
    column: int


class _Finding(_Model):
    check: str
    rule: str
    outcome: OutcomeName
    warning: bool
    reason: str
    window: str
    place: _Place | None


class _Measurement(_Model):
    subject: Literal["candidate", "incumbent", "market"]
    window: str
    metric: str
    value: float | Literal["nan", "inf", "-inf"]
    unit: str


class _Policy(_Model):
    digest: Digest
    checks: list[str]
    thresholds: list[object]


class _Incumbent(_Model):
    provenance: _Provenance
    findings: list[object]
    windows: list[object]


class _Document(_Model):
    outcome: OutcomeName
    schema_: Annotated[Literal[1], Field(alias="schema")]
    simulated: bool
    note: str
    provenance: _Provenance
    policy: _Policy
    checks: list[str]
    findings: list[_Finding]
    measurements: list[_Measurement]
    windows: list[object]
    incumbent: _Incumbent | None
    digest: Digest
    run: dict[str, object]


def read_folder(folder: Path, ids: Sequence[str]) -> Mapping[str, EvidenceRecord]:
    """The evidence of strategies by id, from `<folder>/<id>/evidence.json`; all that there is where no ids are given.

    Raises:
        Refused: there is no such folder, or no evidence in it.
        ConfigError: every document that is missing or cannot be believed.
    """
    if not folder.is_dir():
        raise Refused(
            f"{folder} is no folder", hint="`freqtrain gate` writes evidence; name its folder with --evidence"
        )
    names = tuple(dict.fromkeys(ids)) or tuple(sorted(path.parent.name for path in folder.glob(f"*/{FILE}")))
    if not names:
        raise Refused(f"{folder} holds no evidence", hint="make some with: freqtrain gate")
    records: dict[str, EvidenceRecord] = {}
    problems: list[Problem] = []
    for name in names:
        path = folder / name / FILE
        try:
            records[name] = read_evidence(read_bounded(path, LARGEST_BYTES))
        except OSError as error:
            problems.append(Problem(str(path), 0, 0, error.strerror or "cannot be read"))
        except ValueError as error:
            problems.append(Problem(str(path), 0, 0, str(error)))
    if problems:
        raise ConfigError(tuple(problems), hint=f"make it anew with: freqtrain gate {' '.join(ids)}".rstrip())
    return records


def read_evidence(text: bytes) -> EvidenceRecord:
    """The evidence in a document's text.

    Raises:
        ValueError: it is no evidence of this version, or does not have the digest that it carries.
    """
    try:
        document = strict_json.loads(text)
        model = _Document.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise ValueError(f"is no evidence of this version: {where}: {first['msg']}") from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is no evidence: {error}") from error
    if document_digest(document) != model.digest:
        raise ValueError("does not have the digest that it carries: it was changed")
    return _record(model, {key: value for key, value in document.items() if key not in LEFT_OUT})


def _record(model: _Document, document: Mapping[str, Plain]) -> EvidenceRecord:
    told = model.provenance
    return EvidenceRecord(
        digest=model.digest,
        outcome=Outcome[model.outcome],
        provenance=Provenance(**{**told.model_dump(), "pairs": tuple(told.pairs)}),
        policy_digest=model.policy.digest,
        checks=tuple(model.checks),
        findings=tuple(_finding(finding) for finding in model.findings),
        measurements=tuple(
            Measurement(m.metric, float(m.value), m.window, Subject(m.subject)) for m in model.measurements
        ),
        incumbent=model.incumbent.provenance.content_digest if model.incumbent else "",
        document=document,
    )


def _finding(told: _Finding) -> Finding:
    place = Place(**told.place.model_dump()) if told.place else None
    return Finding(told.check, told.rule, Outcome[told.outcome], told.reason, place, told.warning, told.window)
