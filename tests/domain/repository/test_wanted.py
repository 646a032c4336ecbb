"""From wishes to settings: what protects a train's repository, for one person and for several, as far as a plan offers it."""

from dataclasses import replace

import pytest

from pipeline.domain.repository.actors import REPOSITORY_ADMIN, Actor, ActorKind, Bypass
from pipeline.domain.repository.calls import Method, changes
from pipeline.domain.repository.differences import differences
from pipeline.domain.repository.names import Needs
from pipeline.domain.repository.offers import Plan, offers_of, plan_named, shortfalls
from pipeline.domain.repository.settings import DeploySource, EnvironmentRules, Ruleset, Settings
from pipeline.domain.repository.wanted import Place, wanted
from pipeline.domain.repository.wishes import EnvironmentWish, Ground, Team, Wishes, grounds_of

OWNER = Actor(ActorKind.USER, 1, "@owner")
PEOPLE = {"@ada": Actor(ActorKind.USER, 2, "@ada"), "@o/product": Actor(ActorKind.TEAM, 3, "@o/product")}
PUBLIC = offers_of(private=False, plan=Plan.FREE)
SOLO = Wishes(
    (
        EnvironmentWish("test", frozenset((Ground.MAIN,)), approval=False, needs=Needs()),
        EnvironmentWish("prod", frozenset(Ground), approval=True, needs=Needs(), wait_minutes=10),
    )
)
ROLES = replace(
    SOLO, team=Team.ROLES, owners=("@ada",), approvers=("@o/product", "@ada"), release_managers=("@o/product",)
)


def settings(wishes: Wishes = SOLO, *, private: bool = False, plan: Plan = Plan.FREE) -> Settings:
    return wanted(wishes, Place(offers_of(private=private, plan=plan), PEOPLE, OWNER))


def rules(there: Settings) -> Ruleset:
    return there.rulesets[0]


def test_alone_nobody_else_is_waited_for_but_the_check_and_the_tags_stand() -> None:
    there = settings()
    assert rules(there).rules["pull_request"]["required_approving_review_count"] == 0
    assert rules(there).leaves()["check gate"] == 15368
    assert rules(there).bypass == ()
    prod = there.environments[1]
    assert (prod.reviewers, prod.prevent_self_review, prod.wait_minutes) == ((OWNER,), False, 10)
    assert there.rulesets[1].bypass == (Bypass(REPOSITORY_ADMIN),)


def test_with_roles_nobody_approves_what_is_their_own() -> None:
    there = settings(ROLES)
    asked = rules(there).rules["pull_request"]
    assert asked == {
        "required_approving_review_count": 1,
        "dismiss_stale_reviews_on_push": True,
        "require_code_owner_review": True,
        "require_last_push_approval": True,
    }
    prod = there.environments[1]
    assert set(prod.reviewers or ()) == set(PEOPLE.values())
    assert prod.prevent_self_review is True
    assert there.rulesets[1].bypass == (Bypass(PEOPLE["@o/product"]),)


def test_whoever_makes_tags_cannot_move_them() -> None:
    for wishes in (SOLO, ROLES):
        there = settings(wishes)
        assert all(ruleset.bypass == () for ruleset in there.rulesets if {"update", "deletion"} & set(ruleset.rules))


def test_where_nobody_is_named_and_no_person_owns_it_somebody_has_to_be() -> None:
    with pytest.raises(ValueError, match="who approves"):
        wanted(SOLO, Place(PUBLIC, {}, None))


@pytest.mark.parametrize(
    ("private", "plan", "environments", "reviewers", "rulesets", "lacking"),
    [
        (False, Plan.FREE, True, True, True, 0),
        (False, Plan.UNKNOWN, True, True, True, 0),
        (True, Plan.FREE, False, False, False, 6),
        (True, Plan.PRO, True, False, True, 2),
        (True, Plan.TEAM, True, False, True, 2),
        (True, Plan.ENTERPRISE, True, True, True, 0),
        (True, Plan.UNKNOWN, True, True, True, 1),
    ],
)
def test_what_a_plan_offers_is_what_github_says(
    private: bool, plan: Plan, environments: bool, reviewers: bool, rulesets: bool, lacking: int
) -> None:
    offers = offers_of(private=private, plan=plan)
    assert (offers.environments, offers.reviewers, offers.rulesets) == (environments, reviewers, rulesets)
    assert len(shortfalls(offers)) == lacking
    there = settings(ROLES, private=private, plan=plan)
    assert bool(there.environments) is environments
    assert bool(there.rulesets) is rulesets
    assert any(one.reviewers for one in there.environments) is reviewers
    assert (there.forks is None, there.private_forks is None) == (private, not private)


