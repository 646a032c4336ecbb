"""Deployments and what is said of them."""

from typing import Any

from tests.github_double.routing import NOT_FOUND, Call, Reply, Routes, invalid, paged
from tests.github_double.shapes import stamped, user
from tests.github_double.world import ACTIONS, Repository, World

Json = Any
ROUTES = Routes()
MOST_CHARACTERS = 140


def deploy(world: World, repository: Repository, environment: str, sha: str, login: str, **wish: Json) -> Json:
    """Somebody makes a deployment."""
    made = stamped(world)
    here = f"{world.url}/repos/{repository.full_name}"
    made |= {
        "url": f"{here}/deployments/{made['id']}",
        "sha": sha,
        "ref": sha,
        "task": wish.get("task", "deploy"),
        "payload": wish.get("payload", {}),
        "environment": environment,
        "original_environment": environment,
        "description": wish.get("description"),
        "creator": user(world, login),
        "statuses_url": f"{here}/deployments/{made['id']}/statuses",
        "repository_url": here,
    }
    repository.deployments.append(made)
    return made


def say(world: World, repository: Repository, deployment: int, login: str, **said: Json) -> Json:
    """Somebody says what became of it."""
    here = f"{world.url}/repos/{repository.full_name}"
    made = stamped(world) | {
        "url": f"{here}/deployments/{deployment}/statuses/1",
        "state": said["state"],
        "description": said.get("description", ""),
        "target_url": said.get("target_url", ""),
        "log_url": said.get("log_url", ""),
        "environment_url": said.get("environment_url", ""),
        "creator": user(world, login),
        "deployment_url": f"{here}/deployments/{deployment}",
        "repository_url": here,
    }
    repository.deployment_statuses.setdefault(deployment, []).append(made)
    return made


def deploy_by_job(
    world: World, repository: Repository, environment: str, sha: str, run_id: int, job_id: int = 1
) -> Json:
    """What GitHub does by itself for a job that names an environment."""
    made = deploy(world, repository, environment, sha, ACTIONS)
    link = f"{world.url}/{repository.full_name}/actions/runs/{run_id}/job/{job_id}"
    say(world, repository, made["id"], ACTIONS, state="in_progress", log_url=link, target_url=link)
    return made


@ROUTES.on("GET", "/repos/{owner}/{repo}/deployments", needs="deployments=read")
def deployments(call: Call) -> Reply:
    filters = {name: call.query[name] for name in ("sha", "ref", "task", "environment") if name in call.query}
    found = [one for one in call.repository.deployments if all(one[name] == value for name, value in filters.items())]
    return paged(call, found[::-1])


@ROUTES.on("POST", "/repos/{owner}/{repo}/deployments", needs="deployments=write")
def create_deployment(call: Call) -> Reply:
    wish = dict(call.body)
    sha, environment = wish.pop("ref"), wish.pop("environment", "production")
    return Reply(201, deploy(call.world, call.repository, environment, sha, call.login, **wish))


@ROUTES.on("GET", "/repos/{owner}/{repo}/deployments/{deployment_id}/statuses", needs="deployments=read")
def deployment_statuses(call: Call) -> Reply:
    if not _is_there(call):
        return NOT_FOUND
    return paged(call, call.repository.deployment_statuses.get(int(call.values["deployment_id"]), [])[::-1])


@ROUTES.on("POST", "/repos/{owner}/{repo}/deployments/{deployment_id}/statuses", needs="deployments=write")
def create_deployment_status(call: Call) -> Reply:
    if not _is_there(call):
        return NOT_FOUND
    if len(call.body.get("description", "")) > MOST_CHARACTERS:
        return invalid("Validation Failed", resource="DeploymentStatus", code="too_long", field="description")
    made = say(call.world, call.repository, int(call.values["deployment_id"]), call.login, **call.body)
    return Reply(201, made)


def _is_there(call: Call) -> bool:
    return any(str(one["id"]) == call.values["deployment_id"] for one in call.repository.deployments)
