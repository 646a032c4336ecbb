"""The shapes of GitHub's answers about a repository's settings, and what they mean in our words; whatever else is in them is let be."""

from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.domain.canonical import Plain
from pipeline.domain.repository.actors import Actor, ActorKind
from pipeline.domain.repository.settings import ActionsPolicy, SelectedActions
from pipeline.errors import ToolFailed


class Shape(BaseModel):
    """An answer; fields that we do not need are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Owner(Shape):
    """Whose a repository is."""

    id: int
    login: str
    type: str

    def person(self) -> Actor | None:
        """The owner as somebody who can approve; None where it is an organization."""
        return None if self.type == "Organization" else Actor(ActorKind.USER, self.id, f"@{self.login}")


class Permissions(Shape):
    """What the token's user may do."""

    admin: bool = False


class Repository(Shape):
    """GET /repos/{owner}/{repo}."""

    full_name: str
    private: bool
    visibility: str = ""
    archived: bool = False
    default_branch: str
    owner: Owner
    permissions: Permissions | None = None

    @property
    def hidden(self) -> bool:
        """Whether it is private or internal."""
        return self.private or self.visibility not in ("", "public")


class PlanShape(Shape):
    """An account's plan."""

    name: str


class Account(Shape):
    """GET /user, /users/{username}, /orgs/{org} and teams; the plan is only told to those who may know it."""

    id: int
    login: str = ""
    plan: PlanShape | None = None


class ActionsShape(Shape):
    """GET .../actions/permissions."""

    enabled: bool
    allowed_actions: str = ""
    sha_pinning_required: bool = False

    def meant(self) -> ActionsPolicy:
        return ActionsPolicy(self.enabled, self.allowed_actions, self.sha_pinning_required)


class SelectedShape(Shape):
    """GET .../actions/permissions/selected-actions."""

    github_owned_allowed: bool = False
    verified_allowed: bool = False
    patterns_allowed: tuple[str, ...] = ()

    def meant(self) -> SelectedActions:
        return SelectedActions(self.github_owned_allowed, self.verified_allowed, tuple(sorted(self.patterns_allowed)))


class TokenShape(Shape):
    """GET .../actions/permissions/workflow."""

    default_workflow_permissions: str
    can_approve_pull_request_reviews: bool


class ForkShape(Shape):
    """GET .../actions/permissions/fork-pr-contributor-approval."""

    approval_policy: str


class PrivateForkShape(Shape):
    """GET .../actions/permissions/fork-pr-workflows-private-repos."""

    run_workflows_from_fork_pull_requests: bool


class VariableShape(Shape):
    """The one variable whose value is read: it says how many devices there are."""

    value: str


class NamedShape(Shape):
    """A secret or a variable; its value is not read."""

    name: str


class OwnersError(Shape):
    """One of GET .../codeowners/errors."""

    line: int
    message: str


Model = TypeVar("Model", bound=Shape)


def shaped(model: type[Model], answer: Plain, what: str) -> Model:
    """An answer as a shape.

    Raises:
        ToolFailed: it is something else; `what` was asked for.
    """
    try:
        return model.model_validate(answer)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the whole"
        raise ToolFailed(
            f"GitHub's answer about {what} is not what its description says ({where}: {first['msg'].lower()})",
            hint="try again later",
        ) from error
