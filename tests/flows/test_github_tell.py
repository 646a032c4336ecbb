"""GitHub is told how a deployment ended, over a double on the loopback."""

from pathlib import Path
from typing import Any

import pytest

from pipeline.domain.promotion_account import Ended
from pipeline.errors import Refused, ToolFailed
from tests.adapters.github.ground import OTHER_SHA, SHA, repository
from tests.flows.tell_ground import (
    BUNDLE,
    OTHER,
    STAYS,
    TOKEN,
    attempt,
    deploy,
    document,
    issues,
    notes,
    on_page,
    page,
    seat,
    told,
    under_commit,
    undone,
)
from tests.github_double import GitHubDouble, faults
from tests.github_double.fixtures import github_description, hub
from tests.github_double.routes_deployments import deploy_by_job
from tests.github_double.routes_issues import open_issue
from tests.github_double.routes_releases import release
from tests.github_double.routes_runs import job, review, run
from tests.github_double.routes_statuses import say
from tests.github_double.routes_tags import annotated, tag

__all__ = ["github_description", "hub"]
pytestmark = pytest.mark.sockets
Json = Any


def writes(hub: GitHubDouble) -> int:
    return sum(asked.method != "GET" for asked in hub.world.asked)


def test_a_tag_with_two_that_board_and_one_that_stays_is_told_in_all_places(hub: GitHubDouble, tmp_path: Path) -> None:
    made = page(hub)
    said = told(hub, document(), tmp_path)
    assert said.failed == ()
    assert under_commit(hub) == [("success", "2 board, 1 stays")]
    ((state, described),) = on_page(hub, made)
    assert state == "success"
    assert described.startswith("sha256:")
    assert described.endswith(" 2 board, 1 stays")
    (latest,) = repository(hub).deployment_statuses[made["id"]][1:]
    assert latest["environment_url"] == "https://github.com/o/r/actions/runs/700"
    text = notes(hub)
    assert text.startswith(
        "<!-- freqtrain boarding/sandbox -->\n<!-- sandbox of run 700.1 -->\n## ✅ `sandbox`: 2 board, "
    )
    assert text.endswith("<!-- freqtrain boarding/sandbox/end -->")
    assert "| `dip` | `aaaaaaaaaaaa` | boards |  | it runs |" in text
    assert "- `trend` lacks:\n  - ❔ 41 of 48 hours healthy\n" in text
    assert issues(hub) == []


def test_told_twice_is_told_once(hub: GitHubDouble, tmp_path: Path) -> None:
    page(hub)
    for _ in range(2):
        told(hub, undone(), tmp_path, deploy(Ended.FAILURE))
    assert writes(hub) == 5  # the line, the page, the release, its section, the issue


def test_what_people_wrote_into_the_release_stays(hub: GitHubDouble, tmp_path: Path) -> None:
    release(hub.world, repository(hub), "v1.4", title="Summer", text="What is new:\r\n\r\n- a better stop\r\n")
    told(hub, document(), tmp_path)
    told(hub, document("DONE", seat()), tmp_path, deploy(run=(700, 2)))
    text = notes(hub)
    assert text.startswith("What is new:\n\n- a better stop\n\n<!-- freqtrain boarding/sandbox -->")
    assert text.count("## ") == 1
    assert "sandbox`: 1 boards" in text
    assert repository(hub).releases[0]["name"] == "Summer"


def test_each_environment_has_its_own_section(hub: GitHubDouble, tmp_path: Path) -> None:
    told(hub, document(), tmp_path)
    told(hub, document(environment="prod"), tmp_path, deploy(environment="prod", run=(800, 1)))
    assert "## ✅ `sandbox`: 2 board" in notes(hub)
    assert "## ✅ `prod`: 2 board" in notes(hub)
    assert {one["context"] for one in repository(hub).statuses[SHA]} == {"freqtrain/sandbox", "freqtrain/prod"}


