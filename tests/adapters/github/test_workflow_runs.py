"""What ran on GitHub, what it left, and who let it in."""

import pytest

from pipeline.adapters.github.workflow_runs import GitHubWorkflowRuns
from pipeline.domain.github import WorkflowRun
from pipeline.errors import Refused, ToolFailed
from tests.adapters.github.ground import OTHER_SHA, SHA, repository, session
from tests.github_double import GitHubDouble, Token, faults
from tests.github_double.routes_runs import artifact, job, review, run, wait
from tests.github_double.shapes import user
from tests.github_double.world import digest

pytestmark = pytest.mark.sockets


def runs(hub: GitHubDouble) -> GitHubWorkflowRuns:
    return GitHubWorkflowRuns(session(hub))


def found(hub: GitHubDouble, sha: str = SHA) -> list[int]:
    return [one.id for one in runs(hub).of_commit("test.yml", "push", sha, "main")]


def test_the_runs_of_a_commit_are_those_of_the_workflow_the_event_and_the_branch(hub: GitHubDouble) -> None:
    world, here = hub.world, repository(hub)
    first = run(world, here, SHA)
    run(world, here, SHA, event="pull_request")
    run(world, here, SHA, workflow="gate.yml")
    run(world, here, OTHER_SHA)
    run(world, here, SHA, branch="idea")
    second = run(world, here, SHA, run_attempt=2, conclusion=None, status="queued")
    assert found(hub) == [second["id"], first["id"]]
    newest: WorkflowRun = runs(hub).of_commit("test.yml", "push", SHA, "main")[0]
    assert (newest.workflow, newest.attempt, newest.status, newest.conclusion) == (
        ".github/workflows/test.yml",
        2,
        "queued",
        "",
    )
    assert runs(hub).get(first["id"]).conclusion == "success"


def test_what_github_lists_is_compared_once_more(hub: GitHubDouble) -> None:
    """A filter that it passes over must not make a stranger's run ours: here every answer lists all runs."""
    world, here = hub.world, repository(hub)
    wrong = [
        {"event": "pull_request"},
        {"branch": "idea"},
        {"workflow": "gate.yml"},
        {"head": "fork/r"},
        {"path": ".github/workflows/sub/test.yml"},
        {"path": "dynamic/test.yml"},
    ]
    for one in wrong:
        run(world, here, SHA, **one)
    run(world, here, OTHER_SHA)
    mine = run(world, here, SHA, path=".github/workflows/test.yml@refs/heads/main")
    hub.faults.append(faults.Fault("runs", status=200, body={"total_count": 8, "workflow_runs": here.runs}))
    assert found(hub) == [mine["id"]]


def test_no_runs_are_none_and_a_workflow_that_is_not_there_is_refused(hub: GitHubDouble) -> None:
    run(hub.world, repository(hub), OTHER_SHA)
    assert found(hub) == []
    with pytest.raises(Refused, match="has nothing at"):
        runs(hub).of_commit("other.yml", "push", SHA, "main")


def test_a_jobs_conclusion_is_that_of_the_latest_attempt(hub: GitHubDouble) -> None:
    world, here = hub.world, repository(hub)
    of = run(world, here, SHA)
    job(world, here, of, "cut", conclusion="failure")
    of["run_attempt"] = 2
    job(world, here, of, "cut")
    job(
        world,
        here,
        of,
        "deploy",
        status="queued",
        conclusion=None,
        completed_at=None,
        runner_name=None,
        labels=["self-hosted", "pi"],
    )
    cut, deploy = runs(hub).jobs(of["id"])
    assert (cut.name, cut.conclusion, cut.runner) == ("cut", "success", "GitHub Actions 1")
    assert (deploy.status, deploy.conclusion, deploy.runner, deploy.labels) == ("queued", "", "", ("self-hosted", "pi"))


def test_an_artifact_is_fetched_with_the_digest_that_github_reports(hub: GitHubDouble) -> None:
    world, here = hub.world, repository(hub)
    of, other = run(world, here, SHA), run(world, here, OTHER_SHA)
    artifact(world, here, of, "evidence", b"old")
    artifact(world, here, of, "chart", b"chart")
    artifact(world, here, of, "evidence", b"new")
    artifact(world, here, other, "evidence", b"other")
    newest, oldest = runs(hub).artifacts(of["id"], "evidence")
    assert (newest.digest, oldest.digest, newest.size) == (digest(b"new"), digest(b"old"), 3)
    assert runs(hub).fetch(newest, 3) == b"new"
    assert hub.stored_for == [""]
    assert len(runs(hub).artifacts(of["id"])) == 3


