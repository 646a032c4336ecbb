"""What `freqtrain rolled-back --out` or `roll-back --out` left on a device, read where it was not written."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from pipeline.adapters.told_file import Told, read_told
from pipeline.domain.strategy import ID_PATTERN
from pipeline.domain.train.roll_backs import MOST_BRAKES, Known, RollBack
from pipeline.errors import Refused

_ENVIRONMENT_PATTERN = "^[a-z][a-z0-9_-]{0,31}$"
_Digest = Annotated[str, StringConstraints(pattern="^sha256:[0-9a-f]{64}$", max_length=71)]
_MaybeDigest = Annotated[str, StringConstraints(pattern="^(sha256:[0-9a-f]{64})?$", max_length=71)]
_Sentence = Annotated[str, StringConstraints(max_length=20_000)]
_Code = Literal["DONE", "CRASH", "USAGE", "REFUSED", "TOOL", "LOCKED", "UNDONE", "INTERRUPTED"]


class _Known(Told):
    source: _Sentence
    evidence: _Sentence
    deployed_at: AwareDatetime | None
    healthy_hours: Annotated[float, Field(ge=0, le=1e9)] | None
    closed_trades: Annotated[int, Field(ge=0, le=10**9)] | None
    brakes: Annotated[list[_Sentence], Field(max_length=MOST_BRAKES)]


class _RollBack(Told):
    environment: Annotated[str, StringConstraints(pattern=_ENVIRONMENT_PATTERN, max_length=32)]
    strategy: Annotated[str, StringConstraints(pattern=f"^{ID_PATTERN}$", max_length=64)]
    bundle: _Digest
    entry: _Digest
    by: _Sentence
    reason: _Sentence
    began_at: AwareDatetime
    to: _MaybeDigest
    ended_at: AwareDatetime | None
    runs: _MaybeDigest
    known: _Known


class _Document(Told):
    outcome: _Code
    told: _Sentence
    hint: _Sentence
    roll_backs: Annotated[list[_RollBack], Field(max_length=1_000)]


MOST_DEVICES = 64


def read_roll_backs(path: Path) -> tuple[tuple[RollBack, ...], str]:
    """As `read_one`, of a file or of all that several devices left in a folder; one that cannot be read hides nothing of the others.

    Raises:
        Refused: no device left a word that can be read.
    """
    if not path.is_dir():
        return read_one(path)
    found: dict[RollBack, None] = {}
    wrong: list[str] = []
    files = sorted(path.glob("*.json"))[:MOST_DEVICES]
    refusals: list[Refused] = []
    for file in files:
        try:
            roll_backs, told = read_one(file)
        except Refused as error:
            refusals.append(error)
        else:
            found |= dict.fromkeys(roll_backs)
            wrong += [told] if told else []
    if len(refusals) == len(files):
        raise refusals[0] if refusals else Refused("the device left no word", hint="the log of its job tells more")
    return tuple(found), "; ".join([*wrong, *(error.message for error in refusals)])


def read_one(file: Path) -> tuple[tuple[RollBack, ...], str]:
    """The roll-backs that the file tells of, and what it says went wrong (empty: nothing).

    Raises:
        Refused: it is not there, or not of the one right shape. The message holds nothing of what is in it.
    """
    told = read_told(file, _Document)
    return tuple(_roll_back(one) for one in told.roll_backs), told.told


def _roll_back(told: _RollBack) -> RollBack:
    of = told.known
    known = Known(of.source, of.evidence, of.deployed_at, of.healthy_hours, of.closed_trades, tuple(of.brakes))
    return RollBack(
        told.environment,
        told.strategy,
        told.bundle,
        told.entry,
        told.by,
        told.reason,
        told.began_at,
        told.to,
        told.ended_at,
        told.runs,
        known,
    )
