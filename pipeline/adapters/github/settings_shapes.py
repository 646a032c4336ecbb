"""The shapes of GitHub's answers about a repository's settings, and what they mean in our words; whatever else is in them is let be."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.domain.canonical import Plain
from pipeline.domain.repository.actors import REPOSITORY_ADMIN, Actor, ActorKind, Bypass
from pipeline.domain.repository.settings import (
    ActionsPolicy,
    DeploySource,
    EnvironmentRules,
    Ruleset,
    SelectedActions,
)
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


class ReviewerAccount(Shape):
    """A user or a team."""

    id: int
    login: str = ""
    slug: str = ""


class Reviewer(Shape):
    """Somebody who approves an environment's jobs."""

    type: ActorKind
    reviewer: ReviewerAccount

    def meant(self) -> Actor:
        name = f"@{self.reviewer.login}" if self.reviewer.login else f"team {self.reviewer.slug}"
        return Actor(self.type, self.reviewer.id, name)


class ProtectionRule(Shape):
    """One protection rule of an environment, of whatever type."""

    type: str
    wait_timer: int = 0
    prevent_self_review: bool = False
    reviewers: tuple[Reviewer, ...] = ()


class BranchPolicy(Shape):
    """Which branches may deploy, as a kind."""

    protected_branches: bool
    custom_branch_policies: bool


class EnvironmentShape(Shape):
    """GET .../environments/{environment_name}; `can_admins_bypass` is in no description, and GitHub sends it."""

    name: str
    protection_rules: tuple[ProtectionRule, ...] = ()
    deployment_branch_policy: BranchPolicy | None = None
    can_admins_bypass: bool = False

    @property
    def custom(self) -> bool:
        """Whether a list says what may deploy."""
        return bool(self.deployment_branch_policy and self.deployment_branch_policy.custom_branch_policies)

    def meant(self, name: str, sources: tuple[DeploySource, ...]) -> EnvironmentRules:
        """As the environment that is wished under a `name`; GitHub does not mind capitals in it."""
        rules = {rule.type: rule for rule in self.protection_rules}
        reviews, timer = rules.get("required_reviewers"), rules.get("wait_timer")
        return EnvironmentRules(
            name,
            sources,
            restricted=self.custom,
            reviewers=tuple(sorted(one.meant() for one in reviews.reviewers)) if reviews else (),
            prevent_self_review=reviews.prevent_self_review if reviews else False,
            wait_minutes=timer.wait_timer if timer else 0,
            administrators_bypass=self.can_admins_bypass,
        )


class PolicyShape(Shape):
    """One pattern from which jobs may deploy."""

    id: int
    name: str
    type: str = "branch"

    def meant(self) -> DeploySource:
        return DeploySource(self.type, self.name, self.id)


class NamedShape(Shape):
    """A secret or a variable; its value is not read."""

    name: str


class BypassShape(Shape):
    """Somebody whom a ruleset does not bind."""

    actor_id: int | None = None
    actor_type: ActorKind
    bypass_mode: str = "always"

    def meant(self) -> Bypass:
        actor = Actor(self.actor_type, self.actor_id or 0)
        return Bypass(REPOSITORY_ADMIN if actor == REPOSITORY_ADMIN else actor, self.bypass_mode)


class RefNames(Shape):
    """Which branches or tags."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


class Conditions(Shape):
    """To what a ruleset applies."""

    ref_name: RefNames = RefNames()


class Rule(Shape):
    """One rule, with its parameters as they are."""

    type: str
    parameters: Mapping[str, Any] | None = None


class RulesetSummary(Shape):
    """One of a list of rulesets."""

    id: int
    name: str


class RulesetShape(Shape):
    """GET .../rulesets/{ruleset_id}; without the right to write, `bypass_actors` is not told."""

    id: int
    name: str
    target: str = "branch"
    enforcement: str
    bypass_actors: tuple[BypassShape, ...] | None = None
    conditions: Conditions | None = None
    rules: tuple[Rule, ...] = ()

    def meant(self) -> Ruleset:
        names = self.conditions.ref_name if self.conditions else RefNames()
        actors = self.bypass_actors
        return Ruleset(
            self.name,
            self.target,
            names.include,
            {rule.type: rule.parameters or {} for rule in self.rules},
            exclude=names.exclude,
            bypass=None if actors is None else tuple(sorted(actor.meant() for actor in actors)),
            enforcement=self.enforcement,
            id=self.id,
        )


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
