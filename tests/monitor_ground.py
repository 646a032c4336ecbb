"""A device with a story, for the monitor: ledgers, observations, databases and a store as the train leaves them, and a runtime in memory."""

import json
import math
import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from pipeline.adapters.bundle_store import BundleStore
from pipeline.adapters.ledger_file import LedgerFile
from pipeline.adapters.notices.reach_file import ReachFile
from pipeline.adapters.observations.store import ObservationStore
from pipeline.adapters.watch_home import watch_lock
from pipeline.domain.bot import BotSpec
from pipeline.domain.bundle import Bundle
from pipeline.domain.bundle_manifest import BundleManifest
from pipeline.domain.canonical import digest
from pipeline.domain.evidence_record import EvidenceRecord
from pipeline.domain.notices import Reached
from pipeline.domain.trades import ClosedTrade
from pipeline.domain.train.decisions import Braked, DecisionMade, Observed, Soaked
from pipeline.domain.train.facts import Fact, body_of, kind_of
from pipeline.domain.train.movements import Deployed, Deploying, Purpose
from pipeline.domain.train.samples import Gap, Sample
from pipeline.domain.train.steps import bot_name
from pipeline.domain.watch_process import WatchSpec
from pipeline.wiring.monitor import DevicePages
from tests import bundle_samples
from tests.fake_runtime import FakeRuntime
from tests.fake_watches import FakeWatches
from tests.fakes import FakeClock, FakeNarrator
from tests.needs import ROOT

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CAPITAL = 1000.0
OLD = "sha256:" + "7" * 64
REASON = "its win rate cannot be judged yet: not enough trades (12 of 30)."
POWER = "12 of about 123 trades; safe to look at daily"


@cache
def made(strategy: str = "sma_trend") -> tuple[Bundle, BundleManifest, EvidenceRecord]:
    """A bundle with its manifest and evidence."""
    bundle = bundle_samples.bundle(strategy)
    told = bundle_samples.evidence_of(bundle)
    return bundle, bundle_samples.manifest(bundle, told), told


