"""What people wrote down about their repository on GitHub, before GitHub was asked for anything."""

from dataclasses import dataclass
from enum import StrEnum

from pipeline.domain.repository.names import Needs


class Team(StrEnum):
    """How many people share the work."""

    SOLO = "solo"
    """One person, who merges, releases and approves alone; the required check stays."""
    ROLES = "roles"
    """Others review, release and approve; nobody approves what is their own."""


class Ground(StrEnum):
    """From where a job may deploy to an environment."""

    MAIN = "main"
    RELEASE_TAGS = "release_tags"


@dataclass(frozen=True, slots=True)
class EnvironmentWish:
    """One environment with bots. `approval`: a person approves its jobs. `wait_minutes` None: left as it is.

    `signers` is the file that says who may sign where nobody can approve on GitHub: in the repository, or absolute on the device.
    """

    name: str
    grounds: frozenset[Ground]
    approval: bool
    needs: Needs
    wait_minutes: int | None = None
    signers: str = ""


@dataclass(frozen=True, slots=True)
class Wishes:
    """The repository as it must be, with people and teams by their names (`@name`, `@organization/team`).

    `plan` is GitHub's plan as a person wrote it down, empty where GitHub is to be asked. With a team of one, empty lists of people mean the
    owner of the repository.
    """

    environments: tuple[EnvironmentWish, ...]
    team: Team = Team.SOLO
    main: str = "main"
    release_tags: str = "v*"
    required_check: str = "gate"
    owners: tuple[str, ...] = ()
    release_managers: tuple[str, ...] = ()
    approvers: tuple[str, ...] = ()
    allowed_actions: tuple[str, ...] = ()
    plan: str = ""

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody whose number GitHub has to tell, once each."""
        return tuple(dict.fromkeys((*self.approvers, *self.release_managers)))


def grounds_of(*, after: str, promotion_automatic: bool) -> frozenset[Ground]:
    """From where an environment is deployed to, where nothing else is written down.

    Args:
        after: the mode of the environment whose bundles board here: `history` boards with every merge, `dry_run` with a release tag, and
            `live` by hand, on main or on the tag.
        promotion_automatic: the train lets bundles board by itself, from main.
    """
    if after == "history":
        return frozenset((Ground.MAIN,))
    by_hand = after == "live" or promotion_automatic
    return frozenset((Ground.RELEASE_TAGS, Ground.MAIN) if by_hand else (Ground.RELEASE_TAGS,))
