"""A pull request is told how its gate ended, over a GitHub on the loopback."""

from typing import Any

import pytest

from pipeline.errors import Refused, ToolFailed
from pipeline.flows.github_comment import NO_PULL_REQUEST, comment
from tests.adapters.github.ground import OTHER_SHA, SHA, repository
from tests.flows.comment_ground import (
    FORK,
    TOKEN,
    document,
    gated,
    ground,
    left,
    packed,
    proposed,
    strategy,
    text,
    texts,
    told,
)
from tests.github_double import GitHubDouble, faults
from tests.github_double.fixtures import github_description, hub
from tests.github_double.routes_issues import write_comment
from tests.github_double.routes_runs import job
from tests.github_double.world import ACTIONS

__all__ = ["github_description", "hub"]
pytestmark = pytest.mark.sockets


def writes(hub: GitHubDouble) -> int:
    return sum(asked.method != "GET" for asked in hub.world.asked)


def test_a_gate_that_passed_is_told_with_candidate_incumbent_and_market(hub: GitHubDouble) -> None:
    proposed(hub)
    commented = told(hub, gated(hub, document()))
    assert commented.comments[1].url.endswith("/o/r/issues/1#issuecomment-" + str(commented.comments[1].id))
    said = text(hub)
    assert said.startswith("<!-- freqtrain gate -->\n<!-- run 1.1 -->\n## ✅ The gate passed: 1 of 1 strategy passed\n")
    assert "| `dip` | ✅ PASS | candidate | 143 | +72.00 % |" in said
    assert "|  |  | incumbent | 99 | +50.00 % |" in said
    assert "|  |  | market | – | +2.00 % |" in said
    assert "It took 3 attempts so far." in said
    assert "    bar [30.0, 32.0]\n    line [-10.0, 14.0]\n    line [20.0, 25.0]\n" in said
    assert "Windows: 1: early; 2: late." in said
    assert "actions/runs/" in said


def test_a_gate_that_did_not_pass_is_told_with_the_reasons_of_the_worst_first(hub: GitHubDouble) -> None:
    proposed(hub)
    reasons = [f"profit is {number}" for number in range(7)]
    told(hub, gated(hub, document("FAIL", strategy(), strategy("sink", "FAIL", *reasons)), "failure"))
    said = text(hub)
    assert "## ❌ The gate did not pass: 1 of 2 strategies passed\n" in said
    assert said.index("`sink` | ❌ FAIL") < said.index("`dip` | ✅ PASS")
    assert "- ❌ `sink` does not meet the policy." in said
    assert "  - ❌ profit is 4\n  - … and 2 more" in said


def test_a_forks_pull_request_is_found_and_another_repositorys_of_the_same_commit_is_not(hub: GitHubDouble) -> None:
    proposed(hub)
    theirs = proposed(hub, head=FORK)
    told(hub, gated(hub, document(), head=FORK))
    assert (texts(hub, 1), len(texts(hub, theirs))) == ([], 1)


def test_told_twice_is_told_once(hub: GitHubDouble) -> None:
    proposed(hub)
    made = gated(hub, document())
    assert told(hub, made).comments[1].id == told(hub, made).comments[1].id
    assert (len(texts(hub)), writes(hub)) == (1, 1)


def test_the_next_run_is_told_in_the_same_comment(hub: GitHubDouble) -> None:
    proposed(hub)
    told(hub, gated(hub, document("FAIL"), "failure"))
    told(hub, gated(hub, document()))
    assert "<!-- run 2.1 -->\n## ✅ The gate passed" in text(hub)


def test_an_older_run_that_ends_late_does_not_overwrite_a_newer_ones_comment(hub: GitHubDouble) -> None:
    proposed(hub)
    older = gated(hub, document("FAIL"), "failure")
    told(hub, gated(hub, document()))
    before = text(hub)
    commented = told(hub, older)
    assert (commented.comments, commented.left_alone) == ({}, ("#1 tells of a newer run already",))
    assert text(hub) == before


def test_a_newer_attempt_overwrites_and_an_older_one_does_not(hub: GitHubDouble) -> None:
    proposed(hub)
    made = gated(hub, document("FAIL"), "failure")
    told(hub, made)
    again = hub.world.time()
    repository(hub).jobs.clear()
    made |= {"run_attempt": 2, "conclusion": "success", "run_started_at": again}
    job(hub.world, repository(hub), made, "gate")
    left(hub, made, document())
    told(hub, made)
    assert "<!-- run 1.2 -->\n## ✅ The gate passed" in text(hub)
    made["run_attempt"] = 1
    assert told(hub, made).left_alone
    assert "<!-- run 1.2 -->" in text(hub)


