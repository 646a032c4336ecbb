"""`freqtrain roll-back --out`: what an issue can be made of, however the roll-back ended."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.ledger_file import LedgerFile
from pipeline.adapters.roll_back_file import read_roll_backs
from pipeline.adapters.supervisor.runtime import SupervisorRuntime
from pipeline.domain.train.decisions import Soaked
from pipeline.domain.train.facts import Fact, body_of, kind_of
from pipeline.domain.train.movements import Deployed, Deploying, Purpose
from pipeline.render.github_roll_back import issue_title
from tests.cli.freqtrain import ROOT, Said, freqtrain
from tests.fakes import FakeNarrator

pytestmark = [pytest.mark.processes, pytest.mark.sockets]

GOOD, BAD = "sha256:" + "a" * 64, "sha256:" + "b" * 64
DEPLOYED = (
    Deploying("test", "dip", Purpose.DEPLOY, GOOD, "a", (), "operator"),
    Deployed("test", "dip", GOOD, "a", "operator"),
)
REPLACED = (
    Soaked("test", "dip", GOOD, 49.0, 3),
    Deploying("test", "dip", Purpose.DEPLOY, BAD, "b", (), "operator", old_bundle=GOOD, old_slot="a"),
    Deployed("test", "dip", BAD, "b", "operator"),
)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A device that lost its bundles, so that nothing can be started; its watch may be."""
    yield tmp_path / "device"
    SupervisorRuntime(tmp_path / "device", SystemClock()).shutdown()


def record(home: Path, *facts: Fact) -> None:
    ledger = LedgerFile(home / "test" / "ledger.jsonl", SystemClock(), FakeNarrator())
    for fact in facts:
        ledger.append(kind_of(fact), body_of(fact))


def roll_back(home: Path, strategy: str = "dip", *more: str) -> tuple[Said, Path]:
    out = home.parent / "out" / "rolled-back.json"
    given = (strategy, "--reason", "it lost", "--out", out, "--home", home, *more)
    return freqtrain("roll-back", "test", *given, cwd=ROOT), out


def test_one_that_is_done_is_told_as_that(home: Path) -> None:
    record(home, *DEPLOYED)
    said, out = roll_back(home)
    assert said.code in (0, 4), said.err  # 4: done, and nobody could be found to watch
    ((one,), _) = read_roll_backs(out)
    assert (one.bundle, one.to, one.runs, one.reason) == (GOOD, "", GOOD, "it lost")
    assert one.ended_at is not None
    assert freqtrain("rolled-back", "test", "--home", home, cwd=ROOT).out.count("it lost") == 1


def test_one_that_failed_on_its_way_is_told_with_what_it_began(home: Path) -> None:
    record(home, *DEPLOYED, *REPLACED)
    said, out = roll_back(home)
    assert said.code != 0
    document = json.loads(out.read_text())
    assert document["outcome"] in ("REFUSED", "TOOL")
    ((one,), wrong) = read_roll_backs(out)
    assert (one.bundle, one.ended_at, one.runs) == (BAD, None, BAD)
    assert issue_title(one) == "dip: its roll-back in test did not end"
    assert wrong == document["told"] != ""


def test_one_that_was_asked_for_in_vain_tells_of_nothing_older(home: Path) -> None:
    record(home, *DEPLOYED)
    roll_back(home)
    said, out = roll_back(home, "ghost")
    assert said.code == 2
    assert read_roll_backs(out) == ((), "'ghost' does not run in 'test'")


def test_a_plan_tells_of_no_roll_back(home: Path) -> None:
    record(home, *DEPLOYED)
    said, out = roll_back(home, "dip", "--plan")
    assert (said.code, read_roll_backs(out)) == (0, ((), ""))


def test_a_file_that_cannot_be_written_keeps_nothing_from_being_taken_back(home: Path) -> None:
    record(home, *DEPLOYED)
    (home.parent / "out").touch()
    said, _ = roll_back(home)
    assert said.code == 4
    assert "cannot be written" in said.err
    assert "it lost" in freqtrain("rolled-back", "test", "--home", home, cwd=ROOT).out
