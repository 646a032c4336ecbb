"""What the flows need from the world: one Protocol a role, implemented in adapters/ and by the fakes in tests/."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Protocol

import pandas as pd

from pipeline.domain.account_report import AccountFill, AccountOrder, AccountRights, KnownOrders
from pipeline.domain.bot import BotSpec, RunningBot
from pipeline.domain.bot_report import Balance, BotHealth, BotIdentity, LogLine, OpenTrade, Profit
from pipeline.domain.bundle import Bundle
from pipeline.domain.bundle_manifest import BundleManifest, StoredBundle
from pipeline.domain.canonical import Plain
from pipeline.domain.contents import Contents
from pipeline.domain.dataset import DataProblem, Manifest
from pipeline.domain.job import Job, Measured
from pipeline.domain.ledger import Break, Entry
from pipeline.domain.lineage import Attempts, Optimisation
from pipeline.domain.strategy import Candidate
from pipeline.domain.trades import ClosedTrade
from pipeline.domain.train.approval import Signed
from pipeline.domain.train.named import Files, Tag
from pipeline.domain.train.watching import Kept
from pipeline.domain.verdict import Finding


class Clock(Protocol):
    """The time, and waiting for it."""

    def now(self) -> datetime:
        """The present, aware UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Backtester(Protocol):
    """The engine in its child process."""

    def measure(self, job: Job) -> Measured:
        """Run the job's tasks; blocks until all have ended.

        Raises:
            ToolFailed: the child died, ran out of time or memory, or answered nonsense; the message says which.
        """
        ...

    def replay(self, job: Job, reveal: Callable[[int], None]) -> Measured:
        """Run a job whose task is REPLAY, its windows one after the other, in one child.

        Args:
            reveal: puts the candles of the window with that place into their folder; called for each only when the one before was answered,
                and not at all where the answer is known from before.

        Raises:
            ToolFailed: as `measure`.
        """
        ...

    def stop(self) -> None:
        """End all that runs, at once; `measure` raises in the threads that wait."""
        ...


class Candles(Protocol):
    """A data set that can be read."""

    @property
    def root(self) -> Path:
        """The folder that holds it."""
        ...

    @property
    def manifest(self) -> Manifest:
        """What it holds, by digest."""
        ...

    def frame(self, pair: str, timeframe: str) -> pd.DataFrame:
        """Candles with the columns date (UTC), open, high, low, close, volume, as freqtrade writes them.

        They are added up from shorter ones where needed; raises UsageError for a pair or timeframe that the set cannot give.
        """
        ...

    def derive(self, timeframes: Iterable[str], cache_dir: Path) -> Path:
        """A folder of freqtrade's candle files for all the timeframes and pairs, resampled where the set has only shorter ones."""
        ...


class Linter(Protocol):
    """A linter for Python files besides our own rules."""

    def lint(self, files: Mapping[str, bytes]) -> Sequence[Finding]:
        """Findings (check "lint") for the given files, by path relative to the strategy's folder."""
        ...


class Repository(Protocol):
    """The git repository that the strategies are proposed in."""

    def resolve(self, ref: str) -> str:
        """The commit that a reference names; raises UsageError where there is none."""
        ...

    def changed_files(self, since: str) -> tuple[str, ...]:
        """Paths (POSIX, relative to the root) that differ between the merge base with `since` and the working tree, untracked ones included."""
        ...

    def export(self, ref: str, path: str, to: Path) -> bool:
        """Write a folder or file as it was at `ref` below `to`; False where it did not exist."""
        ...


class Tags(Protocol):
    """What the repository keeps (never a work tree) about who boards; commits by their whole names. Every call raises ToolFailed where git fails."""

    def tag(self, name: str) -> Tag:
        """A tag as it is now; raises UsageError where there is none, Refused where it names no commit or was made under another name."""
        ...

    def commit(self, ref: str) -> str:
        """The commit that a reference names; raises UsageError where there is none."""
        ...

    def main(self) -> str:
        """The latest commit of the protected main; raises Refused where there is none."""
        ...

    def is_ancestor(self, commit: str, of: str) -> bool:
        """Whether a commit leads to another one, or is it; False for one that the repository does not have."""
        ...

    def strategies(self, commit: str) -> Mapping[str, Files]:
        """The strategies of a commit by id, with their files."""
        ...

    def authors(self, strategy: str, commit: str, since: str = "") -> frozenset[str]:
        """The mail addresses of all who wrote the commits that touch a strategy, up to one and after another; "" for an author without one.

        Raises:
            Refused: the history is not all there.
        """
        ...

    def read_main(self, path: str) -> bytes:
        """A file of the protected main; raises Refused where there is none."""
        ...


