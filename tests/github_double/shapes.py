"""GitHub's things as it shows them, with all the fields that it always sends."""

from typing import Any

from tests.github_double.world import Repository, World

Json = Any

_USER = [
    "followers",
    "following",
    "gists",
    "starred",
    "subscriptions",
    "organizations",
    "repos",
    "events",
    "received_events",
]
_REPOSITORY = [
    "archive",
    "assignees",
    "blobs",
    "branches",
    "collaborators",
    "comments",
    "commits",
    "compare",
    "contents",
    "contributors",
    "deployments",
    "downloads",
    "events",
    "forks",
    "git_commits",
    "git_refs",
    "git_tags",
    "hooks",
    "issue_comment",
    "issue_events",
    "issues",
    "keys",
    "labels",
    "languages",
    "merges",
    "milestones",
    "notifications",
    "pulls",
    "releases",
    "stargazers",
    "statuses",
    "subscribers",
    "subscription",
    "tags",
    "teams",
    "trees",
]
_FULL = ["clone", "git", "mirror", "ssh", "svn"]


def user(world: World, login: str) -> Json:
    """A person, or a bot where the login ends in [bot]."""
    here = f"{world.url}/users/{login}"
    return {
        **{f"{name}_url": f"{here}/{name}" for name in _USER},
        "login": login,
        "id": 1 + sum(login.encode()),
        "node_id": "U_1",
        "avatar_url": f"{here}/avatar",
        "gravatar_id": "",
        "url": here,
        "html_url": here,
        "type": "Bot" if login.endswith("[bot]") else "User",
        "site_admin": False,
    }


def minimal_repository(world: World, full_name: str, id: int, *, private: bool = False, fork: bool = False) -> Json:
    """A repository as runs and pull requests name it."""
    here = f"{world.url}/repos/{full_name}"
    return {
        **{f"{name}_url": f"{here}/{name}" for name in _REPOSITORY},
        "id": id,
        "node_id": "R_1",
        "name": full_name.split("/")[1],
        "full_name": full_name,
        "owner": user(world, full_name.split("/")[0]),
        "private": private,
        "html_url": f"{world.url}/{full_name}",
        "description": None,
        "fork": fork,
        "url": here,
    }


def full_repository(world: World, repository: Repository, full_name: str = "", *, fork: bool = False) -> Json:
    """A repository as it shows itself."""
    made = minimal_repository(
        world, full_name or repository.full_name, repository.id, private=repository.private, fork=fork
    )
    here = made["url"]
    return {
        **made,
        **{f"{name}_url": f"{here}.git" for name in _FULL},
        "default_branch": repository.default_branch,
        "visibility": "private" if repository.private else "public",
        "archived": False,
        "disabled": False,
        "is_template": False,
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
        "pushed_at": "2026-01-01T00:00:00Z",
        "homepage": None,
        "language": None,
        "license": None,
        "topics": [],
        **dict.fromkeys(("forks", "forks_count", "open_issues", "open_issues_count", "size", "stargazers_count"), 0),
        **dict.fromkeys(("watchers", "watchers_count", "network_count", "subscribers_count"), 0),
        **dict.fromkeys(("has_issues", "has_projects", "has_wiki", "has_downloads", "has_discussions"), True),
        "has_pages": False,
        "has_pull_requests": True,
        "permissions": {"admin": True, "maintain": True, "push": True, "triage": True, "pull": True},
    }


def stamped(world: World, id: int | None = None) -> Json:
    """An id and the times that everything has."""
    now = world.time()
    return {"id": id or world.number(), "node_id": "N_1", "created_at": now, "updated_at": now}


def label(world: World, repository: Repository, name: str) -> Json:
    """A label."""
    url = f"{world.url}/repos/{repository.full_name}/labels/{name}"
    return {
        "id": world.number(),
        "node_id": "L_1",
        "url": url,
        "name": name,
        "color": "ededed",
        "default": False,
        "description": None,
    }
