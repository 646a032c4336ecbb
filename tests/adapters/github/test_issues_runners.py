"""Issues that are opened once, and runners."""

import pytest

from pipeline.adapters.github.issues import GitHubIssues
from pipeline.adapters.github.runners import GitHubRunners
from pipeline.errors import Refused
from tests.adapters.github.ground import SHA, repository, session
from tests.github_double import GitHubDouble, Token, faults
from tests.github_double.routes_issues import open_issue
from tests.github_double.routes_pulls import open_pull
from tests.github_double.routes_runners import runner
from tests.github_double.world import ACTIONS

pytestmark = pytest.mark.sockets
NAME = "rolled-back/momentum/sha256:abc"
MARKED = f"<!-- freqtrain {NAME} -->\nwhy"


def open_(hub: GitHubDouble, text: str = "why") -> int:
    hub.world.tokens["actions"] = Token(ACTIONS, {"issues": "write"})
    return GitHubIssues(session(hub, "actions")).open_once(NAME, "momentum was rolled back", text, ("urgent",)).number


def test_an_issue_is_opened_once_and_never_again(hub: GitHubDouble) -> None:
    open_pull(hub.world, repository(hub), SHA)
    first = open_(hub)
    repository(hub).issues[0]["state"] = "closed"
    assert open_(hub, "other words") == first == 2
    (kept,) = repository(hub).issues
    assert (kept["body"], kept["state"], sorted(one["name"] for one in kept["labels"])) == (
        MARKED,
        "closed",
        ["freqtrain", "urgent"],
    )


@pytest.mark.parametrize("acted", [True, False])
def test_a_lost_answer_opens_it_once(hub: GitHubDouble, acted: bool) -> None:
    hub.faults.append(faults.outage("POST", acted=acted))
    open_(hub)
    assert len(repository(hub).issues) == 1


def test_an_issue_that_somebody_else_marked_does_not_keep_ours_away(hub: GitHubDouble) -> None:
    open_issue(hub.world, repository(hub), "nothing to see", MARKED, "trader", ("freqtrain",))
    assert open_(hub) == 2


def test_of_two_that_were_opened_at_once_the_older_stays(hub: GitHubDouble) -> None:
    def other() -> None:
        open_issue(hub.world, repository(hub), "theirs", MARKED, ACTIONS, ("freqtrain",))

    hub.faults.append(faults.meanwhile("POST", other))
    assert open_(hub) == 1
    assert [(one["number"], one["state"]) for one in repository(hub).issues] == [(1, "open"), (2, "closed")]


def test_runners_with_all_the_labels_are_told_online_or_not(hub: GitHubDouble) -> None:
    runner(hub.world, repository(hub), "pi", ("self-hosted", "Linux", "pi"))
    runner(hub.world, repository(hub), "old", ("self-hosted", "pi"), status="offline")
    runner(hub.world, repository(hub), "builder", ("self-hosted", "linux"))
    runners = GitHubRunners(session(hub))
    assert [(one.name, one.online) for one in runners.with_labels(frozenset({"self-hosted", "PI"}))] == [
        ("pi", True),
        ("old", False),
    ]
    assert [one.name for one in runners.with_labels(frozenset({"pi", "linux"}))] == ["pi"]
    assert runners.with_labels(frozenset({"gpu"})) == ()


def test_a_workflows_own_token_may_not_see_runners_and_the_permission_is_named(hub: GitHubDouble) -> None:
    hub.world.tokens["actions"] = Token(ACTIONS, {"actions": "write"})
    with pytest.raises(Refused) as caught:
        GitHubRunners(session(hub, "actions")).with_labels(frozenset({"pi"}))
    assert caught.value.hint == "the token needs the permission administration=read"
