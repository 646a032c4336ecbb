"""Drift, made from every leaf that GitHub stores of what freqtrain manages: each is found, named in plain words, and mended.

What stands in UNMANAGED is all that may differ unnoticed; a new leaf that is neither found nor listed there fails.
"""

import copy
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.domain.repository.wishes import Wishes
from pipeline.errors import ExitCode
from pipeline.flows import github_apply, github_check
from pipeline.render.repository import check_text
from pipeline.render.repository_words import field_words
from tests.adapters.github.settings_ground import ROLES, SOLO, ground, owned_by_organization, state, with_names
from tests.fakes import FakeNarrator
from tests.github_double import GitHubDouble
from tests.github_double.routes_settings import Json

pytestmark = pytest.mark.sockets

MANAGED = ("actions/permissions", "environments", "policies", "rulesets")
UNMANAGED = (
    r"(^|/)(id|node_id|url|html_url|created_at|updated_at|source|source_type)$",  # GitHub's own
    r"^environments/\w+/name$",  # it answers by the name that it is asked for
    r"^environments/\w+/(deployment_branch_policy/protected_branches|can_admins_bypass)$",  # the opposite; left to a person
    r"^environments/.*/reviewer/.*",  # about a reviewer, but for the number
    r"^environments/\w+/protection_rules/\d+/type$",  # another type of rule is another rule
    r"branch_policy$",
    r"^actions/permissions/fork-pr-workflows-private-repos/(send|require)_",  # nothing of it counts where they do not run
    r"/parameters/(allowed_merge_methods|required_reviewers|required_review_thread_resolution)(/|$)",
    r"/parameters/(do_not_enforce_on_create|strict_required_status_checks_policy)$",
)
NUMBER_OF_REVIEWER = r"/reviewer/id$"
OTHERS = {
    "selected": "all",
    "read": "write",
    "all_external_contributors": "first_time_contributors",
    "active": "disabled",
    "always": "exempt",
    "branch": "tag",
    "tag": "branch",
    "User": "Team",
    "Team": "User",
    "RepositoryRole": "OrganizationAdmin",
    "deletion": "required_signatures",
    "creation": "required_linear_history",
    "update": "required_linear_history",
    "non_fast_forward": "required_linear_history",
}
TAKEN_AWAY_ONLY = ("pull_request", "required_status_checks")
"""Rules that cannot become others, because of their parameters."""

Drift = tuple[str, Callable[[Json], None]]


