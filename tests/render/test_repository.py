"""What a person reads about a repository's settings, as golden transcripts; and the documentation's tables, which are made here."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.domain.repository.actors import Actor, ActorKind
from pipeline.domain.repository.by_hand import ByHand, by_hand
from pipeline.domain.repository.calls import changes
from pipeline.domain.repository.checked import Applied, Checked, RefusedCall
from pipeline.domain.repository.differences import Absent, differences
from pipeline.domain.repository.found import Facts, Found
from pipeline.domain.repository.names import Needs
from pipeline.domain.repository.offers import Plan, offers_of, shortfalls
from pipeline.domain.repository.settings import (
    ActionsPolicy,
    DeploySource,
    EnvironmentRules,
    Settings,
    TokenPolicy,
)
from pipeline.domain.repository.wanted import Place, wanted
from pipeline.domain.repository.wishes import EnvironmentWish, Ground, Team, Wishes
from pipeline.render.repository import applied_document, applied_text, check_document, check_text, plan_text
from pipeline.render.repository_words import field_words, value_words
from tests.github_double import routes_people, routes_settings

PAGE = Path(__file__).parent.parent.parent / "docs" / "github-repository.md"
Golden = Callable[[str, str], None]

KEYS = Needs(("EXCHANGE_ACCESS_KEY",), ("DRY_RUN",), private=frozenset(("EXCHANGE_ACCESS_KEY",)))
SOLO = Wishes(
    (
        EnvironmentWish("test", frozenset((Ground.MAIN,)), approval=False, needs=Needs()),
        EnvironmentWish("sandbox", frozenset((Ground.RELEASE_TAGS,)), approval=False, needs=KEYS),
        EnvironmentWish("prod", frozenset(Ground), approval=True, needs=KEYS),
    )
)
ROLES = replace(
    SOLO,
    team=Team.ROLES,
    owners=("@org/reviewers",),
    release_managers=("@org/product",),
    approvers=("@org/product",),
)
OWNER = Actor(ActorKind.USER, 1, "the repository's owner")
PEOPLE = {"@org/product": Actor(ActorKind.TEAM, 2, "@org/product")}


def settings(wishes: Wishes, *, private: bool = False, plan: Plan = Plan.FREE) -> Settings:
    return wanted(wishes, Place(offers_of(private=private, plan=plan), PEOPLE, OWNER))


def checked(
    wishes: Wishes, found: Settings, *, private: bool = False, plan: Plan = Plan.UNKNOWN, hand: tuple[ByHand, ...] = ()
) -> Checked:
    offers = offers_of(private=private, plan=plan)
    facts = Facts("org/train", private, plan, "main")
    wish = settings(wishes, private=private, plan=plan)
    return Checked(facts, offers, differences(wish, found), changes(wish, found), hand, None, shortfalls(offers), ())


def drifted() -> Settings:
    good = settings(ROLES)
    main = good.rulesets[0]
    weaker = {**main.rules, "pull_request": {**main.rules["pull_request"], "require_code_owner_review": False}}
    del weaker["non_fast_forward"]
    prod = EnvironmentRules("prod", (DeploySource("branch", "*", 4),), reviewers=(), prevent_self_review=False)
    return replace(
        good,
        actions=ActionsPolicy(allowed_actions="all", sha_pinning_required=False),
        selected=None,
        token=TokenPolicy("write", can_approve_pull_request_reviews=True),
        environments=(*good.environments[:2], prod),
        rulesets=(replace(main, rules=weaker, enforcement="disabled"), *good.rulesets[1:2]),
    )


def test_what_differs_is_told_field_by_field(golden: Golden) -> None:
    facts = Facts("org/train", False, Plan.UNKNOWN, "main")
    hand = tuple(by_hand(ROLES, offers_of(private=False, plan=Plan.UNKNOWN), facts, Found(drifted())))
    golden("render/repository_check.txt", check_text(checked(ROLES, drifted(), hand=hand), 110))


def test_the_plan_shows_what_would_be_done(golden: Golden) -> None:
    golden("render/repository_plan.txt", plan_text(checked(ROLES, drifted())))
    assert plan_text(checked(SOLO, settings(SOLO))).endswith("\nNothing is to be changed.\n")


def test_what_a_free_private_repository_lacks_is_a_table(golden: Golden) -> None:
    there = settings(SOLO, private=True, plan=Plan.FREE)
    golden("render/repository_free_private.txt", check_text(checked(SOLO, there, private=True, plan=Plan.FREE), 110))


def test_what_was_refused_is_told_with_what_to_do(golden: Golden) -> None:
    refused = RefusedCall("set Actions", "GitHub does not do PUT … (409): Conflict", "ask the organization's owners")
    applied = Applied(3, (refused,), checked(SOLO, replace(settings(SOLO), actions=ActionsPolicy(enabled=False))))
    golden("render/repository_refused.txt", applied_text(applied, 110))
    document = applied_document(applied)
    assert next(iter(document)) == "outcome"
    assert (document["outcome"], document["made"]) == ("REFUSED", 3)


def test_a_program_reads_each_difference_with_both_values() -> None:
    document = check_document(checked(ROLES, drifted()))
    found = document["differences"]
    assert isinstance(found, list)
    assert {
        "part": "the workflows' token",
        "field": "default_workflow_permissions",
        "found": "write",
        "wanted": "read",
    } in found
    assert {"part": "ruleset freqtrain main", "field": "non_fast_forward", "found": None, "wanted": True} in found


def test_every_field_has_words_of_its_own() -> None:
    for part in settings(ROLES).parts() + settings(ROLES, private=True, plan=Plan.ENTERPRISE).parts():
        for field in part.leaves():
            assert field_words(field) != field or field == "enforcement", f"{part.title}: {field}"
            assert value_words(field, Absent.ABSENT)


def managed_table() -> str:
    """Every field that is managed, alone and with roles."""
    rows = ["| part | field | alone | with roles |", "|---|---|---|---|"]
    for private in (False, True):
        alone, roles = (settings(one, private=private, plan=Plan.ENTERPRISE) for one in (SOLO, ROLES))
        others = {part.title: part.leaves() for part in roles.parts()}
        for part in alone.parts():
            for field, value in part.leaves().items():
                cells = [value_words(field, value), value_words(field, others[part.title][field])]
                row = f"| {part.title} | {field_words(field)} | {cells[0]} | {cells[1]} |"
                rows += [row] if row not in rows else []
    return "\n".join(rows)


def plans_table() -> str:
    """What each plan offers to a private repository."""
    heads = (
        "plan",
        "environments, their secrets and where they deploy from",
        "rulesets",
        "reviewers, wait timers",
        "a list of allowed actions",
    )
    rows = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    kinds = [("any, public repository", offers_of(private=False, plan=Plan.FREE))]
    named = [plan for plan in Plan if plan is not Plan.UNKNOWN]
    kinds += [(f"{plan.value.capitalize()}, private", offers_of(private=True, plan=plan)) for plan in named]
    for name, offers in kinds:
        had = (offers.environments, offers.rulesets, offers.reviewers, offers.named_actions)
        rows.append(f"| {name} | {' | '.join('yes' if one else '–' for one in had)} |")
    rows += ["", "| where it is missing | would mean | what protects instead |", "|---|---|---|"]
    rows += [f"| {one.feature} | {one.would} | {one.instead} |" for one in shortfalls(kinds[1][1])]
    return "\n".join(rows)


def calls_table() -> str:
    """Every request that the settings take, with its permission, as the double demands it."""
    routes = [*routes_settings.ROUTES.table, *routes_people.ROUTES.table]
    rows = [
        f"| `{one.method} {one.path}` | {one.needs} |" for one in sorted(routes, key=lambda one: (one.path, one.method))
    ]
    return "\n".join(["| request | permission |", "|---|---|", *rows])


@pytest.mark.parametrize(("name", "made"), [("managed", managed_table), ("plans", plans_table), ("calls", calls_table)])
def test_the_pages_tables_are_kept_in_step(request: pytest.FixtureRequest, name: str, made: Callable[[], str]) -> None:
    """Rewritten with --update-golden."""
    text = PAGE.read_text(encoding="utf-8")
    block = re.compile(f"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    assert len(block.findall(text)) == 1
    whole = block.sub(lambda found: f"{found[1]}\n{made()}\n\n{found[2]}", text)
    if request.config.getoption("--update-golden"):
        PAGE.write_text(whole, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == whole
