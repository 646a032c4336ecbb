"""comment.yml, executed after a gate ended, over a GitHub on the loopback."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adapters.test_git import git
from tests.flows.comment_ground import FORK, TOKEN, Json, document, gated, proposed, strategy, text, texts
from tests.github_double import GitHubDouble, Token, github_double
from tests.github_double.double import validator
from tests.github_double.world import ACTIONS
from tests.needs import ROOT
from tests.workflows.engine import Ran, execute

pytestmark = [pytest.mark.processes, pytest.mark.sockets]


@pytest.fixture
def hub() -> Iterator[GitHubDouble]:
    validator()
    with github_double() as running:
        yield running


@pytest.fixture
def main(tmp_path: Path) -> Path:
    """What the job checks out: main, with the command that `make .venv/.ready` would install."""
    root = tmp_path / "main"
    shutil.copytree(ROOT / ".github", root / ".github")
    (root / ".gitignore").write_text(".venv\n")
    git(root, "init", "-q", "-b", "main")
    git(root, "remote", "add", "origin", "https://github.com/o/r.git")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "main")
    return root


def ended(hub: GitHubDouble, main: Path, tmp_path: Path, of: Json) -> Ran:
    """GitHub says that a run ended; the job's token is the double's, and so is the API's address."""
    hub.world.tokens["token-of-the-job"] = Token(ACTIONS, TOKEN)
    told = f"GITHUB_API_URL={hub.url} GITHUB_TOKEN=token-of-the-job PYTHONPATH={ROOT}"
    program(main / ".venv" / "bin" / "freqtrain", f'{told} exec {sys.executable} -m pipeline "$@"')
    program(tmp_path / "programs" / "make", '[ "$*" = .venv/.ready ]')
    event = {"action": "completed", "workflow_run": of, "repository": {"full_name": "o/r", "default_branch": "main"}}
    return execute("comment.yml", "workflow_run", event, main, tmp_path / "scratch", tmp_path / "programs")


def program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_a_forks_red_gate_is_told_whatever_its_branch_and_its_summary_hold(
    hub: GitHubDouble, main: Path, tmp_path: Path
) -> None:
    owned = tmp_path / "owned"
    shells = f"$(touch {owned})`touch {owned}`;touch {owned}"
    proposed(hub, head=FORK)
    hub.world.repository("o/r").pulls[0]["head"] |= {"ref": shells, "label": f"stranger:{shells}"}
    said = document("FAIL", strategy("dip", "FAIL", f"{shells}\n::error::@everyone"))
    run = gated(hub, said, "failure", head=FORK, branch=shells, display_title=shells)
    ran = ended(hub, main, tmp_path, run | {"path": ".github/workflows/gate.yml@refs/pull/1/merge"})
    assert ran.results == {"comment": "success"}, ran.printed
    assert "#1 is told: " in ran.printed["comment"]
    assert "## ❌ The gate did not pass: 0 of 1 strategy passed" in text(hub)
    assert not owned.exists()


@pytest.mark.parametrize(
    "other",
    [
        {"event": "push"},
        {"path": ".github/workflows/theirs.yml"},
        {"path": ".github/workflows/gate.yml.yml@refs/heads/main"},
    ],
)
def test_a_run_of_another_file_that_is_called_gate_begins_no_job(
    hub: GitHubDouble, main: Path, tmp_path: Path, other: dict[str, str]
) -> None:
    proposed(hub)
    ran = ended(hub, main, tmp_path, gated(hub, document()) | other)
    assert (ran.code, ran.results) == (0, {}), ran.printed
    assert texts(hub) == []
    assert hub.world.asked == []
