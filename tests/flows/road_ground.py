"""A device of fakes for the verbs of the road, with a judge: what may never happen there is noticed when it does.

Bots are processes with a home and a database lock; a released one trades. Every call that changes something can be the last one before the
caller dies, so that crashes can be tried at every place there is.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import ClassVar

from pipeline.domain.account_report import AccountFill, AccountOrder, AccountRights, KnownOrders
from pipeline.domain.bot import BotSpec, BotState, RunningBot
from pipeline.domain.bot_log import READY
from pipeline.domain.bot_report import BotHealth, BotIdentity, OpenTrade, Trading
from pipeline.domain.bundle import Bundle
from pipeline.domain.bundle_manifest import BundleManifest, StoredBundle
from pipeline.domain.canonical import Plain
from pipeline.domain.ledger import Break, Entry, Head, after, follow, line, read_entry, verify
from pipeline.domain.trading import TradingEnvironment
from pipeline.domain.trading_facts import TradingFacts
from pipeline.domain.train.account import Account
from pipeline.domain.train.decisions import Soaked
from pipeline.domain.train.plan import Order
from pipeline.domain.train.steps import api_port, bot_name
from pipeline.domain.train.terms import BookedTrade, Terms, terms_of
from pipeline.domain.watch_process import RunningWatch, WatchSpec
from pipeline.errors import Locked, Refused, ToolFailed, UsageError
from pipeline.flows.deploy import deploy
from pipeline.flows.road import Road, Watcher
from pipeline.ports import Runtime
from tests.domain.trading.samples import DRY
from tests.fake_watches import FakeWatches
from tests.fakes import FakeClock, FakeNarrator

STRATEGY = "dip"
OLD, NEW = "sha256:" + "a" * 64, "sha256:" + "b" * 64


class Crash(BaseException):
    """The caller dies here: nothing of it runs any more."""


@dataclass
class Process:
    """One bot's process. It has the database from the moment at which no other one has it."""

    spec: BotSpec
    since: datetime
    alive: bool = True
    state: Trading = Trading.PAUSED
    asked_to_stop: bool = False
    reason: str = ""
    reads_database: bool = False


