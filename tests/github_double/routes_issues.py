"""Issues and the comments under them and under pull requests."""

from typing import Any

from tests.github_double.routing import NOT_FOUND, Call, Reply, Routes, invalid, paged
from tests.github_double.shapes import label, stamped, user
from tests.github_double.world import Repository, World

Json = Any
ROUTES = Routes()
MOST_CHARACTERS = 65_536


def write_comment(world: World, repository: Repository, number: int, text: str, login: str) -> Json:
    """Somebody writes a comment."""
    made = stamped(world)
    here = f"{world.url}/repos/{repository.full_name}/issues"
    made |= {
        "url": f"{here}/comments/{made['id']}",
        "html_url": f"{world.url}/{repository.full_name}/issues/{number}#issuecomment-{made['id']}",
        "issue_url": f"{here}/{number}",
        "user": user(world, login),
        "author_association": "NONE",
        "body": text,
    }
    repository.comments.setdefault(number, []).append(made)
    return made


def open_issue(
    world: World, repository: Repository, title: str, text: str, login: str, labels: tuple[str, ...] = ()
) -> Json:
    """Somebody opens an issue; labels that are not there are made."""
    number = len(repository.pulls) + len(repository.issues) + 1
    here = f"{world.url}/repos/{repository.full_name}"
    for name in labels:
        if name not in {one["name"] for one in repository.labels}:
            repository.labels.append(label(world, repository, name))
    made = stamped(world) | {
        "url": f"{here}/issues/{number}",
        "repository_url": here,
        "labels_url": f"{here}/issues/{number}/labels{{/name}}",
        "comments_url": f"{here}/issues/{number}/comments",
        "events_url": f"{here}/issues/{number}/events",
        "html_url": f"{world.url}/{repository.full_name}/issues/{number}",
        "number": number,
        "state": "open",
        "state_reason": None,
        "title": title,
        "body": text,
        "user": user(world, login),
        "labels": [one for one in repository.labels if one["name"] in labels],
        "assignee": None,
        "milestone": None,
        "locked": False,
        "comments": 0,
        "closed_at": None,
        "author_association": "NONE",
    }
    repository.issues.append(made)
    return made


@ROUTES.on("GET", "/repos/{owner}/{repo}/issues", needs="issues=read")
def issues(call: Call) -> Reply:
    """Pull requests are issues too, and are listed with them."""
    state, labels = call.query.get("state", "open"), set(filter(None, call.query.get("labels", "").split(",")))
    pulls = [_as_issue(call.world, call.repository, one) for one in call.repository.pulls]
    found = [
        one
        for one in call.repository.issues + pulls
        if state in ("all", one["state"]) and labels <= {each["name"] for each in one["labels"]}
    ]
    return paged(call, sorted(found, key=lambda one: -int(one["number"])))


@ROUTES.on("POST", "/repos/{owner}/{repo}/issues", needs="issues=write")
def create_issue(call: Call) -> Reply:
    wish = call.body
    if len(wish.get("body", "")) > MOST_CHARACTERS:
        return invalid("Validation Failed", resource="Issue", code="custom", field="body")
    made = open_issue(
        call.world, call.repository, wish["title"], wish.get("body", ""), call.login, tuple(wish.get("labels", ()))
    )
    return Reply(201, made)


@ROUTES.on("PATCH", "/repos/{owner}/{repo}/issues/{issue_number}", needs="issues=write")
def change_issue(call: Call) -> Reply:
    found = next((one for one in call.repository.issues if str(one["number"]) == call.values["issue_number"]), None)
    if found is None:
        return NOT_FOUND
    found.update(call.body, updated_at=call.world.time())
    found["closed_at"] = found["updated_at"] if found["state"] == "closed" else None
    return Reply(200, found)


@ROUTES.on("GET", "/repos/{owner}/{repo}/issues/{issue_number}/comments", needs="issues=read; pull_requests=read")
def comments(call: Call) -> Reply:
    number = int(call.values["issue_number"])
    if not _is_there(call, number):
        return NOT_FOUND
    return paged(call, call.repository.comments.get(number, []))


@ROUTES.on("POST", "/repos/{owner}/{repo}/issues/{issue_number}/comments", needs="issues=write; pull_requests=write")
def create_comment(call: Call) -> Reply:
    number = int(call.values["issue_number"])
    if not _is_there(call, number):
        return NOT_FOUND
    if len(call.body["body"]) > MOST_CHARACTERS:
        return invalid("Validation Failed", resource="IssueComment", code="unprocessable", field="data")
    return Reply(201, write_comment(call.world, call.repository, number, call.body["body"], call.login))


@ROUTES.on("PATCH", "/repos/{owner}/{repo}/issues/comments/{comment_id}", needs="issues=write; pull_requests=write")
def change_comment(call: Call) -> Reply:
    for kept in call.repository.comments.values():
        for one in kept:
            if str(one["id"]) == call.values["comment_id"]:
                one.update(call.body, updated_at=call.world.time())
                return Reply(200, one)
    return NOT_FOUND


@ROUTES.on("DELETE", "/repos/{owner}/{repo}/issues/comments/{comment_id}", needs="issues=write; pull_requests=write")
def delete_comment(call: Call) -> Reply:
    for kept in call.repository.comments.values():
        for one in kept:
            if str(one["id"]) == call.values["comment_id"]:
                kept.remove(one)
                return Reply(204)
    return NOT_FOUND


def _is_there(call: Call, number: int) -> bool:
    return any(one["number"] == number for one in call.repository.issues + call.repository.pulls)


def _as_issue(world: World, repository: Repository, pull: Json) -> Json:
    here = f"{world.url}/repos/{repository.full_name}"
    taken = (
        "id",
        "node_id",
        "number",
        "state",
        "title",
        "user",
        "body",
        "labels",
        "locked",
        "assignee",
        "milestone",
        "html_url",
        "author_association",
    )
    return {name: pull[name] for name in (*taken, "created_at", "updated_at", "closed_at", "comments_url")} | {
        "url": f"{here}/issues/{pull['number']}",
        "repository_url": here,
        "labels_url": f"{here}/issues/{pull['number']}/labels{{/name}}",
        "events_url": f"{here}/issues/{pull['number']}/events",
        "comments": 0,
        "pull_request": {
            "url": pull["url"],
            "html_url": pull["html_url"],
            "diff_url": pull["diff_url"],
            "patch_url": pull["patch_url"],
        },
    }