@pytest.mark.parametrize("said", [None, {"strategies": [], "attempts": [], "told": "there is no tag 'v1.4'"}])
def test_a_tag_that_somebody_mistyped_gets_no_release_because_github_would_make_the_tag(
    hub: GitHubDouble, tmp_path: Path, said: Json
) -> None:
    left = said and document("USAGE", **said)
    told(hub, left, tmp_path, deploy(Ended.FAILURE, typed=True))
    assert repository(hub).releases == []
    assert under_commit(hub) != []


def test_a_tag_that_the_device_found_gets_its_release_whoever_named_it(hub: GitHubDouble, tmp_path: Path) -> None:
    told(hub, document(), tmp_path, deploy(typed=True))
    assert "`dip`" in notes(hub)


def test_a_merge_has_no_release_notes(hub: GitHubDouble, tmp_path: Path) -> None:
    of = deploy(environment="test", tag="")
    told(hub, document(environment="test", tag=""), tmp_path, of)
    assert under_commit(hub) == [("success", "2 board, 1 stays")]
    assert repository(hub).releases == []


def test_one_that_was_undone_is_told_and_has_one_issue_with_the_evidence(hub: GitHubDouble, tmp_path: Path) -> None:
    made = page(hub)
    told(hub, undone(), tmp_path, deploy(Ended.FAILURE))
    assert under_commit(hub) == [("failure", "2 board; 1 undone")]
    assert on_page(hub, made)[0][0] == "failure"
    (issue,) = issues(hub)
    assert issue["title"] == "dip: its deployment to sandbox was taken back"
    assert {one["name"] for one in issue["labels"]} == {"freqtrain", "rolled-back"}
    for part in (BUNDLE, OTHER, "it did not loop", "look at its log", "49 of 48 hours healthy", "`v1.4`", "/runs/700>"):
        assert part in issue["body"]
    told(hub, undone(), tmp_path, deploy(Ended.FAILURE, run=(701, 1)))
    assert len(issues(hub)) == 1


def test_one_that_could_not_be_brought_back_has_an_issue_that_says_so(hub: GitHubDouble, tmp_path: Path) -> None:
    said = document("TOOL", seat(), attempts=[attempt("dip", "TOOL", "the way back failed")])
    told(hub, said, tmp_path, deploy(Ended.FAILURE))
    (issue,) = issues(hub)
    assert issue["title"] == "dip: its deployment to sandbox failed, and could not be taken back"
    assert "Entries stay stopped." in issue["body"]


def test_an_issue_that_somebody_closed_stays_closed(hub: GitHubDouble, tmp_path: Path) -> None:
    told(hub, undone(), tmp_path, deploy(Ended.FAILURE))
    issues(hub)[0]["state"] = "closed"
    told(hub, undone(), tmp_path, deploy(Ended.FAILURE, run=(701, 1)))
    assert [one["state"] for one in issues(hub)] == ["closed"]


def test_another_bundle_that_was_undone_has_an_issue_of_its_own(hub: GitHubDouble, tmp_path: Path) -> None:
    told(hub, undone(), tmp_path, deploy(Ended.FAILURE))
    other = document("UNDONE", seat(bundle=OTHER), attempts=[attempt("dip", "UNDONE", "again")])
    told(hub, other, tmp_path, deploy(Ended.FAILURE, run=(701, 1)))
    assert len(issues(hub)) == 2


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            document("REFUSED", to_sign="freqtrain approval 1"),
            "nothing boards until somebody approves it: 2 board, 1 st",
        ),
        (
            document("REFUSED", told="tag v1.4 moved", strategies=[], attempts=[]),
            "refused: tag v1.4 moved",
        ),
        (document("LOCKED", told="ada is at work", strategies=[], attempts=[]), "locked: ada is at work"),
        (document(), "the job failed after: 2 board, 1 stays"),
        (document("DONE", STAYS), "the job failed after: 1 stays"),
    ],
)
def test_a_job_that_failed_says_why(hub: GitHubDouble, tmp_path: Path, said: Json, sentence: str) -> None:
    told(hub, said, tmp_path, deploy(Ended.FAILURE))
    ((state, described),) = under_commit(hub)
    assert state == "failure"
    assert described.startswith(sentence)
    assert issues(hub) == []


