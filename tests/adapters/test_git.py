"""The repository adapter, on real repositories in a temporary folder."""

import os
import subprocess
from pathlib import Path

import pytest

from pipeline.adapters.git import GitRepository, repository_root
from pipeline.errors import UsageError

pytestmark = pytest.mark.processes


def git(root: Path, *arguments: str) -> str:
    env = {"PATH": os.environ["PATH"], "HOME": str(root), "GIT_CONFIG_NOSYSTEM": "1"}
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    return subprocess.run(
        ["git", *identity, *arguments], cwd=root, env=env, check=True, capture_output=True, text=True
    ).stdout


@pytest.fixture
def root(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "strategies" / "a").mkdir(parents=True)
    (tmp_path / "strategies" / "a" / "strategy.py").write_text("old\n")
    (tmp_path / ".gitignore").write_text("ignored\n")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "first")
    return tmp_path


def test_changes_are_those_of_commits_the_work_tree_and_untracked_files(root: Path) -> None:
    git(root, "checkout", "-q", "-b", "topic")
    (root / "committed").write_text("x")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "second")
    (root / "strategies" / "a" / "strategy.py").write_text("new\n")
    (root / "un tracked\n").write_text("x")
    (root / "ignored").write_text("x")
    assert GitRepository(root).changed_files("main") == ("committed", "strategies/a/strategy.py", "un tracked\n")


def test_what_main_did_since_the_branch_began_is_no_change_of_the_branch(root: Path) -> None:
    git(root, "branch", "topic")
    (root / "later").write_text("x")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "on main")
    git(root, "checkout", "-q", "topic")
    assert GitRepository(root).changed_files("main") == ()


def test_an_export_holds_the_files_as_they_were(root: Path, tmp_path: Path) -> None:
    (root / "strategies" / "a" / "strategy.py").write_text("new\n")
    target = tmp_path / "there"
    assert GitRepository(root).export("main", "strategies/a", target)
    assert (target / "strategies" / "a" / "strategy.py").read_text() == "old\n"
    assert not GitRepository(root).export("main", "strategies/b", tmp_path / "nothing")


@pytest.mark.parametrize("ref", ["nowhere", "--upload-pack=x", "main:strategies", ""])
def test_what_names_no_commit_is_refused(root: Path, ref: str) -> None:
    with pytest.raises(UsageError, match="names no commit"):
        GitRepository(root).resolve(ref)


def test_a_folder_outside_of_any_repository_has_no_root(root: Path) -> None:
    assert repository_root(root / "strategies") == root
    assert repository_root(Path("/")) is None


def test_what_was_before_the_first_push_or_was_thrown_away_is_gone_and_a_slip_is_not(root: Path) -> None:
    repository = GitRepository(root)
    assert repository.is_gone("0" * 40)
    assert repository.is_gone("1234567890" * 4)
    assert not repository.is_gone(git(root, "rev-parse", "HEAD").strip())
    assert not any(repository.is_gone(slip) for slip in ("", "1234567", "mian", "origin/main", "0" * 39, "G" * 40))


def test_a_clone_of_a_part_of_the_history_does_not_know_what_is_gone(root: Path, tmp_path: Path) -> None:
    git(root, "commit", "-q", "--allow-empty", "-m", "second")
    git(tmp_path, "clone", "-q", "--depth", "1", root.as_uri(), str(tmp_path / "part"))
    part = GitRepository(tmp_path / "part")
    assert part.is_gone("0" * 40)
    assert not part.is_gone(git(root, "rev-parse", "HEAD~1").strip())
