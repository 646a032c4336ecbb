"""One conversation with GitHub for whatever verb needs one: which repository, with which token."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from pipeline.adapters.github.origins import API_URL
from pipeline.adapters.github.remote import found_token, origin_repository
from pipeline.adapters.github.session import GitHubSession


@contextmanager
def github_session(
    repository: str | None, token_file: Path | None = None, clone: Path = Path()
) -> Iterator[GitHubSession]:
    """A conversation about a repository (`owner/name`), or about the one that the clone's remote `origin` names; closed at the end.

    Raises:
        UsageError: no repository is named, and the clone has none at GitHub.
        Refused: there is no token, or none that could be one.
    """
    with lazy_session(repository, token_file, clone) as session:
        yield session()


@contextmanager
def lazy_session(
    repository: str | None, token_file: Path | None = None, clone: Path = Path()
) -> Iterator[Callable[[], GitHubSession]]:
    """The same, begun where it is first asked for: without that, no token is needed."""
    begun: list[GitHubSession] = []

    def session() -> GitHubSession:
        if not begun:
            token = found_token(token_file, os.environ)
            name = repository or origin_of(clone)
            begun.append(GitHubSession(token, name, os.environ.get("GITHUB_API_URL") or API_URL))
        return begun[0]

    try:
        yield session
    finally:
        for one in begun:
            one.close()


def origin_of(clone: Path) -> str:
    """`owner/name` of the clone's remote `origin`, at the GitHub that this process is for; raises UsageError where there is none."""
    host = urlsplit(os.environ.get("GITHUB_SERVER_URL", "")).hostname or "github.com"
    return origin_repository(clone, host)


def branch_of(main: str) -> str:
    """How GitHub calls the branch that a clone knows by its whole name: `refs/remotes/origin/main` is `main`."""
    if main.startswith("refs/heads/"):
        return main.removeprefix("refs/heads/")
    return main.removeprefix("refs/remotes/").partition("/")[2]