@dataclass
class Device:
    """What is really there; it survives its callers.

    `sick` bundles never finish a loop, and `refusing` ones end when they are started. A bot loops every `loop_seconds`, and is ready for the
    database `import_seconds` after its start. `open_trades` are the positions in each strategy's database; `violations` is what the judge noticed.
    """

    root: Path
    environment: TradingEnvironment = DRY
    clock: FakeClock = field(default_factory=FakeClock)
    lines: list[bytes] = field(default_factory=list)
    head: Head = field(default_factory=Head)
    processes: dict[str, Process] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)
    holds: dict[str, str] = field(default_factory=dict)
    sick: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    refusing: set[str] = field(default_factory=set)
    loop_seconds: float = 0.0
    import_seconds: float = 0.0
    databases: set[str] = field(default_factory=set)
    copies: list[str] = field(default_factory=list)
    open_trades: dict[str, int] = field(default_factory=dict)
    booked: list[BookedTrade] = field(default_factory=list)
    """Open trades besides those of `open_trades`, which are in the device's own terms."""
    terms: dict[str, tuple[str, Terms]] = field(default_factory=dict)
    """Bundle and terms with which each home was written last."""
    whitelist: list[str] = field(default_factory=list)
    delisted: set[str] = field(default_factory=set)
    tells_all_orders: bool = True
    orders: list[AccountOrder] = field(default_factory=list)
    fills: list[AccountFill] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    traded: set[str] = field(default_factory=set)
    cancelled: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    narrator: FakeNarrator = field(default_factory=FakeNarrator)
    ended: dict[str, datetime] = field(default_factory=dict)
    locked_by: str = ""
    speaks_against: tuple[str, ...] = ()
    watches: FakeWatches = field(default_factory=FakeWatches)
    watch_reads: str = "as it was"
    watched_by_hand: str = ""
    logs: list[str] = field(default_factory=list)
    doubt: tuple[str, datetime] | None = None
    doubted_pair: str = "BTC/USDT"
    begun_anew: bool = False
    """Whether the databases are empty."""
    full_disk: bool = False
    calls: int = 0
    real: ClassVar[Runtime | None] = None
    """Where it is set, each bot is a process of it as well: every call of the runtime is done there too, and what ended there has ended."""
    dies_at: tuple[int, bool] | None = None
    """The number of the call that is the last one, and whether it still takes effect."""
    died_in: str = ""

    def changing(self, what: str, effect: Callable[[], None]) -> None:
        """Do something that changes the device, unless the caller dies before it."""
        self.calls += 1
        number, takes_effect = self.dies_at or (0, False)
        if number == self.calls:
            self.died_in = what
            if takes_effect:
                effect()
                self.judge()
            self.locked_by = ""  # the lock ends with whoever holds it
            raise Crash(what)
        effect()
        self.judge()

    def judge(self) -> None:
        """Give the database to the one who waits for it, and notice what may never be."""
        for strategy in {process.spec.strategy for process in self.processes.values()}:
            alive = [p for p in self.processes.values() if p.alive and p.spec.strategy == strategy]
            if alive and not any(p.reads_database for p in alive):
                alive[0].reads_database = True
                alive[0].since = max(alive[0].since, self.clock.now())
                self.databases.add(strategy)
            entering = [p for p in alive if self.enters(p)]
            if len(entering) > 1:
                self.violations.append(f"two bots of {strategy} enter: {[p.spec.name for p in entering]}")

    def enters(self, process: Process) -> bool:
        """Whether it would open a position now."""
        free = process.spec.name not in self.holds
        return process.alive and process.reads_database and process.state is Trading.RUNNING and free

    def entering(self) -> list[str]:
        """The bundles that would open positions now."""
        return [process.spec.bundle for process in self.processes.values() if self.enters(process)]

    def alive(self) -> list[str]:
        """The bundles whose processes are there."""
        return [process.spec.bundle for process in self.processes.values() if process.alive]

    def road(self, environment: TradingEnvironment | None = None) -> Road:
        """A new caller's view of the device."""
        own = environment or self.environment
        account = None if own.dry_run else FakeAccount(self)
        return Road(
            own, FakeLedger(self), FakeProcesses(self), FakeBundles(), FakeHomes(self, own=own), FakeDatabases(self), account,
            self.clock, self.narrator, self.locked, lambda _: self.speaks_against, proof_seconds=30.0, exit_seconds=30.0,
            doubts=DeviceDoubts(self), watcher=Watcher(DeviceWatches(self), DeviceWatchHome(self)),
        )  # fmt: skip

    @contextmanager
    def locked(self, what: str) -> Iterator[None]:
        if self.locked_by:
            raise Locked(f"'{self.locked_by}' is at work")
        self.locked_by = what
        try:
            yield
        finally:
            self.locked_by = ""

    def watched(self) -> bool:
        """Whether the runtime keeps the environment's watch."""
        return [watch.spec.environment for watch in self.watches.up()] == [self.environment.name]

    def entries(self) -> tuple[Entry, ...]:
        return FakeLedger(self).entries()

    def kinds(self) -> list[str]:
        """The kinds of what was recorded, without the steps."""
        return [entry.kind for entry in self.entries() if not entry.kind.startswith("step_")]


def running(tmp_path: Path, environment: TradingEnvironment = DRY, trades: int = 1) -> Device:
    """A device on which the old bundle runs, released, known to be good, with open trades."""
    device = Device(tmp_path, environment)
    deploy(Order(STRATEGY, OLD, "operator"), device.road())
    device.road().record(Soaked(environment.name, STRATEGY, OLD, 30.0, 5))
    device.open_trades[STRATEGY] = trades
    device.narrator.lines.clear()
    device.calls = 0
    assert device.entering() == [OLD]
    return device


@dataclass
class FakeLedger:
    device: Device

    def append(self, kind: str, body: Mapping[str, object]) -> Entry:
        entry = follow(self.device.head, self.device.clock.now(), kind, body)

        def write() -> None:
            self.device.lines.append(line(entry).rstrip(b"\n"))
            self.device.head = after(self.device.head, entry)

        step = entry.body.get("step")
        told = f"{kind} {step['kind']}" if isinstance(step, dict) else kind
        self.device.changing(f"ledger: {told}", write)
        return entry

    def entries(self) -> tuple[Entry, ...]:
        if breaks := self.verify():
            raise Refused("\n".join(map(str, breaks)))
        return tuple(read_entry(text) for text in self.device.lines)

    def verify(self) -> Sequence[Break]:
        return verify(self.device.lines, self.device.head)


