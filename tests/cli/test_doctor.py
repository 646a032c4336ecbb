"""`freqtrain doctor` as a person calls it."""

import json
from pathlib import Path

import pytest

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.ledger_file import LedgerFile
from pipeline.domain.train.facts import body_of, kind_of
from pipeline.domain.train.movements import Deployed, Deploying, Purpose, Stopped
from tests.adapters.test_git import git
from tests.cli.freqtrain import ROOT, Said, freqtrain
from tests.fakes import FakeNarrator

pytestmark = pytest.mark.processes

BUNDLE = "sha256:" + "a" * 64


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A device on which a bundle ran in test, and nothing should run any more."""
    made = tmp_path / "device"
    made.mkdir(mode=0o700)
    tell(
        made,
        Deploying("test", "dip", Purpose.DEPLOY, BUNDLE, "a", (), "operator"),
        Deployed("test", "dip", BUNDLE, "a", "operator"),
        Stopped("test", "dip", BUNDLE, "it was deleted"),
    )
    return made


def tell(home: Path, *facts: Deploying | Deployed | Stopped) -> None:
    ledger = LedgerFile(home / "test" / "ledger.jsonl", SystemClock(), FakeNarrator())
    for fact in facts:
        ledger.append(kind_of(fact), body_of(fact))


def doctor(home: Path, *arguments: str) -> Said:
    return freqtrain("doctor", "test", *arguments, "--home", home, cwd=ROOT)


def files(home: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in home.rglob("*") if path.is_file()}


def test_a_sound_device_is_told_so_and_nothing_of_it_changes(home: Path) -> None:
    before = files(home)
    said = doctor(home)
    assert (said.code, said.out) == (0, "test: everything agrees.\n"), said.err
    assert files(home) == before


def test_what_disagrees_is_exit_code_3_and_one_object_for_a_program(home: Path) -> None:
    (home / "test" / "ledger.jsonl.head").write_bytes(b"{}\n")
    said = doctor(home, "--json")
    assert said.code == 3, said.err
    found = json.loads(said.out)
    assert (found["outcome"], found["environment"], found["unseen"]) == ("REFUSED", "test", [])
    assert [one["kind"] for one in found["disagreements"]] == ["ledger_head"]


def test_a_mend_is_planned_then_done_then_in_the_ledger(home: Path) -> None:
    head = home / "test" / "ledger.jsonl.head"
    sound = head.read_bytes()
    head.unlink()
    planned = doctor(home, "--mend", "ledger-head", "--dry-run")
    assert planned.code == 0, planned.err
    assert planned.out.endswith("do: freqtrain doctor test --mend ledger-head\n")
    assert not head.exists()
    done = doctor(home, "--mend", "ledger-head", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["done"][0].startswith("ledger.jsonl.head counts 3 entries")
    log = freqtrain("log", "test", "--verify", "--home", home)
    assert log.code == 0
    assert "ledger-head of 'test' was mended by" in log.out
    assert json.loads(sound)["hash"] in done.out
    assert doctor(home, "--mend", "ledger-head").code == 3


def test_what_makes_no_sense_is_a_wrong_call(home: Path) -> None:
    assert doctor(home, "--dry-run").code == 2
    assert doctor(home, "--mend", "everything").code == 2
    said = freqtrain("doctor", "sandbox", "--home", home, cwd=ROOT)
    assert said.code == 2
    assert "nothing was ever deployed to 'sandbox' here" in said.err


def test_a_tag_that_moved_in_the_clone_is_found(home: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    clone.mkdir()
    git(clone, "init", "-q", "-b", "main")
    for number in range(2):
        git(clone, "commit", "-q", "--allow-empty", "-m", f"number {number}")
    git(clone, "tag", "v1")
    promoted = {
        "environment": "test", "strategy": "dip", "bundle": BUNDLE, "by": "ada", "reason": "it earned it",
        "source": f"tag v1 at {git(clone, 'rev-parse', 'HEAD~1').strip()}",
    }  # fmt: skip
    ledger = LedgerFile(home / "test" / "ledger.jsonl", SystemClock(), FakeNarrator())
    ledger.append("promoted", promoted)
    said = doctor(home, "--repository", str(clone))
    assert said.code == 3, said.err
    assert "tag_moved  tag v1" in said.out
    assert "do: git fetch --force origin refs/tags/v1:refs/tags/v1" in said.out
