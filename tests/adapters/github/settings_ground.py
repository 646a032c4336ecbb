"""What the tests of a repository's settings stand on: wishes, and a repository of the double's."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.adapters.files import write_whole
from pipeline.adapters.github.session import GitHubSession
from pipeline.adapters.github.settings import GitHubSettings
from pipeline.domain.repository.checked import Applied, Checked
from pipeline.domain.repository.names import Needs
from pipeline.domain.repository.wishes import EnvironmentWish, Ground, Team, Wishes
from pipeline.flows import github_apply, github_check
from tests.fakes import FakeClock, FakeNarrator
from tests.github_double import GitHubDouble
from tests.github_double.routes_settings import Json, settings_of
from tests.github_double.shapes import user
from tests.github_double.world import TOKEN

KEYS = Needs(
    ("KEY", "SECRET"), ("DRY_RUN",), (("TOKEN", "CHAT"),), private=frozenset(("KEY", "SECRET", "TOKEN", "CHAT"))
)
SOLO = Wishes(
    (
        EnvironmentWish("test", frozenset((Ground.MAIN,)), approval=False, needs=Needs()),
        EnvironmentWish("sandbox", frozenset((Ground.RELEASE_TAGS,)), approval=False, needs=KEYS, wait_minutes=5),
        EnvironmentWish("prod", frozenset(Ground), approval=True, needs=KEYS, wait_minutes=10),
    )
)
ROLES = replace(
    SOLO,
    team=Team.ROLES,
    owners=("@o/reviewers", "@ada"),
    release_managers=("@o/product", "@ada"),
    approvers=("@o/product", "@grace"),
    allowed_actions=("docker/build-push-action@*", "docker/login-action@*"),
)


def state(hub: GitHubDouble) -> Json:
    """The double's settings of `o/r`, to look at and to change behind everybody's back."""
    return settings_of(hub.world.repository("o/r"))


def owned_by_organization(hub: GitHubDouble, plan: str = "free", *, private: bool = False) -> None:
    """Let `o/r` belong to an organization on a plan."""
    repository = hub.world.repository("o/r")
    repository.private = private
    repository.more["shown"] = {"owner": user(hub.world, "o") | {"type": "Organization"}}
    state(hub)["plan"] = plan


def with_names(hub: GitHubDouble) -> None:
    """Every name that is needed is there."""
    for name in ("sandbox", "prod"):
        state(hub)["secrets"][name] = ["KEY", "SECRET"]
        state(hub)["variables"][name] = ["DRY_RUN"]


def ground(
    hub: GitHubDouble, folder: Path, wishes: Wishes = SOLO, *, token: str = TOKEN, notes: Sequence[str] = ()
) -> github_check.Ground:
    """A comparison with `o/r`; the folder is the checkout."""
    session = GitHubSession(token, "o/r", hub.url, FakeClock())
    return github_check.Ground(wishes, GitHubSettings(session), folder / "CODEOWNERS", write_whole, tuple(notes))


def check(hub: GitHubDouble, folder: Path, wishes: Wishes = SOLO) -> Checked:
    """What differs."""
    return github_check.check(ground(hub, folder, wishes))


def apply(hub: GitHubDouble, folder: Path, wishes: Wishes = SOLO) -> Applied:
    """Mend what differs."""
    there = ground(hub, folder, wishes)
    return github_apply.apply(github_check.check(there), there, FakeNarrator())


def writes(hub: GitHubDouble) -> list[str]:
    """Everything that was asked and changes something."""
    return [str(asked) for asked in hub.world.asked if asked.method != "GET"]
