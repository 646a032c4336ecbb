"""What running bots needs of a device: the runtime, their homes and databases, and their own word."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pipeline.domain.account_report import KnownOrders
    from pipeline.domain.bot import BotSpec, RunningBot
    from pipeline.domain.bot_report import Balance, BotHealth, BotIdentity, Candle, LogLine, OpenTrade, Profit
    from pipeline.domain.bundle_manifest import StoredBundle
    from pipeline.domain.trades import ClosedTrade
    from pipeline.domain.train.account import Account
    from pipeline.domain.train.terms import BookedTrade, Terms


class Runtime(Protocol):
    """What keeps bots running on a device. Every call may be repeated, and a caller may die between any two of them, or within one.

    A bot that crashes is started again, but for `domain.restarts`: three crashes within ten minutes, and it stays down. One that ended by itself
    with exit code 0 or 2, that was stopped, or that went down with the device, stays down until `start`. There are never two of one name.
    Every call refuses (Refused) a name that the runtime cannot hold: lower-case letters, digits, and . _ - between them always work.
    """

    def running(self) -> tuple[RunningBot, ...]:
        """Every bot that is held, running or down, by name. Starts nothing.

        Raises:
            ToolFailed: the runtime cannot be asked.
        """
        ...

    def start(self, spec: BotSpec) -> None:
        """Start a bot, or leave it running where exactly this one runs; returns when its process is there, not when it is healthy.

        One that is ending is waited for, what an earlier one left behind is ended, and crashes are counted anew.

        Raises:
            Refused: a bot of that name runs with another specification.
            Locked: somebody else is starting or removing bots and does not end.
            ToolFailed: it could not be started; the message says why.
        """
        ...

    def stop(self, name: str, deadline_seconds: float) -> None:
        """Ask a bot to finish its loop and end; after the deadline it is killed, also where the caller has died meanwhile.

        Done when no process of it is left; not started again. A later call can bring the deadline forward. Nothing happens where there is none.

        Raises:
            ToolFailed: a process of it is still there.
        """
        ...

    def logs(self, name: str, lines: int) -> str:
        """The last lines that the bot printed, all its runs in one; empty where there are none."""
        ...

    def remove(self, name: str) -> None:
        """Forget a bot that is down, and what it printed; nothing happens where there is none. Its home stays.

        Raises:
            Refused: it runs.
            Locked: somebody else is starting or removing bots and does not end.
        """
        ...


class Bot(Protocol):
    """A running bot's own API. Every call raises ToolFailed where the bot does not answer, refuses, or answers nonsense."""

    def identity(self) -> BotIdentity:
        """Who answers, and what its state should become."""
        ...

    def health(self) -> BotHealth:
        """When it last finished a loop."""
        ...

    def open_trades(self) -> tuple[OpenTrade, ...]:
        """Positions and waiting entries, the oldest first."""
        ...

    def closed_trades(self) -> tuple[ClosedTrade, ...]:
        """All trades that the database holds closed, with their fills, the oldest first."""
        ...

    def balance(self) -> Balance:
        """The account."""
        ...

    def profit(self) -> Profit:
        """What the database's trades earned."""
        ...

    def pairs(self) -> tuple[str, ...]:
        """The pairs that it trades at present."""
        ...

    def candle(self, pair: str, timeframe: str) -> Candle | None:
        """The newest candle of a pair that the strategy has seen; None before the first."""
        ...

    def logs(self, since: datetime | None = None) -> tuple[LogLine, ...]:
        """The log's lines after a moment, or all that the bot remembers (about a thousand), the oldest first."""
        ...

    def start(self) -> None:
        """Release entries. Whether any is made is the entry guard's decision."""
        ...

    def stop_entries(self) -> None:
        """Pause: exits go on, nothing is entered. A bot that was stopped goes on, paused."""
        ...

    def stop(self, deadline_seconds: float) -> None:
        """Stop the loop; returns when it has heard, so that every order that it had sent is in the database.

        Raises:
            ToolFailed: also where it did not hear before the deadline.
        """
        ...

    def force_exit(self, trade_id: int | None = None) -> None:
        """Sell one open trade, or all of them; returns when the orders are placed."""
        ...


