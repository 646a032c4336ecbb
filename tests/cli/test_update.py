"""`freqtrain update` as a person calls it."""

import json
from pathlib import Path

import pytest

from tests.adapters.test_git import git
from tests.cli.freqtrain import Said, freqtrain

pytestmark = pytest.mark.processes


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A repository as "Use this template" makes it; the framework has moved on since."""
    for name in ("framework", "mine"):
        (tmp_path / name / "pipeline").mkdir(parents=True)
        (tmp_path / name / "pipeline" / "a.py").write_text("one\n")
        (tmp_path / name / "environments").mkdir()
        (tmp_path / name / "environments" / "ci.yml").write_text("mode: history\n")
        git(tmp_path / name, "init", "-q", "-b", "main")
        git(tmp_path / name, "config", "user.name", "ada")
        git(tmp_path / name, "config", "user.email", "ada@example.org")
        git(tmp_path / name, "add", "-A")
        git(tmp_path / name, "commit", "-q", "-m", "first")
    (tmp_path / "framework" / "pipeline" / "a.py").write_text("two\n")
    (tmp_path / "framework" / "environments" / "ci.yml").write_text("mode: history # newer\n")
    git(tmp_path / "framework", "commit", "-q", "-a", "-m", "second")
    return tmp_path / "mine"


def update(mine: Path, *arguments: str) -> Said:
    return freqtrain("update", *arguments, cwd=mine, env={"FREQTRAIN_FROM": str(mine.parent / "framework")})


def test_a_plan_changes_nothing_and_an_update_tells_what_it_did_and_left_alone(mine: Path) -> None:
    before = git(mine, "rev-parse", "HEAD")
    planned = update(mine, "--plan")
    assert "2 files would be changed on main" in planned.out
    assert git(mine, "rev-parse", "HEAD") == before
    done = update(mine)
    assert done.code == 0, done.err
    assert "2 files were changed on main" in done.out
    assert "yours, and not touched, though the framework changed its own: environments/ci.yml" in done.out
    assert (mine / "pipeline" / "a.py").read_text() == "two\n"
    again = update(mine, "--json")
    document = json.loads(again.out)
    assert (next(iter(document)), document["outcome"], document["changed"]) == ("outcome", "DONE", [])
    assert "already" in update(mine).out


def test_what_stands_against_it_is_told_and_nothing_is_changed(mine: Path) -> None:
    (mine / "pipeline" / "a.py").write_text("mine\n")
    dirty = update(mine)
    assert (dirty.code, "not committed (pipeline/a.py)" in dirty.err) == (3, True)
    git(mine, "commit", "-q", "-a", "-m", "mine")
    both = update(mine)
    assert (both.code, "  pipeline/a.py" in both.err, "--take FILE" in both.err) == (3, True, True)
    assert (mine / "pipeline" / "a.py").read_text() == "mine\n"
    elsewhere = freqtrain("update", cwd=mine.parent)
    assert elsewhere.code == 2
