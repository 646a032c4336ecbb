"""What `freqtrain promote --out` left on a device, read where it was not written."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from pipeline.adapters.told_file import Told, read_told
from pipeline.domain.promotion_account import AttemptAccount, PromotionAccount, SeatAccount
from pipeline.domain.strategy import ID_PATTERN
from pipeline.domain.train.boarding import Boards
from pipeline.domain.verdict import Outcome
from pipeline.errors import ExitCode, Refused

_Id = Annotated[str, StringConstraints(pattern=f"^{ID_PATTERN}$", max_length=64)]
_Bundle = Annotated[str, StringConstraints(pattern="^(sha256:[0-9a-f]{64})?$", max_length=71)]
_Name = Annotated[str, StringConstraints(max_length=500)]
_Sentence = Annotated[str, StringConstraints(max_length=20_000)]
_Run = Annotated[str, StringConstraints(pattern=r"^([0-9]{1,18}\.[0-9]{1,9})?$", max_length=28)]
_Code = Literal["DONE", "CRASH", "USAGE", "REFUSED", "TOOL", "LOCKED", "UNDONE", "INTERRUPTED"]
_Decision = Literal[
    "boards", "boards anyway", "already there", "stays", "blocked", "frozen", "retires", "stops"
]  # `Boards`: mypy takes no computed literal


class _Finding(Told):
    outcome: Literal["PASS", "INCONCLUSIVE", "ERROR", "FAIL"]
    reason: _Sentence


class _Seat(Told):
    strategy: _Id
    bundle: _Bundle
    decision: _Decision
    reason: _Sentence
    findings: Annotated[list[_Finding], Field(max_length=1_000)]


class _Attempt(Told):
    strategy: _Id
    outcome: _Code
    told: _Sentence
    hint: _Sentence
    runs: _Bundle = ""


class _Asked(Told):
    """What a run asks for; that it only asks is all that matters here."""


class _Document(Told):
    outcome: _Code
    environment: _Name
    tag: _Name
    commit: _Name
    planned: bool
    to_sign: Annotated[str, StringConstraints(max_length=1_000_000)]
    asked: _Asked | None = None
    approved_by: _Name = ""
    told: _Sentence = ""
    hint: _Sentence = ""
    run: _Run = ""
    strategies: Annotated[list[_Seat], Field(max_length=2_000)]
    attempts: Annotated[list[_Attempt], Field(max_length=2_000)]


def read_promotion(file: Path) -> PromotionAccount:
    """What the file says.

    Raises:
        Refused: it is not there, not of the one right shape, or contradicts itself. The message holds nothing of what is in it.
    """
    told = read_told(file, _Document)
    seats, attempts = [one.strategy for one in told.strategies], [one.strategy for one in told.attempts]
    if len(set(seats)) < len(seats) or len(set(attempts)) < len(attempts) or not set(attempts) <= set(seats):
        raise Refused("what the device left contradicts itself", hint="nothing of it was used")
    return PromotionAccount(
        code=ExitCode[told.outcome],
        environment=told.environment,
        tag=told.tag,
        commit=told.commit,
        planned=told.planned or told.asked is not None,
        to_sign=bool(told.to_sign),
        told=told.told,
        hint=told.hint,
        seats=tuple(_seat(one) for one in told.strategies),
        attempts=tuple(
            AttemptAccount(one.strategy, ExitCode[one.outcome], one.told, one.hint, one.runs) for one in told.attempts
        ),
        approved_by=told.approved_by,
        run=told.run,
    )


def _seat(told: _Seat) -> SeatAccount:
    findings = tuple((Outcome[found.outcome], found.reason) for found in told.findings)
    return SeatAccount(told.strategy, told.bundle, Boards(told.decision), told.reason, findings)
