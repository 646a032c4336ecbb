"""joined.json as a run of the gate left it: data of strangers, of which only numbers, outcomes and bounded sentences are taken."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from pipeline.adapters import strict_json
from pipeline.adapters.github.zip_files import files_of
from pipeline.domain.evidence import SCHEMA
from pipeline.domain.gate_account import FILE, TOLD, GateAccount, StrategyAccount
from pipeline.domain.strategy import ID_PATTERN
from pipeline.domain.verdict import Measurement, Outcome, Subject
from pipeline.errors import Refused

LARGEST_BYTES = 8 * 2**20
"""Unpacked; one strategy takes some 8 KiB."""

_MOST_VALUE = 1e12
_Id = Annotated[str, StringConstraints(pattern=f"^{ID_PATTERN}$", max_length=64)]
_Sentence = Annotated[str, StringConstraints(max_length=10_000)]
_Window = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_OutcomeName = Literal["PASS", "INCONCLUSIVE", "ERROR", "FAIL"]
_SubjectName = Literal["candidate", "incumbent", "market"]
_Value = Annotated[float, Field(ge=-_MOST_VALUE, le=_MOST_VALUE)] | Literal["nan", "inf", "-inf"]
_Metric = Annotated[str, StringConstraints(pattern=f"^({'|'.join(TOLD)})$", max_length=64)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Strategy(_Model):
    id: _Id
    outcome: _OutcomeName
    chosen_because: _Sentence
    evidence_digest: _Sentence | None
    reasons: Annotated[list[_Sentence], Field(max_length=10_000)]
    measurements: dict[_SubjectName, Annotated[dict[_Window, dict[_Metric, _Value]], Field(max_length=200)]]


class _Document(_Model):
    outcome: _OutcomeName
    schema_: Annotated[int, Field(alias="schema", ge=SCHEMA, le=SCHEMA)]
    exit_code: Annotated[int, Field(ge=0, le=255)]
    simulated: bool
    note: _Sentence
    problems: Annotated[list[_Sentence], Field(max_length=20_000)]
    strategies: Annotated[list[_Strategy], Field(max_length=2_000)]


def read_joined(archive: bytes) -> GateAccount:
    """What the file in the zip file says.

    Raises:
        Refused: it is no zip file that holds this file alone, or the file is not of the one right shape, or contradicts itself. The message
            never holds more of it than a file's name, without anything that a terminal or a runner would obey.
    """
    files = files_of(archive, "the summary", most_bytes=LARGEST_BYTES, most_files=1)
    if tuple(files) != (FILE,):
        raise Refused(f"the summary does not hold {FILE} alone", hint="nothing of it was used")
    told = _document(files[FILE])
    account = GateAccount(tuple(_strategy(one) for one in told.strategies), tuple(told.problems), told.simulated)
    ids = [one.id for one in account.strategies]
    if account.outcome.name != told.outcome or len(set(ids)) < len(ids):
        raise Refused("the summary contradicts itself", hint="nothing of it was used")
    return account


def _document(text: bytes) -> _Document:
    try:
        strict_json.loads(text)
        return _Document.model_validate_json(text)
    except ValidationError as error:
        kind = error.errors(include_url=False, include_input=False, include_context=False)[0]["type"]
        raise Refused(f"the summary is not of the right shape ({kind})", hint="nothing of it was used") from None
    except (ValueError, RecursionError):
        raise Refused("the summary is no JSON", hint="nothing of it was used") from None


def _strategy(told: _Strategy) -> StrategyAccount:
    return StrategyAccount(told.id, Outcome[told.outcome], tuple(told.reasons), tuple(_measurements(told)))


def _measurements(told: _Strategy) -> Iterator[Measurement]:
    for subject, windows in told.measurements.items():
        for window, values in windows.items():
            for metric, value in values.items():
                yield Measurement(metric, float(value), window, Subject(subject))
