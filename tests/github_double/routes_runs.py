"""Runs of workflows: their jobs, what they left, and who let them into environments."""

from collections.abc import Sequence
from typing import Any

from tests.github_double.routing import NOT_FOUND, Call, Reply, Routes, paged
from tests.github_double.shapes import minimal_repository, stamped, user
from tests.github_double.world import Repository, World, digest

Json = Any
ROUTES = Routes()
_LINKS = ("jobs", "logs", "check_suite", "artifacts", "cancel", "rerun", "workflow")


def run(
    world: World,
    repository: Repository,
    sha: str,
    *,
    workflow: str = "test.yml",
    event: str = "push",
    branch: str = "main",
    **more: Json,
) -> Json:
    """A run that ended well, unless `more` says otherwise."""
    made = stamped(world, more.pop("id", None))
    here = f"{world.url}/repos/{repository.full_name}/actions/runs/{made['id']}"
    head = more.pop("head", repository.full_name)
    made |= {
        **{f"{name}_url": f"{here}/{name}" for name in _LINKS},
        "url": here,
        "html_url": f"{world.url}/{repository.full_name}/actions/runs/{made['id']}",
        "name": workflow,
        "path": f".github/workflows/{workflow}",
        "workflow_id": 1 + sum(workflow.encode()),
        "run_number": len(repository.runs) + 1,
        "run_attempt": 1,
        "run_started_at": made["created_at"],
        "display_title": "a title",
        "event": event,
        "status": "completed",
        "conclusion": "success",
        "head_sha": sha,
        "head_branch": branch,
        "head_commit": None,
        "pull_requests": [],
        "actor": user(world, "octocat"),
        "repository": minimal_repository(world, repository.full_name, repository.id),
        "head_repository": minimal_repository(world, head, repository.id, fork=head != repository.full_name),
    } | more
    repository.runs.append(made)
    return made


def job(world: World, repository: Repository, of: Json, name: str, **more: Json) -> Json:
    """A job of a run that ended well, unless `more` says otherwise."""
    made = stamped(world)
    made.pop("updated_at")
    made |= {
        "run_id": of["id"],
        "run_url": of["url"],
        "run_attempt": of["run_attempt"],
        "head_sha": of["head_sha"],
        "head_branch": of["head_branch"],
        "workflow_name": of["name"],
        "name": name,
        "url": f"{of['url']}/jobs/{made['id']}",
        "html_url": f"{of['html_url']}/job/{made['id']}",
        "check_run_url": f"{of['url']}/check/{made['id']}",
        "status": "completed",
        "conclusion": "success",
        "started_at": made["created_at"],
        "completed_at": made["created_at"],
        "labels": ["ubuntu-latest"],
        "runner_id": 1,
        "runner_name": "GitHub Actions 1",
        "runner_group_id": 0,
        "runner_group_name": "GitHub Actions",
        "steps": [],
    } | more
    repository.jobs.setdefault(of["id"], []).append(made)
    return made


def artifact(world: World, repository: Repository, of: Json, name: str, content: bytes, **more: Json) -> Json:
    """What a run left: a zip file."""
    made = stamped(world)
    here = f"{world.url}/repos/{repository.full_name}/actions/artifacts/{made['id']}"
    made |= {
        "name": name,
        "size_in_bytes": len(content),
        "digest": digest(content),
        "url": here,
        "archive_download_url": f"{here}/zip",
        "expired": False,
        "expires_at": "2026-04-01T00:00:00Z",
        "workflow_run": {
            "id": of["id"],
            "head_sha": of["head_sha"],
            "head_branch": of["head_branch"],
            "repository_id": 1,
            "head_repository_id": 1,
        },
    } | more
    repository.artifacts.append(made)
    repository.contents[f"artifact-{made['id']}"] = content
    return made


def review(
    world: World,
    repository: Repository,
    run_id: int,
    login: str,
    environments: Sequence[str],
    state: str = "approved",
    comment: str = "",
) -> Json:
    """Somebody lets a run into environments, or does not."""
    made = {
        "state": state,
        "comment": comment,
        "user": user(world, login),
        "environments": [_environment(world, repository, name) | _times(world) for name in environments],
    }
    repository.approvals.setdefault(run_id, []).append(made)
    return made


