"""Whose a repository is and who wrote its commits, as far as GitHub knows accounts; what it does not know is nobody."""

import pytest

from pipeline.adapters.github.people import GitHubPeople
from pipeline.errors import Refused, ToolFailed
from tests.adapters.github.ground import OTHER_SHA, SHA, repository, session
from tests.github_double import GitHubDouble, Token, faults
from tests.github_double.routes_repository import commit
from tests.github_double.shapes import user

pytestmark = pytest.mark.sockets


def people(hub: GitHubDouble, token: str = "") -> GitHubPeople:
    return GitHubPeople(session(hub, token) if token else session(hub))


def test_the_owner_is_a_person_or_nobody(hub: GitHubDouble) -> None:
    found = people(hub).owner()
    assert found is not None
    assert (found.login, found.id) == ("o", user(hub.world, "o")["id"])
    repository(hub).more["shown"] = {"owner": user(hub.world, "o") | {"type": "Organization"}}
    assert people(hub).owner() is None


def test_behind_a_commit_is_the_account_of_its_author(hub: GitHubDouble) -> None:
    commit(hub.world, repository(hub), SHA, "ada@example.org", "ada")
    commit(hub.world, repository(hub), OTHER_SHA, "eve@example.org")
    found = people(hub).author_of(SHA)
    assert found is not None
    assert found.login == "ada"
    assert people(hub).author_of(OTHER_SHA) is None
    with pytest.raises(Refused, match="has nothing at"):
        people(hub).author_of("c" * 40)


def test_an_address_is_known_by_commits_under_it(hub: GitHubDouble) -> None:
    commit(hub.world, repository(hub), SHA, "ada@example.org", "ada")
    commit(hub.world, repository(hub), OTHER_SHA, "eve@example.org")
    found = people(hub).known_as("ada@example.org")
    assert found is not None
    assert found.login == "ada"
    for address in ("eve@example.org", "nobody@example.org", "ada", ""):
        assert people(hub).known_as(address) is None, address


def test_what_github_lists_is_compared_once_more(hub: GitHubDouble) -> None:
    """Here it passes over every filter, and answers with eve's commit."""
    eve = commit(hub.world, repository(hub), OTHER_SHA, "eve@example.org", "eve")
    hub.faults.append(faults.Fault("commits", status=200, body=[eve], times=2))
    assert people(hub).author_of(SHA) is None
    assert people(hub).known_as("ada@example.org") is None


@pytest.mark.parametrize("author", [{}, {"login": "", "id": 1}, {"login": "ada"}])
def test_half_an_account_is_none(hub: GitHubDouble, author: dict[str, object]) -> None:
    made = commit(hub.world, repository(hub), SHA, "ada@example.org", "ada")
    hub.faults.append(faults.Fault("commits", status=200, body=[made | {"author": author}]))
    assert people(hub).author_of(SHA) is None


def test_something_else_than_commits_is_no_answer(hub: GitHubDouble) -> None:
    hub.faults.append(faults.instead("commits", b'{"sha": 1}'))
    with pytest.raises(ToolFailed, match="something else than a list of commits"):
        people(hub).author_of(SHA)


def test_commits_need_the_permission_to_read_contents(hub: GitHubDouble) -> None:
    repository(hub).private = True
    hub.world.tokens["weak"] = Token("w", {"actions": "read"})
    with pytest.raises(Refused) as caught:
        people(hub, "weak").author_of(SHA)
    assert caught.value.hint == "the token needs the permission contents=read"