class Homes(Protocol):
    """The folders of one environment's bots on this device."""

    def spec(self, strategy: str, slot: str, bundle: str, place: int) -> BotSpec:
        """How the bot of a slot is started; `place` numbers the environment's strategies from 0 and decides its ports."""
        ...

    def against(self, spec: BotSpec, stored: StoredBundle) -> tuple[str, ...]:
        """What speaks against running a bundle there, in sentences: the engine, the image. `prepare` would refuse it.

        Raises:
            Refused, ToolFailed: the engine of the containers cannot be asked.
        """
        ...

    def prepare(self, spec: BotSpec, stored: StoredBundle, hold: str) -> str:
        """Write a bot's home anew: settings, configuration, secrets (0600) and the bundle's files; whole or not at all. Returns a note, or "".

        Args:
            hold: why it may not enter from its first moment on; it lies there until `unhold`. Where it is empty, what held the bot of the old
                home goes on to hold this one.

        Raises:
            Refused: secrets are missing (neither injected nor in a home of the environment), or the bundle cannot run there (the engine, its
                image, its evidence, its pairs); nothing was written.
            ToolFailed: the disk, or the engine of the containers.
        """
        ...

    def hold(self, spec: BotSpec, reason: str) -> None:
        """From now on the bot enters nothing, restarts included; on the disk when this returns. Exits go on. Raises ToolFailed for the disk.

        A home that is not there is begun with it, so that a bot whose home somebody removed is held as well.
        """
        ...

    def unhold(self, spec: BotSpec) -> None:
        """The bot may enter again; nothing happens where nothing holds it. Raises ToolFailed for the disk."""
        ...

    def held(self, spec: BotSpec) -> str:
        """Why the bot's home lets it enter nothing; "" where it may."""
        ...

    def keep_log(self, spec: BotSpec, text: str) -> None:
        """Keep what a bot printed, for whoever wants to read it when its runtime has forgotten it. Raises ToolFailed for the disk."""
        ...

    def terms(self, spec: BotSpec) -> Terms | None:
        """On which exchange and in which currency the bot of a home trades; None where no home for this very bot and bundle lies there whole."""
        ...

    def clear(self, strategy: str) -> bool:
        """Remove the homes of a strategy's bots, their secrets first, whatever is left of them; whether there were any.

        Only where nothing of the strategy runs or should. Its database and the logs stay. Raises ToolFailed for the disk.
        """
        ...

    def sharing(self, spec: BotSpec) -> tuple[Account, ...]:
        """The other accounts of this device, of any environment, that trade with the key that the bot would be given; none in a dry-run.

        Raises:
            Refused: it would be given none.
        """
        ...

    def bot(self, spec: BotSpec) -> Bot:
        """The bot's API, with the access that lies in its home; raises ToolFailed where there is none."""
        ...


class Databases(Protocol):
    """The databases of one environment's bots: one a strategy, which outlives its bots."""

    def exists(self, strategy: str) -> bool:
        """Whether the strategy has one."""
        ...

    def copy(self, strategy: str) -> str:
        """A consistent copy for disasters, while a bot may write; returns its path, or "" where there is nothing to copy.

        Raises:
            ToolFailed: the disk, a database that is damaged or stays locked; no copy was left.
        """
        ...

    def adopt(self, strategy: str, file: Path) -> None:
        """Take over the database of a bot that ran elsewhere, by a consistent copy.

        Raises:
            Refused: it is none of freqtrade's, is damaged, of the other mode, of a newer engine, is in use, belongs to another strategy or
                environment, or the strategy has one already. Nothing was taken over, and the file is as it was.
            ToolFailed: the disk.
        """
        ...

    def open_trades(self, strategy: str) -> tuple[BookedTrade, ...]:
        """The trades that its database holds open, the oldest first, while a bot may write. Raises Refused where it cannot be read."""
        ...

    def known_orders(self, strategy: str) -> KnownOrders:
        """What the strategy's database explains, while a bot may write; nothing where it has none. Raises Refused where it cannot be read."""
        ...


class Device(Protocol):
    """The machine that bots run on."""

    def writable(self, folder: Path) -> bool:
        """Whether files can be made in a folder; where it is not there yet, in the nearest one above it."""
        ...

    def free_disk_mib(self, folder: Path) -> float:
        """What can still be written below a folder that need not be there yet."""
        ...

    def size_mib(self, file: Path) -> float:
        """How large a file is; 0 where there is none."""
        ...

    def available_memory_mib(self) -> float:
        """What new processes can have without anything being swapped out."""
        ...

    def used_memory_mib(self, pid: int) -> float:
        """What the end of a process would give back, its children included; 0 where it is gone."""
        ...

    def port_is_free(self, port: int) -> bool:
        """Whether a server could listen on that port of 127.0.0.1 now."""
        ...
