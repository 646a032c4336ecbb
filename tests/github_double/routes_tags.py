"""Tags, and what they name."""

from typing import Any

from tests.github_double.routing import NOT_FOUND, Call, Reply, Routes
from tests.github_double.world import Repository, World

Json = Any
ROUTES = Routes()


def tag(world: World, repository: Repository, name: str, sha: str, kind: str = "commit") -> None:
    """A tag that names a commit, or whatever else `kind` says."""
    at = f"{world.url}/repos/{repository.full_name}/git"
    repository.more.setdefault("tags", {})[f"tags/{name}"] = {
        "ref": f"refs/tags/{name}",
        "node_id": "R_1",
        "url": f"{at}/refs/tags/{name}",
        "object": {"type": kind, "sha": sha, "url": f"{at}/{kind}s/{sha}"},
    }


def annotated(world: World, repository: Repository, name: str, sha: str, own: str, kind: str = "commit") -> None:
    """A tag with a message: an object of its own, of that digest, which names a commit or whatever else `kind` says."""
    tag(world, repository, name, own, "tag")
    at = f"{world.url}/repos/{repository.full_name}/git"
    repository.more.setdefault("tag objects", {})[own] = {
        "node_id": "T_1",
        "tag": name,
        "sha": own,
        "url": f"{at}/tags/{own}",
        "message": "What is new",
        "tagger": {"date": world.time(), "email": "somebody@example.org", "name": "somebody"},
        "object": {"type": kind, "sha": sha, "url": f"{at}/{kind}s/{sha}"},
    }


@ROUTES.on("GET", "/repos/{owner}/{repo}/git/ref/{ref}", needs="contents=read")
def reference(call: Call) -> Reply:
    found = call.repository.more.get("tags", {}).get(call.values["ref"])
    return Reply(200, found) if found else NOT_FOUND


@ROUTES.on("GET", "/repos/{owner}/{repo}/git/tags/{tag_sha}", needs="contents=read")
def tag_object(call: Call) -> Reply:
    found = call.repository.more.get("tag objects", {}).get(call.values["tag_sha"])
    return Reply(200, found) if found else NOT_FOUND
