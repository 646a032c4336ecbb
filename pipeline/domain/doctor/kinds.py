"""Every kind of disagreement, and what each means."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pipeline.errors import ExitCode


class Kind(StrEnum):
    """What can disagree with what."""

    LEDGER_BROKEN = "ledger_broken"
    LEDGER_HEAD = "ledger_head"
    LEDGER_FOREIGN = "ledger_foreign"
    LEDGER_AHEAD = "ledger_ahead"
    INTERRUPTED = "interrupted"
    TAG_MOVED = "tag_moved"
    BOT_MISSING = "bot_missing"
    BOT_GAVE_UP = "bot_gave_up"
    BOT_STRAY = "bot_stray"
    BOT_OTHER = "bot_other"
    BOT_SILENT = "bot_silent"
    BOT_ENTERS = "bot_enters"
    BOT_PAUSED = "bot_paused"
    WATCH_MISSING = "watch_missing"
    LEASE_OLD = "lease_old"
    BUNDLE_MISSING = "bundle_missing"
    BUNDLE_DAMAGED = "bundle_damaged"
    HOME_MISSING = "home_missing"
    HOME_EDITED = "home_edited"
    HOME_LEFT = "home_left"
    FILE_MODES = "file_modes"
    FILE_OWNER = "file_owner"
    KEY_SHARED = "key_shared"
    DATABASE_MISSING = "database_missing"
    DATABASE_DAMAGED = "database_damaged"
    DATABASE_OTHER = "database_other"
    DATABASE_LOCKED = "database_locked"
    TRADES_UNKNOWN = "trades_unknown"
    TRADES_FOREIGN = "trades_foreign"
    TRADES_LEFT = "trades_left"
    ACCOUNT_UNKNOWN = "account_unknown"
    DOUBT = "doubt"
    OBSERVATIONS_DAMAGED = "observations_damaged"
    OBSERVATIONS_AHEAD = "observations_ahead"
    OBSERVED_UNKNOWN = "observed_unknown"
    LEFTOVERS = "leftovers"


MEANS: Mapping[Kind, str] = {
    Kind.LEDGER_BROKEN: (
        "Nothing is decided on this ledger, and nothing is added to it; bots go on as they are. Compare "
        "ledger and head file with the latest backup, and put both back together."
    ),
    Kind.LEDGER_HEAD: (
        "The lines hold together, but nobody can tell whether some are missing at their end: compare the last"
        " hash with the one that was noted elsewhere, then have the head file written anew."
    ),
    Kind.LEDGER_FOREIGN: (
        "The chain is intact and not understood: a newer freqtrain wrote it, or another environment's ledger "
        "was put here. Nothing is decided until it is the right one."
    ),
    Kind.LEDGER_AHEAD: "The clock was ahead, or is behind now. Soak, approvals and leases count time.",
    Kind.INTERRUPTED: ("A verb died in the middle. What it began is ended or taken back, as far as it had come."),
    Kind.TAG_MOVED: (
        "A tag that moved is dead: nothing boards by it, whoever moved it. If it still names another commit "
        "after this, give the next release a name of its own."
    ),
    Kind.BOT_MISSING: "Nobody manages the exits of its trades until it runs again.",
    Kind.BOT_GAVE_UP: (
        "It ended too often, or in a way that a restart does not mend, and is left to a person: read why, "
        "mend that, then try it once more. Nobody manages the exits of its trades."
    ),
    Kind.BOT_STRAY: (
        "It runs, and the ledger says that it should not: two bots of one strategy, or one that nobody deployed."
    ),
    Kind.BOT_OTHER: "What runs is not what was deployed. It is ended in order and the right one started.",
    Kind.BOT_SILENT: (
        "It hangs, or something else answers on its port: whether exits are managed is not known. It is ended"
        " and started anew."
    ),
    Kind.BOT_ENTERS: (
        "It may open positions although the ledger holds them back. Its home is held again, and it is told."
    ),
    Kind.BOT_PAUSED: (
        "Somebody paused or stopped it at the bot itself, or it stopped itself on an error. Only a person's "
        "word lets it enter again."
    ),
    Kind.WATCH_MISSING: ("No brake acts, nothing is observed, and live bots stop entering when the lease is old."),
    Kind.LEASE_OLD: (
        "Live bots enter nothing, and go on by themselves when the watch is well again. One round says what keeps it."
    ),
    Kind.BUNDLE_MISSING: (
        "What runs goes on, but it can neither be started anew nor, where it is the one to go back to, come back."
    ),
    Kind.BUNDLE_DAMAGED: (
        "Nothing is started from it: what is there does not have the digest it is kept under. Fetching puts "
        "right what is known by its digest."
    ),
    Kind.HOME_MISSING: "The bot cannot be started again. It is written anew, and the bot with it.",
    Kind.HOME_EDITED: (
        "The bot would refuse to start, or trade with what nobody judged. It is written anew from the bundle,"
        " and the bot with it."
    ),
    Kind.HOME_LEFT: ("Nothing of the strategy runs or should, and its secrets still lie there. Its database stays."),
    Kind.FILE_MODES: (
        "Others on this machine can read or change what is the owner's alone. A key that others could read is"
        " to be exchanged."
    ),
    Kind.FILE_OWNER: (
        "It belongs to another user of this machine, so that its environment's user may not write it, or "
        "somebody else may."
    ),
    Kind.KEY_SHARED: (
        "Two environments trade with one account: each takes the other's orders for unknown ones, and both "
        "spend the same money. Keep another account's key, then deploy once with it."
    ),
    Kind.DATABASE_MISSING: (
        "A bot that starts now begins an empty one and knows nothing of its open trades. The newest copy is "
        "put in place, entries are held, and the account is compared at the next start."
    ),
    Kind.DATABASE_DAMAGED: (
        "The bot refuses to start on it. It is set aside and the newest copy put in its place; what was "
        "traded since the copy is not in it, so entries are held until a person has looked."
    ),
    Kind.DATABASE_OTHER: (
        "The bot refuses to start on it: live and simulated trades, or two strategies, must never share one. "
        "It is set aside, the newest copy that fits put in its place, and entries are held."
    ),
    Kind.DATABASE_LOCKED: (
        "A process that this device's runtime does not know works on it: find out which, and end it in order."
        " Two bots on one database buy twice."
    ),
    Kind.TRADES_UNKNOWN: (
        "A bot that nobody deployed opened them, or the ledger lacks something. The bot that has the database"
        " manages them to their end; until then no new ones."
    ),
    Kind.TRADES_FOREIGN: (
        "The environment's exchange or stake currency was changed while they are open. Nothing new is deployed "
        "on them; a bot that starts manages their exits and enters nothing. Sell them, let the bot that has "
        "them end them, or put the earlier configuration back."
    ),
    Kind.TRADES_LEFT: (
        "Real money is in positions, and no bot manages their exits, stop losses included. The bundle that "
        "ran last takes them over when it is deployed once more."
    ),
    Kind.ACCOUNT_UNKNOWN: (
        "Somebody else trades on the account, or an answer was lost. At the next start unknown orders of the "
        "bot's time are cancelled, and unknown fills hold its entries."
    ),
    Kind.DOUBT: (
        "Nobody knows what became of an order that the bot sent. Look at the account on the exchange's page; "
        "a release compares it with the database once more."
    ),
    Kind.OBSERVATIONS_DAMAGED: (
        "Nothing can be decided by what was observed. It is set aside and begun anew; bots tell all their "
        "closed trades again."
    ),
    Kind.OBSERVATIONS_AHEAD: (
        "The clock was ahead, or is behind now. The watch puts samples from beyond the present right when it "
        "takes the next ones."
    ),
    Kind.OBSERVED_UNKNOWN: (
        "What was observed never ran by what the ledger says: an older ledger was put back, or another "
        "environment's observations."
    ),
    Kind.LEFTOVERS: (
        "Writers that were killed left them. Nobody reads them; those that may hold secrets are removed, the "
        "others set aside."
    ),
}
"""What each kind means for the person who reads it."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One thing that does not agree: what it is about (a strategy, a bot, a file), what was found, and the command that mends it."""

    kind: Kind
    about: str
    found: str
    command: str

    @property
    def means(self) -> str:
        return MEANS[self.kind]


@dataclass(frozen=True, slots=True)
class Unseen:
    """A look that could not be made, why, and what to do about that."""

    what: str
    why: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All that was found about one environment."""

    environment: str
    disagreements: tuple[Disagreement, ...] = ()
    unseen: tuple[Unseen, ...] = ()

    @property
    def code(self) -> ExitCode:
        """REFUSED where something disagrees; TOOL where nothing is known to, but something could not be looked at."""
        if self.disagreements:
            return ExitCode.REFUSED
        return ExitCode.TOOL if self.unseen else ExitCode.DONE
