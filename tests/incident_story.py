"""A device on which the watch brakes and decides, on real files: ledger, observations, memory, store and environments; its bots are fakes.

`python -m tests.incident_story` packs and unpacks its incidents anew by the command, into `tests/incidents`: after a change of words that was meant.
"""

import platform
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from pipeline.adapters.bundle_store import BundleStore
from pipeline.adapters.evidence_file import read_evidence
from pipeline.adapters.incident_packing import IncidentPacking, Wish
from pipeline.adapters.ledger_file import LedgerFile
from pipeline.adapters.observations.reader import ObservationReader
from pipeline.adapters.observations.store import ObservationStore
from pipeline.adapters.watch_memory import WatchMemoryFile
from pipeline.cli.boundary import run
from pipeline.domain.bundle import Bundle
from pipeline.domain.bundle_manifest import BundleManifest
from pipeline.domain.canonical import Plain
from pipeline.domain.judge import judge
from pipeline.domain.trading import Boarding, TradingEnvironment
from pipeline.domain.train.decided import Conclusion
from pipeline.domain.train.decisions import Released, Soaked
from pipeline.domain.train.plan import Order
from pipeline.domain.verdict import ALL_WINDOWS, Measurement, Subject
from pipeline.flows.decide import decisions
from pipeline.flows.deploy import deploy
from pipeline.flows.road import Road
from pipeline.flows.watch import Round, Watching
from pipeline.flows.watch_post import Post
from pipeline.render.evidence_json import evidence_document, to_text
from pipeline.wiring.decide import demands_of
from pipeline.wiring.environments import examine_other
from pipeline.wiring.incident import policy_in_force
from tests import bundle_samples
from tests.fakes import FakeClock, FakeNarrator
from tests.flows.road_ground import STRATEGY, Device
from tests.flows.watch_ground import Bank
from tests.needs import ROOT

BEGAN = datetime(2026, 2, 1, 13, tzinfo=UTC)
SINCE = BEGAN - timedelta(days=1)
AN_HOUR = Boarding(1.0, 1)
PROMISED = {"day_mean_ratio": 0.008, "day_spread_ratio": 0.028, "day_trades": 1.0, "trades": 500.0}


@dataclass
class Story(Bank):
    """`sandbox` of the home `root.parent`. `version` -> bundle; the second one runs, and the first one is known to be good."""

    versions: list[str] = field(default_factory=list)

    @property
    def home(self) -> Path:
        return self.root.parent

    def road(self, environment: TradingEnvironment | None = None) -> Road:
        ledger = LedgerFile(self.root / "ledger.jsonl", self.clock, self.narrator)
        return replace(super().road(environment), ledger=ledger, bundles=BundleStore(self.home / "store"))

    def post(self, demanded: Boarding = AN_HOUR, observed_seconds: float = 86400.0) -> Post:
        memory = WatchMemoryFile(self.root / "watch.json", self.narrator)
        made = super().post(demanded, observed_seconds)
        return replace(made, memory=memory, observe=self._writing, decider=DecidesHere(self))

    def kinds(self) -> list[str]:
        return [entry.kind for entry in self.road().ledger.entries()]

    def looks(self, *waits: float) -> Round:
        """One watch that looks after each of these waits."""
        watching = Watching(self.post())
        try:
            for wait in waits:
                self.wait(wait)
                done = watching.round()
                assert done.problems == (), done.problems
        finally:
            watching.close()
        self.keeps_database()
        return done

    def released(self) -> None:
        self.road().record(Released(self.environment.name, STRATEGY, "owner", "looked at, and it goes on"))

    def pack(self, out: Path, since: datetime = SINCE) -> None:
        """As the command does, in this process and at the story's time."""
        packing = IncidentPacking(self.home, (), {}, dict, self.clock, FakeNarrator())
        packing.pack(Wish("sandbox", since, 1 << 30, policy=policy_in_force("sandbox", self.home)), out)

    @contextmanager
    def _writing(self) -> Iterator[ObservationStore]:
        with closing(ObservationStore(self.root / "observations.sqlite", self.clock, self.narrator)) as store:
            yield store

    def keeps_database(self) -> None:
        """The bot's database as freqtrade leaves it, with the columns that count here."""
        folder = self.root / "databases"
        folder.mkdir(exist_ok=True)
        with closing(sqlite3.connect(folder / f"{STRATEGY}.live.sqlite")) as database, database:
            database.execute("DROP TABLE IF EXISTS trades")
            database.execute("CREATE TABLE trades (pair TEXT, is_open BOOLEAN, open_date TEXT, close_date TEXT)")
            rows = [(one.pair, 0, _text(one.opened_at), _text(one.closed_at)) for one in self.closed]
            database.executemany("INSERT INTO trades VALUES (?, ?, ?, ?)", rows)


@dataclass
class DecidesHere:
    """A decider (`ports.Decider`) in this process."""

    story: Story

    @contextmanager
    def ask(self, strategy: str) -> Iterator["DecidesHere"]:
        self.strategy = strategy
        yield self

    def decided(self) -> Conclusion | None:
        story = self.story
        file = story.root / "observations.sqlite"
        past = ObservationReader(file) if file.exists() else None
        prod = environment(story.root / "watch" / "environments" / "prod.yml")
        (found,) = decisions(story.road(), past, demands_of(prod), (self.strategy,))
        return found.conclusion


