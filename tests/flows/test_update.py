"""A newer framework is taken into real repositories: cloned, forked from a template without its history, changed in every way, or not ready."""

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pipeline.adapters.git_checkout import GitCheckout
from pipeline.domain.updating import MARK
from pipeline.errors import FreqtrainError, Refused, ToolFailed, UsageError
from pipeline.flows.update import Updated, Wanted, update
from tests.fakes import FakeNarrator

pytestmark = pytest.mark.processes

FIRST = {
    "Makefile": "all:\n\techo one\n",
    "pipeline/a.py": "one\ntwo\nthree\nfour\nfive\nsix\n",
    "pipeline/gone.py": "x\n",
    "pyproject.toml": "version 1\n",
    "requirements.lock": "pin 1\n",
    "environments/ci.yml": "mode: history\n",
    "strategies/sample/strategy.py": "sample\n",
    "user_data/.gitkeep": "",
    ".github/freqtrain.yml": "team: solo\n",
    ".github/workflows/gate.yml": "on: pull_request\n",
    ".gitignore": "out\n",
}


@pytest.fixture(autouse=True)
def _somebody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    (tmp_path / "gitconfig").write_text("[user]\nname = ada\nemail = ada@example.org\n[init]\ndefaultBranch = main\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@dataclass
class Repository:
    """One repository with a work tree."""

    root: Path

    def git(self, *arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=self.root, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def write(self, **files: str | None) -> str:
        """Commit these files, `None` removes one; the commit."""
        return self.commit({name.replace("__", "/"): text for name, text in files.items()})

    def commit(self, files: dict[str, str | None]) -> str:
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink() if text is None else path.write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "change")
        return self.git("rev-parse", "HEAD")

    def state(self) -> tuple[str, str, str]:
        """All that must not change where something is refused: the commit, the branches, the files."""
        return self.git("rev-parse", "HEAD"), self.git("for-each-ref", "refs/heads"), self.git("status", "--porcelain")

    def read(self, name: str) -> str:
        return (self.root / name).read_text()


@dataclass
class Place:
    """A framework, and a repository that was made from it."""

    framework: Repository
    mine: Repository
    narrator: FakeNarrator = field(default_factory=FakeNarrator)

    def update(self, source: str = "", *, only_plan: bool = False, **wanted: object) -> Updated:
        asked = Wanted(source or str(self.framework.root), **wanted)  # type: ignore[arg-type]
        return update(asked, GitCheckout(self.mine.root), self.narrator, only_plan=only_plan)

    def refused(self, kind: type[FreqtrainError] = Refused, source: str = "", **wanted: object) -> FreqtrainError:
        """It is refused, and nothing has changed."""
        before = self.mine.state()
        with pytest.raises(kind) as found:
            self.update(source, **wanted)
        assert self.mine.state() == before
        return found.value


def new(root: Path, files: dict[str, str | None]) -> Repository:
    root.mkdir()
    made = Repository(root)
    made.git("init", "-q")
    made.commit(files)
    return made


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """As "Use this template" makes it: the same files, in one commit that knows nothing of the framework's history."""
    framework = new(tmp_path / "framework", {"README.md": "old\n"})
    framework.commit({**FIRST, "README.md": "a framework\n"})
    framework.git("tag", "v1.0")
    return Place(framework, new(tmp_path / "mine", {**FIRST, "README.md": "a framework\n"}))


def test_a_template_without_history_takes_the_frameworks_changes_and_keeps_what_is_the_users(place: Place) -> None:
    place.mine.commit({"strategies/sample/strategy.py": None, "strategies/mine/strategy.py": "mine\n"})
    place.mine.commit({"environments/ci.yml": "mode: history # mine\n", ".github/CODEOWNERS": "* @ada\n"})
    place.mine.commit({"pipeline/a.py": FIRST["pipeline/a.py"].replace("one", "mine")})
    before = place.mine.git("rev-parse", "HEAD")
    newer = place.framework.commit({
        "pipeline/a.py": FIRST["pipeline/a.py"].replace("six", "newer"),
        "pipeline/gone.py": None, "pipeline/new.py": "new\n", "requirements.lock": "pin 2\n",
        "environments/ci.yml": "mode: history # newer\n", "environments/more.yml": "x\n", ".github/freqtrain.yml": "team: roles\n",
        "strategies/sample/strategy.py": "newer\n", ".github/CODEOWNERS": "* @framework\n", "user_data/more": "x\n",
    })  # fmt: skip
    planned = place.update(only_plan=True)
    assert (planned.made, place.mine.git("rev-parse", "HEAD")) == ("", before)
    done = place.update()
    assert (
        done.changed
        == (MARK, "pipeline/a.py", "pipeline/gone.py", "pipeline/new.py", "requirements.lock")
        == planned.changed
    )
    assert (done.branch, done.commit) == ("main", newer)
    assert place.mine.read("pipeline/a.py") == "mine\ntwo\nthree\nfour\nfive\nnewer\n"
    assert place.mine.read("environments/ci.yml") == "mode: history # mine\n"
    assert place.mine.read(".github/freqtrain.yml") == "team: solo\n"
    assert place.mine.read(".github/CODEOWNERS") == "* @ada\n"
    for absent in ("environments/more.yml", "strategies/sample/strategy.py", "user_data/more", "pipeline/gone.py"):
        assert not (place.mine.root / absent).exists()
    assert "environments/ci.yml" in done.not_taken
    assert place.mine.git("rev-parse", "HEAD^1", "HEAD^2").split() == [before, newer]
    assert place.mine.git("status", "--porcelain") == ""
    assert place.mine.git("tag") == "", "the framework's releases are none of the user's"
    assert place.update() == Updated("main", newer)


def test_the_second_update_knows_what_the_first_one_took(place: Place) -> None:
    place.framework.commit({"pipeline/a.py": "second\n"})
    place.update()
    place.mine.commit({"Makefile": "all:\n\techo mine\n"})
    place.framework.commit({"pipeline/a.py": "third\n", "environments/ci.yml": "newer\n"})
    done = place.update()
    assert done.changed == (MARK, "pipeline/a.py")
    assert place.mine.read("pipeline/a.py") == "third\n"
    assert place.mine.read("Makefile") == "all:\n\techo mine\n"
    assert place.mine.read("environments/ci.yml") == "mode: history\n"


def test_an_update_whose_pull_request_was_squashed_is_known_all_the_same(place: Place) -> None:
    place.framework.commit({"pipeline/a.py": "second\n"})
    place.mine.git("switch", "-q", "-c", "update")
    place.update()
    place.mine.git("switch", "-q", "main")
    place.mine.git("merge", "-q", "--squash", "update")
    place.mine.git("commit", "-q", "-m", "squashed")
    again = place.update()
    assert (again.made, again.origin) == ("", "")
    place.mine.commit({"Makefile": "mine\n"})
    place.framework.commit({"pipeline/a.py": "third\n"})
    assert place.update().changed == (MARK, "pipeline/a.py")
    assert (place.mine.read("pipeline/a.py"), place.mine.read("Makefile")) == ("third\n", "mine\n")


def test_a_clone_that_shares_the_history_is_merged_too_from_the_remote_of_that_name(
    place: Place, tmp_path: Path
) -> None:
    place.framework.git("clone", "-q", str(place.framework.root), str(tmp_path / "clone"))
    place.mine = Repository(tmp_path / "clone")
    place.mine.git("remote", "rename", "origin", "freqtrain")
    place.mine.commit({"strategies/mine/strategy.py": "mine\n"})
    place.framework.commit({"pipeline/a.py": "newer\n", "strategies/sample/strategy.py": "newer\n"})
    assert place.update("freqtrain").changed == (MARK, "pipeline/a.py")
    assert place.mine.read("strategies/sample/strategy.py") == "sample\n"


def test_a_version_can_be_named(place: Place) -> None:
    place.framework.commit({"pipeline/a.py": "1.1\n"})
    place.framework.git("tag", "v1.1")
    place.framework.commit({"pipeline/a.py": "newest\n"})
    place.update(version="v1.1")
    assert place.mine.read("pipeline/a.py") == "1.1\n"
    assert "has no such" not in str(place.refused(ToolFailed, version="v9").message)


def test_a_first_commit_with_changes_of_the_users_own_files_still_finds_where_it_began(
    tmp_path: Path, place: Place
) -> None:
    own: dict[str, str | None] = {
        **FIRST,
        "README.md": "a framework\n",
        "environments/ci.yml": "mine\n",
        "strategies/x/a.py": "x\n",
    }
    place.mine = new(tmp_path / "other", own)
    place.framework.commit({"pipeline/a.py": "newer\n"})
    assert place.update().changed == (MARK, "pipeline/a.py")


def test_where_nobody_knows_where_it_began_a_person_says_so_once(place: Place, tmp_path: Path) -> None:
    began = place.framework.git("rev-parse", "HEAD")
    place.mine = new(tmp_path / "other", {**FIRST, "Makefile": "my own\n"})
    place.framework.commit({"pipeline/a.py": "newer\n"})
    error = place.refused()
    assert ("shares no history" in error.message, "--made-from COMMIT" in error.hint) == (True, True)
    assert "is no commit of the framework" in place.refused(UsageError, made_from="f" * 40).message
    own = place.mine.git("rev-parse", "HEAD")
    assert "is no commit of the framework" in place.refused(UsageError, made_from=own).message
    place.update(made_from=began)
    assert (place.mine.read("pipeline/a.py"), place.mine.read("Makefile")) == ("newer\n", "my own\n")


def test_conflicts_are_told_and_decided_file_by_file(place: Place) -> None:
    place.mine.commit({"pipeline/a.py": "mine\n", "Makefile": "mine\n", "pipeline/gone.py": "mine\n"})
    place.framework.commit({"pipeline/a.py": "theirs\n", "Makefile": "theirs\n", "pipeline/gone.py": None})
    error = place.refused()
    assert error.message.splitlines()[1:] == ["  Makefile", "  pipeline/a.py", "  pipeline/gone.py"]
    assert "--keep FILE" in error.hint
    assert place.refused(keep=("Makefile",)).message.splitlines()[1:] == ["  pipeline/a.py", "  pipeline/gone.py"]
    place.update(keep=("Makefile",), take=("pipeline",))
    assert (place.mine.read("Makefile"), place.mine.read("pipeline/a.py")) == ("mine\n", "theirs\n")
    assert not (place.mine.root / "pipeline" / "gone.py").exists()


def test_the_engines_pins_follow_the_framework_and_it_is_said(place: Place) -> None:
    place.mine.commit({"pyproject.toml": "version 1, mine\n", "requirements.lock": "pin 1\nmine\n"})
    place.framework.commit({"requirements.lock": "pin 2\n"})
    done = place.update()
    assert done.replaced == ("pyproject.toml", "requirements.lock")
    assert place.mine.read("requirements.lock") == "pin 2\n"
    assert "pyproject.toml" in place.mine.git("log", "-1", "--format=%B")


def test_a_checkout_that_is_not_ready_is_refused(place: Place) -> None:
    place.framework.commit({"pipeline/a.py": "newer\n"})
    (place.mine.root / "Makefile").write_text("half done\n")
    assert "something that is not committed (Makefile)" in place.refused().message
    place.mine.git("checkout", "-q", "Makefile")
    place.mine.git("checkout", "-q", "--detach")
    assert "no branch is checked out" in place.refused().message
    place.mine.git("switch", "-q", "main")
    place.mine.git("branch", "other")
    place.mine.commit({"x": "1"})
    place.mine.git("merge", "-q", "--no-ff", "--no-commit", "-s", "ours", "other", "--allow-unrelated-histories")
    (place.mine.root / ".git" / "MERGE_HEAD").write_text(place.mine.git("rev-parse", "other") + "\n")
    assert "a merge is not finished" in place.refused().message
    (place.mine.root / ".git" / "MERGE_HEAD").unlink()
    assert place.update().changed == (MARK, "pipeline/a.py")


def test_nobody_knows_who_commits(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.framework.commit({"pipeline/a.py": "newer\n"})
    place.mine.git("config", "user.useConfigOnly", "true")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    assert "git does not know who you are" in place.refused().message


def test_files_that_git_does_not_know_are_not_written_over(place: Place) -> None:
    place.framework.commit({"pipeline/new.py": "newer\n"})
    (place.mine.root / "pipeline" / "new.py").write_text("mine, and not committed\n")
    error = place.refused()
    assert "pipeline/new.py" in error.message
    assert place.mine.read("pipeline/new.py") == "mine, and not committed\n"
    place.mine.commit({".gitignore": "out\nnew.py\n"})
    assert "pipeline/new.py" in place.refused().message, "nor where git was told to ignore them"


def test_a_framework_that_is_not_reached_changes_nothing(place: Place, tmp_path: Path) -> None:
    error = place.refused(ToolFailed, str(tmp_path / "nowhere"))
    assert ("could not be fetched" in error.message, "nothing was changed" in error.hint) == (True, True)
    error = place.refused(UsageError, "freqtrain")
    assert "git remote add freqtrain URL" in error.hint
    hidden = place.refused(ToolFailed, f"file://ada:hunter2@localhost{tmp_path}/nowhere")
    assert "hunter2" not in hidden.message
    assert "neither an address nor a version" in place.refused(UsageError, "--upload-pack=/bin/x").message


def test_a_shallow_clone_is_refused(place: Place, tmp_path: Path) -> None:
    place.mine.commit({"x": "1"})
    place.mine.git("clone", "-q", "--depth", "1", f"file://{place.mine.root}", str(tmp_path / "shallow"))
    place.mine = Repository(tmp_path / "shallow")
    assert "git fetch --unshallow" in place.refused().message


def test_odd_names_and_modes_arrive_as_they_are(place: Place) -> None:
    place.mine.commit({"docs/schön 'a'\n.md": "mine\n"})
    place.framework.commit({"runner/a b.sh": "#!/bin/sh\n"})
    (place.framework.root / "runner" / "a b.sh").chmod(0o755)
    (place.framework.root / "link").symlink_to("runner/a b.sh")
    place.framework.git("add", "-A")
    place.framework.git("commit", "-q", "-m", "modes")
    place.update()
    assert os.access(place.mine.root / "runner" / "a b.sh", os.X_OK)
    assert (place.mine.root / "link").is_symlink()
    assert place.mine.read("docs/schön 'a'\n.md") == "mine\n"
