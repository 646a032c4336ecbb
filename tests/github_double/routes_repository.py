"""The repository itself, and who asks."""

from tests.github_double.routing import Call, Reply, Routes
from tests.github_double.shapes import full_repository, user
from tests.github_double.world import ACTIONS

ROUTES = Routes()


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