def story(home: Path, change: Callable[[str], str] = str) -> Story:
    """The device at its beginning; `change` changes the text of the environment's file."""
    folder = home / "sandbox" / "watch" / "environments"
    folder.mkdir(parents=True)
    for file in sorted((ROOT / "environments").glob("*.yml")):
        text = file.read_text()
        (folder / file.name).write_text(change(text) if file.stem == "sandbox" else text)
    bundles = [
        stored(home, bundle_samples.bundle(STRATEGY)),
        stored(home, bundle_samples.bundle(STRATEGY, strategy_py=_SECOND)),
    ]
    made = Device(home / "sandbox", environment(folder / "sandbox.yml"), FakeClock(BEGAN))
    device = Story(**{one.name: getattr(made, one.name) for one in fields(made) if one.init}, versions=bundles)
    deploy(Order(STRATEGY, bundles[0], "operator"), device.road())
    device.road().record(Soaked("sandbox", STRATEGY, bundles[0], 30.0, 5))
    device.wait(3600)
    deploy(Order(STRATEGY, bundles[1], "operator"), device.road())
    assert device.entering() == [bundles[1]]
    device.wait(60)
    return device


def falls(home: Path) -> Story:
    """The second bundle loses at once; brakes act, and the first one comes back. That one loses in a row, is released, and then hangs."""
    device = story(home)
    device.looks(60, 60)
    device.floating = Decimal("-7.5")
    device.looks(60)
    device.floating = Decimal("-21.25")
    device.looks(10, 10, 60)
    assert device.alive() == [device.versions[0]]
    device.floating = Decimal(0)
    device.released()  # The account had lost too much as well, whichever bundle runs.
    for profit in (0.4, *[-0.2] * 8):
        device.wait(1800)
        device.closes(profit, 900)
        device.looks(10)
    device.released()
    device.looks(10, 60)
    device.hung_since = device.clock.now()
    device.looks(60, 70)
    return device


def disappoints(home: Path, says: str = "automatic") -> Story:
    """The second bundle's trades fall short of what its backtest promised, two a day; the watch decides every day, and takes it back."""
    device = story(home, lambda text: text.replace("roll_back: brakes", f"roll_back: {says}"))
    watching, half_a_day = Watching(device.post()), 43_200.0
    for number in range(24):
        device.wait(300)
        device.closes(20 * (-0.045, -0.035, 0.02, -0.05)[number % 4], 60)
        device.wait(half_a_day - 300)
        assert watching.round().problems == ()
    watching.close()
    device.keeps_database()
    return device


def environment(file: Path) -> TradingEnvironment:
    found = examine_other(file).environment
    assert isinstance(found, TradingEnvironment), file
    return found


def stored(home: Path, bundle: Bundle) -> str:
    """Put a bundle into the store whose evidence promises PROMISED."""
    manifest, document = _proof(bundle)
    BundleStore(home / "store").put(bundle, manifest, document)
    return bundle.digest


_SECOND = bundle_samples.FILES["strategy.py"] + b"# the second one\n"


def _proof(bundle: Bundle) -> tuple[BundleManifest, dict[str, Plain]]:
    left_out = {path: content for path, content in bundle_samples.FILES.items() if path not in bundle.files}
    of = replace(bundle_samples.candidate(bundle.strategy), files=dict(sorted({**bundle.files, **left_out}.items())))
    made = bundle_samples.judgement(of)
    told = tuple(Measurement(name, value, ALL_WINDOWS, Subject.CANDIDATE) for name, value in PROMISED.items())
    others = tuple(
        one
        for one in made.evidence.measurements
        if (one.metric, one.window) not in {(t.metric, t.window) for t in told}
    )
    evidence = replace(made.evidence, measurements=(*others, *told))
    judged = replace(made, evidence=evidence, verdict=judge(evidence.checks, evidence.measurements, made.policy))
    record = read_evidence(to_text(evidence_document(judged)).encode())
    return bundle_samples.manifest(bundle, record), dict(record.document)


def _text(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S.%f}"


CASES = {"a_fall_that_braked_an_account": falls, "a_promise_that_was_broken": disappoints}


def keep(folder: Path) -> None:
    """Make the cases anew."""
    for name, makes in CASES.items():
        with tempfile.TemporaryDirectory() as aside:
            home, archive = makes(Path(aside) / "home").home, str(Path(aside) / "case.tar.gz")
            assert (
                run(["incident", "sandbox", "--home", str(home), "--since", f"{SINCE:%Y-%m-%d}", "--out", archive]) == 0
            )
            shutil.rmtree(folder / name, ignore_errors=True)
            assert run(["incident", "unpack", archive, str(folder / name)]) == 0


if __name__ == "__main__":
    platform.release = lambda: "6.12.0"  # Whose machine it was is nobody's business.
    keep(ROOT / "tests" / "incidents")
