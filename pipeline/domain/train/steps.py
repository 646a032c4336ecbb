"""The steps that a bundle's road is made of, as data: what each does, and what takes it back."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

SLOTS = ("a", "b")
"""A bot and its successor stand in different slots, with homes and API ports of their own, and share one database."""


class StepKind(StrEnum):
    """What a step does. Every step may be repeated: whoever finds it half done does it again."""

    PREFLIGHT = "preflight"
    """Look whether anything speaks against it, before anything changes."""
    REPORT_OPEN_TRADES = "report_open_trades"
    """Say what the new bundle would do to each open trade."""
    PREPARE = "prepare"
    """Write the home of the bot that will be started."""
    ADOPT_DATABASE = "adopt_database"
    """Take over the database of a bot that ran elsewhere, where the strategy has none yet."""
    STOP_ENTRIES = "stop_entries"
    """No new positions: written to the bot's configuration first, then said to the bot. Exits go on. Done as well where the bot is silent."""
    EXIT_TRADES = "exit_trades"
    """Have the bot sell every position, and wait until it holds none."""
    COPY_DATABASE = "copy_database"
    """A consistent copy, for disasters only: nothing ever puts it back by itself."""
    STOP_SAFELY = "stop_safely"
    """End the bot without an order in flight: stop, wait until its log says so, then end the process."""
    START_PAUSED = "start_paused"
    """Start the bot; it enters nothing, and waits while another process has the database."""
    PROVE = "prove"
    """Identity, mode and loops newer than the start, in the bot's own words."""
    RECONCILE = "reconcile"
    """Compare open orders and own fills of the account with the database; cancel unknown orders of ours, refuse an unknown fill."""
    RELEASE = "release"
    """Allow entries. The ledger is read once more before: whatever holds entries by then holds them."""
    FORGET = "forget"
    """Have the runtime forget a bot that is down."""
    RECORD = "record"
    """Append the entry that ends the plan."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step, and the bot that it concerns; slot and bundle are empty where it concerns none."""

    kind: StepKind
    slot: str = ""
    bundle: str = ""

    def __str__(self) -> str:
        return f"{SENTENCES[self.kind]}{f' [{self.slot}, {short(self.bundle)}]' if self.slot else ''}"


SENTENCES: Mapping[StepKind, str] = {
    StepKind.PREFLIGHT: "check what could speak against it",
    StepKind.REPORT_OPEN_TRADES: "report what would happen to open trades",
    StepKind.PREPARE: "write the bot's home",
    StepKind.ADOPT_DATABASE: "take over the database",
    StepKind.STOP_ENTRIES: "stop entries, exits go on",
    StepKind.EXIT_TRADES: "sell every position",
    StepKind.COPY_DATABASE: "copy the database for disasters",
    StepKind.STOP_SAFELY: "stop the bot with no order in flight",
    StepKind.START_PAUSED: "start the bot, paused",
    StepKind.PROVE: "prove identity, mode and fresh loops",
    StepKind.RECONCILE: "compare the account with the database",
    StepKind.RELEASE: "release entries",
    StepKind.FORGET: "forget the bot that is down",
    StepKind.RECORD: "record it",
}

UNDONE_BY: Mapping[StepKind, tuple[StepKind, ...]] = {
    StepKind.PREFLIGHT: (),
    StepKind.REPORT_OPEN_TRADES: (),
    StepKind.PREPARE: (),
    StepKind.ADOPT_DATABASE: (),
    StepKind.STOP_ENTRIES: (StepKind.PROVE, StepKind.RECONCILE, StepKind.RELEASE),
    StepKind.EXIT_TRADES: (),
    StepKind.COPY_DATABASE: (),
    StepKind.STOP_SAFELY: (
        StepKind.PREPARE,
        StepKind.START_PAUSED,
        StepKind.PROVE,
        StepKind.RECONCILE,
        StepKind.RELEASE,
        StepKind.FORGET,
    ),
    StepKind.START_PAUSED: (StepKind.STOP_ENTRIES, StepKind.STOP_SAFELY, StepKind.FORGET),
    StepKind.PROVE: (),
    StepKind.RECONCILE: (),
    StepKind.RELEASE: (StepKind.STOP_ENTRIES,),
    StepKind.FORGET: (StepKind.PREPARE, StepKind.START_PAUSED),
    StepKind.RECORD: (),
}
"""What takes a step back, so that the old bundle goes on with the current database. Empty: it changed nothing that the old bundle needs, or,
for EXIT_TRADES, nothing can: what was sold is sold."""


def other_slot(slot: str) -> str:
    """The slot beside this one."""
    return SLOTS[1] if slot == SLOTS[0] else SLOTS[0]


def bot_name(environment: str, strategy: str, slot: str) -> str:
    """What a bot is called on the device."""
    return f"{environment}-{strategy}-{slot}"


def api_port(first_port: int, place: int, slot: str) -> int:
    """The API's port: each strategy has two side by side, by its place in the environment (from 0), one a slot."""
    return first_port + 2 * place + SLOTS.index(slot)


def short(bundle: str) -> str:
    """A bundle's name as a person reads it: the first twelve digits of its digest."""
    return bundle.removeprefix("sha256:")[:12]
