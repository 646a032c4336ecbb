"""One comment of each name, whoever else writes."""

import pytest

from pipeline.adapters.github.comments import GitHubComments
from pipeline.adapters.github.refusals import NotFound
from pipeline.errors import FreqtrainError, Refused, ToolFailed, UsageError
from tests.adapters.github.ground import SHA, repository, session
from tests.github_double import GitHubDouble, Token, faults
from tests.github_double.routes_issues import write_comment
from tests.github_double.routes_pulls import open_pull
from tests.github_double.world import ACTIONS

pytestmark = pytest.mark.sockets
MARK = "<!-- freqtrain gate -->\n"


@pytest.fixture
def comments(hub: GitHubDouble) -> GitHubComments:
    """As a workflow writes them."""
    open_pull(hub.world, repository(hub), SHA)
    hub.world.tokens["actions"] = Token(ACTIONS, {"pull_requests": "write"})
    return GitHubComments(session(hub, "actions"))


def texts(hub: GitHubDouble) -> list[str]:
    return [one["body"] for one in repository(hub).comments.get(1, [])]


def test_it_is_written_once_and_then_kept_up_to_date(hub: GitHubDouble, comments: GitHubComments) -> None:
    first = comments.keep(1, "gate", "wait")
    second = comments.keep(1, "gate", "PASS")
    assert (first.id, second.text, texts(hub)) == (second.id, f"{MARK}PASS", [f"{MARK}PASS"])
    assert second.url.endswith(f"/o/r/issues/1#issuecomment-{first.id}")


def test_the_same_text_changes_nothing_even_with_githubs_ends_of_lines(
    hub: GitHubDouble, comments: GitHubComments
) -> None:
    write_comment(hub.world, repository(hub), 1, f"{MARK}a\nb\n".replace("\n", "\r\n"), ACTIONS)
    comments.keep(1, "gate", "a\nb")
    assert [one.method for one in hub.world.asked] == ["GET", "GET"]


def test_it_is_found_by_its_name_and_only_where_it_is_ours(hub: GitHubDouble, comments: GitHubComments) -> None:
    write_comment(hub.world, repository(hub), 1, f"{MARK}theirs", "trader")
    assert comments.find(1, "gate") is None
    ours = comments.keep(1, "gate", "ours")
    assert comments.find(1, "gate") == ours
    assert comments.find(1, "other") is None


def test_each_name_has_its_own(hub: GitHubDouble, comments: GitHubComments) -> None:
    comments.keep(1, "gate", "a")
    comments.keep(1, "gate/2", "b")
    assert texts(hub) == [f"{MARK}a", "<!-- freqtrain gate/2 -->\nb"]


@pytest.mark.parametrize("login", ["trader", "github-actions", "o"])
def test_a_comment_that_somebody_else_marked_is_left_alone(
    hub: GitHubDouble, comments: GitHubComments, login: str
) -> None:
    write_comment(hub.world, repository(hub), 1, f"{MARK}PASS, trust me", login)
    comments.keep(1, "gate", "FAIL")
    assert texts(hub) == [f"{MARK}PASS, trust me", f"{MARK}FAIL"]


def test_a_mark_in_the_middle_of_ours_is_none(hub: GitHubDouble, comments: GitHubComments) -> None:
    """Text of strangers, quoted in another comment of ours."""
    write_comment(hub.world, repository(hub), 1, f"> {MARK} x", ACTIONS)
    comments.keep(1, "gate", "FAIL")
    assert texts(hub) == [f"> {MARK} x", f"{MARK}FAIL"]


def test_it_is_found_behind_many_others(hub: GitHubDouble, comments: GitHubComments) -> None:
    for number in range(230):
        write_comment(hub.world, repository(hub), 1, str(number), "chatty")
    comments.keep(1, "gate", "a")
    comments.keep(1, "gate", "b")
    assert [text for text in texts(hub) if text.startswith(MARK)] == [f"{MARK}b"]


