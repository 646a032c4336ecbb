"""Pull requests."""

from typing import Any

from tests.github_double.routing import Call, Reply, Routes, paged
from tests.github_double.shapes import full_repository, stamped, user
from tests.github_double.world import Repository, World

Json = Any
ROUTES = Routes()


def open_pull(
    world: World, repository: Repository, sha: str, *, head: str = "", branch: str = "idea", login: str = "trader"
) -> Json:
    """Somebody opens a pull request from a branch of `head` (owner/name; of the repository itself without one)."""
    number = len(repository.pulls) + len(repository.issues) + 1
    here, home = f"{world.url}/repos/{repository.full_name}", head or repository.full_name
    links = {
        "comments": f"{here}/issues/{number}/comments",
        "commits": f"{here}/pulls/{number}/commits",
        "issue": f"{here}/issues/{number}",
        "review_comment": f"{here}/pulls/comments{{/number}}",
        "review_comments": f"{here}/pulls/{number}/comments",
        "statuses": f"{here}/statuses/{sha}",
        "diff": f"{here}/{number}.diff",
        "patch": f"{here}/{number}.patch",
        "html": f"{world.url}/{repository.full_name}/pull/{number}",
    }
    whose = {"head": (home, branch, sha), "base": (repository.full_name, repository.default_branch, "0" * 40)}
    made = {
        **stamped(world),
        **{f"{name}_url": url for name, url in links.items()},
        "url": f"{here}/pulls/{number}",
        "number": number,
        "state": "open",
        "locked": False,
        "title": "An idea",
        "user": user(world, login),
        "body": None,
        "labels": [],
        "milestone": None,
        "closed_at": None,
        "merged_at": None,
        "merge_commit_sha": None,
        "assignee": None,
        "author_association": "CONTRIBUTOR",
        "auto_merge": None,
        "_links": {
            name: {"href": links.get(name, f"{here}/pulls/{number}")}
            for name in (
                "comments",
                "commits",
                "statuses",
                "html",
                "issue",
                "review_comments",
                "review_comment",
                "self",
            )
        },
        **{
            side: {
                "label": f"{whole.split('/')[0]}:{ref}",
                "ref": ref,
                "sha": commit,
                "user": user(world, whole.split("/")[0]),
                "repo": full_repository(world, repository, whole, fork=whole != repository.full_name),
            }
            for side, (whole, ref, commit) in whose.items()
        },
    }
    repository.pulls.append(made)
    return made


@ROUTES.on("GET", "/repos/{owner}/{repo}/pulls", needs="pull_requests=read")
def pulls(call: Call) -> Reply:
    state, head = call.query.get("state", "open"), call.query.get("head", "")
    found = [
        one for one in call.repository.pulls if state in ("all", one["state"]) and head in ("", one["head"]["label"])
    ]
    return paged(call, found[::-1])
