"""Commit statuses."""

from tests.github_double.routing import Call, Reply, Routes, invalid, paged
from tests.github_double.shapes import stamped, user

ROUTES = Routes()
MOST_CHARACTERS = 140


@ROUTES.on("GET", "/repos/{owner}/{repo}/commits/{ref}/statuses", needs="statuses=read")
def statuses(call: Call) -> Reply:
    return paged(call, call.repository.statuses.get(call.values["ref"], [])[::-1])


@ROUTES.on("POST", "/repos/{owner}/{repo}/statuses/{sha}", needs="statuses=write")
def create_status(call: Call) -> Reply:
    wish, sha = call.body, call.values["sha"]
    if len(wish.get("description") or "") > MOST_CHARACTERS:
        return invalid("Validation Failed", resource="Status", code="too_long", field="description")
    made = stamped(call.world) | {
        "url": f"{call.world.url}/repos/{call.repository.full_name}/statuses/{sha}",
        "avatar_url": None,
        "state": wish["state"],
        "description": wish.get("description"),
        "target_url": wish.get("target_url"),
        "context": wish.get("context", "default"),
        "creator": user(call.world, call.login),
    }
    call.repository.statuses.setdefault(sha, []).append(made)
    return Reply(201, made)
