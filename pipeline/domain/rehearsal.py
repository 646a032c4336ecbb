"""What a rehearsal came to: chapters with their claims, what happened when, and what the accounts held meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of a chapter, whether it held, and what it was checked against: an exit code, the ledger, the exchange's books."""

    sentence: str
    held: bool
    shown_by: str


@dataclass(frozen=True, slots=True)
class Command:
    """A command as it was typed, how it ended, and how long it took."""

    line: str
    exit_code: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Chapter:
    """One part of the story; `stopped` says why it was not told to its end, "" where it was."""

    title: str
    about: str
    began_at: datetime
    seconds: float
    commands: tuple[Command, ...] = ()
    claims: tuple[Claim, ...] = ()
    stopped: str = ""

    @property
    def held(self) -> bool:
        return not self.stopped and bool(self.claims) and all(claim.held for claim in self.claims)


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of a ledger, as a sentence; `strategy` is "" where it is about bundles alone, such as an approval."""

    at: datetime
    environment: str
    kind: str
    sentence: str
    strategy: str = ""
    bundles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """What an account was worth at a moment, in the stake currency: money and coins at their last prices."""

    at: datetime
    account: str
    worth: Decimal


@dataclass(frozen=True, slots=True)
class Ran:
    """A bundle's time in an environment; `until_at` is None where it ran to the end."""

    environment: str
    strategy: str
    bundle: str
    since_at: datetime
    until_at: datetime | None


@dataclass(frozen=True, slots=True)
class DecisionTold:
    """What `decide` said of a bundle; `power` says how far its trades go, `told` what came of it, each "" where there is nothing to say."""

    at: datetime
    environment: str
    strategy: str
    bundle: str
    decision: str
    reasons: tuple[str, ...]
    power: str = ""
    told: str = ""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The whole. `orders` counts those that the exchange accepted, by account."""

    began_at: datetime
    seconds: float
    chapters: tuple[Chapter, ...]
    expected: int
    """How many chapters the story has."""
    events: tuple[Event, ...] = ()
    samples: tuple[Sample, ...] = ()
    ran: tuple[Ran, ...] = ()
    orders: Mapping[str, int] = field(default_factory=dict)
    decisions: tuple[DecisionTold, ...] = ()

    @property
    def held(self) -> bool:
        """Whether every chapter was told, and every claim of it held."""
        return len(self.chapters) == self.expected and all(chapter.held for chapter in self.chapters)

    @property
    def claims(self) -> tuple[Claim, ...]:
        return tuple(claim for chapter in self.chapters for claim in chapter.claims)
