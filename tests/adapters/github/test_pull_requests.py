"""Pull requests by what their latest commit is."""

import pytest

from pipeline.adapters.github.pull_requests import GitHubPullRequests
from pipeline.domain.github import Person
from pipeline.errors import ToolFailed
from tests.adapters.github.ground import OTHER_SHA, SHA, repository, session
from tests.github_double import GitHubDouble, faults
from tests.github_double.routes_pulls import open_pull
from tests.github_double.shapes import user

pytestmark = pytest.mark.sockets


def numbers(hub: GitHubDouble, head: str, sha: str, branch: str = "") -> list[int]:
    return [one.number for one in GitHubPullRequests(session(hub)).of_head(head, sha, branch)]


def test_the_one_of_a_repository_and_commit_is_found(hub: GitHubDouble) -> None:
    world, here = hub.world, repository(hub)
    open_pull(world, here, SHA, branch="idea")
    open_pull(world, here, SHA, head="fork/r", branch="idea")
    open_pull(world, here, OTHER_SHA, head="fork/r", branch="other")
    open_pull(world, here, SHA, head="fork/r-2", branch="idea")
    assert numbers(hub, "fork/r", SHA, "idea") == [2]
    assert numbers(hub, "Fork/R", SHA) == [2]
    assert numbers(hub, "fork/r", OTHER_SHA) == [3]
    assert numbers(hub, "o/r", SHA) == [1]
    assert numbers(hub, "stranger/r", SHA) == []


def test_one_that_was_pushed_again_or_closed_since_is_none_of_that_commit(hub: GitHubDouble) -> None:
    open_pull(hub.world, repository(hub), SHA)["state"] = "closed"
    open_pull(hub.world, repository(hub), OTHER_SHA)
    assert numbers(hub, "o/r", SHA, "idea") == []


def test_a_branch_of_any_name_is_only_data(hub: GitHubDouble) -> None:
    branch = "x&state=all#$(reboot)`;::set-output name=a::b"
    open_pull(hub.world, repository(hub), SHA, head="fork/r", branch=branch)
    (found,) = GitHubPullRequests(session(hub)).of_head("fork/r", SHA, branch)
    assert (found.head_branch, found.into_branch) == (branch, "main")
    assert found.author == Person("trader", int(user(hub.world, "trader")["id"]))
    assert hub.world.asked[-1].query == {"per_page": "100", "state": "open", "head": f"fork:{branch}"}


def test_one_whose_repository_is_gone_is_nobodys(hub: GitHubDouble) -> None:
    """GitHub's description says that this cannot be, and GitHub does it."""
    gone = b'[{"number": 1, "head": {"ref": "a", "sha": "%s", "repo": null}, "base": {"ref": "main", "sha": "b", "repo": null},'
    gone += b'"user": null, "html_url": "https://github.com/o/r/pull/1"}]'
    hub.faults.append(faults.instead("pulls", gone % SHA.encode()))
    assert numbers(hub, "o/r", SHA) == []


@pytest.mark.parametrize("number", [b'"1"', b"1.5", b"-1", b"null", b"1e400", b"99999999999999999999999"])
def test_an_answer_with_a_field_of_another_type_is_not_believed(hub: GitHubDouble, number: bytes) -> None:
    hub.faults.append(faults.instead("pulls", b'[{"number": %s}]' % number))
    with pytest.raises(ToolFailed, match="something else than a pull request: number"):
        numbers(hub, "o/r", SHA)
