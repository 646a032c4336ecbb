"""`freqtrain environment export|import` as a person calls them, on two devices of one disk."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.adapters.bundle_store import BundleStore
from pipeline.adapters.clock import SystemClock
from pipeline.adapters.ledger_file import LedgerFile
from pipeline.domain.train.facts import body_of, kind_of
from pipeline.domain.train.movements import Deployed, Deploying, Purpose
from tests.bundle_samples import bundle, manifest, record
from tests.cli.freqtrain import ROOT, Said, freqtrain
from tests.fakes import FakeNarrator

pytestmark = pytest.mark.processes

BUNDLE = bundle()


def environment(home: Path, *arguments: str | Path) -> Said:
    return freqtrain("environment", *arguments, "--home", home, cwd=ROOT)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A device on which a bundle was deployed to test, and is down."""
    device = tmp_path / "device"
    BundleStore(device / "store").put(BUNDLE, manifest(BUNDLE), record().document)
    ledger = LedgerFile(device / "test" / "ledger.jsonl", SystemClock(), FakeNarrator())
    for fact in (
        Deploying("test", "sma_trend", Purpose.DEPLOY, BUNDLE.digest, "a", (), "operator"),
        Deployed("test", "sma_trend", BUNDLE.digest, "a", "operator"),
    ):
        ledger.append(kind_of(fact), body_of(fact))
    (device / "test" / "databases").mkdir()
    with closing(sqlite3.connect(device / "test" / "databases" / "sma_trend.dry_run.sqlite")) as made:
        made.execute("CREATE TABLE trades (id INTEGER)")
    return device


def test_an_environment_moves_and_comes_back(home: Path, tmp_path: Path) -> None:
    file, other = tmp_path / "test.tar", tmp_path / "other"
    said = environment(home, "export", "test", "--out", file)
    assert said.code == 0, said.err
    assert "'test' left this device" in said.out
    digest = next(line for line in said.out.splitlines() if line.startswith("sha256:"))

    assert environment(home, "export", "test", "--out", file).code == 2, "the file is there"
    again = environment(home, "export", "test", "--out", tmp_path / "again.tar")
    assert (again.code, "moved away in the archive" in again.err) == (3, True)
    converged = freqtrain("converge", "test", "--home", home, cwd=ROOT)
    assert (converged.code, "nothing is started here" in converged.err) == (0, True), converged.err
    status = freqtrain("status", "--home", home, "--json", cwd=ROOT)
    (line,) = json.loads(status.out)["strategies"]
    assert (line["bot"], line["well"]) == ("moved away", True)
    assert "left this device" in freqtrain("log", "test", "--home", home, cwd=ROOT).out

    wrong = environment(other, "import", file, "--digest", "sha256:0000")
    assert (wrong.code, digest in wrong.err) == (3, True)
    assert environment(other, "import", file, "--environment", "prod").code == 3
    arrived = environment(other, "import", file, "--digest", digest[:19], "--environment", "test")
    assert arrived.code == 0, arrived.err
    assert "'test' arrived: sma_trend, with 1 databases and 1 bundles" in arrived.out
    assert arrived.out.splitlines()[-1] == "next: freqtrain converge test"
    plan = freqtrain("converge", "test", "--plan", "--home", other, cwd=ROOT)
    assert (plan.code, "start the bot, paused" in plan.out) == (0, True), plan.err
    assert environment(other, "import", file).code == 3, "it is here"

    back = environment(home, "import", file, "--json")
    assert back.code == 0, back.err
    document = json.loads(back.out)
    assert next(iter(document)) == "outcome"
    assert (document["back"], document["archive"], document["strategies"]) == (True, digest, ["sma_trend"])


def test_exporting_as_json_tells_file_and_digest(home: Path, tmp_path: Path) -> None:
    said = environment(home, "export", "test", "--out", tmp_path / "test.tar", "--json")
    assert said.code == 0, said.err
    document = json.loads(said.out)
    assert (next(iter(document)), document["file"]) == ("outcome", str(tmp_path / "test.tar"))
    assert document["archive"].startswith("sha256:")


def test_what_is_wrong_is_refused_and_named(home: Path, tmp_path: Path) -> None:
    assert environment(home, "export", "nowhere", "--out", tmp_path / "x.tar").code == 3
    assert environment(home, "export", "test", "--out", tmp_path / "no" / "x.tar").code == 2
    file = tmp_path / "test.tar"
    assert environment(home, "export", "test", "--out", file).code == 0
    cut = tmp_path / "cut.tar"
    cut.write_bytes(file.read_bytes()[:5000])
    said = environment(tmp_path / "other", "import", cut)
    assert (said.code, "cut.tar is cut short" in said.err) == (3, True), said.err
    (tmp_path / ".git").mkdir()
    inside = environment(tmp_path / "third", "import", file)
    assert (inside.code, "lies in the repository" in inside.err) == (3, True)


def test_another_mode_here_is_refused(home: Path, tmp_path: Path) -> None:
    file, checkout = tmp_path / "test.tar", tmp_path / "checkout"
    assert environment(home, "export", "test", "--out", file).code == 0
    (checkout / "environments").mkdir(parents=True)
    text = (ROOT / "environments" / "test.yml").read_text()
    (checkout / "environments" / "test.yml").write_text(text.replace("exchange: binance", "exchange: kraken"))
    said = freqtrain("environment", "import", file, "--home", tmp_path / "other", cwd=checkout)
    assert (said.code, "its exchange was binance, and environments/test.yml says kraken" in said.err) == (3, True), (
        said.err
    )
