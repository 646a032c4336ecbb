"""Who may approve, release or pass by a rule: people, teams and roles, by GitHub's numbers, because names change."""

from dataclasses import dataclass, field
from enum import StrEnum


class ActorKind(StrEnum):
    """GitHub's word for what somebody is; reviewers are users and teams, and any of them may pass by a ruleset."""

    USER = "User"
    TEAM = "Team"
    ROLE = "RepositoryRole"
    ORGANIZATION_ADMIN = "OrganizationAdmin"
    INTEGRATION = "Integration"
    DEPLOY_KEY = "DeployKey"


@dataclass(frozen=True, slots=True, order=True)
class Actor:
    """One of them; the `name` is for people and counts for nothing."""

    kind: ActorKind
    id: int
    name: str = field(default="", compare=False)

    def __str__(self) -> str:
        return self.name or f"{self.kind.value} {self.id}"


REPOSITORY_ADMIN = Actor(ActorKind.ROLE, 5, "administrators of the repository")
"""The built-in role Admin; Maintain is 2, Write 4. GitHub's own pages do not tell the numbers, those of Terraform's provider
integrations/github do (`github_repository_ruleset`)."""


@dataclass(frozen=True, slots=True, order=True)
class Bypass:
    """Somebody whom a ruleset does not bind: `always`, in pull requests only (`pull_request`), or without a trace (`exempt`)."""

    actor: Actor
    mode: str = "always"

    def __str__(self) -> str:
        return str(self.actor) if self.mode == "always" else f"{self.actor} ({self.mode})"
