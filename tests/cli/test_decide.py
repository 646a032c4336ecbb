"""`freqtrain decide` as a person calls it."""

import json
from pathlib import Path

import pytest

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.ledger_file import LedgerFile
from pipeline.domain.train.facts import body_of, kind_of
from pipeline.domain.train.movements import Deployed, Deploying, Purpose
from tests.cli.freqtrain import ROOT, Said, freqtrain
from tests.fakes import FakeNarrator

pytestmark = pytest.mark.processes

BUNDLE = "sha256:" + "a" * 64


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A device on which a bundle was deployed to test, and is down; nobody watched it."""
    ledger = LedgerFile(tmp_path / "device" / "test" / "ledger.jsonl", SystemClock(), FakeNarrator())
    for fact in (
        Deploying("test", "dip", Purpose.DEPLOY, BUNDLE, "a", (), "operator"),
        Deployed("test", "dip", BUNDLE, "a", "operator"),
    ):
        ledger.append(kind_of(fact), body_of(fact))
    return tmp_path / "device"


def decide(home: Path, *arguments: str) -> Said:
    return freqtrain("decide", *arguments, "--home", home, cwd=ROOT)


def test_what_nobody_observed_holds_and_says_what_is_lacking(home: Path) -> None:
    said = decide(home, "test")
    assert said.code == 0, said.err
    assert "dip aaaaaaaaaaaa: HOLD" in said.out
    assert said.out.endswith("HOLD: 1.\n")


def test_a_program_gets_one_object_and_applying_a_hold_changes_nothing(home: Path) -> None:
    before = (home / "test" / "ledger.jsonl").read_bytes()
    said = decide(home, "test", "--json", "--apply")
    assert said.code == 0, said.err
    found = json.loads(said.out)
    assert (found["outcome"], found["environment"]) == ("DONE", "test")
    (dip,) = found["strategies"]
    assert (dip["decision"], dip["told"]) == ("HOLD", "")
    assert {finding["rule"] for finding in dip["staying"]}
    assert dip["boarding"], "sandbox follows, and demands something"
    assert (home / "test" / "ledger.jsonl").read_bytes() == before


def test_an_environment_in_which_nothing_was_deployed_is_named(home: Path) -> None:
    said = decide(home, "sandbox")
    assert said.code == 2
    assert "nothing was ever deployed to 'sandbox' here" in said.err
    assert "there are: test" in said.err


def test_damaged_observations_are_said_and_decide_nothing(home: Path) -> None:
    (home / "test" / "observations.sqlite").write_bytes(b"x" * 8192)
    said = decide(home, "test")
    assert said.code == 4
    assert "the observations cannot be read" in said.err


def test_one_strategy_is_asked_for_by_its_name_and_one_that_never_ran_is_named(home: Path) -> None:
    said = decide(home, "test", "dip", "--json")
    assert [one["strategy"] for one in json.loads(said.out)["strategies"]] == ["dip"]
    said = decide(home, "test", "dap")
    assert said.code == 2
    assert "nothing was ever deployed of 'dap' in 'test'" in said.err
    assert "there are: dip" in said.err


def test_a_dry_run_has_no_account_to_compare(home: Path) -> None:
    said = freqtrain("reconcile", "test", "--home", home, cwd=ROOT)
    assert (said.code, "is a dry-run: it has no account" in said.out) == (0, True), said.err
    found = json.loads(freqtrain("reconcile", "test", "--json", "--home", home, cwd=ROOT).out)
    assert (found["outcome"], [one["told"] for one in found["strategies"]]) == ("DONE", [""])
    assert freqtrain("reconcile", "sandbox", "--home", home, cwd=ROOT).code == 2
