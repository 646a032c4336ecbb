"""Facts of bots on the move, from the intent before a plan to what came of it: each is one kind of ledger entry."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pipeline.domain.train.steps import Step


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
    configuration: str = ""


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
    """The step was done; `note` says what came of it, where there is something to say (where a copy lies, how long it took).

    `skipped`: it was not done, because there was no reason for it any more; so a bot is not released where a hold came meanwhile.
    """

    environment: str
    strategy: str
    number: int
    step: Step
    note: str = ""
    skipped: bool = False


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
    evidence: str = ""
    configuration: str = ""


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
