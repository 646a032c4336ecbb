"""A promotion reads what was observed in the environment before, wherever the variables of the caller point."""

from contextlib import closing
from pathlib import Path

import pytest

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.ledger_file import LedgerFile
from pipeline.adapters.observations.store import ObservationStore
from pipeline.domain.train.decisions import Moved, Observed
from pipeline.domain.train.facts import body_of, kind_of
from pipeline.domain.train.movements import Deployed, Deploying, Purpose
from pipeline.errors import ConfigError, ToolFailed
from pipeline.flows.promote_decide import PromoteGround
from pipeline.wiring.observations import observations
from pipeline.wiring.promote import ground
from tests.adapters.test_git import git
from tests.domain.train.test_edge import trades
from tests.fakes import FakeNarrator
from tests.needs import ROOT

pytestmark = pytest.mark.processes

BUNDLE = "sha256:" + "a" * 64


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bundle was deployed to test and showed something; the caller is called for sandbox, with real money."""
    monkeypatch.chdir(ROOT)
    for name, value in {
        "DRY_RUN": "false",
        "EXCHANGE_ACCESS_KEY": "k" * 64,
        "EXCHANGE_ACCESS_SECRET": "s" * 64,
    }.items():
        monkeypatch.setenv(name, value)
    device = tmp_path / "device"
    ledger = LedgerFile(device / "test" / "ledger.jsonl", SystemClock(), FakeNarrator())
    for fact in (
        Deploying("test", "dip", Purpose.DEPLOY, BUNDLE, "a", (), "operator"),
        Deployed("test", "dip", BUNDLE, "a", "operator"),
        Observed("test", "dip", BUNDLE, 30.0, 3),
    ):
        ledger.append(kind_of(fact), body_of(fact))
    return device


def asked(home: Path) -> PromoteGround:
    repository = home.parent / "repository"
    repository.mkdir()
    git(repository, "init", "-q", "-b", "main")
    return ground("sandbox", home, repository, "refs/heads/main", FakeNarrator())


def test_what_was_kept_is_read_and_what_is_not_known_speaks_against_it(home: Path) -> None:
    with closing(ObservationStore(observations(home, "test"), SystemClock(), FakeNarrator())) as store:
        store.record_trades("dip", BUNDLE, "USDT", trades(0.01, 3))
    found = asked(home).before.shown("dip", BUNDLE)
    assert found is not None
    assert (found.healthy_hours, found.closed_trades, found.measurements) == (30.0, 3, ())
    assert found.against, "its bot does not run, so that nobody knows what is still open"


def test_where_nobody_observed_anything_the_ledger_counts(home: Path) -> None:
    assert asked(home).before.shown("dip", BUNDLE) is None


def test_an_environment_that_moved_away_boards_nobody_here(home: Path) -> None:
    fact = Moved("test", "operator", BUNDLE)
    LedgerFile(home / "test" / "ledger.jsonl", SystemClock(), FakeNarrator()).append(kind_of(fact), body_of(fact))
    assert asked(home).before.state is None


def test_damaged_observations_decide_nothing(home: Path) -> None:
    observations(home, "test").write_bytes(b"x" * 8192)
    with pytest.raises(ToolFailed, match="cannot be read"):
        asked(home).before.shown("dip", BUNDLE)


def test_a_broken_file_of_the_environment_before_is_told(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    observations(home, "test").write_bytes(b"")
    folder = tmp_path / "elsewhere" / "environments"
    folder.mkdir(parents=True)
    (folder / "sandbox.yml").write_bytes((ROOT / "environments" / "sandbox.yml").read_bytes())
    (folder / "test.yml").write_text("mode: dry_run\n")
    monkeypatch.chdir(folder.parent)
    with pytest.raises(ConfigError):
        asked(home)