@pytest.mark.parametrize("acted", [True, False])
def test_a_lost_answer_leaves_one(hub: GitHubDouble, comments: GitHubComments, acted: bool) -> None:
    hub.faults += [faults.outage("POST", acted=acted), faults.cut("PATCH", acted=acted)]
    comments.keep(1, "gate", "a")
    comments.keep(1, "gate", "b")
    assert texts(hub) == [f"{MARK}b"]


def test_two_that_write_at_once_leave_the_older_one(hub: GitHubDouble, comments: GitHubComments) -> None:
    def other() -> None:
        write_comment(hub.world, repository(hub), 1, f"{MARK}theirs", ACTIONS)

    hub.faults.append(faults.meanwhile("POST", other))
    kept = comments.keep(1, "gate", "ours")
    assert texts(hub) == [f"{MARK}ours"]
    assert kept.id == repository(hub).comments[1][0]["id"]


def test_the_other_may_remove_the_younger_one_first(hub: GitHubDouble, comments: GitHubComments) -> None:
    for text in "abc":
        write_comment(hub.world, repository(hub), 1, f"{MARK}{text}", ACTIONS)
    hub.faults.append(faults.meanwhile("DELETE", lambda: repository(hub).comments[1].pop()))
    hub.faults.append(faults.cut("DELETE", acted=True))
    comments.keep(1, "gate", "new")
    assert texts(hub) == [f"{MARK}new"]


def test_one_that_a_person_deletes_meanwhile_is_written_again(hub: GitHubDouble, comments: GitHubComments) -> None:
    comments.keep(1, "gate", "a")
    hub.faults.append(faults.meanwhile("PATCH", lambda: repository(hub).comments[1].clear()))
    comments.keep(1, "gate", "b")
    assert texts(hub) == [f"{MARK}b"]


def test_one_under_nothing_is_refused(comments: GitHubComments) -> None:
    with pytest.raises(NotFound, match="has nothing at GET /repos/o/r/issues/9/comments"):
        comments.keep(9, "gate", "x")


def test_text_that_is_too_long_for_github_is_cut_and_says_so(hub: GitHubDouble, comments: GitHubComments) -> None:
    comments.keep(1, "gate", "x" * 100_000)
    (text,) = texts(hub)
    assert len(text) == 65_536
    assert text.endswith("xxx\n\n(cut: GitHub takes no longer text)")


@pytest.mark.parametrize("name", ["", "a -->", "a--b", "A", "a\n", "é"])
def test_a_name_that_could_end_the_mark_is_refused(comments: GitHubComments, name: str) -> None:
    with pytest.raises(UsageError, match="cannot mark"):
        comments.keep(1, name, "x")


def test_a_person_writes_under_their_own_name(hub: GitHubDouble) -> None:
    open_pull(hub.world, repository(hub), SHA)
    GitHubComments(session(hub)).keep(1, "gate", "a")
    GitHubComments(session(hub)).keep(1, "gate", "b")
    assert [(one["user"]["login"], one["body"]) for one in repository(hub).comments[1]] == [("octocat", f"{MARK}b")]


def test_a_token_that_may_not_write_is_told_what_it_needs(hub: GitHubDouble) -> None:
    open_pull(hub.world, repository(hub), SHA)
    hub.world.tokens["weak"] = Token(ACTIONS, {"contents": "write", "pull_requests": "read"})
    with pytest.raises(Refused) as caught:
        GitHubComments(session(hub, "weak")).keep(1, "gate", "a")
    assert caught.value.hint == "the token needs the permission issues=write or pull_requests=write"


def test_a_token_that_is_none_is_not_taken_for_that_of_a_workflow(hub: GitHubDouble) -> None:
    with pytest.raises(FreqtrainError, match="does not accept the token"):
        GitHubComments(session(hub, "token-of-before")).keep(1, "gate", "a")


def test_whoever_cannot_be_asked_is_not_taken_for_a_workflow(hub: GitHubDouble) -> None:
    open_pull(hub.world, repository(hub), SHA)
    hub.faults.append(faults.outage("/user", 99))
    with pytest.raises(ToolFailed, match="GET /user"):
        GitHubComments(session(hub)).keep(1, "gate", "a")
    assert texts(hub) == []
