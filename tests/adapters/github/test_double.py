"""The double itself: held to GitHub's description, and found out where it strays."""

from collections.abc import Callable
from typing import Any

import pytest

from pipeline.adapters.github.session import GitHubSession
from pipeline.domain.canonical import Plain
from pipeline.errors import FreqtrainError
from tests.fakes import FakeClock
from tests.github_double import GitHubDouble, github_double
from tests.github_double.routes_pulls import open_pull
from tests.github_double.world import TOKEN
from tests.needs import missing

pytestmark = pytest.mark.sockets


@pytest.fixture(autouse=True)
def described(github_description: bool) -> None:
    """These tests are about the description."""
    if not github_description:
        missing("GitHub's description of its API (npm pack @octokit/openapi)")


def session(hub: GitHubDouble) -> GitHubSession:
    return GitHubSession(TOKEN, "o/r", hub.url, FakeClock())


def test_what_it_shows_is_what_github_shows(hub: GitHubDouble) -> None:
    open_pull(hub.world, hub.world.repository(), "a" * 40, head="fork/r")
    github = session(hub)
    assert isinstance(github.get(""), dict)
    assert isinstance(github.get("/user"), dict)
    assert len(list(github.pages("pulls"))) == 1
    assert len(list(github.pages("issues"))) == 1
    assert github.post("issues/1/comments", {"body": "x"}) is not None


@pytest.mark.parametrize(
    ("method", "path", "body", "said"),
    [
        ("POST", "issues/1/comments", {"text": "x"}, "'body' is a required property"),
        ("POST", "issues/1/comments", {"body": "x", "colour": "red"}, "'colour' was unexpected"),
        ("POST", "issues/1/comments", {"body": 1}, "is not of type 'string'"),
        ("POST", "issues/1/comments", None, "a body is missing"),
        ("GET", "issues/one/comments", None, "is not of type 'integer'"),
        ("GET", "nothing", None, "has no route"),
        ("PUT", "pulls", None, "has no route"),
    ],
)
def test_a_request_that_github_does_not_describe_is_found(method: str, path: str, body: Plain, said: str) -> None:
    calls = {
        "GET": lambda github: github.get(path),
        "POST": lambda github: github.post(path, body),
        "PUT": lambda github: github.put(path),
    }
    with pytest.raises(AssertionError, match=said):
        violate(calls[method])


def test_an_unknown_part_of_a_query_is_found() -> None:
    with pytest.raises(AssertionError, match="no query parameter stat"):
        violate(lambda github: list(github.pages("pulls", stat="open")))


def test_an_answer_that_github_does_not_describe_is_found() -> None:
    with pytest.raises(AssertionError, match="'login' is a required property"):
        violate(lambda github: list(github.pages("pulls")), lambda pull: pull["user"].pop("login"))


def violate(call: Callable[[GitHubSession], object], spoil: Callable[[dict[str, Any]], object] = id) -> None:
    """Run a double in which something is asked or answered that GitHub does not describe."""
    with github_double() as hub:
        spoil(open_pull(hub.world, hub.world.repository(), "a" * 40))
        with pytest.raises(FreqtrainError):
            call(session(hub))