def wait(world: World, repository: Repository, run_id: int, environment: str, reviewers: Sequence[str]) -> Json:
    """A run waits before an environment."""
    made = {
        "environment": _environment(world, repository, environment),
        "wait_timer": 0,
        "wait_timer_started_at": None,
        "current_user_can_approve": False,
        "reviewers": [{"type": "User", "reviewer": user(world, login)} for login in reviewers],
    }
    repository.pending.setdefault(run_id, []).append(made)
    return made


@ROUTES.on("GET", "/repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs", needs="actions=read")
def runs_of_workflow(call: Call) -> Reply:
    wanted = {
        "head_sha": call.query.get("head_sha"),
        "event": call.query.get("event"),
        "head_branch": call.query.get("branch"),
    }
    named = [
        one
        for one in call.repository.runs
        if call.values["workflow_id"] in (str(one["workflow_id"]), one["path"].rsplit("/")[-1])
    ]
    if not named:
        return NOT_FOUND
    found = [one for one in named if all(value in (None, one[name]) for name, value in wanted.items())]
    return paged(call, found[::-1], "workflow_runs")


@ROUTES.on("GET", "/repos/{owner}/{repo}/actions/runs/{run_id}", needs="actions=read")
def one_run(call: Call) -> Reply:
    found = _run(call)
    return Reply(200, found) if found else NOT_FOUND


@ROUTES.on("GET", "/repos/{owner}/{repo}/actions/runs/{run_id}/jobs", needs="actions=read")
def jobs(call: Call) -> Reply:
    found = _run(call)
    kept = call.repository.jobs.get(int(call.values["run_id"]), [])
    everything = call.query.get("filter") == "all"
    return (
        paged(call, [one for one in kept if everything or one["run_attempt"] == found["run_attempt"]], "jobs")
        if found
        else NOT_FOUND
    )


@ROUTES.on("GET", "/repos/{owner}/{repo}/actions/runs/{run_id}/artifacts", needs="actions=read")
def artifacts(call: Call) -> Reply:
    kept = [one for one in call.repository.artifacts if str(one["workflow_run"]["id"]) == call.values["run_id"]]
    return (
        paged(call, [one for one in kept if call.query.get("name") in (None, one["name"])], "artifacts")
        if _run(call)
        else NOT_FOUND
    )


@ROUTES.on("GET", "/repos/{owner}/{repo}/actions/artifacts/{artifact_id}/{archive_format}", needs="actions=read")
def download(call: Call) -> Reply:
    """The file itself is kept elsewhere; strangers may not have it even where the repository is public."""
    key = f"artifact-{call.values['artifact_id']}"
    found = next((one for one in call.repository.artifacts if str(one["id"]) == call.values["artifact_id"]), None)
    if call.token is None:
        return Reply(401, {"message": "Requires authentication"})
    if found is None:
        return NOT_FOUND
    if found["expired"]:
        return Reply(410, {"message": "Artifact has expired"})
    return Reply(302, headers={"Location": f"{call.world.storage_url}/{call.repository.full_name}/{key}"})


@ROUTES.on("GET", "/repos/{owner}/{repo}/actions/runs/{run_id}/approvals", needs="actions=read")
def approvals(call: Call) -> Reply:
    return Reply(200, call.repository.approvals.get(int(call.values["run_id"]), [])) if _run(call) else NOT_FOUND


@ROUTES.on("GET", "/repos/{owner}/{repo}/actions/runs/{run_id}/pending_deployments", needs="actions=read")
def pending(call: Call) -> Reply:
    return Reply(200, call.repository.pending.get(int(call.values["run_id"]), [])) if _run(call) else NOT_FOUND


def _run(call: Call) -> Json:
    return next((one for one in call.repository.runs if str(one["id"]) == call.values["run_id"]), None)


def _environment(world: World, repository: Repository, name: str) -> Json:
    url = f"{world.url}/repos/{repository.full_name}/environments/{name}"
    return {"id": 1 + sum(name.encode()), "node_id": "E_1", "name": name, "url": url, "html_url": url}


def _times(world: World) -> Json:
    now = world.time()
    return {"created_at": now, "updated_at": now}
