"""The repository itself, and who asks."""

from typing import Any

from tests.github_double.routing import NOT_FOUND, Call, Reply, Routes, paged
from tests.github_double.shapes import full_repository, user
from tests.github_double.world import ACTIONS, Repository, World

Json = Any
ROUTES = Routes()


def commit(world: World, repository: Repository, sha: str, address: str, login: str = "") -> Json:
    """A commit of the default branch, younger than those before it; without a login GitHub knows no account behind its author."""
    here = f"{world.url}/repos/{repository.full_name}/commits/{sha}"
    by = {"name": "somebody", "email": address, "date": world.time()}
    account = user(world, login) if login else None
    made = {
        "url": here,
        "sha": sha,
        "node_id": "C_1",
        "html_url": f"{world.url}/{repository.full_name}/commit/{sha}",
        "comments_url": f"{here}/comments",
        "commit": {
            "url": here,
            "author": by,
            "committer": by,
            "message": "a message",
            "comment_count": 0,
            "tree": {"sha": sha, "url": f"{here}/tree"},
        },
        "author": account,
        "committer": account,
        "parents": [],
    }
    repository.more.setdefault("commits", []).insert(0, made)
    return made


@ROUTES.on("GET", "/repos/{owner}/{repo}/commits", needs="contents=read")
def commits(call: Call) -> Reply:
    """From a commit back, or those of an author, who is a login or a mail address."""
    listed = call.repository.more.get("commits", [])
    if sha := call.query.get("sha"):
        place = next((number for number, one in enumerate(listed) if one["sha"] == sha), None)
        if place is None:
            return NOT_FOUND
        listed = listed[place:]
    if author := call.query.get("author"):
        listed = [
            one for one in listed if author in (one["commit"]["author"]["email"], (one["author"] or {}).get("login"))
        ]
    return paged(call, listed)


@ROUTES.on("GET", "/repos/{owner}/{repo}", needs="metadata=read")
def repository(call: Call) -> Reply:
    return Reply(200, full_repository(call.world, call.repository) | call.repository.more.get("shown", {}))


@ROUTES.on("GET", "/user")
def who_am_i(call: Call) -> Reply:
    """The token of a workflow belongs to no person, and GitHub says so in this way."""
    if call.login == ACTIONS:
        return Reply(
            403,
            {"message": "Resource not accessible by integration", "documentation_url": "https://docs.github.com/rest"},
        )
    person = user(call.world, call.login)
    numbers = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    texts = dict.fromkeys(("name", "company", "blog", "location", "email", "bio", "hireable"), None)
    return Reply(
        200, person | numbers | texts | {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
    )
