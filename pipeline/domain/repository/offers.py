"""What a plan of GitHub's offers to a repository, and what still protects where it does not.

Source: docs.github.com, "Deployments and environments" (actions/reference/workflows-and-actions/deployments-and-environments), "Managing
environments for deployment" and "About rulesets": public repositories have everything on every current plan; private and internal ones have
environments, their secrets, deployment branches and tags, and rulesets from Pro and Team on, and reviewers and wait timers with Enterprise only.
Named actions (`patterns_allowed`): "Managing GitHub Actions settings for a repository"; in private ones with Enterprise only.
"""

from dataclasses import dataclass
from enum import StrEnum


class Plan(StrEnum):
    """A plan of the account that owns a repository."""

    FREE = "free"
    PRO = "pro"
    TEAM = "team"
    ENTERPRISE = "enterprise"
    UNKNOWN = "unknown"
    """Paid, and the token may not see which one: everything is tried."""


@dataclass(frozen=True, slots=True)
class Offers:
    """What there is to be had."""

    private: bool
    plan: Plan
    environments: bool
    reviewers: bool
    rulesets: bool
    named_actions: bool
    """Whether other actions than GitHub's own can be allowed one by one."""


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Something that the plan does not offer: what it would protect, and what protects instead."""

    feature: str
    would: str
    instead: str


def plan_named(name: str) -> Plan:
    """A plan by the name that GitHub's API gives it; `business` and `business_plus` are older names of Enterprise Cloud."""
    if name in ("business", "business_plus"):
        return Plan.ENTERPRISE
    return Plan(name) if name in tuple(Plan) else Plan.UNKNOWN


def offers_of(*, private: bool, plan: Plan) -> Offers:
    """What a repository has; `private` covers internal ones."""
    paid = plan is not Plan.FREE
    return Offers(
        private=private,
        plan=plan,
        environments=not private or paid,
        reviewers=not private or plan in (Plan.ENTERPRISE, Plan.UNKNOWN),
        rulesets=not private or paid,
        named_actions=not private or plan is Plan.ENTERPRISE,
    )


def shortfalls(offers: Offers) -> tuple[Shortfall, ...]:
    """Everything that is not offered, and what still protects."""
    lacking = []
    if not offers.environments:
        lacking += [
            Shortfall(
                "environment secrets",
                "keys that only jobs of one environment can read",
                "the device keeps them: freqtrain secrets set ENVIRONMENT; nothing secret is stored on GitHub",
            ),
            Shortfall(
                "environments",
                "jobs deploy from main or from release tags only",
                "the device takes bundles only of commits on main, and its runner's hook refuses other workflows",
            ),
        ]
    if not offers.reviewers:
        lacking.append(
            Shortfall(
                "reviewers, wait timers",
                "a job waits until a person approves it on GitHub",
                "signed approvals: freqtrain promote refuses what is not signed (approval.required)",
            )
        )
    if not offers.rulesets:
        lacking += [
            Shortfall(
                "rules for main",
                "nothing is merged that the gate did not pass",
                "test.yml judges again on main, and no bundle is cut from what does not pass; merge by agreement",
            ),
            Shortfall(
                "rules for release tags",
                "only release managers make them, and nobody moves them",
                "a tag that moved or is not on main is dead; what trades with full weight takes a signature",
            ),
        ]
    if not offers.named_actions:
        lacking.append(
            Shortfall(
                "a list of allowed actions",
                "besides GitHub's own, only actions that are named may run",
                "without `allowed_actions` GitHub's own alone; with them any may run; each use is pinned by its commit",
            )
        )
    return tuple(lacking)
