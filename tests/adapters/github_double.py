"""A small GitHub on the loopback: releases and their assets, as the REST API describes them."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

TOKEN = "test-token-of-nobody"
TIME = "2026-01-01T00:00:00Z"


@dataclass
class GitHub:
    """What is stored, what was asked, and how it misbehaves."""

    url: str = ""
    releases: list[dict[str, object]] = field(default_factory=list)
    contents: dict[int, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    authorized: list[str] = field(default_factory=list)
    private: bool = False
    broken: int = 0
    truncate: bool = False

    def release(self, tag: str) -> dict[str, object]:
        number = len(self.releases) + 1
        here = f"{self.url}/repos/o/r/releases/{number}"
        made: dict[str, object] = {
            "id": number,
            "url": here,
            "assets": [],
            "assets_url": f"{here}/assets",
            "author": person(self.url),
            "body": "",
            "created_at": TIME,
            "draft": False,
            "html_url": f"{self.url}/o/r/releases/tag/{tag}",
            "name": tag,
            "prerelease": False,
            "published_at": TIME,
            "tag_name": tag,
            "tarball_url": here,
            "target_commitish": "main",
            "upload_url": f"{here}/assets{{?name,label}}",
            "zipball_url": here,
        }
        self.releases.append(made)
        return made

    def asset(
        self, release: dict[str, object], name: str, content: bytes, *, state: str = "uploaded"
    ) -> dict[str, object]:
        number = len(self.contents) + 1
        self.contents[number] = content
        made: dict[str, object] = {
            "id": number,
            "url": f"{self.url}/repos/o/r/releases/assets/{number}",
            "browser_download_url": f"{self.url}/o/r/releases/download/{release['tag_name']}/{name}",
            "content_type": "application/x-tar",
            "created_at": TIME,
            "updated_at": TIME,
            "download_count": 0,
            "label": None,
            "name": name,
            "size": len(content),
            "state": state,
        }
        assert isinstance(release["assets"], list)
        release["assets"].append(made)
        return made

    def names(self) -> list[str]:
        """All assets' names."""
        return [asset["name"] for release in self.releases for asset in release["assets"]]  # type: ignore[attr-defined]


def person(url: str) -> dict[str, object]:
    links = (
        "avatar",
        "events",
        "followers",
        "following",
        "gists",
        "html",
        "organizations",
        "received_events",
        "repos",
        "starred",
    )
    return {
        **{f"{name}_url": url for name in (*links, "subscriptions")},
        **{"url": url, "gravatar_id": "", "id": 1, "login": "o", "type": "User"},
    }


@contextmanager
def github() -> Iterator[GitHub]:
    """A running double."""
    state = GitHub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"state": state}))
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: GitHub

    def log_message(self, *_: object) -> None:
        """Nothing to say."""

    def do_GET(self) -> None:
        if self._refused():
            return
        path, parts = urlsplit(self.path), urlsplit(self.path).path.split("/")
        if parts[1] == "storage":
            self._answer(200, self.state.contents[int(parts[2])], {"Content-Type": "application/octet-stream"})
        elif path.path == "/repos/o/r/releases":
            page = int(parse_qs(path.query).get("page", ["1"])[0])
            self._answer(200, self.state.releases[(page - 1) * 100 : page * 100])
        elif parts[4:6] == ["releases", "tags"]:
            found = [one for one in self.state.releases if one["tag_name"] == parts[6]]
            self._answer(200, found[0]) if found else self._answer(404, {"message": "Not Found"})
        else:
            self._answer(302, b"", {"Location": f"{self.state.url}/storage/{parts[-1]}"})

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self._refused():
            return
        path = urlsplit(self.path)
        if path.path.endswith("/assets"):
            release = self.state.releases[int(path.path.split("/")[-2]) - 1]
            self._answer(201, self.state.asset(release, parse_qs(path.query)["name"][0], content))
        else:
            wish = json.loads(content)
            made = self.state.release(wish["tag_name"])
            made.update(body=wish["body"], name=wish["name"])
            self._answer(201, made)

    def do_DELETE(self) -> None:
        if self._refused():
            return
        number = int(self.path.split("/")[-1])
        for release in self.state.releases:
            release["assets"] = [one for one in release["assets"] if one["id"] != number]  # type: ignore[attr-defined]
        self.send_response(204)
        self.end_headers()

    def _refused(self) -> bool:
        state, authorization = self.state, self.headers.get("Authorization", "")
        state.asked.append(f"{self.command} {self.path}")
        state.authorized.append(authorization)
        if state.broken:
            self._answer(state.broken, {"message": "no"})
        elif state.private and TOKEN not in authorization:
            self._answer(404, {"message": "Not Found"})
        else:
            return False
        return True

    def _answer(self, status: int, body: object = None, headers: dict[str, str] | None = None) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.state.truncate and isinstance(body, bytes):
            content = content[: len(content) // 2]
            self.close_connection = True
        self.wfile.write(content)
