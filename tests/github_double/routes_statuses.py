"""Commit statuses."""

from typing import Any

from tests.github_double.routing import Call, Reply, Routes, invalid, paged
from tests.github_double.shapes import stamped, user
from tests.github_double.world import Repository, World

Json = Any
ROUTES = Routes()
MOST_CHARACTERS = 140


def say(world: World, repository: Repository, sha: str, login: str, **said: Json) -> Json:
    """Somebody says something under a commit."""
    made = stamped(world) | {
        "url": f"{world.url}/repos/{repository.full_name}/statuses/{sha}",
        "avatar_url": None,
        "state": said["state"],
        "description": said.get("description"),
        "target_url": said.get("target_url"),
        "context": said.get("context", "default"),
        "creator": user(world, login),
    }
    repository.statuses.setdefault(sha, []).append(made)
    return made


@ROUTES.on("GET", "/repos/{owner}/{repo}/commits/{ref}/statuses", needs="statuses=read")
def statuses(call: Call) -> Reply:
    return paged(call, call.repository.statuses.get(call.values["ref"], [])[::-1])


@ROUTES.on("POST", "/repos/{owner}/{repo}/statuses/{sha}", needs="statuses=write")
def create_status(call: Call) -> Reply:
    wish, sha = call.body, call.values["sha"]
    if len(wish.get("description") or "") > MOST_CHARACTERS:
        return invalid("Validation Failed", resource="Status", code="too_long", field="description")
    return Reply(201, say(call.world, call.repository, sha, call.login, **wish))
