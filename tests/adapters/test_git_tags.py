"""Tags, main, strategies and authors, on real repositories in a temporary folder."""

import os
import subprocess
from pathlib import Path

import pytest

from pipeline.adapters.git_tags import GitTags
from pipeline.domain.train.named import Tag, Written, content_name
from pipeline.errors import Refused, UsageError

pytestmark = pytest.mark.processes
MAIN = "refs/heads/main"


class Repository:
    """A repository and who works in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str, who: str = "ada") -> str:
        env = {"PATH": os.environ["PATH"], "HOME": str(self.root), "GIT_CONFIG_NOSYSTEM": "1"}
        identity = ["-c", f"user.name={who}", "-c", f"user.email={who}@example.org"]
        return subprocess.run(
            ["git", *identity, *arguments], cwd=self.root, env=env, check=True, capture_output=True, text=True
        ).stdout.strip()

    def write(self, strategy: str, content: str, who: str = "ada", message: str = "change") -> str:
        folder = self.root / "strategies" / strategy
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "strategy.py").write_text(content)
        return self.commit(who, message)

    def commit(self, who: str = "ada", message: str = "change") -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message, who=who)
        return self.git("rev-parse", "HEAD")

    def tags(self) -> GitTags:
        return GitTags(self.root, MAIN)


def authors(tags: GitTags, strategy: str, commit: str, since: str = "") -> set[str]:
    """All who wrote a strategy, by their addresses."""
    return {who for one in tags.written(strategy, commit, since) for who in (one.author, *one.others)}


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    (tmp_path / "clone").mkdir()
    made = Repository(tmp_path / "clone")
    made.write("dip", "one\n")
    return made


def test_an_annotated_tag_has_a_message_and_a_commit(repository: Repository) -> None:
    commit = repository.git("rev-parse", "HEAD")
    repository.git("tag", "-a", "v1", "-m", "Version 1\n\nBoard: dip a reason")
    assert repository.tags().tag("v1") == Tag("v1", commit, "Version 1\n\nBoard: dip a reason\n")


def test_a_lightweight_tag_has_no_message_whatever_its_commit_says(repository: Repository) -> None:
    commit = repository.write("dip", "two\n", message="Board: dip because I say so")
    repository.git("tag", "v1")
    assert repository.tags().tag("v1") == Tag("v1", commit, "")


@pytest.mark.parametrize("name", ["v2", "main", "v1~0", "v1^{}", "HEAD", "", "../heads/main", "--help"])
def test_what_is_not_the_name_of_a_tag_is_none(repository: Repository, name: str) -> None:
    repository.git("tag", "-a", "v1", "-m", "x")
    with pytest.raises(UsageError, match="there is no tag"):
        repository.tags().tag(name)


def test_a_tag_that_was_made_under_another_name_is_refused(repository: Repository) -> None:
    repository.git("tag", "-a", "v1", "-m", "Board: dip a reason")
    repository.git("update-ref", "refs/tags/v2", "refs/tags/v1")
    with pytest.raises(Refused, match="under another name"):
        repository.tags().tag("v2")


def test_a_tag_of_no_commit_is_refused(repository: Repository) -> None:
    repository.git("tag", "tree", "HEAD^{tree}")
    with pytest.raises(Refused, match="names no commit"):
        repository.tags().tag("tree")


def test_what_leads_to_main_is_told_from_what_does_not(repository: Repository) -> None:
    first = repository.git("rev-parse", "HEAD")
    repository.git("checkout", "-q", "-b", "topic")
    astray = repository.write("dip", "topic\n")
    repository.git("checkout", "-q", "main")
    second = repository.write("dip", "two\n")
    tags = repository.tags()
    assert tags.main() == second
    assert [tags.is_ancestor(commit, second) for commit in (first, second, astray, "0" * 40)] == [
        True,
        True,
        False,
        False,
    ]
    assert tags.commit("topic") == astray
    with pytest.raises(UsageError, match="names no commit"):
        tags.commit("nowhere")


def test_a_tag_called_main_is_not_taken_for_main(repository: Repository) -> None:
    """git itself prefers the tag where a name is short, and whoever may tag would choose the allowed signers."""
    (repository.root / "signers").write_text("honest\n")
    commit = repository.commit()
    repository.git("checkout", "-q", "-b", "topic")
    (repository.root / "signers").write_text("mine\n")
    repository.commit()
    repository.git("tag", "main")
    repository.git("checkout", "-q", "refs/heads/main")
    tags = repository.tags()
    assert (tags.main(), tags.read_main("signers")) == (commit, b"honest\n")
    for short in ("main", "origin/main", "refs/tags/main"):
        with pytest.raises(ValueError, match="whole name"):
            GitTags(repository.root, short)


def test_a_file_is_read_from_main_and_not_from_the_work_tree(repository: Repository) -> None:
    (repository.root / "signers").write_text("committed\n")
    repository.commit()
    (repository.root / "signers").write_text("edited\n")
    (repository.root / "fresh").write_text("x")
    assert repository.tags().read_main("signers") == b"committed\n"
    for path in ("fresh", "strategies", "../signers"):
        with pytest.raises(Refused, match="holds no file"):
            repository.tags().read_main(path)


def test_a_replaced_commit_does_not_count(repository: Repository) -> None:
    """`git replace` has git show another commit under the same name."""
    first = repository.git("rev-parse", "HEAD")
    second = repository.write("dip", "two\n")
    repository.git("replace", second, first)
    assert repository.tags().strategies(second)["dip"]["strategy.py"] == content_name(b"two\n", 40)


def test_without_a_protected_main_nothing_is_known(repository: Repository) -> None:
    with pytest.raises(Refused, match="has no refs/remotes/origin/main"):
        GitTags(repository.root).main()


def test_strategies_are_folders_with_their_files_as_git_names_them(repository: Repository) -> None:
    folder = repository.root / "strategies"
    (folder / "README.md").write_text("no strategy\n")
    (folder / "dip" / "rules").mkdir()
    (folder / "dip" / "rules" / "__init__.py").write_text("two\n")
    (folder / "dip" / "link.py").symlink_to("strategy.py")
    (folder / "Not an id").mkdir()
    (folder / "Not an id" / "strategy.py").write_text("")
    (repository.root / "elsewhere" / "trend").mkdir(parents=True)
    (repository.root / "elsewhere" / "trend" / "strategy.py").write_text("")
    commit = repository.commit()
    assert repository.tags().strategies(commit) == {
        "dip": {
            "strategy.py": content_name(b"one\n", 40),
            "rules/__init__.py": content_name(b"two\n", 40),
            "link.py": "no file (120000)",
        }
    }


def test_authors_are_those_of_the_strategys_own_commits_after_another(repository: Repository) -> None:
    first = repository.git("rev-parse", "HEAD")
    repository.write("trend", "one\n", who="eve")
    second = repository.write("dip", "two\n", who="bob", message="change\n\nCo-authored-by: Kim <kim@example.org>")
    tags = repository.tags()
    assert authors(tags, "dip", second, first) == {"bob@example.org", "kim@example.org"}
    assert authors(tags, "dip", second) == {"ada@example.org", "bob@example.org", "kim@example.org"}
    assert authors(tags, "dip", second, second) == set()


def test_each_commit_names_its_author_and_the_others(repository: Repository) -> None:
    first = repository.git("rev-parse", "HEAD")
    message = "change\n\nCo-authored-by: Kim <kim@example.org>\nCo-authored-by: Mal"
    second = repository.write("dip", "two\n", who="bob", message=message)
    tags = repository.tags()
    assert tags.written("dip", second, first) == (
        Written(second, "bob@example.org", frozenset({"kim@example.org", "Mal"})),
    )
    assert tags.written("dip", second)[1] == Written(first, "ada@example.org")


def test_whoever_only_merges_wrote_nothing(repository: Repository) -> None:
    first = repository.git("rev-parse", "HEAD")
    repository.git("checkout", "-q", "-b", "topic")
    repository.write("dip", "two\n", who="bob")
    repository.git("checkout", "-q", "main")
    repository.write("trend", "one\n", who="eve")
    repository.git("merge", "-q", "--no-ff", "-m", "merge", "topic", who="rae")
    merged = repository.git("rev-parse", "HEAD")
    assert authors(repository.tags(), "dip", merged, first) == {"bob@example.org"}


def test_whoever_puts_something_of_his_own_into_a_merge_is_an_author(repository: Repository) -> None:
    first = repository.git("rev-parse", "HEAD")
    repository.git("checkout", "-q", "-b", "topic")
    repository.write("dip", "two\n", who="bob")
    repository.git("checkout", "-q", "main")
    repository.write("trend", "one\n", who="eve")
    repository.git("merge", "-q", "--no-ff", "--no-commit", "topic", who="mal")
    merged = repository.write("dip", "mine\n", who="mal")
    assert authors(repository.tags(), "dip", merged, first) == {"bob@example.org", "mal@example.org"}


def test_a_change_that_was_taken_back_in_a_branch_keeps_its_authors(repository: Repository) -> None:
    """git leaves out such a branch by itself, since it explains nothing about the files as they are."""
    first = repository.git("rev-parse", "HEAD")
    repository.git("checkout", "-q", "-b", "topic")
    repository.write("dip", "two\n", who="bob")
    repository.write("dip", "one\n", who="eve")
    repository.git("checkout", "-q", "main")
    repository.git("merge", "-q", "--no-ff", "-m", "merge", "topic")
    head = repository.git("rev-parse", "HEAD")
    assert authors(repository.tags(), "dip", head, first) == {"bob@example.org", "eve@example.org"}


def test_a_name_in_the_tree_cannot_rename_an_author(repository: Repository) -> None:
    first = repository.git("rev-parse", "HEAD")
    (repository.root / ".mailmap").write_text("Someone <else@example.org> <bob@example.org>\n")
    head = repository.write("dip", "two\n", who="bob")
    assert authors(repository.tags(), "dip", head, first) == {"bob@example.org"}


def test_a_part_of_the_history_tells_no_authors(repository: Repository, tmp_path: Path) -> None:
    repository.write("dip", "two\n")
    repository.git("clone", "-q", "--depth", "1", f"file://{repository.root}", str(tmp_path / "shallow"))
    tags = GitTags(tmp_path / "shallow")
    with pytest.raises(Refused, match="a part of the history"):
        authors(tags, "dip", tags.main())