@dataclass
class FakeProcesses:
    """The runtime."""

    device: Device

    def running(self) -> tuple[RunningBot, ...]:
        for bot in self.device.real.running() if self.device.real else ():
            if bot.state is BotState.DOWN:
                known = self.device.processes[bot.spec.name]
                known.alive, known.reads_database, known.reason = False, False, bot.reason
        return tuple(
            RunningBot(p.spec, BotState.RUNNING if p.alive else BotState.DOWN, p.since, reason=p.reason)
            for _, p in sorted(self.device.processes.items())
        )

    def start(self, spec: BotSpec) -> None:
        def begin() -> None:
            if self.device.real:
                Path(spec.home).mkdir(exist_ok=True)
                self.device.real.start(spec)
            held = self.device.processes.get(spec.name)
            if held is None or not held.alive:
                if self.device.homes.get(spec.name) != spec.bundle:
                    self.device.violations.append(f"{spec.name} was started in a home of another bundle")
                if spec.name not in self.device.holds:
                    self.device.violations.append(f"{spec.name} was started free to enter")
                process = Process(spec, self.device.clock.now(), alive=spec.bundle not in self.device.refusing)
                process.reason = "" if process.alive else "the strategy cannot be loaded"
                self.device.processes[spec.name] = process

        self.device.changing(f"start {spec.name}", begin)

    def stop(self, name: str, deadline_seconds: float) -> None:
        def end() -> None:
            if self.device.real:
                self.device.real.stop(name, deadline_seconds)
            process = self.device.processes.get(name)
            if process is None or not process.alive:
                return
            healthy = process.spec.bundle not in self.device.sick and name not in self.device.silent
            if process.reads_database and healthy and process.state is not Trading.STOPPED:
                self.device.violations.append(f"{name} was ended in the middle of a loop")
            process.alive = process.reads_database = False
            process.reason = "it was stopped"
            self.device.ended[name] = self.device.clock.now()

        self.device.changing(f"stop {name}", end)

    def logs(self, name: str, lines: int) -> str:
        process = self.device.processes.get(name)
        if process is None or not process.alive or process.reads_database:
            return ""
        ready_at = process.since + timedelta(seconds=self.device.import_seconds)
        return f"bot: {READY}, which another one holds\n" if self.device.clock.now() >= ready_at else ""

    def remove(self, name: str) -> None:
        process = self.device.processes.get(name)
        if process and process.alive:
            raise Refused(f"{name} runs")

        def forget() -> None:
            if self.device.real:
                self.device.real.remove(name)
            self.device.processes.pop(name, None)

        self.device.changing(f"remove {name}", forget)


@dataclass
class DeviceWatches:
    """The runtime's watches."""

    device: Device

    def watching(self) -> tuple[RunningWatch, ...]:
        return self.device.watches.watching()

    def start(self, spec: WatchSpec) -> None:
        self.device.changing("start the watch", lambda: self.device.watches.start(spec))

    def stop(self, environment: str, deadline_seconds: float) -> None:
        self.device.changing("stop the watch", lambda: self.device.watches.stop(environment, deadline_seconds))

    def logs(self, environment: str, lines: int) -> str:
        return self.device.watches.logs(environment, lines)


@dataclass
class DeviceWatchHome:
    device: Device

    def prepare(self) -> WatchSpec:
        root = str(self.device.root)
        return WatchSpec(self.device.environment.name, root, root, self.device.watch_reads)

    def watched_by(self) -> str:
        return self.device.watched_by_hand or ("its watch" if self.device.watched() else "")

    def looked_at(self) -> tuple[None, None]:
        return None, None


@dataclass
class DeviceDoubts:
    """The doubt of the one strategy."""

    device: Device

    def of(self, strategy: str) -> tuple[str, datetime] | None:
        return self.device.doubt

    def pair_of(self, strategy: str) -> str:
        return self.device.doubted_pair

    def settle(self, strategy: str, since: datetime) -> bool:
        if self.device.doubt is None or self.device.doubt[1] != since:
            return False

        def gone() -> None:
            self.device.doubt = None

        self.device.changing("settle the doubt", gone)
        return True


