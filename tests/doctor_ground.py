"""A live environment on a real disk in which everything agrees: ledger, store, home, database, observations; bots, exchange and tags in memory."""

import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from pipeline.adapters.bot_database_schema import COLUMNS, MARKER
from pipeline.adapters.bot_databases import BotDatabases, database_file
from pipeline.adapters.bot_home_files import PRIVATE, READ_ONLY, put_home
from pipeline.adapters.bot_homes import BotHomes
from pipeline.adapters.bundle_store import BundleStore
from pipeline.adapters.clock import SystemClock
from pipeline.adapters.doctor.disk import EnvironmentDisk
from pipeline.adapters.environment_lock import EnvironmentLock
from pipeline.adapters.ledger_file import LedgerFile
from pipeline.adapters.observations.store import ObservationStore
from pipeline.adapters.watch_home import Reads, WatchHome, watch_lock
from pipeline.domain.account_report import AccountFill, AccountOrder, AccountRights
from pipeline.domain.bot import BotSpec
from pipeline.domain.bot_report import BotIdentity, Trading
from pipeline.domain.bot_settings import BotSettings
from pipeline.domain.bundle import Bundle
from pipeline.domain.canonical import digest_bytes, plain
from pipeline.domain.trading import TradingEnvironment
from pipeline.domain.train.decisions import Cut, Promoted, Soaked
from pipeline.domain.train.facts import Fact, body_of, kind_of
from pipeline.domain.train.movements import Deployed, Deploying, Purpose, StepBegan, StepEnded
from pipeline.domain.train.named import Tag
from pipeline.domain.train.samples import Sample
from pipeline.domain.train.steps import Step, StepKind, bot_name
from pipeline.errors import ToolFailed, UsageError
from pipeline.flows.doctor_gather import Practice
from pipeline.flows.road import Road, Watcher
from pipeline.wiring.road import doubts
from tests import bundle_samples
from tests.domain.trading.samples import LIVE
from tests.fake_runtime import FakeRuntime
from tests.fake_watches import FakeWatches
from tests.fakes import FakeClock, FakeNarrator

STRATEGY = "sma_trend"
COMMIT = "c" * 40
KEY = {"name": "binance", "key": "0123456789abcdef", "secret": "fedcba9876543210"}
HOUR = timedelta(hours=1)


@dataclass
class Account:
    """An exchange's account; nothing may be cancelled by whoever only looks."""

    orders: list[AccountOrder] = field(default_factory=list)
    waiting_fills: list[AccountFill] = field(default_factory=list)
    down: bool = False

    def open_orders(self, pairs: Sequence[str]) -> tuple[AccountOrder, ...]:
        if self.down:
            raise ToolFailed("binance does not answer", hint="look at its status page")
        return tuple(self.orders)

    def open_orders_anywhere(self) -> tuple[AccountOrder, ...] | None:
        return None

    def listed(self, pairs: Sequence[str]) -> tuple[str, ...]:
        return tuple(pairs)

    def fills(self, pairs: Sequence[str], since_at: datetime) -> tuple[AccountFill, ...]:
        return tuple(one for one in self.waiting_fills if one.at >= since_at and one.pair in pairs)

    def cancel(self, order: AccountOrder) -> None:
        raise AssertionError("a doctor cancels nothing")

    def free(self, currency: str) -> Decimal:
        raise AssertionError("nobody asked for that")

    def rights(self) -> AccountRights:
        raise AssertionError("nobody asked for that")

    def clock_ahead_seconds(self) -> float:
        return 0.0

    def least_order(self, pair: str) -> Decimal:
        return Decimal(5)

    def last_candle_at(self, pair: str, timeframe: str) -> datetime:
        raise AssertionError("nobody asked for that")


@dataclass
class Words:
    """What a bot says of itself; it does not answer where it is `silent`."""

    bundle: str
    state: Trading = Trading.RUNNING
    silent: bool = False


@dataclass
class Api:
    spec: BotSpec
    words: Words

    def identity(self) -> BotIdentity:
        if self.words.silent:
            raise ToolFailed("nobody answers")
        return BotIdentity(
            self.spec.name, self.words.bundle, "SmaTrend", False, self.words.state, "binance", "USDT", None, "x"
        )

    def open_trades(self) -> tuple[object, ...]:
        return ()

    def pairs(self) -> tuple[str, ...]:
        return ("SOL/USDT",)


class SpeakingHomes(BotHomes):
    """Real homes, whose bots speak in memory."""

    said: dict[str, Words]

    def bot(self, spec: BotSpec) -> Api:  # type: ignore[override]
        return Api(spec, self.said.setdefault(spec.name, Words(spec.bundle)))


