"""Which repository a clone belongs to, and where the token comes from: shown nowhere."""

from pathlib import Path

import pytest

from pipeline.adapters.github.remote import found_token, origin_repository, repository_of
from pipeline.errors import Refused, UsageError
from tests.adapters.test_git import git


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("https://github.com/o/r.git", "o/r"),
        ("https://github.com/o/r", "o/r"),
        ("https://github.com/o/r/", "o/r"),
        ("https://x-access-token:secret@github.com/o/r.git", "o/r"),
        ("git@github.com:o/r.name.git", "o/r.name"),
        ("ssh://git@github.com/o/r.git", "o/r"),
        ("ssh://git@ssh.github.com:443/o/r.git", "o/r"),
        ("git@GitHub.com:/o/r", "o/r"),
        ("https://gitlab.com/o/r.git", None),
        ("https://github.com.evil.net/o/r.git", None),
        ("https://evil.net/github.com/o/r", None),
        ("https://github.com/o/r/s", None),
        ("/srv/git/r.git", None),
        ("../r", None),
        ("", None),
    ],
)
def test_a_repository_is_read_from_any_address_that_git_knows(address: str, found: str | None) -> None:
    assert repository_of(address, "github.com") == found


@pytest.mark.processes
def test_the_remote_of_a_clone_is_asked_for_and_its_address_is_not_shown(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    with pytest.raises(UsageError, match="is not there"):
        origin_repository(tmp_path)
    git(tmp_path, "remote", "add", "origin", "https://me:secret@gitlab.com/o/r.git")
    with pytest.raises(UsageError, match=r"is no repository at github\.com") as caught:
        origin_repository(tmp_path)
    assert "secret" not in str(caught.value) + caught.value.hint
    git(tmp_path, "remote", "set-url", "origin", "git@github.com:o/r.git")
    assert origin_repository(tmp_path) == "o/r"


def test_the_token_comes_from_a_file_or_from_one_of_two_variables(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("  from-file\n")
    assert found_token(tmp_path / "token", {"GITHUB_TOKEN": "one"}) == "from-file"
    assert found_token(None, {"GITHUB_TOKEN": "one", "GH_TOKEN": "two"}) == "one"
    assert found_token(None, {"GITHUB_TOKEN": "", "GH_TOKEN": "two\n"}) == "two"


@pytest.mark.parametrize("variables", [{}, {"GITHUB_TOKEN": ""}, {"GH_TOKEN": "  "}])
def test_without_a_token_it_is_told_how_to_give_one(variables: dict[str, str]) -> None:
    with pytest.raises(Refused, match="there is no token") as caught:
        found_token(None, variables)
    assert "--token-file" in caught.value.hint


def test_a_file_without_a_token_or_with_far_too_much_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "long").write_text("x" * 5000)
    for name, said in (("empty", "is empty"), ("long", "is larger")):
        with pytest.raises(Refused, match=said):
            found_token(tmp_path / name, {})