class Signatures(Protocol):
    """Who signed."""

    def verify(self, text: str, signature: str, allowed_signers: bytes, revoked: bytes = b"") -> Signed:
        """Whether the signature is one over exactly this text, and whose it is; raises ToolFailed where it cannot be found out."""
        ...


class EarlierJudge(Protocol):
    """The judge as it was at a reference: its code, policy and data."""

    def judge(self, ref: str, strategies: Path, ids: Sequence[str]) -> Mapping[str, Finding]:
        """What that judge says of each of today's strategies; empty where there was no judge yet.

        Raises:
            ToolFailed: it could not be asked.
        """
        ...


class Narrator(Protocol):
    """Progress for the person who waits; never part of the result."""

    def say(self, text: str) -> None:
        """Tell one line of progress."""
        ...


class DataSets(Protocol):
    """Where data sets are kept."""

    def open(self, root: Path) -> Candles:
        """The set in a folder, not yet verified; raises UsageError where there is none, ConfigError for a wrong manifest."""
        ...

    def verify(self, dataset: Candles) -> tuple[DataProblem, ...]:
        """Everything wrong with it, errors and warnings."""
        ...

    def write(self, contents: Contents, out: Path) -> Candles:
        """Write a set into a folder that is new or empty, whole or not at all; raises FileExistsError where something is."""
        ...

    def remove(self, root: Path) -> None:
        """Remove a set, at once for whoever looks."""
        ...


class Ledger(Protocol):
    """The append-only list of what happened on this device."""

    def append(self, kind: str, body: Mapping[str, object]) -> Entry:
        """Add one entry; when this returns, it is on the disk.

        Raises:
            Locked, Refused, ToolFailed: it was not added; the message says why.
        """
        ...

    def entries(self) -> Sequence[Entry]:
        """All entries, the oldest first; raises Refused where the chain is broken."""
        ...

    def verify(self) -> Sequence[Break]:
        """Every place where the chain is broken; none if it is intact."""
        ...


class Bundles(Protocol):
    """Where bundles are kept, by their digest."""

    def put(
        self, bundle: Bundle, manifest: BundleManifest, evidence: Mapping[str, Plain]
    ) -> tuple[BundleManifest, bool]:
        """Keep a bundle with a manifest and the evidence that it names; when this returns, all of it is on the disk.

        Returns the manifest and True; or an earlier one that says the same, and False: then nothing was added.

        Raises:
            Refused: the three do not belong together, or what is kept of the bundle is damaged.
            ToolFailed: the disk; nothing half done was kept.
        """
        ...

    def get(self, digest: str) -> StoredBundle:
        """A bundle with all its manifests, verified.

        Raises:
            UsageError: there is none.
            Refused: it is damaged; the message says what is.
        """
        ...

    def evidence(self, manifest: BundleManifest) -> Mapping[str, Plain]:
        """The evidence document that a manifest names, verified; raises Refused where it is damaged or missing."""
        ...

    def digests(self) -> tuple[str, ...]:
        """The digests of all bundles, in order; none of them is verified by that."""
        ...


class Lineages(Protocol):
    """What was tried until a candidate came about, where no change to the repository reaches it."""

    def attempt(self, candidate: Candidate, results: Optimisation | None = None) -> Attempts:
        """Record that this content is judged, and hyperopt's results where given, each once; then count what was tried.

        Raises:
            Refused: what is kept was changed behind its back; the message says where.
            Locked, ToolFailed: it could not be recorded.
        """
        ...


