"""The shapes of GitHub's answers about an environment: who approves its jobs, how long they wait, and from where they may deploy."""

from pipeline.adapters.github.settings_shapes import Shape
from pipeline.domain.repository.actors import Actor, ActorKind
from pipeline.domain.repository.settings import DeploySource, EnvironmentRules


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
