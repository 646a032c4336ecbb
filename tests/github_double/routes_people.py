"""Who people, organizations and teams are."""

from typing import Any

from tests.github_double.routing import NOT_FOUND, Call, Reply, Routes
from tests.github_double.shapes import user
from tests.github_double.world import World

Json = Any
ROUTES = Routes()
TEAMS = ("product", "reviewers")
GHOST = "ghost"
"""Nobody is called so."""


@ROUTES.on("GET", "/users/{username}")
def person(call: Call) -> Reply:
    if call.values["username"] == GHOST:
        return NOT_FOUND
    numbers = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    texts = dict.fromkeys(("name", "company", "blog", "location", "email", "bio", "hireable"), None)
    dates = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
    return Reply(200, user(call.world, call.values["username"]) | numbers | texts | dates)


def organization(world: World, login: str, plan: str) -> Json:
    """An organization as its owners see it."""
    here = f"{world.url}/orgs/{login}"
    urls = ("repos", "events", "hooks", "issues", "members", "public_members", "avatar", "html")
    numbers = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    switches = dict.fromkeys(("has_organization_projects", "has_repository_projects"), True)
    dates = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z", "archived_at": None}
    named = {"login": login, "id": user(world, login)["id"], "node_id": "O_1", "url": here, "description": None}
    links = {f"{name}_url": here for name in urls}
    told = {"plan": {"name": plan, "space": 1, "private_repos": 1}} if plan else {}
    return {**links, **named, **numbers, **switches, **dates, "type": "Organization", **told}


@ROUTES.on("GET", "/orgs/{org}")
def shown_organization(call: Call) -> Reply:
    """The plan is told to its owners: those whose token may read the organization's administration."""
    owned = next(one for one in call.world.repositories.values() if one.owner == call.values["org"])
    told = call.token is not None and call.token.may("organization_administration=read")
    return Reply(
        200, organization(call.world, owned.owner, owned.more.get("settings", {}).get("plan", "free") if told else "")
    )


def team(world: World, org: str, slug: str) -> Json:
    """A team."""
    here = f"{world.url}/orgs/{org}/teams/{slug}"
    links = {"url": here, "html_url": here, "members_url": here, "repositories_url": here}
    number = {"id": 5000 + sum(slug.encode()), "node_id": "T_1"}
    return {
        **links,
        **number,
        "name": slug,
        "slug": slug,
        "description": None,
        "permission": "pull",
        "parent": None,
    } | {"type": "organization"}


@ROUTES.on("GET", "/orgs/{org}/teams/{team_slug}", "members=read")
def shown_team(call: Call) -> Reply:
    if call.values["team_slug"] not in TEAMS:
        return NOT_FOUND
    dates = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
    counted = {"members_count": 1, "repos_count": 1, "organization": organization(call.world, call.values["org"], "")}
    return Reply(200, team(call.world, call.values["org"], call.values["team_slug"]) | dates | counted)