class Downloads(Protocol):
    """An exchange's public history, through freqtrade."""

    def download(self, exchange: str, pairs: Sequence[str], timeframes: Sequence[str], days: int, into: Path) -> Path:
        """Fill a folder below `into` with candle files and the market snapshot, and return it.

        Raises:
            ToolFailed: the exchange could not be reached, or the download died.
            Refused: the exchange or freqtrade does not know what was asked for.
        """
        ...


class Releases(Protocol):
    """The assets of a repository's GitHub releases."""

    def upload(self, tag: str, title: str, text: str, name: str, archive: Path) -> tuple[str, bool]:
        """Put a file into the release of a tag, which is made where it is missing; an equal asset is left as it is.

        Returns the asset's address, and whether it was there already.

        Raises:
            Refused: the repository is not there, or the token may not write to it.
            ToolFailed: the network.
        """
        ...

    def download(self, tag: str, name: str, into: Path) -> None:
        """Write an asset into a file; it is looked for in the tag's release first, then in all of them.

        Raises:
            Refused: there is none, or the token may not see it.
            ToolFailed: the network, or fewer bytes came than GitHub announced.
        """
        ...


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

    def prepare(self, spec: BotSpec, stored: StoredBundle, hold: str) -> None:
        """Write a bot's home anew: settings, configuration, secrets (0600) and the bundle's files; whole or not at all.

        Args:
            hold: why it may not enter from its first moment on; it lies there until `unhold`. Where it is empty, what held the bot of the old
                home goes on to hold this one.

        Raises:
            Refused: secrets are missing (neither injected nor in a home of the environment), or the bundle cannot run there (the engine, its
                evidence, its pairs); nothing was written.
            ToolFailed: the disk.
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

    def known_orders(self, strategy: str) -> KnownOrders:
        """What the strategy's database explains, while a bot may write; nothing where it has none. Raises Refused where it cannot be read."""
        ...


class Exchange(Protocol):
    """What an exchange tells anybody. Every call raises ToolFailed where it does not answer, Refused where it does not know the pair."""

    def clock_ahead_seconds(self) -> float:
        """How far the exchange's clock is ahead of the device's."""
        ...

    def least_order(self, pair: str) -> Decimal:
        """The smallest order that the exchange takes on a pair, in the quote currency, at the present price."""
        ...

    def last_candle_at(self, pair: str, timeframe: str) -> datetime:
        """When the newest candle of a pair began, finished or not."""
        ...


class ExchangeAccount(Exchange, Protocol):
    """The environment's account on the exchange. Every call raises ToolFailed where the exchange does not answer, Refused where the key is wrong."""

    def open_orders(self, pairs: Sequence[str]) -> tuple[AccountOrder, ...]:
        """The account's waiting orders on these pairs."""
        ...

    def fills(self, pairs: Sequence[str], since_at: datetime) -> tuple[AccountFill, ...]:
        """All trades of the account on these pairs since a moment, the oldest first."""
        ...

    def cancel(self, order: AccountOrder) -> None:
        """Cancel an order; one that is gone by now is no error."""
        ...

    def free(self, currency: str) -> Decimal:
        """What is free to be spent of a coin."""
        ...

    def rights(self) -> AccountRights:
        """What the key may do."""
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


class Lease(Protocol):
    """The sign that somebody watches an environment's bots; without a fresh one they enter nothing."""

    def touch(self) -> None:
        """It is fresh as of now; raises ToolFailed where it cannot be."""
        ...


class WatchMemory(Protocol):
    """What the watch of one environment remembers from one look to the next."""

    def load(self) -> Mapping[str, Kept]:
        """Strategy -> what is kept of it; empty where nothing was kept, or what was is damaged."""
        ...

    def save(self, kept: Mapping[str, Kept]) -> None:
        """Keep it, whole or not at all; raises ToolFailed where it cannot be."""
        ...


class Doubts(Protocol):
    """What bots wrote down of orders whose fate they do not know."""

    def of(self, strategy: str) -> tuple[str, datetime] | None:
        """What the doubt of the strategy's database is about, and since when it stands; None where there is none."""
        ...


class Notifier(Protocol):
    """Whoever has to know."""

    def tell(self, title: str, text: str) -> None:
        """Tell it; raises ToolFailed where it could not be told."""
        ...
