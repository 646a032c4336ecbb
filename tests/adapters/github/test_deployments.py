"""GitHub's pages of deployments."""

import json

import pytest

from pipeline.adapters.github.deployments import GitHubDeployments
from pipeline.domain.github import DeploymentState
from pipeline.errors import Refused
from tests.adapters.github.ground import OTHER_SHA, SHA, repository, session
from tests.github_double import GitHubDouble, Token, faults
from tests.github_double.routes_deployments import deploy, deploy_by_job, say

pytestmark = pytest.mark.sockets
DIGEST = "sha256:" + "c" * 64


def said(hub: GitHubDouble, number: int) -> list[tuple[str, str, str]]:
    kept = repository(hub).deployment_statuses.get(number, [])
    return [(one["state"], one["description"], one["environment_url"]) for one in kept]


def test_the_one_that_a_job_made_by_itself_is_found_by_its_run(hub: GitHubDouble) -> None:
    world, here = hub.world, repository(hub)
    deploy(world, here, "test", SHA, "octocat")
    wanted = deploy_by_job(world, here, "test", SHA, 7)
    deploy_by_job(world, here, "test", SHA, 77)
    deploy_by_job(world, here, "test", OTHER_SHA, 8)
    deploy_by_job(world, here, "sandbox", SHA, 9)
    pages = GitHubDeployments(session(hub))
    found = pages.of_run("test", SHA, 7)
    assert found is not None
    assert (found.id, found.environment, found.sha) == (wanted["id"], "test", SHA)
    assert pages.of_run("test", SHA, 9) is None
    assert pages.of_run("test", SHA, 8) is None


def test_a_link_to_the_run_itself_names_it_too(hub: GitHubDouble) -> None:
    made = deploy(hub.world, repository(hub), "test", SHA, "octocat")
    say(hub.world, repository(hub), made["id"], "octocat", state="queued", target_url=f"{hub.url}/o/r/actions/runs/7")
    found = GitHubDeployments(session(hub)).of_run("test", SHA, 7)
    assert found is not None
    assert found.id == made["id"]


def test_it_is_told_the_digest_the_state_and_the_link_once(hub: GitHubDouble) -> None:
    made = deploy_by_job(hub.world, repository(hub), "test", SHA, 7)
    pages = GitHubDeployments(session(hub))
    page = pages.of_run("test", SHA, 7)
    assert page is not None
    for _ in range(2):
        pages.tell(page, DeploymentState.SUCCESS, DIGEST, sentence="deployed", link="https://x.example/report")
    assert said(hub, made["id"])[1:] == [("success", f"{DIGEST} deployed", "https://x.example/report")]
    pages.tell(page, DeploymentState.INACTIVE, DIGEST, sentence="taken back " + "x" * 200)
    assert len(said(hub, made["id"])) == 3
    assert len(said(hub, made["id"])[-1][1]) <= 140


@pytest.mark.parametrize("acted", [True, False])
def test_a_lost_answer_tells_it_once(hub: GitHubDouble, acted: bool) -> None:
    pages = GitHubDeployments(session(hub))
    hub.faults += [faults.cut("POST .*/deployments$", acted=acted), faults.outage("POST .*/statuses", acted=acted)]
    page = pages.of_digest("test", SHA, DIGEST)
    pages.tell(page, DeploymentState.IN_PROGRESS, DIGEST)
    assert len(repository(hub).deployments) == 1
    assert said(hub, page.id) == [("in_progress", DIGEST, "")]


def test_one_of_a_digest_is_made_once_whatever_jobs_made(hub: GitHubDouble) -> None:
    deploy_by_job(hub.world, repository(hub), "test", SHA, 7)
    pages = GitHubDeployments(session(hub))
    page = pages.of_digest("test", SHA, DIGEST)
    assert pages.of_digest("test", SHA, DIGEST) == page
    assert pages.of_digest("test", SHA, DIGEST[::-1]) != page
    assert pages.of_digest("sandbox", SHA, DIGEST) != page
    assert len(repository(hub).deployments) == 4


def test_two_that_make_it_at_once_agree_on_the_older_one(hub: GitHubDouble) -> None:
    def other() -> None:
        deploy(hub.world, repository(hub), "test", SHA, "octocat", task="freqtrain", description=DIGEST)

    hub.faults.append(faults.meanwhile("POST", other))
    assert GitHubDeployments(session(hub)).of_digest("test", SHA, DIGEST).id == repository(hub).deployments[0]["id"]


def test_a_missing_permission_is_named(hub: GitHubDouble) -> None:
    hub.world.tokens["weak"] = Token("w", {"deployments": "read"})
    with pytest.raises(Refused) as caught:
        GitHubDeployments(session(hub, "weak")).of_digest("test", SHA, DIGEST)
    assert caught.value.hint == "the token needs the permission deployments=write"


def test_a_job_that_waits_for_an_approval_is_found_though_nobody_else_may_say_that_it_waits(hub: GitHubDouble) -> None:
    """GitHub says `waiting`, which its description of itself does not know."""
    made = deploy_by_job(hub.world, repository(hub), "test", SHA, 7)
    said = [{**one, "state": "waiting"} for one in repository(hub).deployment_statuses[made["id"]]]
    hub.faults.append(faults.instead("GET .*/statuses", json.dumps(said).encode()))
    found = GitHubDeployments(session(hub)).of_run("test", SHA, 7)
    assert found is not None
    assert found.id == made["id"]
