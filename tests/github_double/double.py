"""The double's server: two listeners on the loopback, GitHub's API and the storage that it redirects downloads to."""

import asyncio
import json
import threading
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from aiohttp import web

from tests.github_double.description import description
from tests.github_double.faults import Fault
from tests.github_double.routing import NOT_FOUND, Call, Reply, Route, all_routes
from tests.github_double.validation import Validator
from tests.github_double.world import Asked, Token, World

Json = Any
MOST_BYTES = 256 << 20


@cache
def validator() -> Validator | None:
    """GitHub's description of what the double answers; None where it cannot be had. May start npm: ask before a test forbids processes."""
    said = description(route.path for route in all_routes())
    return Validator(said) if said is not None else None


@dataclass
class GitHubDouble:
    """A running double. `violations` are requests and answers that GitHub's description forbids; the double ends with an error over them."""

    world: World = field(default_factory=World)
    faults: list[Fault] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    stored_for: list[str] = field(default_factory=list)
    """The Authorization headers that the storage was shown."""

    storage_sends_to: str = ""
    """Where the storage redirects to instead of answering."""

    half_downloads: bool = False
    """The storage breaks off in the middle."""

    routes: list[Route] = field(default_factory=all_routes)
    validator: Validator | None = None

    @property
    def url(self) -> str:
        return self.world.url

    async def api(self, request: web.Request) -> web.StreamResponse:
        """Answer one request to the API."""
        content, path = await request.read(), request.rel_url.raw_path
        asked = Asked(request.method, path, dict(request.query), request.headers.get("Authorization", ""), content)
        self.world.asked.append(asked)
        fault = next((one for one in self.faults if one.takes(str(asked))), None)
        if fault is not None:
            await asyncio.sleep(fault.seconds)
            if fault.before is not None:
                fault.before()
        reply = None
        if fault is None or fault.passes or fault.acted:
            reply = self._reply(asked, request.content_type)
        if fault is None or fault.passes:
            assert reply is not None
            return _response(reply)
        if not fault.status:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        return _response(Reply(fault.status, fault.body, fault.headers, fault.content))

    async def storage(self, request: web.Request) -> web.StreamResponse:
        """Answer one request to the storage."""
        self.stored_for.append(request.headers.get("Authorization", ""))
        if self.storage_sends_to:
            return web.Response(status=302, headers={"Location": self.storage_sends_to})
        owner, name, key = request.rel_url.path.strip("/").split("/", 2)
        content = self.world.repositories[f"{owner}/{name}"].contents[key]
        if not self.half_downloads:
            return web.Response(body=content, content_type="application/octet-stream")
        response = web.StreamResponse(headers={"Content-Length": str(len(content))})
        await response.prepare(request)
        await response.write(content[: len(content) // 2])
        assert request.transport is not None
        request.transport.close()
        return response

    def _reply(self, asked: Asked, kind: str) -> Reply:
        fitting = [(route, found) for route in self.routes if (found := route.values(asked.path)) is not None]
        route, values = next(((one, found) for one, found in fitting if one.method == asked.method), (None, {}))
        if route is None:
            return self._violated([f"the double has no route for {asked}"])
        if self.validator is not None:
            wrong = self.validator.request(asked.method, route.path, values, asked.query, asked.body, kind)
            if wrong:
                return self._violated(wrong)
        reply = self._authorized(route, values, asked)
        if self.validator is not None:
            wrong = self.validator.answer(asked.method, route.path, reply.status, reply.body)
            if wrong:
                return self._violated(wrong)
        return reply

    def _authorized(self, route: Route, values: Mapping[str, str], asked: Asked) -> Reply:
        """As GitHub does: what is private does not exist for strangers, and a missing permission is named in a header."""
        word = asked.authorization.partition(" ")[2]
        token = self.world.tokens.get(word)
        if word and token is None:
            return Reply(401, {"message": "Bad credentials", "documentation_url": "https://docs.github.com/rest"})
        reply = self._refused(route, values, token)
        if reply is not None:
            return reply
        call = Call(self.world, asked.path, values, asked.query, asked.body, token)
        try:
            return route.answer(call)
        except Exception:
            return self._violated([f"the double failed at {asked}: {traceback.format_exc()}"])

    def _refused(self, route: Route, values: Mapping[str, str], token: Token | None) -> Reply | None:
        repository = self.world.repositories.get(f"{values.get('owner')}/{values.get('repo')}")
        if "{owner}" in route.path and (repository is None or (repository.private and token is None)):
            return NOT_FOUND
        reads = route.method == "GET"
        if token is None:
            return (
                None
                if reads and "administration" not in route.needs
                else Reply(401, {"message": "Requires authentication"})
            )
        open_to_all = (
            reads and repository is not None and not repository.private and "administration" not in route.needs
        )
        if open_to_all or token.may(route.needs):
            return None
        headers = {"x-accepted-github-permissions": route.needs}
        return Reply(403, {"message": "Resource not accessible by personal access token"}, headers)

    def _violated(self, wrong: list[str]) -> Reply:
        self.violations += wrong
        return Reply(400, {"message": "; ".join(wrong)})


@contextmanager
def github_double() -> Iterator[GitHubDouble]:
    """A running double, with the empty public repository `o/r`.

    Raises:
        AssertionError: at the end, where a request or an answer was not as GitHub describes them.
    """
    double = GitHubDouble(validator=validator())
    double.world.repository("o/r")
    loop, ready = asyncio.new_event_loop(), threading.Event()
    runners: list[web.AppRunner] = []

    async def listen() -> None:
        double.world.url = await _listening(double.api, runners)
        double.world.storage_url = await _listening(double.storage, runners)

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(listen())
        loop.call_soon(ready.set)  # not before the loop runs for ever: a stop that came earlier would be lost
        loop.run_forever()
        loop.run_until_complete(asyncio.gather(*(one.cleanup() for one in runners)))
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(60), "the double did not start"
    try:
        yield double
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(60)
    assert not double.violations, "\n".join(double.violations)


async def _listening(answer: Any, runners: list[web.AppRunner]) -> str:
    app = web.Application(client_max_size=MOST_BYTES)
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    runners.append(runner)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return f"http://127.0.0.1:{runner.addresses[0][1]}"


def _response(reply: Reply) -> web.Response:
    content = (
        reply.content if reply.content is not None else b"" if reply.body is None else json.dumps(reply.body).encode()
    )
    headers = {"Content-Type": "application/json; charset=utf-8", **reply.headers}
    return web.Response(status=reply.status, body=content, headers=headers)
