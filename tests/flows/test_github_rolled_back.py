"""An issue for each roll-back, over a GitHub on the loopback."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.adapters.github.issues import GitHubIssues
from pipeline.domain.train.roll_backs import Known, RollBack
from pipeline.errors import Refused, ToolFailed
from pipeline.flows.github_rolled_back import name_of, tell
from pipeline.flows.github_tell import Told
from tests.adapters.github.ground import repository, session
from tests.adapters.test_roll_back_file import BARE, ONE
from tests.domain.train.world import NEW, OLD
from tests.flows.tell_ground import Json, issues
from tests.flows.test_github_comment_hostile import WORDS
from tests.flows.test_github_tell_hostile import inert
from tests.github_double import GitHubDouble, Token, faults
from tests.github_double.fixtures import github_description, hub
from tests.github_double.routes_issues import open_issue
from tests.github_double.world import ACTIONS

__all__ = ["github_description", "hub"]
pytestmark = pytest.mark.sockets
LINK = "https://github.com/o/r/actions/runs/700"


def told(
    hub: GitHubDouble, *found: RollBack, permissions: Mapping[str, str] | None = None, environment: str = ""
) -> Told:
    hub.world.tokens["job"] = Token(ACTIONS, {"issues": "write"} if permissions is None else permissions)
    return tell(found, GitHubIssues(session(hub, "job")), LINK, environment)


def bodies(hub: GitHubDouble) -> Sequence[Json]:
    return [one["body"] for one in issues(hub)]


def test_a_brakes_roll_back_has_an_issue_with_what_was_measured(hub: GitHubDouble) -> None:
    told(hub, ONE)
    (issue,) = issues(hub)
    assert issue["title"] == "dip was rolled back in sandbox"
    assert {one["name"] for one in issue["labels"]} == {"freqtrain", "rolled-back"}
    body = issue["body"]
    for part in (NEW, OLD, ONE.entry, "| by | brake |", "**Why:** drawdown", "tag v1.4", "2025-03-01 12:12 UTC"):
        assert part in body
    assert (
        "- 3.5 hours healthy, 4 closed trades\n- brake, 2025-03-01 12:08 UTC, drawdown\\_max\\_ratio: The drawdown"
        in body
    )
    assert "`freqtrain block lift sandbox 222222222222 --reason …`" in body


def test_told_again_and_again_it_is_told_once_closed_or_not(hub: GitHubDouble) -> None:
    told(hub, ONE, BARE)
    issues(hub)[0]["state"] = "closed"
    said = told(hub, ONE, BARE, ONE)
    assert [one["state"] for one in issues(hub)] == ["closed", "open"]
    assert len(said.lines) == 3


def test_one_that_did_not_end_says_so_and_is_not_told_again_when_it_has(hub: GitHubDouble) -> None:
    told(hub, replace(ONE, ended_at=None))
    assert issues(hub)[0]["title"] == "dip: its roll-back in sandbox did not end"
    assert "freqtrain converge sandbox" in bodies(hub)[0]
    told(hub, ONE)
    assert len(issues(hub)) == 1


def test_one_without_a_good_bundle_says_that_nothing_enters(hub: GitHubDouble) -> None:
    told(hub, replace(ONE, to="", runs=NEW, known=Known()))
    assert issues(hub)[0]["title"] == "dip was taken back in sandbox, and no bundle is known to be good"
    assert "nothing that the ledger has" in bodies(hub)[0]


def test_another_environment_strategy_bundle_or_entry_has_an_issue_of_its_own(hub: GitHubDouble) -> None:
    others = (
        replace(ONE, environment="sand-box"),
        replace(ONE, environment="sand--box"),
        replace(ONE, strategy="wave"),
        replace(ONE, bundle=OLD),
        replace(ONE, entry=OLD),
    )
    told(hub, ONE, *others)
    assert len({name_of(one) for one in (ONE, *others)}) == len(issues(hub)) == 6


def test_of_a_device_with_two_environments_each_job_tells_of_its_own(hub: GitHubDouble) -> None:
    elsewhere = replace(ONE, environment="test")
    said = told(hub, ONE, elsewhere, BARE, environment="sandbox")
    assert [one["title"] for one in issues(hub)] == ["dip was rolled back in sandbox"]
    assert said.lines[0] == "2 of other environments are left to the jobs that tell of those"
    told(hub, ONE, elsewhere, BARE, environment="test")
    assert len(issues(hub)) == 2


def test_the_longest_names_fit_into_a_mark(hub: GitHubDouble) -> None:
    told(hub, replace(ONE, environment="e" * 32, strategy="s" * 64))
    assert len(issues(hub)) == 1


@pytest.mark.parametrize("words", WORDS.values(), ids=list(WORDS))
def test_sentences_of_a_device_stay_text(hub: GitHubDouble, words: str) -> None:
    known = replace(ONE.known, source=words, evidence=words, brakes=(words, words))
    told(hub, replace(ONE, by=words, reason=words, known=known))
    (body,) = bodies(hub)
    inert(body.replace("[this run](<", "[the run](<"))


def test_an_outage_in_the_middle_opens_each_once(hub: GitHubDouble) -> None:
    hub.faults += [faults.outage("POST", acted=True), faults.cut("GET .*/issues"), faults.secondary_limit("POST")]
    assert told(hub, ONE, BARE).failed == ()
    assert len(issues(hub)) == 2


def test_one_that_cannot_be_opened_keeps_no_other(hub: GitHubDouble) -> None:
    hub.faults.append(faults.outage("POST", times=6))
    said = told(hub, ONE, BARE)
    assert [isinstance(error, ToolFailed) for error in said.failed] == [True]
    assert len(issues(hub)) == 1


def test_a_missing_permission_is_named(hub: GitHubDouble) -> None:
    (error,) = told(hub, ONE, permissions={"issues": "read"}).failed
    assert isinstance(error, Refused)
    assert error.hint == "the token needs the permission issues=write"


def test_an_issue_that_a_stranger_marked_hides_nothing(hub: GitHubDouble) -> None:
    text = f"<!-- freqtrain {name_of(ONE)} -->\nnothing to see"
    open_issue(hub.world, repository(hub), "x", text, "stranger", ("freqtrain",))
    told(hub, ONE)
    assert len(issues(hub)) == 2


def test_very_many_open_a_bounded_number_and_the_latest(hub: GitHubDouble) -> None:
    many = [replace(ONE, strategy=f"s{n}", ended_at=ONE.began_at + timedelta(hours=n)) for n in range(23)]
    said = told(hub, *many)
    assert len(issues(hub)) == 20
    assert issues(hub)[0]["title"] == "s3 was rolled back in sandbox"
    assert "3 older ones were left out" in said.lines[-1]
