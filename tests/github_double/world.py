"""What the double remembers: repositories with all that belongs to them, tokens, and what was asked."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

Json = Any
TOKEN = "test-token-of-nobody"
ACTIONS = "github-actions[bot]"
START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Token:
    """Whose it is and what it may do; `permissions` None: everything. A token of Actions may not ask who it is."""

    login: str = "octocat"
    permissions: Mapping[str, str] | None = None

    def may(self, needs: str) -> bool:
        """Whether one of `pull_requests=write; issues=write` is granted; write includes read."""
        if self.permissions is None or not needs:
            return True
        wanted = [one.strip().split("=") for one in needs.split(";")]
        return any(self.permissions.get(name) in ("write", "admin", level) for name, level in wanted)


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    query: Mapping[str, str]
    authorization: str
    body: bytes

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass
class Repository:
    """One repository; things are kept as GitHub would show them. `more` is for routes that keep things of their own, by a name."""

    full_name: str
    id: int
    private: bool = False
    default_branch: str = "main"
    pulls: list[Json] = field(default_factory=list)
    issues: list[Json] = field(default_factory=list)
    comments: dict[int, list[Json]] = field(default_factory=dict)
    statuses: dict[str, list[Json]] = field(default_factory=dict)
    deployments: list[Json] = field(default_factory=list)
    deployment_statuses: dict[int, list[Json]] = field(default_factory=dict)
    releases: list[Json] = field(default_factory=list)
    runs: list[Json] = field(default_factory=list)
    jobs: dict[int, list[Json]] = field(default_factory=dict)
    artifacts: list[Json] = field(default_factory=list)
    approvals: dict[int, list[Json]] = field(default_factory=dict)
    pending: dict[int, list[Json]] = field(default_factory=dict)
    runners: list[Json] = field(default_factory=list)
    labels: list[Json] = field(default_factory=list)
    contents: dict[str, bytes] = field(default_factory=dict)
    more: dict[str, Json] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.full_name.split("/")[1]

    @property
    def owner(self) -> str:
        return self.full_name.split("/")[0]


@dataclass
class World:
    """All of it. Nothing in it is ever numbered twice, and each thing is a second younger than the one before."""

    url: str = ""
    storage_url: str = ""
    repositories: dict[str, Repository] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=lambda: {TOKEN: Token()})
    asked: list[Asked] = field(default_factory=list)
    _numbers: "count[int]" = field(default_factory=lambda: count(1001))
    _moments: "count[int]" = field(default_factory=count)

    def number(self) -> int:
        """An id that nothing else has."""
        return next(self._numbers)

    def time(self) -> str:
        """The present, as GitHub writes it."""
        return f"{START + timedelta(seconds=next(self._moments)):%Y-%m-%dT%H:%M:%SZ}"

    def repository(self, full_name: str = "o/r", *, private: bool = False) -> Repository:
        """The repository of that name, made where it is missing."""
        if full_name not in self.repositories:
            self.repositories[full_name] = Repository(full_name, self.number(), private)
        return self.repositories[full_name]

    def count(self, method: str, path: str) -> int:
        """How often something was asked; `path` is how the path ends."""
        return sum(one.method == method and one.path.endswith(path) for one in self.asked)


def digest(content: bytes) -> str:
    """As GitHub writes it."""
    return "sha256:" + hashlib.sha256(content).hexdigest()