def test_what_an_earlier_attempt_left_is_not_taken_for_this_ones(hub: GitHubDouble) -> None:
    proposed(hub)
    made = gated(hub, document())
    made["run_started_at"] = hub.world.time()
    told(hub, made)
    assert "The run left no summary." in text(hub)
    assert "`dip`" not in text(hub)


def test_a_run_of_a_commit_that_is_no_head_any_more_changes_nothing(hub: GitHubDouble) -> None:
    proposed(hub, OTHER_SHA)
    assert told(hub, gated(hub, document())).left_alone == (NO_PULL_REQUEST,)
    assert writes(hub) == 0


@pytest.mark.parametrize("change", [{"state": "closed"}, {"head": {"sha": OTHER_SHA}}], ids=["closed", "pushed"])
def test_a_pull_request_that_is_closed_or_pushed_to_meanwhile_is_left_alone(
    hub: GitHubDouble, change: dict[str, Any]
) -> None:
    proposed(hub)
    pull = repository(hub).pulls[0]

    def meanwhile() -> None:
        pull.update({**change, "head": {**pull["head"], **change.get("head", {})}})

    hub.faults.append(faults.meanwhile("/zip", meanwhile))
    assert told(hub, gated(hub, document())).left_alone == (NO_PULL_REQUEST,)
    assert writes(hub) == 0


def test_a_newer_run_that_is_told_meanwhile_is_not_overwritten(hub: GitHubDouble) -> None:
    proposed(hub)
    older = gated(hub, document("FAIL"), "failure")
    newer = "<!-- freqtrain gate -->\n<!-- run 2.1 -->\n## ✅ The gate passed"
    write = faults.meanwhile("/zip", lambda: write_comment(hub.world, repository(hub), 1, newer, ACTIONS) and None)
    hub.faults.append(write)
    assert told(hub, older).left_alone == ("#1 tells of a newer run already",)
    assert text(hub) == newer


def test_closed_pull_requests_and_gone_forks_are_left_alone(hub: GitHubDouble) -> None:
    proposed(hub, head=FORK)
    made = gated(hub, document(), head=FORK)
    repository(hub).pulls[0]["state"] = "closed"
    assert told(hub, made).left_alone == (NO_PULL_REQUEST,)
    assert writes(hub) == 0


def test_a_run_that_began_again_is_told_when_it_has_ended(hub: GitHubDouble) -> None:
    proposed(hub)
    made = gated(hub, document(), status="in_progress", run_attempt=2, conclusion=None)
    assert "perhaps again" in told(hub, made).left_alone[0]
    assert writes(hub) == 0


@pytest.mark.parametrize(
    ("ended", "head"),
    [
        ("cancelled", "⚠️ The gate was cancelled: there is no verdict"),
        ("timed_out", "⚠️ The gate ended without a verdict"),
        ("skipped", "⚠️ The gate ended without a verdict"),
        ("neutral", "⚠️ The gate ended without a verdict"),
        ("action_required", "⏳ The gate waits for a maintainer, who has to let it begin"),
    ],
)
def test_what_is_no_verdict_is_told_as_that_whatever_the_run_left(hub: GitHubDouble, ended: str, head: str) -> None:
    proposed(hub)
    told(hub, gated(hub, document(), ended))
    assert f"## {head}\n" in text(hub)
    assert "PASS" not in text(hub)


def test_a_run_that_was_cancelled_is_no_failure_though_the_check_is_red(hub: GitHubDouble) -> None:
    proposed(hub)
    made = gated(hub, document("ERROR"), "failure")
    made["conclusion"] = "cancelled"
    told(hub, made)
    assert "The gate was cancelled" in text(hub)


def test_a_run_that_delivered_nothing_says_so(hub: GitHubDouble) -> None:
    proposed(hub)
    told(hub, gated(hub, None, "failure"))
    assert "## ❌ The gate did not pass\n" in text(hub)
    assert "The run left no summary." in text(hub)


def test_a_run_without_the_job_gate_has_no_verdict(hub: GitHubDouble) -> None:
    proposed(hub)
    made = gated(hub, document())
    repository(hub).jobs[made["id"]] = []
    told(hub, made)
    assert "## ⚠️ The gate ended without a verdict\n" in text(hub)


def test_of_several_jobs_that_are_called_gate_one_green_is_not_enough(hub: GitHubDouble) -> None:
    proposed(hub)
    made = gated(hub, document())
    job(hub.world, repository(hub), made, "gate", conclusion="failure")
    told(hub, made)
    assert "## ❌ The gate did not pass\n" in text(hub)