@dataclass
class FakeTags:
    named: dict[str, str]

    def tag(self, name: str) -> Tag:
        if name not in self.named:
            raise UsageError(f"there is no tag {name!r}")
        return Tag(name, self.named[name])


@dataclass
class Ground:
    """One device. `now` is the real time, because the disk's times are."""

    home: Path
    environment: TradingEnvironment = LIVE
    clock: FakeClock = field(default_factory=lambda: FakeClock(SystemClock().now().replace(microsecond=0)))
    narrator: FakeNarrator = field(default_factory=FakeNarrator)
    account: Account = field(default_factory=Account)
    tags: FakeTags = field(default_factory=lambda: FakeTags({"v1": COMMIT}))
    said: dict[str, Words] = field(default_factory=dict)
    bundle: Bundle = field(default_factory=lambda: bundle_samples.bundle(STRATEGY))
    ending: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        self.runtime = FakeRuntime(self.clock)
        self.watches = FakeWatches(self.clock)

    @property
    def own(self) -> Path:
        return self.home / self.environment.name

    @property
    def database(self) -> Path:
        return database_file(self.home, self.environment, STRATEGY)

    @property
    def observations(self) -> Path:
        return self.own / "observations.sqlite"

    @property
    def bot(self) -> str:
        return bot_name(self.environment.name, STRATEGY, "a")

    @property
    def bot_home(self) -> Path:
        return self.own / "bots" / self.bot

    def tell(self, *facts: Fact, ago: timedelta = timedelta(0)) -> None:
        now = self.clock.at
        self.clock.at = now - ago
        for fact in facts:
            self.ledger().append(kind_of(fact), body_of(fact))
        self.clock.at = now

    def ledger(self) -> LedgerFile:
        return LedgerFile(self.own / "ledger.jsonl", self.clock, self.narrator)

    def practice(self) -> Practice:
        own, homes = self.environment, SpeakingHomes(self.home, self.environment, self.clock, first_port=0)
        homes.said = self.said
        ledger = self.ledger()
        road = Road(
            *(own, ledger, self.runtime, BundleStore(self.home / "store"), homes, BotDatabases(self.home, own, self.clock)),
            *(self.account, self.clock, self.narrator),
            EnvironmentLock(self.own / "lock", "tests", self.clock),
            lambda _: (),
            doubts=doubts(self.home, own),
            watcher=Watcher(self.watches, WatchHome(self.home, own.name, lambda: Reads({}), "", self.clock)),
        )  # fmt: skip
        return Practice(road, self.disk(), self.tags)  # type: ignore[arg-type]  # the one call that is asked for

    def disk(self) -> EnvironmentDisk:
        files = self.own / "ledger.jsonl", self.observations
        return EnvironmentDisk(self.home, self.environment, *files, self.ledger(), self.clock)

    def deploy(self, ago: timedelta = 24 * HOUR, steps: tuple[Step, ...] = ()) -> None:
        """The bundle is cut, promoted, deployed, released, and known to be good; its bot runs."""
        name, bundle = self.environment.name, self.bundle.digest
        release = Step(StepKind.RELEASE, "a", bundle)
        self.tell(
            Cut(STRATEGY, bundle, COMMIT, "ada"),
            Promoted(name, STRATEGY, bundle, "ada", "it earned it", source=f"tag v1 at {COMMIT}"),
            Deploying(name, STRATEGY, Purpose.DEPLOY, bundle, "a", (*steps, release), "ada"),
            StepBegan(name, STRATEGY, len(steps), release),
            StepEnded(name, STRATEGY, len(steps), release),
            Deployed(name, STRATEGY, bundle, "a", "ada"),
            Soaked(name, STRATEGY, bundle, 24.0, 3),
            ago=ago,
        )
        told = bundle_samples.evidence_of(self.bundle)
        BundleStore(self.home / "store").put(
            self.bundle, bundle_samples.manifest(self.bundle, told, commit=COMMIT), told.document
        )
        self.put_home()
        now = self.clock.at
        self.clock.at = now - ago
        self.runtime.start(self.spec())
        self.clock.at = now

    def spec(self, slot: str = "a", bundle: str = "", strategy: str = STRATEGY) -> BotSpec:
        name = bot_name(self.environment.name, strategy, slot)
        home = self.own / "bots" / name
        return BotSpec(name, self.environment.name, strategy, bundle or self.bundle.digest, str(home), 18_080)

    def put_home(self, settings: BotSettings | None = None) -> None:
        self.bot_home.parent.mkdir(parents=True, exist_ok=True)
        self.bot_home.parent.chmod(0o700)
        secret = json.dumps({"exchange": KEY}).encode()
        files = {
            "bot.json": (json.dumps(plain(settings or self.settings())).encode(), PRIVATE),
            "public.json": (json.dumps({"exchange": {"name": "binance"}}).encode(), PRIVATE),
            "secret.json": (secret, PRIVATE),
            **{f"strategy/{path}": (content, READ_ONLY) for path, content in self.bundle.files.items()},
        }
        put_home(self.bot_home, files)

    def settings(self) -> BotSettings:
        return BotSettings(
            *(self.bot, self.environment.name, STRATEGY, self.bundle.digest, "SmaTrend", self.environment.mode.value),
            *(Decimal(100), "strategy", str(self.database), ("public.json", "secret.json")),
            lease_file=str(self.own / "lease"),
            lease_seconds=900.0,
            strategy_files={path: digest_bytes(content) for path, content in sorted(self.bundle.files.items())},
        )

    def put_database(self, *opened: timedelta, order: str = "1001", mode: str = "") -> None:
        """A database as freqtrade makes it, with an order, and a trade open for each `opened` (how long ago)."""
        self.database.parent.mkdir(exist_ok=True, mode=0o700)
        with closing(sqlite3.connect(self.database)) as database, database:
            for table, columns in COLUMNS.items():
                database.execute(f'CREATE TABLE "{table}" ({", ".join(sorted(columns))})')
            at = f"{self.clock.at - 20 * HOUR:%Y-%m-%d %H:%M:%S.%f}"
            database.execute("INSERT INTO orders (id, order_id, order_date) VALUES (1, ?, ?)", (order, at))
            for number, ago in enumerate(opened):
                row = (number, "BTC/USDT", "binance", "USDT", "SPOT", f"{self.clock.at - ago:%Y-%m-%d %H:%M:%S.%f}")
                columns = "id, pair, exchange, stake_currency, trading_mode, open_date, is_open"
                database.execute(f"INSERT INTO trades ({columns}) VALUES (?, ?, ?, ?, ?, ?, 1)", row)
            database.execute(f"CREATE TABLE {MARKER} (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
            marks = {
                "mode": mode or self.environment.mode.value, "strategy": STRATEGY, "environment": self.environment.name
            }  # fmt: skip
            database.executemany(f"INSERT INTO {MARKER} VALUES (?, ?)", marks.items())
        self.database.chmod(0o600)

    def observe(self, *ago: timedelta, bundle: str = "") -> None:
        with closing(ObservationStore(self.observations, self.clock, FakeNarrator())) as store:
            store.record(
                [
                    Sample(STRATEGY, bundle or self.bundle.digest, "USDT", self.clock.at - one, "running", 100.0, 100.0)
                    for one in ago
                ]
            )

    def touched(self, path: Path, ago: timedelta = timedelta(0)) -> Path:
        """A file that was changed so long ago."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        at = (self.clock.at - ago).timestamp()
        os.utime(path, (at, at))
        return path

    def order(self, ago: timedelta = HOUR, id: str = "9999") -> AccountOrder:
        one = Decimal(1)
        return AccountOrder(id, "", "BTC/USDT", "buy", one, Decimal(0), one, self.clock.at - ago)

    def content(self) -> dict[str, tuple[bytes, float]]:
        """Every file with what is in it and when it was changed, but for locks, which are taken for a moment."""
        return {
            str(path.relative_to(self.home)): (path.read_bytes(), path.stat().st_mtime)
            for path in sorted(self.home.rglob("*"))
            if path.is_file()
        }


@contextmanager
def sound(home: Path, environment: TradingEnvironment = LIVE) -> Iterator[Ground]:
    """A device on which everything agrees."""
    home.mkdir(mode=0o700)
    ground = Ground(home, environment)
    (home / environment.name).mkdir(mode=0o700)
    ground.deploy()
    ground.put_database(2 * HOUR)
    ground.observe(timedelta(minutes=2), timedelta(minutes=1))
    ground.touched(ground.own / "lease", timedelta(seconds=5))
    with ground.ending:
        ground.ending.enter_context(watch_lock(home, environment.name, "tests", ground.clock)("watch"))
        yield ground


def other(bundle: str = "b") -> str:
    """The digest of a bundle that is nowhere."""
    return f"sha256:{bundle * 64}"


def changed(settings: BotSettings, **what: object) -> BotSettings:
    return replace(settings, **what)  # type: ignore[arg-type]
