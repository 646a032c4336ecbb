"""From wishes to settings: the one place that says what protects a train's repository."""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.domain.canonical import Plain
from pipeline.domain.repository.actors import REPOSITORY_ADMIN, Actor, Bypass
from pipeline.domain.repository.offers import Offers
from pipeline.domain.repository.settings import (
    ACTIONS_APP,
    CHECKS,
    ActionsPolicy,
    DeploySource,
    EnvironmentRules,
    ForkPolicy,
    PrivateForkPolicy,
    Ruleset,
    SelectedActions,
    Settings,
    TokenPolicy,
)
from pipeline.domain.repository.wishes import EnvironmentWish, Ground, Team, Wishes

MAIN_RULES = "freqtrain main"
RELEASE_RULES = "freqtrain release tags are made by release managers"
STAY_RULES = "freqtrain release tags stay"
OUR_RULESETS = (MAIN_RULES, RELEASE_RULES, STAY_RULES)
"""Two of them for tags, because whoever may pass by a ruleset passes by all of it: release managers make tags, and nobody moves one."""


@dataclass(frozen=True, slots=True)
class Place:
    """The repository that the wishes are for. `people` maps the names of the wishes to who they are; `owner` is its owner, if a person."""

    offers: Offers
    people: Mapping[str, Actor]
    owner: Actor | None


def wanted(wishes: Wishes, place: Place) -> Settings:
    """The settings as they must be, as far as the repository's plan offers them.

    Raises:
        ValueError: somebody must approve, and nobody is named; the message is a sentence.
    """
    offers = place.offers
    actions, selected = _actions(wishes, offers)
    return Settings(
        actions=actions,
        selected=selected,
        token=TokenPolicy(),
        forks=None if offers.private else ForkPolicy(),
        private_forks=PrivateForkPolicy() if offers.private else None,
        environments=tuple(_environment(one, wishes, place) for one in wishes.environments)
        if offers.environments
        else (),
        rulesets=_rulesets(wishes, place) if offers.rulesets else (),
    )


def _actions(wishes: Wishes, offers: Offers) -> tuple[ActionsPolicy, SelectedActions | None]:
    """Where actions cannot be named one by one, those that are needed run only if all may; each is pinned by its commit either way."""
    if offers.named_actions:
        return ActionsPolicy(), SelectedActions(patterns_allowed=tuple(sorted(wishes.allowed_actions)))
    if wishes.allowed_actions:
        return ActionsPolicy(allowed_actions="all"), None
    return ActionsPolicy(), SelectedActions(patterns_allowed=None)


def _environment(wish: EnvironmentWish, wishes: Wishes, place: Place) -> EnvironmentRules:
    sources = {
        Ground.MAIN: DeploySource("branch", wishes.main),
        Ground.RELEASE_TAGS: DeploySource("tag", wishes.release_tags),
    }
    allowed = tuple(sorted(sources[ground] for ground in wish.grounds))
    if not place.offers.reviewers:
        return EnvironmentRules(wish.name, allowed)
    if not wish.approval:
        return EnvironmentRules(wish.name, allowed, wait_minutes=wish.wait_minutes)
    return EnvironmentRules(
        wish.name,
        allowed,
        reviewers=_approvers(wishes, place),
        prevent_self_review=wishes.team is Team.ROLES,
        wait_minutes=wish.wait_minutes,
    )


def _approvers(wishes: Wishes, place: Place) -> tuple[Actor, ...]:
    if wishes.approvers:
        return tuple(sorted(place.people[name] for name in wishes.approvers))
    if place.owner is None:
        raise ValueError(
            "an environment asks for approval, and the repository belongs to an organization: who approves?"
        )
    return (place.owner,)


def _rulesets(wishes: Wishes, place: Place) -> tuple[Ruleset, ...]:
    managers = [place.people[name] for name in wishes.release_managers] or [REPOSITORY_ADMIN]
    tags = (f"refs/tags/{wishes.release_tags}",)
    return (
        Ruleset(MAIN_RULES, "branch", (f"refs/heads/{wishes.main}",), _main_rules(wishes)),
        Ruleset(
            RELEASE_RULES, "tag", tags, {"creation": {}}, bypass=tuple(sorted(Bypass(actor) for actor in managers))
        ),
        Ruleset(STAY_RULES, "tag", tags, {"update": {}, "deletion": {}}),
    )


def _main_rules(wishes: Wishes) -> Mapping[str, Mapping[str, Plain]]:
    """With a team of one nobody else could review: GitHub lets nobody approve a pull request of their own."""
    others = wishes.team is Team.ROLES
    check: Plain = {"context": wishes.required_check, "integration_id": ACTIONS_APP}
    return {
        "deletion": {},
        "non_fast_forward": {},
        "pull_request": {
            "required_approving_review_count": 1 if others else 0,
            "dismiss_stale_reviews_on_push": True,
            "require_code_owner_review": others,
            "require_last_push_approval": others,
        },
        CHECKS: {CHECKS: [check]},
    }