def test_an_artifact_that_is_not_what_github_says_is_not_believed(hub: GitHubDouble) -> None:
    world, here = hub.world, repository(hub)
    of = run(world, here, SHA)
    made = artifact(world, here, of, "evidence", b"true")
    here.contents[f"artifact-{made['id']}"] = b"fake"
    (one,) = runs(hub).artifacts(of["id"])
    with pytest.raises(ToolFailed, match="is not what GitHub says it is"):
        runs(hub).fetch(one, 100)
    here.contents[f"artifact-{made['id']}"] = b"x" * 101
    with pytest.raises(ToolFailed, match="larger than 100 bytes"):
        runs(hub).fetch(one, 100)


@pytest.mark.parametrize(
    ("more", "said"), [({"expired": True}, "has expired"), ({"digest": None}, "reports no digest")]
)
def test_an_artifact_without_a_content_or_digest_is_refused(
    hub: GitHubDouble, more: dict[str, object], said: str
) -> None:
    of = run(hub.world, repository(hub), SHA)
    made = artifact(hub.world, repository(hub), of, "evidence", b"x")
    made.update(more)
    if made["digest"] is None:
        del made["digest"]
    (one,) = runs(hub).artifacts(of["id"])
    with pytest.raises(Refused, match=said):
        runs(hub).fetch(one, 100)


def test_an_artifact_that_goes_meanwhile_is_refused(hub: GitHubDouble) -> None:
    of = run(hub.world, repository(hub), SHA)
    made = artifact(hub.world, repository(hub), of, "evidence", b"x")
    (one,) = runs(hub).artifacts(of["id"])
    made["expired"] = True
    with pytest.raises(Refused, match="is gone"):
        runs(hub).fetch(one, 100)


def test_reviews_tell_who_let_it_into_which_environments(hub: GitHubDouble) -> None:
    of = run(hub.world, repository(hub), SHA, workflow="prod.yml", event="workflow_dispatch")
    review(hub.world, repository(hub), of["id"], "owner", ["prod"], comment="go\n::warning::x")
    review(hub.world, repository(hub), of["id"], "careful", ["prod", "sandbox"], "rejected")
    yes, no = runs(hub).reviews(of["id"])
    assert (yes.state, yes.by.login, yes.by.id, yes.environments) == (
        "approved",
        "owner",
        user(hub.world, "owner")["id"],
        ("prod",),
    )
    assert (no.state, no.environments) == ("rejected", ("prod", "sandbox"))
    assert runs(hub).reviews(run(hub.world, repository(hub), SHA)["id"]) == ()


def test_what_a_run_waits_for_names_the_reviewers(hub: GitHubDouble) -> None:
    of = run(hub.world, repository(hub), SHA)
    made = wait(hub.world, repository(hub), of["id"], "prod", ["owner"])
    (one,) = runs(hub).waiting(of["id"])
    assert (one.environment, one.reviewers, one.we_may_approve) == ("prod", ("owner",), False)
    team = {"slug": "release-managers"}
    hub.faults.append(faults.Fault(status=200, body=[{**made, "reviewers": [{"type": "Team", "reviewer": team}]}]))
    assert runs(hub).waiting(of["id"])[0].reviewers == ("@release-managers",)


@pytest.mark.parametrize(
    "content",
    [
        b"{}",
        b"null",
        b'[{"state": "approved"}]',
        b'[{"state": 1, "user": {"login": "a", "id": 1}, "environments": [], "comment": ""}]',
        b"",
    ],
)
def test_an_answer_that_is_no_list_of_reviews_approves_nothing(hub: GitHubDouble, content: bytes) -> None:
    hub.faults.append(faults.instead("approvals", content))
    with pytest.raises(ToolFailed, match="something else than a list of reviews"):
        runs(hub).reviews(1)


def test_reviews_need_the_permission_to_read_actions(hub: GitHubDouble) -> None:
    repository(hub).private = True
    hub.world.tokens["weak"] = Token("w", {"contents": "read"})
    with pytest.raises(Refused) as caught:
        GitHubWorkflowRuns(session(hub, "weak")).reviews(1)
    assert caught.value.hint == "the token needs the permission actions=read"


def test_the_content_of_an_artifact_takes_a_token_even_where_all_may_read(hub: GitHubDouble) -> None:
    of = run(hub.world, repository(hub), SHA)
    artifact(hub.world, repository(hub), of, "evidence", b"x")
    strangers = GitHubWorkflowRuns(session(hub, ""))
    (one,) = strangers.artifacts(of["id"])
    with pytest.raises(Refused) as caught:
        strangers.fetch(one, 100)
    assert caught.value.hint == "set GITHUB_TOKEN to a token that may"


def test_what_github_says_is_frozen_data_with_aware_times(hub: GitHubDouble) -> None:
    of = run(hub.world, repository(hub), SHA)
    one = runs(hub).get(of["id"])
    assert one.created_at.tzinfo is not None
    assert one == runs(hub).get(of["id"])
