"""stop.yml, roll-back.yml and rolled-back.yml, executed: what was asked for stands in the device's ledger, and what was taken back in an issue."""

import json
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.ledger_file import LedgerFile
from pipeline.adapters.supervisor.runtime import SupervisorRuntime
from pipeline.domain.ledger import Entry
from pipeline.domain.train.facts import body_of, kind_of
from pipeline.domain.train.movements import Deployed, Deploying, Purpose
from tests.adapters.test_git import git
from tests.domain.train.test_roll_backs import BACK, BAD, BLOCKED, ENDED, GOOD
from tests.fakes import FakeNarrator
from tests.github_double import GitHubDouble, Token, github_double
from tests.github_double.double import validator
from tests.github_double.world import ACTIONS
from tests.needs import ROOT
from tests.workflows.engine import LABELS, Given, Heard, Listener, Ran, execute

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
def hub() -> Iterator[GitHubDouble]:
    validator()
    with github_double() as running:
        running.world.tokens["token-of-the-job"] = Token(ACTIONS, {"contents": "read", "issues": "write"})
        yield running


@pytest.fixture
def checkout(tmp_path: Path, hub: GitHubDouble) -> Path:
    """What a job checks out of main, with the command that `make .venv/.ready` would install on GitHub's machine."""
    root = tmp_path / "checkout"
    for name in ("environments", ".github"):
        shutil.copytree(ROOT / name, root / name)
    (root / ".gitignore").write_text(".venv\n")
    told = f"GITHUB_API_URL={hub.url} GITHUB_TOKEN=token-of-the-job FREQTRAIN_HOME=/nowhere"
    program(root / ".venv" / "bin" / "freqtrain", f'{told} PYTHONPATH={ROOT} exec {sys.executable} -m pipeline "$@"')
    git(root, "init", "-q", "-b", "main")
    git(root, "remote", "add", "origin", "https://github.com/o/r.git")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "main")
    return root


SEVERAL = Given(variables={"FREQTRAIN_DEVICES": "several"})
"""What the repository says where each environment has a device of its own."""

HOSTED = "ubuntu-24.04"


def pressed(
    workflow: str,
    checkout: Path,
    home: Path,
    tmp_path: Path,
    given: Given | None = None,
    labels: Sequence[str] = LABELS,
    first: str = "true",
    listen: Listener = lambda _: True,
    **inputs: object,
) -> Ran:
    """Somebody fills in the form and presses the button; the device has the command on its PATH, does something first, and knows its home."""
    programs = tmp_path / "programs"
    command = f'{first}\nFREQTRAIN_HOME={home} PYTHONPATH={ROOT} exec {sys.executable} -m pipeline "$@"'
    program(programs / "freqtrain", command)
    program(programs / "make", '[ "$*" = .venv/.ready ]')
    event = {"inputs": {name: value if isinstance(value, str) else json.dumps(value) for name, value in inputs.items()}}
    scratch = tmp_path / "scratch"
    return execute(
        workflow, "workflow_dispatch", event, checkout, scratch, programs, "operator-7", given, listen, labels
    )


def program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


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


def test_of_several_devices_the_one_that_has_the_environment_is_asked_and_no_other(
    checkout: Path, home: Path, tmp_path: Path
) -> None:
    def stopped(folder: str, given: Given, *labels: str) -> Mapping[str, str]:
        asked = {"environment": "test", "strategy": STRATEGY, "reason": "it lost"}
        scratch = tmp_path / folder
        return pressed("stop.yml", checkout, home, scratch, given, labels, "true", lambda _: True, **asked).results

    other = (HOSTED, "freqtrain-emergency", "freqtrain-emergency-prod")
    assert stopped("other", SEVERAL, *other) == {}
    own = (HOSTED, "freqtrain-emergency-test")
    assert stopped("own", SEVERAL, *own) == {"stop": "failure"}
    assert entry(home, "entries_stopped").body["strategy"] == STRATEGY
    alone = Given(variables={"FREQTRAIN_DEVICES": "ubuntu-24.04"})
    assert stopped("alone", alone, *own) == {}


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