def test_a_run_that_found_nothing_to_do_by_itself_says_why(hub: GitHubDouble, tmp_path: Path) -> None:
    said = document(told="'prod' says promotion: manual", strategies=[], attempts=[], tag="")
    told(hub, said, tmp_path, deploy(tag=""))
    assert under_commit(hub) == [("success", "nothing boards: 'prod' says promotion: manual")]


def test_a_run_that_was_handed_no_tag_takes_whatever_the_device_found(hub: GitHubDouble, tmp_path: Path) -> None:
    told(hub, document(), tmp_path, deploy(tag=""))
    assert under_commit(hub) == [("success", "2 board, 1 stays")]
    assert repository(hub).releases == []


@pytest.mark.parametrize(
    ("ended", "sentence"),
    [
        (Ended.SUCCESS, ("success", "it is done; the device left no word")),
        (Ended.FAILURE, ("error", "it failed; the device left no word")),
        (Ended.CANCELLED, ("error", "cancelled; the device left no word")),
        (
            Ended.SKIPPED,
            ("error", "nothing was deployed: the job was skipped, because something before it did not pass"),
        ),
    ],
)
def test_where_the_device_left_no_file_that_is_told(
    hub: GitHubDouble, tmp_path: Path, ended: Ended, sentence: tuple[str, str]
) -> None:
    assert told(hub, None, tmp_path, deploy(ended)).failed == ()
    assert under_commit(hub) == [sentence]


def test_a_job_that_was_cut_off_in_the_middle_is_told_as_that(hub: GitHubDouble, tmp_path: Path) -> None:
    said = document("INTERRUPTED", told="it was cut off", strategies=[], attempts=[])
    told(hub, said, tmp_path, deploy(Ended.CANCELLED))
    assert under_commit(hub) == [("error", "cancelled: cut off: it was cut off")]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (document(environment="prod"), "what the device left is about another environment or tag"),
        (document(tag="v1.3"), "what the device left is about another environment or tag"),
        (document(run="699.1"), "what the device left is of another run"),
        (document(run="700.2"), "what the device left is of another run"),
        (document(planned=True), "what the device left is only a plan"),
        (document(asked={"run": "700"}), "what the device left is only a plan"),
        (undone(), "what the device left says something else than the job"),
    ],
)
def test_what_is_about_something_else_is_not_told(hub: GitHubDouble, tmp_path: Path, said: Json, why: str) -> None:
    told(hub, said, tmp_path)
    assert under_commit(hub) == [("success", f"it is done; {why}")]
    assert "`dip`" not in notes(hub)
    assert issues(hub) == []


def test_a_plan_in_which_nothing_moves_is_all_that_there_is_to_tell(hub: GitHubDouble, tmp_path: Path) -> None:
    still = document(planned=True, attempts=[])
    strategies = still["strategies"]
    assert isinstance(strategies, list)
    still["strategies"] = [one for one in strategies if one["decision"] == "stays"]
    told(hub, still, tmp_path)
    assert under_commit(hub) == [("success", "1 stays")]
    assert "stays" in notes(hub)


def test_the_runs_own_word_is_told(hub: GitHubDouble, tmp_path: Path) -> None:
    told(hub, document(run="700.1"), tmp_path)
    assert under_commit(hub) == [("success", "2 board, 1 stays")]


def test_where_only_the_telling_is_run_again_the_word_of_the_attempt_before_counts(
    hub: GitHubDouble, tmp_path: Path
) -> None:
    told(hub, document(run="700.1"), tmp_path, deploy(run=(700, 2)))
    assert under_commit(hub) == [("success", "2 board, 1 stays")]


