"""What was gathered about one environment of a device: a place for every fact that a disagreement is found by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.domain.account_report import KnownOrders
from pipeline.domain.bot_settings import BotSettings
from pipeline.domain.doctor.kinds import Unseen
from pipeline.domain.preflight_device import Exposed
from pipeline.domain.train.account import Account, Unexplained
from pipeline.domain.train.sight import SeenBot
from pipeline.domain.train.state import EnvironmentState
from pipeline.domain.train.terms import Terms


@dataclass(frozen=True, slots=True)
class LedgerFacts:
    """The ledger's files.

    `head` says what is wrong with the head file where that alone is at fault and the lines hold together; then `breaks` says the same and
    no more. `left` is what a crash left at the end. `foreign`: why an intact chain is not understood.
    """

    breaks: tuple[str, ...] = ()
    head: str = ""
    left: str = ""
    last_at: datetime | None = None
    foreign: str = ""


@dataclass(frozen=True, slots=True)
class BundleFacts:
    """A bundle that the ledger needs, as the store has it: `problem` is empty where it is sound; `missing` where it is not there at all.

    `files` are the digests of its files by path. `commit` is one that it was cut of, "" where nobody knows.
    """

    digest: str
    problem: str = ""
    missing: bool = False
    files: Mapping[str, str] = field(default_factory=dict)
    commit: str = ""


STRATEGY = "strategy"
"""The folder of a bundle's files in a bot's home."""


@dataclass(frozen=True, slots=True)
class HomeFacts:
    """A bot's home at `path`: `settings` is None where `bot.json` cannot be read, and `problem` says why; `files` are digests as they lie there."""

    name: str
    strategy: str
    settings: BotSettings | None = None
    problem: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    path: str = ""


@dataclass(frozen=True, slots=True)
class OpenTradeFacts:
    """An open trade in a database; `terms` are those that it was entered on, None where they are not known."""

    pair: str
    opened_at: datetime
    terms: Terms | None = None


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """A strategy's database.

    `damage` is what SQLite says is wrong, `others` what keeps it from being this strategy's here; `half_changed`: a killed process left a change
    that the next start undoes. `held_by` names the bot that says it has it, `busy` that it stayed locked. `copy` is the newest copy's file name.
    """

    strategy: str
    path: str
    exists: bool = True
    damage: str = ""
    others: tuple[str, ...] = ()
    half_changed: bool = False
    busy: bool = False
    held_by: str = ""
    trades: tuple[OpenTradeFacts, ...] = ()
    known: KnownOrders | None = None
    copy: str = ""


@dataclass(frozen=True, slots=True)
class DoubtFacts:
    """What a bot wrote down of an order whose fate it does not know, and since when."""

    told: str
    since: datetime


@dataclass(frozen=True, slots=True)
class WatchFacts:
    """Who watches ("": nobody), whether somebody should, and when the lease was last kept."""

    needed: bool = False
    by: str = ""
    lease_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ObservationFacts:
    """The observations: `damage` where they are no database any more, the latest sample of all, and which bundles (strategy, bundle) are in them."""

    damage: str = ""
    last_at: datetime | None = None
    bundles: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class MovedTag:
    """A tag that named `was` when something boarded by it, and names `now`."""

    name: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Leftover:
    """What a writer that was killed left, and when it was last changed."""

    path: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """All of it. What is None could not be seen; `unseen` says why, and `at_work` that a verb is moving bots at this moment."""

    environment: str
    now: datetime
    live: bool = False
    terms: Terms | None = None
    """On which its environment trades now."""
    at_work: str = ""
    ledger: LedgerFacts = field(default_factory=LedgerFacts)
    state: EnvironmentState | None = None
    bots: tuple[SeenBot, ...] | None = ()
    bundles: tuple[BundleFacts, ...] = ()
    homes: tuple[HomeFacts, ...] | None = ()
    databases: tuple[DatabaseFacts, ...] = ()
    adopted: frozenset[str] = frozenset()
    """Strategies that began with a database of elsewhere, whose trades may be older than their first deployment."""
    unexplained: Mapping[str, Unexplained] = field(default_factory=dict)
    doubts: Mapping[str, DoubtFacts] = field(default_factory=dict)
    watch: WatchFacts = field(default_factory=WatchFacts)
    observations: ObservationFacts | None = None
    sharing: Mapping[str, tuple[Account, ...]] = field(default_factory=dict)
    """Strategy -> the other accounts of the device that trade with its key."""
    exposed: tuple[Exposed, ...] = ()
    tags: tuple[MovedTag, ...] = ()
    leftovers: tuple[Leftover, ...] = ()
    unseen: tuple[Unseen, ...] = ()