@pytest.mark.parametrize(("said", "ended"), [("PASS", "failure"), ("FAIL", "success"), ("ERROR", "success")])
def test_a_summary_that_contradicts_the_check_is_not_shown(hub: GitHubDouble, said: str, ended: str) -> None:
    proposed(hub)
    told(hub, gated(hub, document(said), ended))
    assert "it says something else than the check" in text(hub)
    assert "`dip`" not in text(hub)
    assert ("The gate passed" in text(hub)) is (ended == "success")


def test_a_summary_of_nothing_and_a_simulated_market_say_so(hub: GitHubDouble) -> None:
    proposed(hub)
    told(hub, gated(hub, document(strategies=[], simulated=True)))
    assert "The gate passed: no strategy was to be judged" in text(hub)
    assert "The market is simulated: proves the train, not the strategy." in text(hub)


@pytest.mark.parametrize(
    "wrong", [{"workflow": "other.yml"}, {"event": "push"}, {"path": ".github/workflows/sub/gate.yml"}]
)
def test_only_runs_of_gate_yml_for_pull_requests_are_told(hub: GitHubDouble, wrong: dict[str, str]) -> None:
    proposed(hub)
    with pytest.raises(Refused, match=r"is no run of \.github/workflows/gate\.yml for a pull request"):
        told(hub, gated(hub, document(), **wrong))
    assert writes(hub) == 0


def test_where_a_commit_is_the_head_of_several_pull_requests_each_says_that_it_may_be_the_others(
    hub: GitHubDouble,
) -> None:
    proposed(hub), proposed(hub)
    told(hub, gated(hub, document()))
    assert all("the head of several pull requests" in text(hub, number) for number in (1, 2))


def test_a_comment_of_somebody_else_that_claims_a_newer_run_holds_nothing_up(hub: GitHubDouble) -> None:
    proposed(hub)
    theirs = "<!-- freqtrain gate -->\n<!-- run 99.1 -->\n## ✅ The gate passed"
    write_comment(hub.world, repository(hub), 1, theirs, "stranger")
    told(hub, gated(hub, document("FAIL"), "failure"))
    assert texts(hub)[0] == theirs
    assert "The gate did not pass" in texts(hub)[1]


@pytest.mark.parametrize("fits", ["actions/runs/[0-9]+$", "/pulls", "/jobs", "artifacts$", "/zip", "GET .*comments"])
def test_an_outage_in_the_middle_is_waited_for(hub: GitHubDouble, fits: str) -> None:
    proposed(hub)
    hub.faults.append(faults.outage(fits, times=2))
    told(hub, gated(hub, document()))
    assert "The gate passed: 1 of 1" in text(hub)


def test_an_answer_that_is_lost_after_writing_makes_no_second_comment(hub: GitHubDouble) -> None:
    proposed(hub)
    hub.faults.append(faults.outage("POST .*comments", acted=True))
    told(hub, gated(hub, document()))
    assert "The gate passed" in text(hub)


def test_an_outage_that_lasts_is_an_error_and_nothing_is_written(hub: GitHubDouble) -> None:
    proposed(hub)
    hub.faults.append(faults.outage("/zip", times=99))
    made = gated(hub, document())
    with pytest.raises(ToolFailed, match="502"):
        told(hub, made)
    assert writes(hub) == 0
    hub.faults.clear()
    told(hub, made)
    assert "The gate passed: 1 of 1" in text(hub)


def test_a_missing_scope_is_named(hub: GitHubDouble) -> None:
    proposed(hub)
    made = gated(hub, document())
    with pytest.raises(Refused) as caught:
        comment(made["id"], ground(hub, {**TOKEN, "pull_requests": "read"}))
    assert "pull_requests=write" in caught.value.hint
    repository(hub).private = True
    with pytest.raises(Refused) as caught:
        comment(made["id"], ground(hub, {**TOKEN, "actions": "none"}))
    assert "actions=read" in caught.value.hint
    assert texts(hub) == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"expired": True}, "The summary that the run left has expired."),
        ({"digest": None}, "GitHub reports no digest of it"),
        ({"size_in_bytes": 5 << 20}, "it is larger than 4 MiB"),
    ],
)
def test_what_cannot_be_fetched_is_not_and_the_comment_says_why(
    hub: GitHubDouble, more: dict[str, object], said: str
) -> None:
    proposed(hub)
    made = gated(hub)
    left(hub, made, packed(document()), **more)
    told(hub, made)
    assert said in text(hub)
    assert hub.world.count("GET", "/zip") == 0
    assert "## ✅ The gate passed\n" in text(hub)


def test_nothing_but_github_and_its_storage_is_asked_and_the_storage_is_shown_no_token(hub: GitHubDouble) -> None:
    proposed(hub)
    told(hub, gated(hub, document()))
    assert hub.stored_for == [""]
    assert {asked.method for asked in hub.world.asked} == {"GET", "POST"}
    assert SHA[:12] in text(hub)