@dataclass
class FakeHomes:
    device: Device
    own: TradingEnvironment = field(default=DRY, kw_only=True)

    def spec(self, strategy: str, slot: str, bundle: str, place: int) -> BotSpec:
        environment = self.device.environment.name
        name = bot_name(environment, strategy, slot)
        return BotSpec(name, environment, strategy, bundle, str(self.device.root / name), api_port(9000, place, slot))

    def against(self, spec: BotSpec, stored: StoredBundle) -> tuple[str, ...]:
        return ()

    def prepare(self, spec: BotSpec, stored: StoredBundle, hold: str) -> str:
        process = self.device.processes.get(spec.name)
        if process and process.alive:
            self.device.violations.append(f"the home of {spec.name} was written while it runs")

        def write() -> None:
            self.device.homes[spec.name] = stored.digest
            self.device.terms[spec.name] = stored.digest, terms_of(self.own)
            self.device.holds[spec.name] = hold

        self.device.changing(f"prepare {spec.name}", write)
        return ""

    def hold(self, spec: BotSpec, reason: str) -> None:
        self.device.changing(f"hold {spec.name}", lambda: self.device.holds.update({spec.name: reason}))

    def unhold(self, spec: BotSpec) -> None:
        self.device.changing(f"unhold {spec.name}", lambda: self.device.holds.pop(spec.name, None) and None)

    def held(self, spec: BotSpec) -> str:
        return self.device.holds.get(spec.name, "")

    def keep_log(self, spec: BotSpec, text: str) -> None:
        if self.device.full_disk:
            raise ToolFailed("the disk is full")
        self.device.logs.append(text)

    def terms(self, spec: BotSpec) -> Terms | None:
        bundle, found = self.device.terms.get(spec.name, ("", None))
        return found if bundle == spec.bundle and spec.name in self.device.homes else None

    def clear(self, strategy: str) -> bool:
        own = f"{self.device.environment.name}-{strategy}-"
        there = [name for name in self.device.homes if name.startswith(own)]
        if any(p.alive for name, p in self.device.processes.items() if name.startswith(own)):
            self.device.violations.append(f"the homes of {strategy} were removed while it runs")

        def remove() -> None:
            for name in there:
                del self.device.homes[name]
                self.device.holds.pop(name, None)

        if there:
            self.device.changing(f"clear {strategy}", remove)
        return bool(there)

    def sharing(self, spec: BotSpec) -> tuple[Account, ...]:
        return ()

    def bot(self, spec: BotSpec) -> "FakeApi":
        if spec.name not in self.device.homes:
            raise ToolFailed(f"{spec.name} has no home")
        return FakeApi(self.device, spec)


@dataclass
class FakeApi:
    """A bot's API: it answers once its process has the database."""

    device: Device
    spec: BotSpec

    def process(self) -> Process:
        found = self.device.processes.get(self.spec.name)
        if found is None or not found.alive or not found.reads_database or self.spec.name in self.device.silent:
            raise ToolFailed(f"{self.spec.name} does not answer")
        return found

    def identity(self) -> BotIdentity:
        process = self.process()
        return BotIdentity(
            self.spec.name, process.spec.bundle, "Dip", self.device.environment.dry_run, process.state, "binance", "USDT", Decimal(100), "x"
        )  # fmt: skip

    def health(self) -> BotHealth:
        process = self.process()
        loops = process.spec.bundle not in self.device.sick and process.state is not Trading.STOPPED
        now = self.device.clock.now()
        if self.device.loop_seconds:
            now -= (now - process.since) % timedelta(seconds=self.device.loop_seconds)
        return BotHealth(now if loops and now > process.since else None, process.since)

    def open_trades(self) -> tuple[OpenTrade, ...]:
        self.process()
        one = Decimal(1)
        return tuple(
            OpenTrade(n, "BTC/USDT", False, self.device.clock.now(), one, one, one, one, Decimal(0), None, None, "")
            for n in range(self.device.open_trades.get(self.spec.strategy, 0))
        )

    def pairs(self) -> tuple[str, ...]:
        self.process()
        return tuple(self.device.whitelist)

    def start(self) -> None:
        self._become("release", Trading.RUNNING)

    def stop_entries(self) -> None:
        self._become("pause", Trading.PAUSED)

    def stop(self, deadline_seconds: float) -> None:
        if self.process().spec.bundle in self.device.sick:
            raise ToolFailed("it did not finish its loop")
        self._become("halt", Trading.STOPPED)

    def force_exit(self, trade_id: int | None = None) -> None:
        self.process()

        def sold() -> None:
            self.device.open_trades[self.spec.strategy] = 0
            self.device.booked.clear()

        self.device.changing("sell", sold)

    def _become(self, what: str, state: Trading) -> None:
        process = self.process()

        def change() -> None:
            process.state = state

        self.device.changing(f"{what} {self.spec.name}", change)

    def __getattr__(self, name: str) -> object:
        raise AssertionError(f"nobody asks a bot for {name} on the road")