def leaves(stored: Json, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The ways to all leaves."""
    if isinstance(stored, dict | list):
        for key, value in stored.items() if isinstance(stored, dict) else enumerate(stored):
            yield from leaves(value, (*path, key))
    else:
        yield path


def lists(stored: Json, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The ways to all lists."""
    if isinstance(stored, dict | list):
        if isinstance(stored, list):
            yield path
        for key, value in stored.items() if isinstance(stored, dict) else enumerate(stored):
            yield from lists(value, (*path, key))


def at(stored: Json, path: tuple[str | int, ...]) -> Json:
    for key in path:
        stored = stored[key]
    return stored


def changed(value: Json) -> Json:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    return OTHERS.get(value, f"{value}x") if isinstance(value, str) else 1


def managed(path: tuple[str | int, ...]) -> bool:
    words = "/".join(map(str, path))
    if not words.startswith(MANAGED):
        return False
    return bool(re.search(NUMBER_OF_REVIEWER, words)) or not any(re.search(one, words) for one in UNMANAGED)


def drifts(stored: Json) -> Iterator[Drift]:
    """Every managed leaf with another value, every item of every managed list away, and something more in the lists that must hold no more."""
    for path in filter(managed, leaves(stored)):
        if path[-1] == "type" and at(stored, path) in TAKEN_AWAY_ONLY:
            continue

        def change(there: Json, path: tuple[str | int, ...] = path) -> None:
            at(there, path[:-1])[path[-1]] = changed(at(there, path))

        yield f"{'/'.join(map(str, path))} has another value", change
    for path in (one for one in lists(stored) if managed((*one, 0))):
        for index, item in enumerate(at(stored, path)):

            def take(there: Json, path: tuple[str | int, ...] = path, index: int = index) -> None:
                del at(there, path)[index]

            if not (isinstance(item, dict) and item.get("type") == "branch_policy"):
                yield f"{'/'.join(map(str, path))}[{index}] is away", take
    yield from more(stored)


def more(stored: Json) -> Iterator[Drift]:
    bypass = {"actor_id": 4, "actor_type": "RepositoryRole", "bypass_mode": "always"}
    for index, rules in enumerate(stored["rulesets"]):
        for path, item in (
            (("bypass_actors",), bypass),
            (("conditions", "ref_name", "include"), "refs/heads/other"),
            (("conditions", "ref_name", "exclude"), "refs/tags/v1*"),
        ):

            def add(there: Json, path: tuple[str, ...] = path, item: Json = item, index: int = index) -> None:
                at(there["rulesets"][index], path).append(copy.deepcopy(item))

            yield f"{rules['name']}: {'/'.join(path)} holds one more", add
    for name in stored["environments"]:

        def anything(there: Json, name: str = name) -> None:
            there["policies"][name].append({"id": 1, "node_id": "P_1", "name": "*", "type": "branch"})

        def away(there: Json, name: str = name) -> None:
            del there["environments"][name], there["policies"][name]

        def protected_only(there: Json, name: str = name) -> None:
            there["environments"][name]["deployment_branch_policy"] = {
                "protected_branches": True,
                "custom_branch_policies": False,
            }

        yield f"{name}: any branch may deploy", anything
        yield f"{name} is away", away
        yield f"{name}: protected branches may deploy", protected_only
    selected = "actions/permissions/selected-actions"
    yield "one more action may run", lambda there: there[selected]["patterns_allowed"].append("evil/action@*")


@pytest.mark.parametrize(
    ("wishes", "plan", "private", "about", "at_least"),
    [
        (ROLES, "free", False, "", 90),
        (SOLO, "free", False, "pull_request|reviewer|bypass|parameters", 15),
        (ROLES, "team", True, "fork|environments|policies", 10),
    ],
    ids=["with roles", "what is other alone", "what is other in private and without reviewers"],
)
def test_every_drift_is_found_named_and_mended(
    hub: GitHubDouble, tmp_path: Path, wishes: Wishes, plan: str, private: bool, about: str, at_least: int
) -> None:
    """All of them with roles; otherwise only of what is other there, since each takes two looks at everything."""
    if wishes is ROLES:
        owned_by_organization(hub, plan, private=private)
    with_names(hub)
    there = ground(hub, tmp_path, wishes)
    github_apply.apply(github_check.check(there), there, FakeNarrator())
    assert github_check.check(there).code is ExitCode.DONE
    good = copy.deepcopy(state(hub))
    elsewhere = "fork-pr-contributor-approval" if private else "fork-pr-workflows-private-repos"
    made, wrong = 0, []
    for label, drift in drifts(good):
        if not re.search(about, label) or elsewhere in label:
            continue
        made += 1
        hub.world.repository("o/r").more["settings"] = copy.deepcopy(good)
        drift(state(hub))
        wrong += [f"{label}: {said}" for said in trouble(there)]
    assert wrong == []
    assert made >= at_least


def trouble(there: github_check.Ground) -> Iterator[str]:
    """What is wrong with how a drift is dealt with."""
    found = github_check.check(there)
    if not found.differences:
        yield "is not found"
        return
    said = check_text(found, 100)
    for one in found.differences:
        if f"\n{one.part}\n" not in said or (one.field and f"  {field_words(one.field)}: " not in said):
            yield f"{one} is not told"
    applied = github_apply.apply(found, there, FakeNarrator())
    if applied.refused or applied.after.code is not ExitCode.DONE:
        yield f"is not mended: {applied}"