def test_a_newer_attempt_is_told_in_the_same_places_and_an_older_one_in_none(hub: GitHubDouble, tmp_path: Path) -> None:
    first, second = page(hub), page(hub)
    told(hub, undone(), tmp_path, deploy(Ended.FAILURE, run=(700, 2)))
    assert on_page(hub, second)[0][0] == "failure"
    assert on_page(hub, first) == []
    said = told(hub, document(), tmp_path, deploy(run=(700, 1)))
    assert "left alone: the release notes tell of a newer run already" in said.lines
    assert "sandbox of run 700.2" in notes(hub)


def test_an_older_run_that_ends_late_overwrites_nothing(hub: GitHubDouble, tmp_path: Path) -> None:
    told(hub, document(), tmp_path, deploy(run=(701, 1)))
    said = told(hub, undone(), tmp_path, deploy(Ended.FAILURE, run=(700, 1)))
    assert under_commit(hub) == [("success", "2 board, 1 stays")]
    assert "left alone: freqtrain/sandbox tells of a newer run already" in said.lines
    assert "sandbox of run 701.1" in notes(hub)
    assert len(issues(hub)) == 1


def test_a_run_without_a_word_leaves_the_notes_as_they_are(hub: GitHubDouble, tmp_path: Path) -> None:
    told(hub, document(), tmp_path)
    before = notes(hub)
    told(hub, b"x", tmp_path, deploy(Ended.FAILURE, run=(700, 2)))
    assert notes(hub) == before
    assert under_commit(hub)[-1] == ("error", "it failed; what the device left is no JSON")


def test_what_was_said_while_it_waited_is_overwritten(hub: GitHubDouble, tmp_path: Path) -> None:
    link = "https://github.com/o/r/actions/runs/700"
    waits = {"state": "error", "description": "no device", "target_url": link, "context": "freqtrain/sandbox"}
    say(hub.world, repository(hub), SHA, "x", **waits)
    told(hub, document(), tmp_path)
    assert under_commit(hub)[-1] == ("success", "2 board, 1 stays")


def test_a_run_for_another_commit_than_the_tags_is_found_by_its_own(hub: GitHubDouble, tmp_path: Path) -> None:
    made = deploy_by_job(hub.world, repository(hub), "prod", OTHER_SHA, 700)
    of = deploy(environment="prod", run_sha=OTHER_SHA)
    told(hub, document(environment="prod"), tmp_path, of)
    assert [state for state, _ in on_page(hub, made)] == ["success"]
    assert under_commit(hub) == [("success", "2 board, 1 stays")]


def test_the_same_set_has_the_same_digest_and_another_one_has_another(hub: GitHubDouble, tmp_path: Path) -> None:
    made = page(hub)
    told(hub, document("DONE", seat(), STAYS), tmp_path)
    told(hub, document("DONE", seat(decision="already there"), STAYS), tmp_path)
    told(hub, document("DONE", seat(bundle=OTHER), STAYS), tmp_path)
    digests = [described.partition(" ")[0] for _, described in on_page(hub, made)]
    assert digests[0] == digests[1] != digests[2]


def test_an_outage_in_the_middle_tells_everything_once(hub: GitHubDouble, tmp_path: Path) -> None:
    made = page(hub)
    hub.faults += [faults.outage("POST .*/statuses", acted=True), faults.cut("POST .*/issues", acted=True)]
    hub.faults += [faults.outage("POST .*/releases$", acted=True), faults.outage("PATCH"), faults.cut("GET")]
    assert told(hub, undone(), tmp_path, deploy(Ended.FAILURE)).failed == ()
    assert (len(under_commit(hub)), len(on_page(hub, made)), len(repository(hub).releases)) == (1, 1, 1)
    assert len(issues(hub)) == 1


def test_a_rate_limit_is_waited_for(hub: GitHubDouble, tmp_path: Path) -> None:
    hub.faults += [faults.secondary_limit("POST", retry_after=40), faults.secondary_limit("PATCH", retry_after=40)]
    assert told(hub, document(), tmp_path).failed == ()