def test_a_roll_back_blocks_what_runs_and_an_issue_says_who_wanted_it_and_why(
    checkout: Path, home: Path, hub: GitHubDouble, tmp_path: Path
) -> None:
    owned = tmp_path / "owned"
    reason = f"it lost; $(touch {owned}) `touch {owned}` @everyone ::error::x <img src=x>"
    ran = pressed("roll-back.yml", checkout, home, tmp_path, environment="test", strategy=STRATEGY, reason=reason)
    assert ran.results == {"roll-back": "success", "tell": "success"}, ran.printed
    assert "no bundle is known to be good" in ran.printed["roll-back"]
    blocked = entry(home, "blocked")
    assert (blocked.body["bundle"], blocked.body["by"], blocked.body["reason"]) == (BUNDLE, "operator-7", reason)
    (issue,) = hub.world.repository("o/r").issues
    assert issue["title"] == "dip was taken back in test, and no bundle is known to be good"
    for part in (BUNDLE, blocked.hash, "| by | operator-7 |", "it lost; "):
        assert part in issue["body"]
    assert "@everyone" not in issue["body"]
    assert "<img" not in issue["body"]
    assert not owned.exists()


def test_a_roll_back_of_what_does_not_run_is_red_and_opens_no_issue(
    checkout: Path, home: Path, hub: GitHubDouble, tmp_path: Path
) -> None:
    ran = pressed("roll-back.yml", checkout, home, tmp_path, environment="test", strategy="ghost", reason="x")
    assert ran.results == {"roll-back": "failure", "tell": "success"}, ran.printed
    assert "the device says: 'ghost' does not run in 'test'" in ran.printed["tell"]
    assert hub.world.repository("o/r").issues == []


def took_back(home: Path, environment: str) -> None:
    """A brake took a bundle back there, and nobody was near."""
    kept = LedgerFile(home / environment / "ledger.jsonl", SystemClock(), FakeNarrator())
    for fact in (*GOOD, *BAD, BLOCKED, *BACK, ENDED):
        kept.append(kind_of(fact), {**body_of(fact), "environment": environment})


def test_what_a_brake_took_back_at_night_has_its_issue_once_and_a_quiet_night_needs_no_other_machine(
    checkout: Path, home: Path, hub: GitHubDouble, tmp_path: Path
) -> None:
    ran = pressed("rolled-back.yml", checkout, home, tmp_path / "quiet")
    assert ran.results == {"ask": "success"}, ran.printed
    took_back(home, "sandbox")
    for night in ("first", "second"):
        ran = pressed("rolled-back.yml", checkout, home, tmp_path / night)
        assert ran.results == {"ask": "success", "tell": "success"}, ran.printed
    (issue,) = hub.world.repository("o/r").issues
    assert issue["title"] == "dip was rolled back in sandbox"
    assert "The drawdown is 12.00 %" in issue["body"]


def test_a_ledger_that_cannot_be_read_is_told_though_there_is_no_roll_back(
    checkout: Path, home: Path, tmp_path: Path
) -> None:
    (home / "test" / "ledger.jsonl").write_text("gone\n")
    ran = pressed("rolled-back.yml", checkout, home, tmp_path)
    assert ran.results == {"ask": "failure", "tell": "success"}, ran.printed
    assert "the device says: " in ran.printed["tell"]


def test_of_several_devices_one_that_is_off_holds_back_what_no_other_took_back(
    checkout: Path, home: Path, hub: GitHubDouble, tmp_path: Path
) -> None:
    """Whichever is asked first is off until the two others were told of."""
    environments = ("test", "sandbox", "prod")
    for environment in environments:
        took_back(home, environment)
    off, asked = tmp_path / "off", tmp_path / "asked"
    off.touch()
    waits = f"if mkdir {asked} 2>/dev/null; then for _ in $(seq 3000); do [ ! -e {off} ] || sleep 0.1; done; fi"
    meanwhile: list[set[str]] = []

    def listen(heard: Heard) -> bool:
        if heard.job == "tell" and heard.result:
            meanwhile.append({issue["title"] for issue in hub.world.repository("o/r").issues})
        if len(meanwhile) == len(environments) - 1:
            off.unlink(missing_ok=True)
        return True

    labels = (HOSTED, *(f"freqtrain-emergency-{name}" for name in environments))
    ran = pressed("rolled-back.yml", checkout, home, tmp_path, SEVERAL, labels, first=waits, listen=listen)
    assert ran.results == {"ask": "success", "tell": "success"}, ran.printed
    assert [len(titles) for titles in meanwhile[1:]] == [2, 3]
    assert meanwhile[-1] == {f"dip was rolled back in {name}" for name in environments}
    assert {file.parent.name for file in (tmp_path / "scratch" / "store").rglob("*.json")} == {
        f"rolled-back-{name}" for name in environments
    }
