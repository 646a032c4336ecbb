"""Releases and their assets."""

from typing import Any

from tests.github_double.routing import NOT_FOUND, Call, Reply, Routes, invalid, paged
from tests.github_double.shapes import stamped, user
from tests.github_double.world import Repository, World, digest

Json = Any
ROUTES = Routes()


def release(
    world: World, repository: Repository, tag: str, *, title: str = "", text: str = "", login: str = "octocat"
) -> Json:
    """Somebody publishes a release."""
    made = stamped(world)
    here = f"{world.url}/repos/{repository.full_name}/releases/{made['id']}"
    made |= {
        "url": here,
        "html_url": f"{world.url}/{repository.full_name}/releases/tag/{tag}",
        "assets_url": f"{here}/assets",
        "upload_url": f"{here}/assets{{?name,label}}",
        "tarball_url": f"{here}/tarball",
        "zipball_url": f"{here}/zipball",
        "tag_name": tag,
        "target_commitish": repository.default_branch,
        "name": title or tag,
        "body": text,
        "draft": False,
        "prerelease": False,
        "published_at": made["created_at"],
        "author": user(world, login),
        "assets": [],
    }
    repository.releases.append(made)
    return made


def asset(
    world: World, repository: Repository, of: Json, name: str, content: bytes, *, state: str = "uploaded"
) -> Json:
    """A file of a release; `state` open is one that broke off (GitHub also writes starter, which its own description does not know)."""
    made = stamped(world)
    made |= {
        "url": f"{world.url}/repos/{repository.full_name}/releases/assets/{made['id']}",
        "browser_download_url": f"{world.url}/{repository.full_name}/releases/download/{of['tag_name']}/{name}",
        "name": name,
        "label": None,
        "state": state,
        "content_type": "application/octet-stream",
        "size": len(content),
        "digest": digest(content) if state == "uploaded" else None,
        "download_count": 0,
        "uploader": user(world, "octocat"),
    }
    repository.contents[f"asset-{made['id']}"] = content
    of["assets"].append(made)
    return made


@ROUTES.on("GET", "/repos/{owner}/{repo}/releases", needs="contents=read")
def releases(call: Call) -> Reply:
    return paged(call, call.repository.releases[::-1])


@ROUTES.on("GET", "/repos/{owner}/{repo}/releases/tags/{tag}", needs="contents=read")
def release_of_tag(call: Call) -> Reply:
    found = [one for one in call.repository.releases if one["tag_name"] == call.values["tag"]]
    return Reply(200, found[0]) if found else NOT_FOUND


@ROUTES.on("POST", "/repos/{owner}/{repo}/releases", needs="contents=write")
def create_release(call: Call) -> Reply:
    wish = call.body
    if any(one["tag_name"] == wish["tag_name"] for one in call.repository.releases):
        return invalid("Validation Failed", resource="Release", code="already_exists", field="tag_name")
    title, text = wish.get("name", ""), wish.get("body", "")
    made = release(call.world, call.repository, wish["tag_name"], title=title, text=text, login=call.login)
    made["prerelease"] = wish.get("prerelease", False)
    made["target_commitish"] = wish.get("target_commitish", made["target_commitish"])
    return Reply(201, made)


@ROUTES.on("GET", "/repos/{owner}/{repo}/releases/{release_id}", needs="contents=read")
def one_release(call: Call) -> Reply:
    found = _release(call)
    return Reply(200, found) if found else NOT_FOUND


@ROUTES.on("PATCH", "/repos/{owner}/{repo}/releases/{release_id}", needs="contents=write")
def change_release(call: Call) -> Reply:
    found = _release(call)
    if not found:
        return NOT_FOUND
    found.update(call.body)
    return Reply(200, found)


@ROUTES.on("GET", "/repos/{owner}/{repo}/releases/{release_id}/assets", needs="contents=read")
def assets(call: Call) -> Reply:
    found = _release(call)
    return paged(call, found["assets"]) if found else NOT_FOUND


@ROUTES.on("POST", "/repos/{owner}/{repo}/releases/{release_id}/assets", needs="contents=write")
def upload(call: Call) -> Reply:
    found, name = _release(call), call.query["name"]
    if not found:
        return NOT_FOUND
    if any(one["name"] == name for one in found["assets"]):
        return invalid("Validation Failed", resource="ReleaseAsset", code="already_exists", field="name")
    return Reply(201, asset(call.world, call.repository, found, name, call.content))


@ROUTES.on("GET", "/repos/{owner}/{repo}/releases/assets/{asset_id}", needs="contents=read")
def download(call: Call) -> Reply:
    """The file itself is kept elsewhere."""
    key = f"asset-{call.values['asset_id']}"
    if key not in call.repository.contents:
        return NOT_FOUND
    return Reply(302, headers={"Location": f"{call.world.storage_url}/{call.repository.full_name}/{key}"})


@ROUTES.on("DELETE", "/repos/{owner}/{repo}/releases/assets/{asset_id}", needs="contents=write")
def remove(call: Call) -> Reply:
    for one in call.repository.releases:
        for kept in one["assets"]:
            if str(kept["id"]) == call.values["asset_id"]:
                one["assets"].remove(kept)
                return Reply(204)
    return NOT_FOUND


def _release(call: Call) -> Json:
    return next((one for one in call.repository.releases if str(one["id"]) == call.values["release_id"]), None)
