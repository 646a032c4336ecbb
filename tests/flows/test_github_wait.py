"""A commit is told what its deployment waits for, over a GitHub on the loopback."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from pipeline.adapters.github.commit_statuses import GitHubCommitStatuses
from pipeline.adapters.github.deployments import GitHubDeployments
from pipeline.adapters.github.session import GitHubSession
from pipeline.adapters.github.tags import GitHubTags
from pipeline.adapters.github.workflow_runs import GitHubWorkflowRuns
from pipeline.domain.github import StatusState
from pipeline.domain.waiting_job import Stand, Waited
from pipeline.errors import Refused, ToolFailed
from pipeline.flows.github_wait import ENDED, SAID_SINCE, Awaited, Ground, wait
from tests.adapters.github.ground import OTHER_SHA, SHA, repository, session
from tests.fakes import FakeClock, FakeNarrator
from tests.github_double import GitHubDouble, Token, faults
from tests.github_double.fixtures import github_description, hub
from tests.github_double.routes_deployments import deploy_by_job
from tests.github_double.routes_runs import job, run
from tests.github_double.routes_runs import wait as waits_before
from tests.github_double.routes_statuses import say
from tests.github_double.routes_tags import annotated
from tests.github_double.world import ACTIONS

__all__ = ["github_description", "hub"]
pytestmark = pytest.mark.sockets
Json = Any
DEVICE = {"labels": ["self-hosted"], "runner_name": "", "runner_id": None, "conclusion": None, "completed_at": None}
MAY = {"actions": "read", "contents": "read", "deployments": "write", "statuses": "write"}
"""What the job `wait` asks for."""

UNHEARD = "no device with the labels self-hosted took it for 15 minutes: it is offline or busy; it begins when the device is back"


class Acts:
    """A clock; something happens after so many sleeps."""

    def __init__(self, acts: dict[int, Callable[[], object]]) -> None:
        self.inner, self.acts, self.slept = FakeClock(), acts, 0

    def now(self) -> Any:
        return self.inner.now()

    def sleep(self, seconds: float) -> None:
        self.inner.sleep(seconds)
        self.slept += 1
        self.acts.get(self.slept, int)()


def begun(hub: GitHubDouble, status: str = "queued", **more: Json) -> Json:
    """A run whose job `deploy` is there."""
    made = run(hub.world, repository(hub), SHA, status="in_progress", conclusion=None)
    job(hub.world, repository(hub), made, "cut")
    return job(hub.world, repository(hub), made, "deploy", status=status, **DEVICE | more)


def ground_of(github: GitHubSession, clock: Acts) -> Ground:
    return Ground(
        GitHubCommitStatuses(github),
        GitHubWorkflowRuns(github),
        GitHubTags(github),
        GitHubDeployments(github),
        clock,
        FakeNarrator(),
    )


def waited(
    hub: GitHubDouble,
    of: Json,
    acts: dict[int, Callable[[], object]] | None = None,
    tag: str = "",
    also: dict[str, str] | None = None,
) -> tuple[Waited, Acts]:
    hub.world.tokens["job"] = Token(ACTIONS, {**MAY, **(also or {})})
    clock = Acts(acts or {})
    ground = ground_of(session(hub, "job"), clock)
    link = f"https://github.com/o/r/actions/runs/{of['run_id']}"
    return wait(Awaited("test", SHA, "deploy", of["run_id"], 15, link, tag), ground), clock


def said(hub: GitHubDouble) -> list[tuple[str, str]]:
    return [(one["state"], one["description"]) for one in repository(hub).statuses.get(SHA, [])]


def tell(hub: GitHubDouble, sentence: str = "2 board") -> None:
    """What the job after the deployment says."""
    say(hub.world, repository(hub), SHA, ACTIONS, state="success", description=sentence, context="freqtrain/test")


def test_a_device_that_takes_it_after_a_while_is_told(hub: GitHubDouble) -> None:
    made = begun(hub)
    taken = {"status": "in_progress", "runner_name": "pi"}
    told, clock = waited(hub, made, {3: lambda: made.update(taken)})
    assert told == Waited(Stand.TAKEN, StatusState.PENDING, "the device pi is at work")
    assert said(hub) == [("pending", "waits for the device"), ("pending", "the device pi is at work")]
    assert clock.slept == 3
    (first, _) = repository(hub).statuses[SHA]
    assert (first["context"], first["target_url"]) == (
        "freqtrain/test",
        f"https://github.com/o/r/actions/runs/{made['run_id']}",
    )


def test_a_device_that_takes_it_never_is_told_as_offline_or_busy_after_the_minutes(hub: GitHubDouble) -> None:
    told, clock = waited(hub, begun(hub))
    assert told == Waited(Stand.DEVICE, StatusState.ERROR, UNHEARD)
    assert said(hub) == [("pending", "waits for the device"), ("error", UNHEARD)]
    assert clock.now() - FakeClock().at == timedelta(minutes=15)
    assert hub.world.count("GET", "/jobs") <= 50


def test_one_that_waits_for_an_approval_is_told_as_that_and_never_as_an_offline_device(hub: GitHubDouble) -> None:
    made = begun(hub, "waiting")
    waits_before(hub.world, repository(hub), made["run_id"], "test", ["ada", "grace"])
    waits_before(hub.world, repository(hub), made["run_id"], "prod", ["nobody"])
    told, _ = waited(hub, made)
    assert (told.stand, told.state) == (Stand.APPROVAL, StatusState.PENDING)
    assert said(hub) == [("pending", "waits for an approval by ada, grace")]


def test_an_approval_that_came_a_moment_ago_raises_no_alarm_about_the_device(hub: GitHubDouble) -> None:
    made = begun(hub, "waiting")
    told, _ = waited(hub, made, {30: lambda: made.update(status="queued")})
    assert said(hub)[-1] == ("pending", "waits for the device")
    assert told.stand is Stand.DEVICE


def test_jobs_before_it_and_other_runs_are_told_as_what_they_are(hub: GitHubDouble) -> None:
    made = run(hub.world, repository(hub), SHA, status="in_progress", conclusion=None)
    listed: list[Json] = []

    def follow() -> None:
        listed.append(job(hub.world, repository(hub), made, "deploy", status="pending", **DEVICE))

    told, _ = waited(hub, {"run_id": made["id"]}, {2: follow, 4: lambda: listed[0].update(status="in_progress")})
    assert [sentence for _, sentence in said(hub)] == [
        "waits for the jobs before it",
        "waits for its turn: another run is at work",
        "the device is at work",
    ]
    assert told.stand is Stand.TAKEN


@pytest.mark.parametrize("conclusion", ["skipped", "cancelled", "success", "failure"])
def test_a_job_that_ended_ends_it_and_its_word_is_somebody_elses(hub: GitHubDouble, conclusion: str) -> None:
    made = begun(hub)
    told, clock = waited(hub, made, {2: lambda: made.update(status="completed", conclusion=conclusion)})
    assert (told.stand, told.left_alone, clock.slept) == (Stand.ENDED, ENDED, 2)
    assert said(hub) == [("pending", "waits for the device")]


def test_a_wait_that_begins_when_all_is_over_says_nothing(hub: GitHubDouble) -> None:
    made = begun(hub, "completed", conclusion="success")
    tell(hub)
    told, _ = waited(hub, made)
    assert told.left_alone == ENDED
    assert said(hub) == [("success", "2 board")]


def test_what_was_said_since_the_wait_began_is_not_overwritten(hub: GitHubDouble) -> None:
    told, _ = waited(hub, begun(hub), {44: lambda: tell(hub)})
    assert told.left_alone == SAID_SINCE
    assert said(hub) == [("pending", "waits for the device"), ("success", "2 board")]


def test_what_was_said_at_the_very_moment_of_our_word_is_the_latest_again(hub: GitHubDouble) -> None:
    hub.faults.append(faults.meanwhile("POST .*/statuses/", lambda: tell(hub)))
    told, _ = waited(hub, begun(hub))
    assert told.left_alone == SAID_SINCE
    assert said(hub) == [("success", "2 board"), ("pending", "waits for the device"), ("success", "2 board")]


def test_what_an_earlier_attempt_said_is_overwritten(hub: GitHubDouble) -> None:
    tell(hub, "an earlier attempt")
    made = begun(hub)
    waited(hub, made, {1: lambda: made.update(status="in_progress", runner_name="pi")})
    assert [sentence for _, sentence in said(hub)] == [
        "an earlier attempt",
        "waits for the device",
        "the device pi is at work",
    ]


def test_an_outage_in_the_middle_ends_nothing(hub: GitHubDouble) -> None:
    made = begun(hub)
    hub.faults += [faults.outage("GET .*/jobs", times=7), faults.outage("POST", acted=True)]
    told, _ = waited(hub, made, {20: lambda: made.update(status="in_progress", runner_name="pi")})
    assert told.stand is Stand.TAKEN
    assert said(hub) == [("pending", "waits for the device"), ("pending", "the device pi is at work")]


def test_a_rate_limit_is_waited_for(hub: GitHubDouble) -> None:
    hub.faults.append(faults.secondary_limit("GET .*/jobs", retry_after=30))
    assert waited(hub, begun(hub))[0].sentence == UNHEARD


def test_a_github_that_never_answers_is_told_as_that(hub: GitHubDouble) -> None:
    made = begun(hub)
    hub.faults.append(faults.outage("GET .*/jobs", times=1000))
    with pytest.raises(ToolFailed, match="502"):
        waited(hub, made)
    assert said(hub) == []


def test_a_missing_permission_is_told_at_once(hub: GitHubDouble) -> None:
    made = begun(hub)
    hub.world.tokens["weak"] = Token(ACTIONS, {"actions": "read"})
    github = session(hub, "weak")
    ground = ground_of(github, Acts({}))
    with pytest.raises(Refused) as caught:
        wait(Awaited("test", SHA, "deploy", made["run_id"], 15, "https://x.example"), ground)
    assert caught.value.hint == "the token needs the permission statuses=write"


def test_a_runner_with_a_name_full_of_commands_is_one_line_of_plain_text(hub: GitHubDouble) -> None:
    name = "pi\n::error::x \x1b[2J" + "x" * 300
    told, _ = waited(hub, begun(hub, "in_progress", runner_name=name))
    ((_, sentence),) = said(hub)
    assert told.stand is Stand.TAKEN
    assert sentence.isprintable()
    assert len(sentence) <= 140


def test_the_commit_that_a_tag_names_is_told_and_not_the_one_that_the_job_runs_for(hub: GitHubDouble) -> None:
    annotated(hub.world, repository(hub), "v1.4", OTHER_SHA, own="e" * 40)
    waited(hub, begun(hub, "in_progress", runner_name="pi"), tag="v1.4")
    assert said(hub) == []
    assert [one["state"] for one in repository(hub).statuses[OTHER_SHA]] == ["pending"]


def test_a_tag_that_somebody_mistyped_leaves_the_line_under_the_commit_that_the_job_runs_for(hub: GitHubDouble) -> None:
    waited(hub, begun(hub, "in_progress", runner_name="pi"), tag="v1.5")
    assert [state for state, _ in said(hub)] == ["pending"]


def on_page(hub: GitHubDouble, page: Json) -> list[tuple[str, str]]:
    """What was said of a deployment, without what GitHub said itself."""
    return [(one["state"], one["description"]) for one in repository(hub).deployment_statuses[page["id"]][1:]]


def test_the_page_of_a_deployment_that_no_device_takes_says_that_it_is_in_the_queue_and_for_whom(
    hub: GitHubDouble,
) -> None:
    made = begun(hub)
    annotated(hub.world, repository(hub), "v1.4", OTHER_SHA, own="e" * 40)
    page = deploy_by_job(hub.world, repository(hub), "test", SHA, made["run_id"])
    other = deploy_by_job(hub.world, repository(hub), "test", SHA, 9)
    waited(hub, made, tag="v1.4")
    assert on_page(hub, page) == [("queued", UNHEARD)]
    assert on_page(hub, other) == []
    assert [one["state"] for one in repository(hub).statuses[OTHER_SHA]] == ["pending", "error"]


def test_a_page_is_left_to_github_while_a_device_is_waited_for_or_when_one_took_it(hub: GitHubDouble) -> None:
    made = begun(hub)
    page = deploy_by_job(hub.world, repository(hub), "test", SHA, made["run_id"])
    waited(hub, made, {3: lambda: made.update(status="in_progress", runner_name="pi")})
    assert on_page(hub, page) == []


def test_a_device_that_takes_it_while_the_page_is_told_has_the_last_word(hub: GitHubDouble) -> None:
    made = begun(hub)
    page = deploy_by_job(hub.world, repository(hub), "test", SHA, made["run_id"])
    taken = {"status": "in_progress", "runner_name": "pi"}
    hub.faults.append(faults.meanwhile("POST .*/deployments/", lambda: made.update(taken)))
    waited(hub, made)
    assert on_page(hub, page) == [("queued", UNHEARD), ("in_progress", "the device pi is at work")]


@pytest.mark.parametrize("missing", ["deployments=read", "an outage"])
def test_a_page_that_cannot_be_told_spoils_no_line(hub: GitHubDouble, missing: str) -> None:
    made = begun(hub)
    page = deploy_by_job(hub.world, repository(hub), "test", SHA, made["run_id"])
    if missing == "an outage":
        hub.faults.append(faults.outage("POST .*/deployments/", times=1000))
    told, _ = waited(hub, made, also={"deployments": "read"} if missing != "an outage" else None)
    assert (told.state, said(hub)[-1]) == (StatusState.ERROR, ("error", UNHEARD))
    assert on_page(hub, page) == []
