"""stop.yml and roll-back.yml, executed on a device: what was asked for stands in its ledger, and nothing else happened."""

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.ledger_file import LedgerFile
from pipeline.adapters.supervisor.runtime import SupervisorRuntime
from pipeline.domain.ledger import Entry
from pipeline.domain.train.facts import body_of, kind_of
from pipeline.domain.train.movements import Deployed, Deploying, Purpose
from tests.adapters.test_git import git
from tests.fakes import FakeNarrator
from tests.needs import ROOT
from tests.workflows.engine import Ran, execute

pytestmark = [pytest.mark.processes, pytest.mark.sockets]

STRATEGY, BUNDLE = "dip", "sha256:" + "a" * 64


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A device that lost the bundle which should run: so no bot can be started, and whatever needs one says so. Its watch is started."""
    home = tmp_path / "device"
    ledger = ledger_of(home)
    for fact in (
        Deploying("test", STRATEGY, Purpose.DEPLOY, BUNDLE, "a", (), "operator"),
        Deployed("test", STRATEGY, BUNDLE, "a", "operator"),
    ):
        ledger.append(kind_of(fact), body_of(fact))
    yield home
    SupervisorRuntime(home, SystemClock()).shutdown()


def ledger_of(home: Path) -> LedgerFile:
    return LedgerFile(home / "test" / "ledger.jsonl", SystemClock(), FakeNarrator())


def entry(home: Path, kind: str) -> Entry:
    (found,) = [entry for entry in ledger_of(home).entries() if entry.kind == kind]
    return found


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What a job checks out of main."""
    root = tmp_path / "checkout"
    for name in ("environments", ".github"):
        shutil.copytree(ROOT / name, root / name)
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "main")
    return root


def pressed(workflow: str, checkout: Path, home: Path, tmp_path: Path, **inputs: object) -> Ran:
    """Somebody fills in the form and presses the button; the device has the command on its PATH, and knows its home."""
    programs = tmp_path / "programs"
    programs.mkdir()
    command = f'FREQTRAIN_HOME={home} PYTHONPATH={ROOT} exec {sys.executable} -m pipeline "$@"'
    (programs / "freqtrain").write_text(f"#!/bin/sh\n{command}\n")
    (programs / "freqtrain").chmod(0o755)
    event = {"inputs": {name: value if isinstance(value, str) else json.dumps(value) for name, value in inputs.items()}}
    return execute(workflow, "workflow_dispatch", event, checkout, tmp_path / "scratch", programs, "operator-7")


def test_a_stop_is_recorded_word_for_word_and_red_where_not_all_of_it_worked(
    checkout: Path, home: Path, tmp_path: Path
) -> None:
    owned = tmp_path / "owned"
    reason = f'it lost; $(touch {owned}) `touch {owned}` "quoted" --release'
    ran = pressed("stop.yml", checkout, home, tmp_path, environment="test", strategy=STRATEGY, reason=reason)
    assert ran.results == {"stop": "failure"}, ran.printed
    assert "not everything runs that should in 'test'" in ran.printed["stop"]
    stopped = entry(home, "entries_stopped").body
    assert (stopped["strategy"], stopped["by"], stopped["reason"]) == (STRATEGY, "operator-7", reason)
    assert not owned.exists()


def test_without_a_name_all_strategies_are_stopped_and_sold_if_that_was_asked(
    checkout: Path, home: Path, tmp_path: Path
) -> None:
    ran = pressed("stop.yml", checkout, home, tmp_path, environment="test", strategy="", sell=True, reason="crash")
    assert 'freqtrain stop "$ENVIRONMENT" "$STRATEGY" --exit' in ran.printed["stop"]
    assert entry(home, "entries_stopped").body["strategy"] == STRATEGY


def test_a_strategy_that_is_not_there_makes_the_job_fail(checkout: Path, home: Path, tmp_path: Path) -> None:
    ran = pressed("stop.yml", checkout, home, tmp_path, environment="test", strategy="other", reason="x")
    assert ran.results == {"stop": "failure"}
    assert "other: not in 'test'" in ran.printed["stop"]


def test_a_roll_back_blocks_what_runs_and_says_who_wanted_it(checkout: Path, home: Path, tmp_path: Path) -> None:
    ran = pressed("roll-back.yml", checkout, home, tmp_path, environment="test", strategy=STRATEGY, reason="it lost")
    assert ran.results == {"roll-back": "success"}, ran.printed
    assert "no bundle is known to be good" in ran.printed["roll-back"]
    blocked = entry(home, "blocked").body
    assert (blocked["bundle"], blocked["by"], blocked["reason"]) == (BUNDLE, "operator-7", "it lost")