def test_actions_that_cannot_be_named_one_by_one_all_run_where_some_are_needed_and_none_otherwise() -> None:
    needs = replace(SOLO, allowed_actions=("docker/login-action@*",))
    for plan, patterns in ((Plan.ENTERPRISE, needs.allowed_actions), (Plan.TEAM, None)):
        there = settings(needs, private=True, plan=plan)
        assert there.actions is not None
        assert there.actions.sha_pinning_required
        assert (there.actions.allowed_actions == "selected") is (patterns is not None)
        assert (there.selected.patterns_allowed if there.selected else None) == patterns
    alone = settings(SOLO, private=True, plan=Plan.TEAM)
    assert alone.actions is not None
    assert alone.selected is not None
    assert (alone.actions.allowed_actions, alone.selected.patterns_allowed) == ("selected", None)
    assert "patterns_allowed" not in alone.selected.leaves()


def test_plans_have_the_names_that_github_gives_them() -> None:
    named = [plan_named(name) for name in ("free", "pro", "team", "enterprise", "business", "business_plus", "bronze")]
    assert named == [Plan.FREE, Plan.PRO, Plan.TEAM, *[Plan.ENTERPRISE] * 3, Plan.UNKNOWN]


@pytest.mark.parametrize(
    ("after", "automatic", "grounds"),
    [
        ("history", True, {Ground.MAIN}),
        ("history", False, {Ground.MAIN}),
        ("dry_run", False, {Ground.RELEASE_TAGS}),
        ("dry_run", True, {Ground.RELEASE_TAGS, Ground.MAIN}),
        ("live", False, {Ground.RELEASE_TAGS, Ground.MAIN}),
    ],
)
def test_from_where_is_deployed_follows_from_what_boards(after: str, automatic: bool, grounds: set[Ground]) -> None:
    assert grounds_of(after=after, promotion_automatic=automatic) == grounds


def test_settings_that_are_as_wished_need_no_call() -> None:
    there = settings(ROLES)
    assert differences(there, there) == ()
    assert changes(there, there) == ()


def test_what_is_found_beyond_the_wish_is_no_difference() -> None:
    there = settings()
    more = replace(
        there,
        environments=(*there.environments, EnvironmentRules("docs", ())),
        rulesets=(replace(rules(there), rules={**rules(there).rules, "required_signatures": {}}), *there.rulesets[1:]),
    )
    assert changes(there, more) == ()


def test_an_environment_is_closed_before_its_list_is_mended() -> None:
    """Cut off in between, less may deploy than is wished, and nothing that is not."""
    there = settings()
    wide = EnvironmentRules("prod", (DeploySource("branch", "*", 5),), restricted=False, reviewers=(), wait_minutes=0)
    made = next(one for one in changes(there, replace(there, environments=(there.environments[0], wide))))
    assert [call.method for call in made.calls] == [Method.PUT, Method.DELETE, Method.POST, Method.POST]
    assert made.calls[1].path == ("environments", "prod", "deployment-branch-policies", "5")
    body = made.calls[0].body
    assert isinstance(body, dict)
    assert body["reviewers"] == [{"type": "User", "id": 1}]


def test_what_the_plan_does_not_offer_is_in_no_call() -> None:
    there = settings(ROLES, private=True, plan=Plan.TEAM)
    bodies = [call.body for change in changes(there, Settings(None, None, None)) for call in change.calls]
    text = str(bodies)
    assert "reviewers" not in text.replace("required_reviewers", "")
    assert "wait_timer" not in text
    assert "prevent_self_review" not in text


def test_without_a_reviewer_self_review_is_not_spoken_of() -> None:
    """GitHub refuses it: a reviewer must be there first."""
    there = settings()
    bodies = {change.part: change.calls[0].body for change in changes(there, Settings(None, None, None))}
    assert bodies["environment test"] == {
        "deployment_branch_policy": {"protected_branches": False, "custom_branch_policies": True}
    }


def test_a_ruleset_that_was_about_something_else_starts_anew() -> None:
    there = settings()
    wrong = replace(
        rules(there), target="tag", id=8, rules={"tag_name_pattern": {"operator": "contains", "pattern": "x"}}
    )
    made = next(iter(changes(there, replace(there, rulesets=(wrong, *there.rulesets[1:])))))
    assert made.calls[0].path == ("rulesets", "8")
    assert "tag_name_pattern" not in str(made.calls[0].body)