def test_what_cannot_be_told_in_one_place_is_told_in_the_others(hub: GitHubDouble, tmp_path: Path) -> None:
    made = page(hub)
    hub.faults.append(faults.outage("releases", times=1000))
    said = told(hub, undone(), tmp_path, deploy(Ended.FAILURE))
    assert [type(error) for error in said.failed] == [ToolFailed]
    assert (len(under_commit(hub)), len(on_page(hub, made)), len(issues(hub))) == (1, 1, 1)


@pytest.mark.parametrize("missing", sorted(TOKEN.keys() - {"actions"}))
def test_a_missing_permission_is_named_and_keeps_nothing_else_from_being_told(
    hub: GitHubDouble, tmp_path: Path, missing: str
) -> None:
    made = page(hub)
    weak = {name: may for name, may in TOKEN.items() if name != missing}
    said = told(hub, undone(), tmp_path, deploy(Ended.FAILURE), weak)
    assert [isinstance(error, Refused) for error in said.failed] == [True]
    assert said.failed[0].hint == f"the token needs the permission {missing}=write"
    places = {
        "statuses": len(under_commit(hub)),
        "deployments": len(on_page(hub, made)),
        "contents": len(repository(hub).releases),
        "issues": len(issues(hub)),
    }
    assert places == {**dict.fromkeys(places, 1), missing: 0}


def test_somebody_elses_issue_with_our_mark_keeps_ours_from_nothing(hub: GitHubDouble, tmp_path: Path) -> None:
    text = f"<!-- freqtrain undone/sandbox/dip/{'a' * 16} -->\nnothing to see"
    open_issue(hub.world, repository(hub), "x", text, "stranger", ("freqtrain",))
    told(hub, undone(), tmp_path, deploy(Ended.FAILURE))
    assert len(issues(hub)) == 2


def by_hand(**more: Json) -> Any:
    """A job for prod that somebody started on main, whose head is another commit than the tag's."""
    return deploy(**{"environment": "prod", "typed": True, **more})


@pytest.mark.parametrize("how", [{"tag": "v1.4"}, {"tag": "", "chosen": True}], ids=["typed", "chosen by the device"])
def test_a_tag_that_goes_to_prod_is_told_under_the_commit_that_was_promoted(
    hub: GitHubDouble, tmp_path: Path, how: Json
) -> None:
    annotated(hub.world, repository(hub), "v1.4", OTHER_SHA, own="e" * 40)
    made = page(hub, environment="prod")  # GitHub made it for main's head
    said = told(hub, document(environment="prod"), tmp_path, by_hand(**how))
    assert said.failed == ()
    assert under_commit(hub, OTHER_SHA) == [("success", "2 board, 1 stays")]
    assert under_commit(hub) == []
    assert on_page(hub, made)[0][0] == "success"


def test_a_device_that_names_another_commit_moves_no_line(hub: GitHubDouble, tmp_path: Path) -> None:
    tag(hub.world, repository(hub), "v1.4", OTHER_SHA)
    told(hub, document(environment="prod", commit="f" * 40), tmp_path, by_hand())
    assert set(repository(hub).statuses) == {OTHER_SHA}


def test_a_device_that_names_a_tag_for_a_merge_takes_its_line_to_no_other_commit(
    hub: GitHubDouble, tmp_path: Path
) -> None:
    tag(hub.world, repository(hub), "v1.4", OTHER_SHA)
    told(hub, document(environment="test"), tmp_path, deploy(environment="test", tag="", typed=True))
    assert set(repository(hub).statuses) == {SHA}


def test_a_tag_that_is_not_there_is_told_where_the_job_ran(hub: GitHubDouble, tmp_path: Path) -> None:
    told(hub, document("USAGE", strategies=[], attempts=[], told="no such tag"), tmp_path, by_hand(ended=Ended.FAILURE))
    assert under_commit(hub) != []


