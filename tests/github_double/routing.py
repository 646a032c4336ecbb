"""From a request to the function that answers it."""

import importlib
import json
import pkgutil
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlencode

import tests.github_double as here
from tests.github_double.world import Repository, Token, World

Json = Any


@dataclass(frozen=True)
class Call:
    """A request as a route's function sees it: `values` are the parts of the path, decoded."""

    world: World
    path: str
    values: Mapping[str, str]
    query: Mapping[str, str]
    content: bytes
    token: Token | None

    @property
    def repository(self) -> Repository:
        return self.world.repositories[f"{self.values['owner']}/{self.values['repo']}"]

    @property
    def body(self) -> Json:
        return json.loads(self.content) if self.content else {}

    @property
    def login(self) -> str:
        return self.token.login if self.token else "nobody"


@dataclass(frozen=True)
class Reply:
    """What is answered; `content` instead of `body` for bytes."""

    status: int = 200
    body: Json = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None


NOT_FOUND = Reply(404, {"message": "Not Found", "documentation_url": "https://docs.github.com/rest", "status": "404"})


def invalid(message: str, *, resource: str = "", code: str = "", field: str = "") -> Reply:
    """A 422 as GitHub writes it."""
    errors = [{"resource": resource, "code": code, "field": field}] if code else []
    body = {"message": message, "documentation_url": "https://docs.github.com/rest"}
    return Reply(422, {**body, "errors": errors} if errors else body)


def paged(call: Call, items: Sequence[Json], within: str = "") -> Reply:
    """One page of a list, with the links to the others; `within` names it where GitHub puts an object around it."""
    size, page = min(int(call.query.get("per_page", "30")), 100), int(call.query.get("page", "1"))
    last = max(1, -(-len(items) // size))
    part = list(items[(page - 1) * size : page * size])
    links = [f'<{_link(call, page + 1)}>; rel="next"', f'<{_link(call, last)}>; rel="last"'] if page < last else []
    return Reply(
        200, {"total_count": len(items), within: part} if within else part, {"Link": ", ".join(links)} if links else {}
    )


def _link(call: Call, page: int) -> str:
    return f"{call.world.url}{call.path}?{urlencode({**call.query, 'page': page})}"


Answering = Callable[[Call], Reply]


@dataclass(frozen=True)
class Route:
    """A path of GitHub's description, and what the token needs for it (as in x-accepted-github-permissions)."""

    method: str
    path: str
    needs: str
    answer: Answering

    def values(self, path: str) -> Mapping[str, str] | None:
        """The parts of a path that fits, decoded; None for one that does not."""
        found = re.fullmatch(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path), path)
        return {name: unquote(value) for name, value in found.groupdict().items()} if found else None


@dataclass
class Routes:
    """A table of routes, filled by decorators."""

    table: list[Route] = field(default_factory=list)

    def on(self, method: str, path: str, needs: str = "") -> Callable[[Answering], Answering]:
        """`@ROUTES.on("GET", "/repos/{owner}/{repo}/pulls", needs="pull_requests=read")`"""

        def added(function: Answering) -> Answering:
            self.table.append(Route(method, path, needs, function))
            return function

        return added


def all_routes() -> list[Route]:
    """The tables of all files `routes_*.py`; those with fewer unknowns in their path first."""
    names = [one.name for one in pkgutil.iter_modules(here.__path__) if one.name.startswith("routes_")]
    tables = [importlib.import_module(f"{here.__name__}.{name}").ROUTES.table for name in names]
    return sorted((route for table in tables for route in table), key=lambda route: route.path.count("{"))
