"""The facts of the road: one frozen class for each kind of ledger entry, and reading them without guessing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from pipeline.domain.canonical import Plain
from pipeline.domain.ledger import Entry
from pipeline.domain.train import fact_text
from pipeline.domain.train.steps import Step
from pipeline.errors import Refused


class TradePolicy(StrEnum):
    """What becomes of open trades when a bundle is replaced."""

    CARRY = "carry"
    """The new bundle takes them over."""
    DRAIN = "drain"
    """The old bundle manages them to their end, up to a deadline; only then is it replaced."""
    EXIT = "exit"
    """They are sold at once."""


class Purpose(StrEnum):
    """Why a plan is carried out."""

    DEPLOY = "deploy"
    ROLL_BACK = "roll_back"
    DRAIN = "drain"
    RESUME = "resume"
    UNDO = "undo"
    CONVERGE = "converge"


@dataclass(frozen=True, slots=True)
class Cut:
    """A bundle was built from a commit."""

    strategy: str
    bundle: str
    commit: str
    by: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Promoted:
    """The environment should run this bundle. `overridden` is the reason for which a person boarded it though it lacked something."""

    environment: str
    strategy: str
    bundle: str
    by: str
    reason: str
    evidence: str = ""
    source: str = ""
    """The tag or commit that named it."""
    overridden: str = ""


@dataclass(frozen=True, slots=True)
class Approved:
    """A person signed for these bundles; `text` is the digest of the signed text."""

    environment: str
    bundles: tuple[str, ...]
    policy: str
    signer: str
    expires_at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Deploying:
    """A bundle's way into a slot begins; `old_bundle` and `old_slot` are empty where nothing ran."""

    environment: str
    strategy: str
    purpose: Purpose
    bundle: str
    slot: str
    steps: tuple[Step, ...]
    by: str
    reason: str = ""
    old_bundle: str = ""
    old_slot: str = ""
    trades: TradePolicy = TradePolicy.CARRY
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Resuming:
    """A deployment whose verb died goes on, with these steps."""

    environment: str
    strategy: str
    bundle: str
    steps: tuple[Step, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Undoing:
    """A deployment is taken back, with these steps; from here it never goes on."""

    environment: str
    strategy: str
    bundle: str
    steps: tuple[Step, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Converging:
    """What runs is brought to what should run, with these steps."""

    environment: str
    strategy: str
    steps: tuple[Step, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class StepBegan:
    """The step with this place (from 0) in the latest steps is about to be done."""

    environment: str
    strategy: str
    number: int
    step: Step


@dataclass(frozen=True, slots=True)
class StepEnded:
    """The step was done; `note` says what came of it, where there is something to say (where a copy lies, how long it took)."""

    environment: str
    strategy: str
    number: int
    step: Step
    note: str = ""


@dataclass(frozen=True, slots=True)
class Deployed:
    """The bundle runs, proved. `down_seconds` is how long nobody looked after the strategy's trades; -1 where it was not measured."""

    environment: str
    strategy: str
    bundle: str
    slot: str
    by: str
    released: bool = True
    down_seconds: float = -1.0


@dataclass(frozen=True, slots=True)
class Undone:
    """The deployment of `bundle` was taken back; `kept` goes on, or nothing where it is empty."""

    environment: str
    strategy: str
    bundle: str
    reason: str
    kept: str = ""


@dataclass(frozen=True, slots=True)
class Converged:
    """What runs is what should run."""

    environment: str
    strategy: str


@dataclass(frozen=True, slots=True)
class Draining:
    """`bundle` manages its trades to their end before `successor` takes its place; at the deadline, the rest is carried or sold."""

    environment: str
    strategy: str
    bundle: str
    successor: str
    deadline_at: datetime
    rest: TradePolicy
    by: str


@dataclass(frozen=True, slots=True)
class Drained:
    """The drain is over: no trade is left, or the deadline has passed."""

    environment: str
    strategy: str
    bundle: str
    open_trades: int


@dataclass(frozen=True, slots=True)
class Stopped:
    """Nothing of the strategy runs any more."""

    environment: str
    strategy: str
    bundle: str
    reason: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class EntriesStopped:
    """A person wants no new positions, and with `exits` none at all; only `released` ends it."""

    environment: str
    strategy: str
    by: str
    reason: str = ""
    exits: bool = False


@dataclass(frozen=True, slots=True)
class Released:
    """A person allows entries again after a stop, a brake or a doubt."""

    environment: str
    strategy: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Braked:
    """A hard limit was passed: this bundle enters nothing until a person releases it or another bundle is deployed."""

    environment: str
    strategy: str
    bundle: str
    brake: str
    reason: str


@dataclass(frozen=True, slots=True)
class RolledBack:
    """The last known good bundle came back; `to` is empty where there was none: then entries stay stopped and exits are managed."""

    environment: str
    strategy: str
    bundle: str
    by: str
    reason: str
    to: str = ""


@dataclass(frozen=True, slots=True)
class Blocked:
    """The bundle may not board, and enters nothing where it runs, until a person lifts the block."""

    environment: str
    strategy: str
    bundle: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class BlockLifted:
    """A person lifted the block."""

    environment: str
    bundle: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Retired:
    """The strategy was deleted: it enters nothing more, manages its trades to their end and stops; `at_once`, it stops without waiting."""

    environment: str
    strategy: str
    bundle: str
    reason: str
    at_once: bool = False
    by: str = ""


@dataclass(frozen=True, slots=True)
class Soaked:
    """The bundle was healthy for as long as its environment demands: from now on it is a known good one."""

    environment: str
    strategy: str
    bundle: str
    healthy_hours: float
    closed_trades: int
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Doubted:
    """Something does not add up, such as a fill that no database explains: nothing is entered until a person has looked."""

    environment: str
    strategy: str
    reason: str


Fact: TypeAlias = (
    Cut | Promoted | Approved | Deploying | Resuming | Undoing | Converging | StepBegan | StepEnded | Deployed | Undone
    | Converged | Draining | Drained | Stopped | EntriesStopped | Released | Braked | RolledBack | Blocked | BlockLifted
    | Retired | Soaked | Doubted
)  # fmt: skip

KINDS: Mapping[str, type[Fact]] = {
    "cut": Cut,
    "promoted": Promoted,
    "approved": Approved,
    "deploying": Deploying,
    "resuming": Resuming,
    "undoing": Undoing,
    "converging": Converging,
    "step_began": StepBegan,
    "step_ended": StepEnded,
    "deployed": Deployed,
    "undone": Undone,
    "converged": Converged,
    "draining": Draining,
    "drained": Drained,
    "stopped": Stopped,
    "entries_stopped": EntriesStopped,
    "released": Released,
    "braked": Braked,
    "rolled_back": RolledBack,
    "blocked": Blocked,
    "block_lifted": BlockLifted,
    "retired": Retired,
    "soaked": Soaked,
    "doubted": Doubted,
}
"""Kind of entry -> the fact that it holds."""

_NAMES = {fact: kind for kind, fact in KINDS.items()}


@dataclass(frozen=True, slots=True)
class Recorded:
    """A fact as it stands in the ledger: `line` from 1, `at` aware UTC."""

    line: int
    at: datetime
    fact: Fact


def kind_of(fact: Fact) -> str:
    """The kind of the entry that holds the fact."""
    return _NAMES[type(fact)]


def body_of(fact: Fact) -> dict[str, Plain]:
    """The body of the entry that holds the fact."""
    return fact_text.write(fact)


def recorded(entries: Iterable[Entry]) -> tuple[Recorded, ...]:
    """The facts of a ledger.

    Raises:
        Refused: entries are of an unknown kind or malformed; the message lists all of them with their lines. Nothing is decided on a ledger
            that is understood in part.
    """
    found, problems, unknown = [], [], False
    for entry in entries:
        kind = KINDS.get(entry.kind)
        if kind is None:
            unknown = True
            problems.append(f"line {entry.seq}: holds an entry of the unknown kind '{entry.kind}'")
            continue
        try:
            found.append(Recorded(entry.seq, entry.at, fact_text.read(kind, entry.body)))
        except ValueError as error:
            problems.append(f"line {entry.seq}: the '{entry.kind}' entry is malformed: {error}")
    if problems:
        hint = (
            "a newer freqtrain wrote this ledger: install that version or a later one; bots go on as they are"
            if unknown
            else "compare the ledger with a backup; bots go on as they are"
        )
        raise Refused("the ledger cannot be understood:\n" + "\n".join(f"  {told}" for told in problems), hint=hint)
    return tuple(found)
