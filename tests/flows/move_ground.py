"""Two devices with real ledgers, databases and stores, and bots of fakes on them."""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline.adapters.bundle_store import BundleStore
from pipeline.adapters.environment_arrival import ArrivalsOnDevice
from pipeline.adapters.environment_packing import EnvironmentPacking
from pipeline.adapters.ledger_file import LedgerFile
from pipeline.domain.ledger import Entry
from pipeline.domain.moving import About
from pipeline.domain.train.plan import Order
from pipeline.flows.converge import bring_back
from pipeline.flows.deploy import deploy
from pipeline.flows.environment_export import Exported, export
from pipeline.flows.environment_import import Imported, bring_in
from pipeline.flows.road import Road
from tests.bundle_samples import bundle, manifest, record
from tests.domain.trading.samples import LIVE
from tests.flows.road_ground import STRATEGY, Device

BUNDLE = bundle()
NAME = LIVE.name
OPEN = 2
"""Positions that are open when the environment is moved."""


@dataclass
class Place:
    """One device of its own; its bots trade with the database that lies on its disk."""

    home: Path
    refused: Sequence[str] = ()
    device: Device = field(init=False)

    def __post_init__(self) -> None:
        self.device = Device(self.home, LIVE)

    @property
    def own(self) -> Path:
        return self.home / NAME

    @property
    def database(self) -> Path:
        return self.own / "databases" / f"{STRATEGY}.live.sqlite"

    @property
    def store(self) -> BundleStore:
        return BundleStore(self.home / "store")

    def ledger(self) -> LedgerFile:
        return LedgerFile(self.own / "ledger.jsonl", self.device.clock, self.device.narrator)

    def entries(self) -> tuple[Entry, ...]:
        return self.ledger().entries()

    def road(self) -> Road:
        return replace(self.device.road(), ledger=self.ledger())

    def begin(self) -> None:
        """A strategy runs with open trades, and everything is there that a device gathers."""
        self.store.put(BUNDLE, manifest(BUNDLE), record().document)
        self.own.mkdir(parents=True)
        deploy(Order(STRATEGY, BUNDLE.digest, "operator"), self.road())
        self.device.open_trades[STRATEGY] = OPEN
        self.database.parent.mkdir()
        with closing(sqlite3.connect(self.database)) as made:
            made.execute("PRAGMA journal_mode = WAL")
            made.execute("CREATE TABLE trades (id INTEGER PRIMARY KEY, is_open INTEGER)")
            made.executemany("INSERT INTO trades (is_open) VALUES (?)", [(1,)] * OPEN + [(0,)] * 40)
            made.commit()
        with closing(sqlite3.connect(self.own / "observations.sqlite")) as made:
            made.execute("CREATE TABLE samples (at INTEGER)")
        (self.own / "watch.json").write_text("{}")
        self.database.with_name(f"{self.database.name}.doubt.json").write_text('{"pair": "BTC/USDT"}')
        self.keep_secrets("a")

    def keep_secrets(self, letter: str) -> None:
        """Secrets of the device, and of a bot in its home."""
        (self.own / "bots" / f"{NAME}-{STRATEGY}-a").mkdir(parents=True, exist_ok=True)
        for file in (self.own / "secrets.json", self.own / "bots" / f"{NAME}-{STRATEGY}-a" / "secret.json"):
            file.write_text(json.dumps({"EXCHANGE_ACCESS_KEY": letter * 64}))
            file.chmod(0o600)

    def open_trades(self) -> int:
        with closing(sqlite3.connect(self.database)) as found:
            return int(found.execute("SELECT count(*) FROM trades WHERE is_open").fetchone()[0])

    def export(self, out: Path, *, again: bool = False) -> Exported:
        road = self.road()
        packing = EnvironmentPacking(self.home, LIVE, self.ledger(), self.store, self.device.narrator)
        return export(road, packing, out, "ada", stop=True, again=again)

    def bring_in(self, file: Path, digest: str = "") -> Imported:
        narrator = self.device.narrator
        arrivals = ArrivalsOnDevice(self.home, self.store, self.device.clock, narrator, "bob")
        return bring_in(file, arrivals, self.suits, narrator, "bob", digest)

    def suits(self, about: About) -> tuple[str, ...]:
        return tuple(self.refused)

    def converge(self) -> list[str]:
        """The bundles that enter after it."""
        bring_back(self.road(), "timer")
        return self.device.entering()

    def files(self) -> dict[str, bytes]:
        """Everything of the environment on the disk, but for locks."""
        found = (path for path in self.own.rglob("*") if path.is_file() and path.name != "lock")
        return {path.relative_to(self.own).as_posix(): path.read_bytes() for path in sorted(found)}
