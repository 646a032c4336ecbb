"""What GitHub told about a repository: what it is, its settings, and the names of what is stored in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.domain.repository.actors import Actor
from pipeline.domain.repository.names import Present
from pipeline.domain.repository.offers import Plan
from pipeline.domain.repository.settings import Settings


@dataclass(frozen=True, slots=True)
class Facts:
    """What a repository is. `owner` is a person, None where it belongs to an organization; `private` covers internal ones."""

    name: str
    private: bool
    plan: Plan
    default_branch: str
    owner: Actor | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Its settings, the names in each environment that is there, and what GitHub finds wrong with its CODEOWNERS.

    `devices` is the value of the repository's variable FREQTRAIN_DEVICES, empty where there is none; where it says that there are several,
    `labels` are those of all its runners, in lower case.
    """

    settings: Settings
    present: Mapping[str, Present] = field(default_factory=dict)
    codeowners_errors: tuple[str, ...] = ()
    devices: str = ""
    labels: frozenset[str] = frozenset()
