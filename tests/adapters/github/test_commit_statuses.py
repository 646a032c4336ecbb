"""The lines under a commit."""

import pytest

from pipeline.adapters.github.commit_statuses import GitHubCommitStatuses
from pipeline.domain.github import CommitStatus, StatusState
from pipeline.errors import Refused
from tests.adapters.github.ground import OTHER_SHA, SHA, repository, session
from tests.github_double import GitHubDouble, Token, faults

pytestmark = pytest.mark.sockets
WAITS = CommitStatus(
    "freqtrain/test", StatusState.PENDING, "the device is offline: nothing was deployed yet", "https://x.example/1"
)
DONE = CommitStatus("freqtrain/test", StatusState.SUCCESS, "deployed")


def kept(hub: GitHubDouble) -> list[tuple[str, str]]:
    return [(one["state"], one["description"]) for one in repository(hub).statuses.get(SHA, [])]


def test_what_is_said_last_counts(hub: GitHubDouble) -> None:
    statuses = GitHubCommitStatuses(session(hub))
    other = CommitStatus("another", StatusState.ERROR, "x")
    for one in (WAITS, DONE, other):
        statuses.set(SHA, one)
    assert set(statuses.latest(SHA)) == {DONE, other}
    assert statuses.latest(OTHER_SHA) == ()


def test_the_same_is_not_said_twice(hub: GitHubDouble) -> None:
    statuses = GitHubCommitStatuses(session(hub))
    for one in (WAITS, WAITS, DONE, DONE, WAITS):
        statuses.set(SHA, one)
    assert [state for state, _ in kept(hub)] == ["pending", "success", "pending"]


@pytest.mark.parametrize("acted", [True, False])
def test_a_lost_answer_says_it_once(hub: GitHubDouble, acted: bool) -> None:
    hub.faults.append(faults.cut("POST", acted=acted))
    GitHubCommitStatuses(session(hub)).set(SHA, WAITS)
    assert len(kept(hub)) == 1


def test_a_sentence_is_one_line_and_as_long_as_github_takes(hub: GitHubDouble) -> None:
    statuses = GitHubCommitStatuses(session(hub))
    long = CommitStatus("a", StatusState.ERROR, "one\n\x1b[2Jtwo " + "word " * 100)
    statuses.set(SHA, long)
    statuses.set(SHA, long)
    ((_, text),) = kept(hub)
    assert text.startswith("one \N{REPLACEMENT CHARACTER}[2Jtwo word")
    assert len(text) <= 140


def test_a_missing_permission_is_named(hub: GitHubDouble) -> None:
    hub.world.tokens["weak"] = Token("w", {"contents": "read"})
    with pytest.raises(Refused) as caught:
        GitHubCommitStatuses(session(hub, "weak")).set(SHA, DONE)
    assert caught.value.hint == "the token needs the permission statuses=write"
