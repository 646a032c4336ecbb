"""What the adapter's tests stand on."""

from pipeline.adapters.github.session import GitHubSession
from tests.fakes import FakeClock
from tests.github_double import GitHubDouble, Repository
from tests.github_double.world import TOKEN

SHA = "a" * 40
OTHER_SHA = "b" * 40


def session(hub: GitHubDouble, token: str = TOKEN, clock: FakeClock | None = None, **bounds: float) -> GitHubSession:
    """A conversation with the double; its clock stands still unless it sleeps."""
    more = {"patience_seconds": bounds["patience_seconds"]} if "patience_seconds" in bounds else {}
    return GitHubSession(token, "o/r", hub.url, clock or FakeClock(), **more)


def repository(hub: GitHubDouble) -> Repository:
    """The double's repository."""
    return hub.world.repository("o/r")


def slept(clock: FakeClock) -> float:
    """How long somebody slept, in seconds."""
    return (clock.at - FakeClock().at).total_seconds()
