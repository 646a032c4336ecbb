"""What a ledger says should be: for each strategy what runs, what is known to be good, what was interrupted, and what holds entries."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from pipeline.domain.train.decisions import Asked, DecisionMade, Observed, ParityMeasured
from pipeline.domain.train.facts import Recorded
from pipeline.domain.train.movements import Purpose, TradePolicy
from pipeline.domain.train.steps import Step, short


@dataclass(frozen=True, slots=True)
class Standing:
    """A bundle in a slot."""

    bundle: str
    slot: str


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment of the history: who, when, on which evidence; `until_at` is None while it stands."""

    bundle: str
    slot: str
    since_at: datetime
    by: str
    reason: str
    evidence: str
    purpose: Purpose
    until_at: datetime | None = None
    soaked_at: datetime | None = None
    configuration: str = ""
    """The digest of the environment's configuration that its bot was given."""


@dataclass(frozen=True, slots=True)
class Progress:
    """A plan that was begun and not ended.

    `began` is the place of the latest step that was begun (-1: none) and `ended` that of the latest that was done, both in `steps`. `target` is
    None where the plan only converges. `releasing` says that the target may have entered positions.
    """

    purpose: Purpose
    target: Standing | None
    old: Standing | None
    steps: tuple[Step, ...]
    by: str
    since_at: datetime
    reason: str = ""
    evidence: str = ""
    configuration: str = ""
    began: int = -1
    ended: int = -1
    releasing: bool = False
    undoing: bool = False

    @property
    def step(self) -> Step | None:
        """The step in which the verb died: begun and not done."""
        return self.steps[self.began] if self.began > self.ended else None


@dataclass(frozen=True, slots=True)
class Drain:
    """`bundle` manages its trades to their end, then `successor` follows; `over` once that was found."""

    bundle: str
    successor: str
    deadline_at: datetime
    rest: TradePolicy
    by: str
    over: bool = False
    evidence: str = ""
    configuration: str = ""


class HoldKind(StrEnum):
    """What can hold entries."""

    STOP = "stop"
    BRAKE = "brake"
    BLOCK = "block"
    DRAIN = "drain"
    RETIREMENT = "retirement"
    DOUBT = "doubt"
    MOVE = "move"


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a strategy may not enter: for one bundle, or for every one where `bundle` is empty. `exits`: its positions are to be sold as well."""

    kind: HoldKind
    reason: str
    at: datetime
    by: str = ""
    bundle: str = ""
    exits: bool = False

    def __str__(self) -> str:
        who = f" by {self.by}" if self.by else ""
        return f"{self.kind.value}{who} since {self.at:%Y-%m-%d %H:%M} UTC: {self.reason}"


@dataclass(frozen=True, slots=True)
class Block:
    """A mark on a bundle that only a person lifts."""

    bundle: str
    strategy: str
    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Question:
    """What a run on GitHub asked first, and when; what it asked later counts for nothing, because GitHub does not tell to what somebody said yes."""

    asked_at: datetime
    asked: Asked


@dataclass(frozen=True, slots=True)
class Away:
    """The environment left this device; `archive` is the digest of what it left in, "" while it is being packed."""

    at: datetime
    by: str
    archive: str = ""

    def __str__(self) -> str:
        how = f"moved away in the archive {short(self.archive)}" if self.archive else "is about to be moved away"
        return f"{how}, by {self.by} at {self.at:%Y-%m-%d %H:%M} UTC"


@dataclass(frozen=True, slots=True)
class Retirement:
    """The strategy was deleted."""

    bundle: str
    at: datetime
    at_once: bool
    reason: str


@dataclass(frozen=True, slots=True)
class StrategyState:
    """One strategy in one environment. `place` counts strategies by their first deployment, from 0, and never changes."""

    strategy: str
    place: int = -1
    standing: Standing | None = None
    progress: Progress | None = None
    drain: Drain | None = None
    retirement: Retirement | None = None
    holds: tuple[Hold, ...] = ()
    deployments: tuple[Deployment, ...] = ()
    promoted: str = ""
    """A bundle that should run and was not deployed yet."""
    observed: dict[str, Observed] = field(default_factory=dict)
    """Bundle -> the latest that it has shown."""
    parity: dict[str, ParityMeasured] = field(default_factory=dict)
    """Bundle -> how far its trades were last found to be its backtest's."""
    decided: DecisionMade | None = None
    """The latest decision about a bundle of it, and when it was made."""
    decided_at: datetime | None = None
    released_at: datetime | None = None
    """When the train last released the standing bot, and did nothing since that would hold it."""
    reconciled_at: datetime | None = None
    """When the account was last compared with the database of its bot."""
    accounted_at: datetime | None = None
    """When a person released it from a doubt: whatever stood on the account before, somebody has looked at."""
    counts_since: datetime | None = None
    """When the standing bundle was deployed, or a person released it: what was observed before moves no brake."""


@dataclass(frozen=True, slots=True)
class EnvironmentState:
    """All that a ledger says of one environment; strategies by id."""

    environment: str
    strategies: dict[str, StrategyState] = field(default_factory=dict)
    blocks: dict[str, Block] = field(default_factory=dict)
    approvals: tuple[Recorded, ...] = ()
    asked: dict[int, Question] = field(default_factory=dict)
    """The number of a run on GitHub -> what it asked."""
    away: Away | None = None
    """Where the environment left this device: nothing of it is started here."""

    def of(self, strategy: str) -> StrategyState:
        """A strategy's state, an empty one where the ledger does not know it."""
        return self.strategies.get(strategy, StrategyState(strategy))

    def place_of(self, strategy: str) -> int:
        """A strategy's place, or the one that it gets with its first deployment."""
        known = self.of(strategy).place
        return known if known >= 0 else 1 + max((other.place for other in self.strategies.values()), default=-1)

    def holds(self, strategy: str, bundle: str) -> tuple[Hold, ...]:
        """Everything that keeps this bundle from entering; none: it may."""
        state, found = self.of(strategy), []
        found += [hold for hold in state.holds if hold.bundle in ("", bundle)]
        if block := self.blocks.get(bundle):
            found.append(Hold(HoldKind.BLOCK, block.reason, block.at, block.by, bundle))
        if (gone := state.retirement) and gone.bundle == bundle:
            found.append(Hold(HoldKind.RETIREMENT, gone.reason, gone.at, bundle=bundle))
        if self.away:
            found.append(Hold(HoldKind.MOVE, f"the environment {self.away}", self.away.at, self.away.by))
        if (drain := state.drain) and drain.bundle == bundle:
            told = f"{short(drain.successor)} follows when no trade is open, at the latest {drain.deadline_at:%Y-%m-%d %H:%M} UTC"
            found.append(Hold(HoldKind.DRAIN, told, drain.deadline_at, drain.by, bundle))
        return tuple(found)

    def known_good(self, strategy: str, besides: str = "") -> str:
        """The bundle that was last known to be good: deployed, healthy for its soak and not blocked; empty where there is none.

        Args:
            besides: a bundle that does not count, such as the one that went bad.
        """
        soaked = [d for d in self.of(strategy).deployments if d.soaked_at is not None]
        good = [d for d in soaked if d.bundle != besides and d.bundle not in self.blocks]
        return max(good, key=lambda d: (d.since_at, d.soaked_at)).bundle if good else ""


def doubted(state: StrategyState, at: datetime, line: int, what: str) -> StrategyState:
    """The state with a doubt about a line of the ledger, which holds entries."""
    return replace(state, holds=(*state.holds, Hold(HoldKind.DOUBT, f"line {line} of the ledger: {what}", at)))
