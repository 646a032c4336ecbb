"""What evidence.json and the gate's answer look like, as JSON Schema (draft 2020-12), for whoever reads them with a program."""

from pipeline.domain.canonical import Plain
from pipeline.domain.evidence import SCHEMA
from pipeline.domain.verdict import Outcome, Subject
from pipeline.errors import ExitCode
from pipeline.render.outcomes import exit_code

Schema = dict[str, Plain]

_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_FLAG: Schema = {"type": "boolean"}
_DIGEST: Schema = {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}
_TIME: Schema = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$"}
_NUMBER: Schema = {"anyOf": [{"type": "number"}, {"enum": ["nan", "inf", "-inf"]}]}
_BOUND: Schema = {"type": ["number", "null"]}
_OUTCOME: Schema = {"enum": [outcome.name for outcome in Outcome]}
_SUBJECT: Schema = {"enum": [subject.value for subject in Subject]}


def _object(**properties: Schema) -> Schema:
    """An object that has exactly these keys."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _map(values: Schema) -> Schema:
    return {"type": "object", "additionalProperties": values}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


_FINDING = _object(
    check=_TEXT,
    rule=_TEXT,
    outcome=_OUTCOME,
    warning=_FLAG,
    reason=_TEXT,
    window=_TEXT,
    place=_or_null(_object(file=_TEXT, line=_COUNT, column=_COUNT)),
)
_WINDOW = _object(name=_TEXT, start=_TIME, end=_TIME, trades=_COUNT, trades_digest=_DIGEST)
_PROVENANCE = _object(
    strategy=_TEXT,
    class_name=_TEXT,
    timeframe=_TEXT,
    pairs=_list(_TEXT),
    content_digest=_DIGEST,
    files=_map(_DIGEST),
    policy_digest=_DIGEST,
    environment_digest=_DIGEST,
    dataset=_TEXT,
    dataset_digest=_DIGEST,
    markets_digest=_DIGEST,
    simulated=_FLAG,
    versions=_map(_TEXT),
    isolation=_TEXT,
    title=_TEXT,
    owner=_TEXT,
)
_THRESHOLD = _object(
    metric=_TEXT,
    above=_BOUND,
    at_least=_BOUND,
    at_most=_BOUND,
    below=_BOUND,
    relative_to=_or_null(_SUBJECT),
    minimum_trades=_COUNT,
    scope={"type": "string", "pattern": r"^(each|all_together|\d+ of \d+)$"},
)

EVIDENCE: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "freqtrain evidence",
    **_object(
        outcome=_OUTCOME,
        schema={"const": SCHEMA},
        simulated=_FLAG,
        note=_TEXT,
        provenance=_PROVENANCE,
        policy=_object(digest=_DIGEST, checks=_list(_TEXT), thresholds=_list(_THRESHOLD)),
        checks=_list(_TEXT),
        findings=_list(_FINDING),
        measurements=_list(
            _object(
                subject=_SUBJECT,
                window=_TEXT,
                metric=_TEXT,
                value=_NUMBER,
                unit={"enum": ["ratio", "count", "money", "number"]},
            )
        ),
        windows=_list(_WINDOW),
        incumbent=_or_null(_object(provenance=_PROVENANCE, findings=_list(_FINDING), windows=_list(_WINDOW))),
        digest=_DIGEST,
        run=_object(
            started_at=_TEXT,
            seconds={"type": "number", "minimum": 0},
            peak_memory_mib={"type": "number", "minimum": 0},
            cached=_FLAG,
            chosen_because=_TEXT,
        ),
    ),
}
"""evidence.json; `digest` covers everything but itself and `run`."""

GATE: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "the answer of freqtrain gate --json",
    **_object(
        outcome=_OUTCOME,
        schema={"const": SCHEMA},
        exit_code={"enum": [int(code) for code in ExitCode if code in {exit_code(outcome) for outcome in Outcome}]},
        meaning=_TEXT,
        simulated=_FLAG,
        note=_TEXT,
        report={"type": ["string", "null"]},
        strategies=_list(
            _object(
                id=_TEXT,
                outcome=_OUTCOME,
                reasons=_list(_FINDING),
                warnings=_list(_FINDING),
                chosen_because=_TEXT,
                content_digest=_DIGEST,
                evidence_digest=_DIGEST,
                cached=_FLAG,
                measurements=_map(_map(_map(_NUMBER))),
            )
        ),
    ),
}
"""What `--json` prints: subject -> window -> metric -> value in `measurements`."""
