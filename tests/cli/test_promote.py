"""`freqtrain promote` as a person calls it, on a real repository."""

import json
from pathlib import Path

import pytest

from tests.adapters.test_git import git
from tests.cli.freqtrain import ROOT, Said, freqtrain
from tests.planted import plant

pytestmark = pytest.mark.processes


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one strategy on main and a tag."""
    root = tmp_path / "repository"
    plant(root / "strategies", "mine", "rare")
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "main")
    git(root, "tag", "-a", "v1", "-m", "the first")
    return root


def promote(repository: Path, *arguments: str) -> Said:
    options = ("--repository", repository, "--main", "refs/heads/main", "--home", repository.parent / "device")
    return freqtrain("promote", "test", *options, *arguments, cwd=ROOT, env={"DRY_RUN": "true"})


def test_who_stays_is_told_with_what_it_lacks(repository: Path) -> None:
    said = promote(repository, "--tag", "v1", "--plan")
    assert said.code == 0, said.err
    assert "mine" in said.out
    assert "no bundle" in said.out
    document = json.loads(promote(repository, "--tag", "v1", "--plan", "--json").out)
    assert next(iter(document)) == "outcome"
    assert not (repository.parent / "device" / "test" / "ledger.jsonl").exists()


def test_what_names_nothing_on_main_is_refused(repository: Path) -> None:
    assert promote(repository, "--tag", "v9").code == 2
    assert promote(repository).code == 2
    assert promote(repository, "--tag", "v1", "--commit", "main").code == 2
    git(repository, "checkout", "-q", "-b", "side")
    (repository / "strategies" / "mine" / "strategy.py").write_text("x = 1\n")
    git(repository, "commit", "-q", "-a", "-m", "side")
    side = promote(repository, "--commit", "side")
    assert (side.code, "is not on the protected main" in side.err) == (3, True)
    short = promote(repository, "--tag", "v1", "--main", "main")
    assert (short.code, "whole name of a branch" in short.err) == (2, True)


def test_a_signature_without_its_text_is_no_approval(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "sig").write_text("x")
    said = promote(repository, "--tag", "v1", "--signature", str(tmp_path / "sig"))
    assert (said.code, "proves nothing" in said.err) == (2, True)


def told(repository: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((repository.parent / "out" / "promotion.json").read_text())
    return found


def test_the_answer_lies_in_a_file_too_however_it_ends(repository: Path) -> None:
    out = ("--out", str(repository.parent / "out" / "promotion.json"))
    said = promote(repository, "--tag", "v1", "--plan", "--json", *out)
    assert (said.code, told(repository)) == (0, json.loads(said.out))
    keys = set(told(repository))
    assert promote(repository, "--tag", "v9", *out).code == 2
    assert set(told(repository)) == keys
    assert (told(repository)["outcome"], told(repository)["tag"]) == ("USAGE", "v9")
    assert "there is no tag 'v9'" in str(told(repository)["told"])


def test_a_run_on_github_is_named_in_it(repository: Path) -> None:
    out = ("--out", str(repository.parent / "out" / "promotion.json"))
    assert named(repository, out, {}) == ""
    assert named(repository, out, {"GITHUB_RUN_ID": "77"}) == "77.1"
    assert named(repository, out, {"GITHUB_RUN_ID": "77", "GITHUB_RUN_ATTEMPT": "2"}) == "77.2"
    assert named(repository, out, {"GITHUB_RUN_ID": "7;x", "GITHUB_RUN_ATTEMPT": "2"}) == ""


def named(repository: Path, out: tuple[str, str], run: dict[str, str]) -> object:
    freqtrain(
        *("promote", "test", "--repository", repository, "--main", "refs/heads/main", "--tag", "v9", *out),
        cwd=ROOT,
        env={"DRY_RUN": "true", "GITHUB_RUN_ID": "", "GITHUB_RUN_ATTEMPT": "", **run},
    )
    return told(repository)["run"]


def test_a_file_that_cannot_be_written_keeps_it_from_doing_anything(repository: Path) -> None:
    (repository.parent / "file").touch()
    said = promote(repository, "--tag", "v1", "--out", str(repository.parent / "file" / "promotion.json"))
    assert (said.code, said.out) == (4, "")
    assert not (repository.parent / "device").exists()


def test_what_main_has_now_boards_by_the_whole_name_of_main(repository: Path) -> None:
    git(repository, "tag", "main")
    git(repository, "commit", "-q", "--allow-empty", "-m", "later")
    head = git(repository, "rev-parse", "refs/heads/main").strip()
    git(repository, "update-ref", "refs/remotes/origin/main", head)
    git(repository, "tag", "-f", "refs/remotes/origin/main", "v1")
    name = "refs/remotes/origin/main"
    said = promote(repository, "--commit", name, "--main", name, "--plan", "--json")
    assert (said.code, json.loads(said.out)["commit"]) == (0, head)