def test_where_github_does_not_say_where_the_tag_is_the_rest_is_told_and_that_is_an_error(
    hub: GitHubDouble, tmp_path: Path
) -> None:
    tag(hub.world, repository(hub), "v1.4", OTHER_SHA)
    hub.faults.append(faults.outage("GET .*/git/ref/.*", times=1000))
    said = told(hub, document(environment="prod"), tmp_path, by_hand())
    assert [type(one) for one in said.failed] == [ToolFailed]
    assert under_commit(hub) == [("success", "2 board, 1 stays")]


def jobs(hub: GitHubDouble, **of: Json) -> None:
    """The run, with the job that deploys and how that ended."""
    made = run(hub.world, repository(hub), SHA, id=700)
    labels = ["self-hosted", "freqtrain-sandbox"]
    job(hub.world, repository(hub), made, "wait")
    job(hub.world, repository(hub), made, "deploy", **{"labels": labels, "conclusion": "failure", **of})


UNTAKEN = "no device took the job: the one with the labels self-hosted, freqtrain-sandbox lacks tag v1.4"


@pytest.mark.parametrize(("ended", "head"), [(Ended.FAILURE, "it failed"), (Ended.CANCELLED, "cancelled")])
def test_what_a_device_that_was_off_lacks_is_said_in_all_places_though_an_earlier_attempt_left_a_word(
    hub: GitHubDouble, tmp_path: Path, ended: Ended, head: str
) -> None:
    jobs(hub, runner_name="", runner_id=None)
    made = page(hub)
    said = told(hub, document(), tmp_path, deploy(ended, job="deploy", run=(700, 2)))
    assert said.failed == ()
    assert [sentence for _, sentence in under_commit(hub)] == [f"{head}; {UNTAKEN}"]
    ((state, described),) = on_page(hub, made)
    assert (state, described) == ("failure" if ended is Ended.FAILURE else "error", f"{head}; {UNTAKEN}")
    assert "lacks tag v1.4" in notes(hub)
    assert "| `dip` |" not in notes(hub)


def test_a_job_that_nobody_let_in_is_told_as_that_and_not_as_a_device_that_is_off(
    hub: GitHubDouble, tmp_path: Path
) -> None:
    jobs(hub, runner_name=None, runner_id=None)
    review(hub.world, repository(hub), 700, "ada", ["sandbox"], "rejected", "not on a Friday")
    review(hub.world, repository(hub), 700, "eve", ["prod"], "rejected")
    told(hub, None, tmp_path, deploy(Ended.FAILURE, job="deploy"))
    ((_, sentence),) = under_commit(hub)
    assert sentence == "it failed; no device was asked: ada did not let it into 'sandbox', which lacks tag v1.4"


def test_a_device_that_took_it_and_left_no_word_is_named(hub: GitHubDouble, tmp_path: Path) -> None:
    jobs(hub, runner_name="pi-2")
    told(hub, None, tmp_path, deploy(Ended.FAILURE, job="deploy", tag=""))
    assert under_commit(hub) == [("error", "it failed; on the device pi-2: the device left no word")]


def test_what_a_device_left_counts_where_it_took_the_job(hub: GitHubDouble, tmp_path: Path) -> None:
    jobs(hub, runner_name="pi-2", conclusion="success")
    told(hub, document(), tmp_path, deploy(job="deploy"))
    assert under_commit(hub) == [("success", "2 board, 1 stays")]


def test_jobs_that_github_does_not_tell_of_keep_nothing_else_from_being_told(hub: GitHubDouble, tmp_path: Path) -> None:
    repository(hub).private = True
    jobs(hub)
    may = {"metadata": "read", **{what: how for what, how in TOKEN.items() if what != "actions"}}
    said = told(hub, document(), tmp_path, deploy(job="deploy"), may)
    assert [error.hint for error in said.failed] == ["the token needs the permission actions=read"]
    assert under_commit(hub) == [("success", "2 board, 1 stays")]