@dataclass
class Ground:
    """One device. What is told to it is told at `clock`'s time, which the caller sets."""

    home: Path
    clock: FakeClock = field(default_factory=lambda: FakeClock(NOW))
    watches: FakeWatches = field(default_factory=lambda: FakeWatches(FakeClock(NOW - timedelta(days=24))))
    runtime: FakeRuntime = field(init=False)

    def __post_init__(self) -> None:
        self.runtime = FakeRuntime(self.clock)

    @property
    def pages(self) -> DevicePages:
        return DevicePages(self.home, self.clock, self.runtime, self.watches)

    def environments(self, owner: str = "test") -> None:
        """The repository's own files, as a verb writes them down for a watch."""
        folder = self.home / owner / "watch" / "environments"
        folder.mkdir(parents=True, exist_ok=True)
        for file in sorted((ROOT / "environments").glob("*.yml")):
            (folder / file.name).write_bytes(file.read_bytes())

    def stored(self, strategy: str = "sma_trend") -> tuple[str, str]:
        """Put a bundle into the store; its digest and that of its evidence."""
        bundle, manifest, told = made(strategy)
        BundleStore(self.home / "store").put(bundle, manifest, told.document)
        return bundle.digest, manifest.evidence

    def ledger(self, environment: str) -> LedgerFile:
        return LedgerFile(self.home / environment / "ledger.jsonl", self.clock, FakeNarrator())

    def tell(self, environment: str, *facts: Fact, at: datetime | None = None) -> None:
        """Append facts, each a second after the other."""
        before, ledger = self.clock.at, self.ledger(environment)
        for number, fact in enumerate(facts):
            self.clock.at = (at or before) + timedelta(seconds=number)
            ledger.append(kind_of(fact), body_of(fact))
        self.clock.at = before

    def deploy(
        self, environment: str, strategy: str, bundle: str, at: datetime, evidence: str = "", slot: str = "a"
    ) -> None:
        """Deploy a bundle; its bot runs from then on."""
        self.tell(
            environment,
            Deploying(environment, strategy, Purpose.DEPLOY, bundle, slot, (), "owner", "tag v1.4", evidence=evidence),
            Deployed(environment, strategy, bundle, slot, "owner"),
            at=at,
        )
        name = bot_name(environment, strategy, slot)
        for other in list(self.runtime.bots):
            if other.startswith(f"{environment}-{strategy}-"):
                del self.runtime.bots[other]
        home = self.home / environment / "bots" / name
        home.mkdir(parents=True, exist_ok=True)
        self.runtime.start(BotSpec(name, environment, strategy, bundle, str(home), 18100))

    def observe(
        self, environment: str, strategy: str, bundle: str, since: datetime, until: datetime, *, drift: float = 2.0,
        every: timedelta = timedelta(hours=6), hole: tuple[datetime, datetime] | None = None, state: str = "running",
    ) -> Sample:  # fmt: skip
        """A trade a day, two of three won, and looks every so often; the last one is at `until`. Nobody looked in the hole."""
        trades, samples, at, day = list[ClosedTrade](), list[Sample](), since, 0
        while at <= until:
            while since + timedelta(days=day, hours=20) <= at:
                opened = since + timedelta(days=day, hours=-3 if day else 8)
                profit = drift * (2.5 if day % 3 else -3.0)
                trades.append(_trade(opened, since + timedelta(days=day, hours=20), profit))
                day += 1
            earned = sum(trade.profit for trade in trades)
            open_now = int(at - since >= timedelta(days=day, hours=-3 if day else 8))
            floating = 6.0 * math.sin((at - since).total_seconds() / 20_000) if open_now else 0.0
            wins = sum(trade.profit > 0 for trade in trades)
            if hole is None or not hole[0] < at < hole[1]:
                samples.append(
                    Sample(
                        *(strategy, bundle, "USDT", at, state, CAPITAL + earned, CAPITAL + earned + floating),
                        *(open_now, len(trades), wins, 0.2 * len(trades), 0.0002, at, 0),
                    )
                )
            at = until if at < until < at + every else at + every
        path = self.home / environment / "observations.sqlite"
        with closing(ObservationStore(path, self.clock, FakeNarrator(), 2 * every)) as store:
            store.record(samples)
            store.record_trades(strategy, bundle, "USDT", trades)
        return samples[-1]

    @contextmanager
    def watched(self, *environments: str) -> Iterator[None]:
        """As if a watch of each ran, and had looked a few seconds ago."""
        with ExitStack() as held:
            for name in environments:
                for file in (self.home / name / "watch.json", self.home / name / "lease"):
                    file.write_text("{}")
                    os.utime(file, (self.clock.at.timestamp() - 5,) * 2)
                held.enter_context(watch_lock(self.home, name, "owner", self.clock)("watch"))
                spec = WatchSpec(name, str(self.home), str(self.home / name / "watch"), "sha256:" + "1" * 64)
                self.watches.start(spec)
            yield

    def gap(self, environment: str, gap: Gap) -> None:
        path = self.home / environment / "observations.sqlite"
        with closing(ObservationStore(path, self.clock, FakeNarrator())) as store:
            store.record_gap(gap)

    def holds(self, environment: str, strategy: str, mode: str, *pairs: str) -> None:
        """Open trades in the bot's database, with the columns of freqtrade's that count here."""
        folder = self.home / environment / "databases"
        folder.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(folder / f"{strategy}.{mode}.sqlite")) as database:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute(
                "CREATE TABLE IF NOT EXISTS trades (id INTEGER PRIMARY KEY, pair TEXT, is_open BOOLEAN, open_date TEXT, open_rate FLOAT, "
                "stake_amount FLOAT, amount FLOAT, is_short BOOLEAN, enter_tag TEXT)"
            )
            rows = [(pair, 1, "2026-03-01 09:30:00.000000", 63000.5, 100.0, 0.0016, 0, "dip") for pair in pairs]
            rows.append(("OLD/USDT", 0, "2026-01-01 00:00:00", 1.0, 1.0, 1.0, 0, ""))
            database.executemany(
                "INSERT INTO trades (pair, is_open, open_date, open_rate, stake_amount, amount, is_short, enter_tag) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            )
            database.commit()


def story(home: Path) -> Ground:
    """Three environments: one that promotes, one with an old and a new bundle, a gap and a brake, and prod, into which nothing came yet."""
    ground = Ground(home)
    ground.environments()
    trend, evidence = ground.stored()
    dip, dip_evidence = ground.stored("range_dip")
    days = lambda number: NOW - timedelta(days=number)  # noqa: E731
    ground.deploy("test", "sma_trend", trend, days(24), evidence)
    ground.observe("test", "sma_trend", trend, days(24), NOW - timedelta(seconds=20))
    ground.tell(
        "test",
        Soaked("test", "sma_trend", trend, 48.0, 3),
        Observed("test", "sma_trend", trend, 570.5, 23),
        at=days(20),
    )
    ground.tell(
        "test",
        DecisionMade("test", "sma_trend", trend, "promote", ("It shows all that sandbox demands.",), POWER),
        at=days(1),
    )
    ground.deploy("test", "range_dip", dip, days(6), dip_evidence)
    ground.observe("test", "range_dip", dip, days(6), NOW - timedelta(seconds=20), drift=-0.8)
    ground.tell(
        "test",
        Observed("test", "range_dip", dip, 140.0, 5),
        DecisionMade("test", "range_dip", dip, "hold", (REASON,), POWER),
        at=days(1),
    )
    ground.deploy("sandbox", "sma_trend", OLD, days(22), evidence)
    ground.observe("sandbox", "sma_trend", OLD, days(22), days(9), drift=-1.0)
    ground.deploy("sandbox", "sma_trend", trend, days(9), evidence, slot="b")
    hole = (days(5), days(4))
    ground.observe(
        "sandbox", "sma_trend", trend, days(9), NOW - timedelta(seconds=20), drift=0.6, hole=hole, state="paused"
    )
    for environment, waiting in (("test", 0), ("sandbox", 2)):
        ReachFile(home / environment).write(Reached(2, waiting, 0))
    ground.gap("sandbox", Gap("sma_trend", trend, *hole, "nobody looked"))
    ground.tell("sandbox", Observed("sandbox", "sma_trend", trend, 150.0, 8), at=days(1))
    ground.tell("sandbox", DecisionMade("sandbox", "sma_trend", trend, "hold", (REASON,), POWER), at=days(1))
    braked = Braked(
        "sandbox", "sma_trend", trend, "daily_loss_max_ratio", "it lost 2.1 % since midnight, and 2 % is the most"
    )
    ground.tell("sandbox", braked, at=NOW - timedelta(hours=3))
    ground.holds("test", "sma_trend", "dry_run", "BTC/USDT")
    ground.holds("test", "range_dip", "dry_run", "ETH/USDT")
    ground.holds("sandbox", "sma_trend", "live", "SOL/USDT")
    ground.ledger("prod")  # Nothing was deployed there.
    return ground


def damage(path: Path) -> None:
    """Overwrite what a database or a ledger holds, and leave its length."""
    content = path.read_bytes()
    path.write_bytes(content[:200] + b"\xff" * (len(content) - 200))


def digest_of(text: str) -> str:
    """A digest for whatever has no content."""
    return digest(text)


def numbers(document: str) -> dict[str, object]:
    """The document of `DevicePages.document`."""
    found = json.loads(document)
    assert isinstance(found, dict)
    return found


def _trade(opened: datetime, closed: datetime, profit: float) -> ClosedTrade:
    return ClosedTrade(
        "BTC/USDT", opened, closed, 100.0, 101.0, 1.0, 100.0, 0.001, 0.001, profit, profit / 100, "dip", "roi"
    )
