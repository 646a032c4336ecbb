"""gate.yml, executed: plan, matrix, shards and the one check, with the real verbs on a real strategy."""

import json
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pipeline.adapters.joined_file import read_joined
from pipeline.domain.verdict import Outcome
from tests.adapters.github.test_zip_files import zipped
from tests.adapters.test_git import git
from tests.cli.freqtrain import freqtrain
from tests.needs import ROOT
from tests.planted import HEAD, plant, quick_policy, write_waves
from tests.workflows.engine import Ran, execute

pytestmark = pytest.mark.processes

RIDER = {
    "roi": "10",
    "indicators": 'dataframe["slope"] = dataframe["close"].diff(12)',
    "enter": '(dataframe["slope"] > 0)',
    "leave": '(dataframe["slope"] < 0)',
}
"""Rides every wave from its foot to its crest: a PASS."""

SINKER = {**RIDER, "enter": RIDER["leave"], "leave": RIDER["enter"]}
"""Buys at the crest and sells at the foot: a FAIL."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small data set that was taken in from files, so that nothing about it is simulated."""
    folder = tmp_path_factory.mktemp("act")
    assert freqtrain("data", "import", write_waves(folder / "candles"), "--out", folder / "data").code == 0
    return folder / "data"


@pytest.fixture(scope="module")
def main(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Path:
    """The project with its workflows, one strategy, and a policy that names the small data set."""
    root = tmp_path_factory.mktemp("main")
    for name in ("pipeline", ".github"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("Makefile", "pyproject.toml", "requirements.lock", ".gitignore"):
        shutil.copy(ROOT / name, root)
    policy = quick_policy(_made(root / "environments") / "ci.yml")
    manifest = (data / "manifest.yml").read_text()
    (digest,) = set(re.findall(r"^digest: (sha256:[0-9a-f]{64})$", manifest, re.MULTILINE))
    text = policy.read_text()
    assert "  digest: embedded" in text
    policy.write_text(text.replace("  digest: embedded", f"  digest: {digest}\n  repository: trader/strategies"))
    plant(root / "strategies", "mine", "rare")
    (root / "README.md").write_text("ours\n")
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "main")
    shutil.copytree(data, root / "user_data" / "data" / digest.removeprefix("sha256:"))
    _installed(root)
    return root


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _installed(root: Path) -> None:
    """The command that `make .venv/.ready` would install, run by this very interpreter."""
    command = root / ".venv" / "bin" / "freqtrain"
    command.parent.mkdir(parents=True)
    _program(command, f'PYTHONPATH="$PWD" exec {sys.executable} -m pipeline "$@"')


def _program(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@pytest.fixture
def proposal(main: Path, tmp_path: Path) -> Path:
    """A checkout of a pull request's merge commit, still without a change."""
    there = tmp_path / "proposal"
    shutil.copytree(main, there, symlinks=True)
    git(there, "checkout", "-q", "-b", "proposal")
    return there


def judged(proposal: Path, tmp_path: Path, **head: Any) -> Ran:
    """Commit what was changed, and run gate.yml on it."""
    git(proposal, "add", "-A")
    git(proposal, "commit", "-q", "-m", "propose")
    base = git(proposal, "rev-parse", "main").strip()
    event = {"pull_request": {"number": 7, "base": {"sha": base, "ref": "main"}, "head": {"ref": "proposal", **head}}}
    programs = tmp_path / "programs"
    programs.mkdir()
    _program(programs / "sudo", "exit 0")
    _program(programs / "make", '[ "$*" = .venv/.ready ]')
    return execute("gate.yml", "pull_request", event, proposal, tmp_path / "scratch", programs)


def change(proposal: Path, id: str, kind: Mapping[str, str]) -> None:
    """Write or rewrite a strategy."""
    if not (proposal / "strategies" / id).exists():
        plant(proposal / "strategies", id, "rare")
    (proposal / "strategies" / id / "strategy.py").write_text(HEAD.format(**kind))


def test_a_good_proposal_from_a_fork_is_green_whatever_its_branch_is_called(proposal: Path, tmp_path: Path) -> None:
    change(proposal, "mine", RIDER)
    owned = tmp_path / "owned"
    shells = f"$(touch {owned})`touch {owned}`;touch {owned}\ntouch {owned}"
    ran = judged(proposal, tmp_path, ref=shells, repo={"full_name": "stranger/strategies", "fork": True})
    assert ran.results == {"plan": "success", "judge": "success", "gate": "success"}, ran.printed
    assert "PASS: 1 of 1 strategy passed" in ran.printed["gate"]
    assert "mine: strategy.py changed" in ran.printed["plan"]
    assert "Simulated data" not in ran.printed["gate"]
    assert not owned.exists()
    evidence = json.loads((tmp_path / "scratch" / "store" / "gate-1" / "1" / "mine" / "evidence.json").read_text())
    assert evidence["incumbent"] is not None


def test_a_bad_strategy_beside_a_good_one_makes_the_check_red(proposal: Path, tmp_path: Path) -> None:
    change(proposal, "mine", RIDER)
    change(proposal, "other", SINKER)
    ran = judged(proposal, tmp_path)
    assert ran.results == {"plan": "success", "judge": "failure", "gate": "failure"}, ran.printed
    assert "FAIL: 1 of 2 strategies passed" in ran.printed["gate"]
    assert "other does not meet the policy" in ran.printed["gate"]
    assert "exit status 10" in ran.printed["gate"]
    left = (tmp_path / "scratch" / "store" / "joined" / "joined.json").read_bytes()
    told = read_joined(zipped({"joined.json": left}))
    assert [(one.id, one.outcome) for one in told.strategies] == [("mine", Outcome.PASS), ("other", Outcome.FAIL)]


def test_a_shard_that_dies_makes_the_check_red_though_the_others_pass(proposal: Path, tmp_path: Path) -> None:
    change(proposal, "mine", RIDER)
    change(proposal, "other", RIDER)
    command = proposal / ".venv" / "bin" / "freqtrain"
    dies = '#!/bin/sh\ncase "$*" in *"--shard 2/2"*) kill -9 $$ ;; esac\n'
    command.write_text(command.read_text().replace("#!/bin/sh\n", dies))
    ran = judged(proposal, tmp_path)
    assert ran.results == {"plan": "success", "judge": "failure", "gate": "failure"}, ran.printed
    assert "ERROR: 1 of 2 strategies passed" in ran.printed["gate"]
    assert "No verdict arrived" in ran.printed["gate"]


def test_a_proposal_that_affects_no_strategy_is_green_and_judges_nothing(proposal: Path, tmp_path: Path) -> None:
    (proposal / "README.md").write_text("theirs\n")
    ran = judged(proposal, tmp_path)
    assert ran.results == {"plan": "success", "gate": "success"}, ran.printed
    assert "PASS: Nothing was to be judged." in ran.printed["gate"]


def test_a_plan_that_fails_makes_the_check_red(proposal: Path, tmp_path: Path) -> None:
    (proposal / "strategies" / "mine" / "strategy.yml").write_text("clas: Planted\n")
    ran = judged(proposal, tmp_path)
    assert ran.results == {"plan": "failure", "gate": "failure"}, ran.printed
    assert "did you mean" in ran.printed["plan"]
