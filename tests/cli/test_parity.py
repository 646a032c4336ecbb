"""`freqtrain parity` as a person calls it, on a device whose bot is down."""

import json
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.adapters.bundle_store import BundleStore
from pipeline.adapters.ledger_file import LedgerFile
from pipeline.adapters.observations.store import ObservationStore
from pipeline.domain.bundle import Bundle
from pipeline.domain.train.facts import body_of, kind_of
from pipeline.domain.train.movements import Deployed, Deploying, Purpose
from pipeline.domain.train.samples import Sample
from tests import bundle_samples
from tests.cli.freqtrain import ROOT, Said, freqtrain
from tests.fakes import FakeClock, FakeNarrator
from tests.flows.parity_ground import BEGAN, END
from tests.small_sets import small_set
from tests.trading_styles import write_style

pytestmark = pytest.mark.processes

TREND = "sma_trend"


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the device's home, where a bundle stood in test while four days of candles were made; the watch saw no trade of it."""
    folder = tmp_path_factory.mktemp("device")
    small_set(folder / "data", 7)
    code = write_style(folder / "written", {}, timeframe="5m").joinpath("strategy.py").read_bytes()
    made = bundle_samples.bundle(strategy_py=code.replace(b"class Styled", b"class SmaTrend"), strategy_json=None)
    _keep(made, folder / "home")
    narrator, clock = FakeNarrator(), FakeClock(BEGAN)
    ledger = LedgerFile(folder / "home" / "test" / "ledger.jsonl", clock, narrator)
    for fact in (
        Deploying("test", TREND, Purpose.DEPLOY, made.digest, "a", (), "operator"),
        Deployed("test", TREND, made.digest, "a", "operator"),
    ):
        ledger.append(kind_of(fact), body_of(fact))
    with closing(ObservationStore(folder / "home" / "test" / "observations.sqlite", clock, narrator)) as kept:
        down = BEGAN + timedelta(days=2)
        kept.record([Sample(TREND, made.digest, "USDT", at, how) for at, how in ((BEGAN, "running"), (down, "down"))])
    return folder


def _keep(made: Bundle, home: Path) -> None:
    told = bundle_samples.evidence_of(made)
    BundleStore(home / "store").put(made, bundle_samples.manifest(made, told), told.document)


def parity(device: Path, *arguments: str, environment: str = "test") -> Said:
    asked = ("parity", environment, TREND, "--dataset", device / "data", "--home", device / "home")
    return freqtrain(*asked, *arguments, cwd=ROOT)


def test_the_bundle_is_replayed_and_what_its_bot_did_not_do_is_told_and_recorded(device: Path) -> None:
    said = parity(device, "--json")
    assert said.code == 0, said.err
    found = json.loads(said.out)
    assert next(iter(found)) == "outcome"
    assert (found["strategy"], found["alike"], found["parity_ratio"], found["recorded"]) == (TREND, 0, 0.0, True)
    assert found["windows"][0]["until"] == END.isoformat()
    assert set(found["counts"]) == {"missed_entry"}
    assert {one["excused"] for one in found["mismatches"]} >= {"", "the bot was down"}
    said = freqtrain("log", "test", "--home", device / "home", cwd=ROOT)
    assert f"0 of {found['compared']} trades" in said.out
    assert f"missed_entry: {found['compared']}" in said.out


def test_a_part_of_its_time_is_looked_at_and_not_recorded(device: Path) -> None:
    before = (device / "home" / "test" / "ledger.jsonl").read_bytes()
    said = parity(device, "--since", "2025-12-29", "--until", "2025-12-29 06:00")
    assert said.code == 0, said.err
    assert f"{TREND} " in said.out
    assert "2025-12-29 00:00 to 2025-12-29 06:00 UTC: 0 of " in said.out
    assert said.out.endswith("Not recorded, because only a part of its time was asked for.\n")
    assert (device / "home" / "test" / "ledger.jsonl").read_bytes() == before


def test_what_is_not_there_is_named(device: Path) -> None:
    said = parity(device, environment="sandbox")
    assert (said.code, "nothing was ever deployed to 'sandbox' here" in said.err) == (2, True)
    said = parity(device, "--until", "2025-12-20")
    assert (said.code, "did not stand long enough in the time of which there are candles" in said.err) == (3, True)