@dataclass
class FakeDatabases:
    device: Device

    def exists(self, strategy: str) -> bool:
        return strategy in self.device.databases

    def copy(self, strategy: str) -> str:
        if strategy not in self.device.databases:
            return ""
        self.device.changing("copy", lambda: self.device.copies.append(strategy))
        return f"copy-{len(self.device.copies)}"

    def adopt(self, strategy: str, file: Path) -> None:
        self.device.changing("adopt", lambda: self.device.databases.add(strategy))

    def open_trades(self, strategy: str) -> tuple[BookedTrade, ...]:
        at, count = self.device.clock.at, self.device.open_trades.get(strategy, 0)
        mine = [BookedTrade("BTC/USDT", at, terms_of(self.device.environment))] * count
        return (*mine, *(trade for trade in self.device.booked))

    def known_orders(self, strategy: str) -> KnownOrders:
        keeps_book = strategy in self.device.databases and not self.device.begun_anew
        since = self.device.clock.at - timedelta(hours=1) if keeps_book else None
        return KnownOrders(frozenset(self.device.known), since, frozenset(self.device.traded))


@dataclass
class FakeAccount:
    device: Device

    def open_orders(self, pairs: Sequence[str]) -> tuple[AccountOrder, ...]:
        self._demand(pairs)
        return tuple(order for order in self.device.orders if order.pair in pairs)

    def open_orders_anywhere(self) -> tuple[AccountOrder, ...] | None:
        return tuple(self.device.orders) if self.device.tells_all_orders else None

    def listed(self, pairs: Sequence[str]) -> tuple[str, ...]:
        return tuple(pair for pair in pairs if pair not in self.device.delisted)

    def fills(self, pairs: Sequence[str], since_at: datetime) -> tuple[AccountFill, ...]:
        self._demand(pairs)
        return tuple(fill for fill in self.device.fills if fill.at >= since_at and fill.pair in pairs)

    def _demand(self, pairs: Sequence[str]) -> None:
        if strange := self.device.delisted & set(pairs):
            raise Refused(f"binance does not trade {min(strange)}")

    def cancel(self, order: AccountOrder) -> None:
        def gone() -> None:
            self.device.orders.remove(order)
            self.device.cancelled.append(order.id)

        self.device.changing(f"cancel {order.id}", gone)

    def free(self, currency: str) -> Decimal:
        return Decimal(1000)

    def rights(self) -> AccountRights:
        return AccountRights(True, False)

    def clock_ahead_seconds(self) -> float:
        return 0.0

    def least_order(self, pair: str) -> Decimal:
        return Decimal(5)

    def last_candle_at(self, pair: str, timeframe: str) -> datetime:
        return self.device.clock.now()


@dataclass
class FakeBundles:
    """Every digest of hexadecimal digits is a bundle of STRATEGY; those of the letter e were judged on simulated data."""

    def get(self, digest: str) -> StoredBundle:
        if not digest.startswith("sha256:"):
            raise UsageError(f"there is no bundle {digest}")
        bundle = Bundle(STRATEGY, "Dip", "5m", (), {}, {"strategy.py": digest.encode()})
        simulated = digest == "sha256:" + "e" * 64
        made = BundleManifest(
            digest, STRATEGY, "", "", datetime.fromisoformat("2026-01-01T00:00:00Z"), "c" * 40, False, "sha256:0", "sha256:1", "sha256:2",
            "ci", "sha256:3", "sha256:4", "", "real", "sha256:5", "sha256:6", simulated, "bubblewrap", {},
            TradingFacts("5m", -0.1, {0: 0.05}),
        )  # fmt: skip
        return StoredBundle(bundle, digest, (made,))

    def put(
        self, bundle: Bundle, manifest: BundleManifest, evidence: Mapping[str, Plain]
    ) -> tuple[BundleManifest, bool]:
        raise AssertionError("nothing is cut on the road")

    def evidence(self, manifest: BundleManifest) -> Mapping[str, Plain]:
        raise AssertionError("nobody reads evidence on the road")

    def digests(self) -> tuple[str, ...]:
        return (OLD, NEW)


def named(environment: TradingEnvironment, name: str) -> TradingEnvironment:
    """The environment under another name."""
    return replace(environment, name=name)
