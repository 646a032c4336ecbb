"""The calls to GitHub that bring settings from what was found to what is wished; what is not wished goes back as it was."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pipeline.domain.canonical import Plain, plain
from pipeline.domain.repository.differences import part_differences
from pipeline.domain.repository.settings import (
    CHECKS,
    ActionsPolicy,
    DeploySource,
    EnvironmentRules,
    ForkPolicy,
    Part,
    PrivateForkPolicy,
    Ruleset,
    SelectedActions,
    Settings,
    TokenPolicy,
)


class Method(StrEnum):
    """What a call does: PUT sets, POST makes, DELETE removes."""

    PUT = "PUT"
    POST = "POST"
    DELETE = "DELETE"


@dataclass(frozen=True, slots=True)
class Call:
    """One call: `path` are the parts of the address below the repository, as plain names."""

    method: Method
    path: tuple[str, ...]
    body: Plain
    words: str
    """What it does, for people."""


@dataclass(frozen=True, slots=True)
class Change:
    """What mends one part: its calls in their order. After any of them the repository is guarded no less than before."""

    part: str
    calls: tuple[Call, ...]


def changes(wanted: Settings, found: Settings) -> tuple[Change, ...]:
    """What is left to do; nothing where nothing differs."""
    there = {part.title: part for part in found.parts()}
    made = [Change(part.title, tuple(_calls(part, there.get(part.title)))) for part in wanted.parts()]
    return tuple(change for change in made if change.calls)


_PERMISSIONS: Mapping[type[Part], tuple[str, ...]] = {
    ActionsPolicy: ("actions", "permissions"),
    SelectedActions: ("actions", "permissions", "selected-actions"),
    TokenPolicy: ("actions", "permissions", "workflow"),
    ForkPolicy: ("actions", "permissions", "fork-pr-contributor-approval"),
    PrivateForkPolicy: ("actions", "permissions", "fork-pr-workflows-private-repos"),
}


def _calls(wanted: Part, found: Part | None) -> Iterator[Call]:
    if not any(part_differences(wanted, found)):
        return
    if isinstance(wanted, EnvironmentRules):
        yield from _environment(wanted, found if isinstance(found, EnvironmentRules) else None)
    elif isinstance(wanted, Ruleset):
        yield _ruleset(wanted, found if isinstance(found, Ruleset) else None)
    else:
        body: Plain = {name: plain(value) for name, value in wanted.leaves().items()}
        yield Call(Method.PUT, _PERMISSIONS[type(wanted)], body, f"set {wanted.title}")


def _environment(wanted: EnvironmentRules, found: EnvironmentRules | None) -> Iterator[Call]:
    """First that only what is listed may deploy, then the list: in between less may deploy, never more."""
    path = ("environments", wanted.name)
    body = _environment_body(wanted, found)
    if found is None or not found.restricted or _rules_differ(wanted, found):
        yield Call(Method.PUT, path, body, f"{'set' if found else 'create'} {wanted.title}")
    there = found.sources if found else ()
    policies = (*path, "deployment-branch-policies")
    for source in (source for source in there if source not in wanted.sources):
        yield Call(Method.DELETE, (*policies, str(source.id)), None, f"forbid {wanted.title} {source}")
    for source in (source for source in wanted.sources if source not in there):
        yield Call(Method.POST, policies, _policy(source), f"allow {wanted.title} {source}")


def _rules_differ(wanted: EnvironmentRules, found: EnvironmentRules) -> bool:
    return any(one.field != "deploys_from" for one in part_differences(wanted, found))


def _policy(source: DeploySource) -> Plain:
    return {"name": source.pattern, "type": source.kind}


def _environment_body(wanted: EnvironmentRules, found: EnvironmentRules | None) -> Plain:
    """Everything goes into one call, because GitHub takes away what is left out; what the plan does not offer was not found either.

    Without a reviewer GitHub refuses `prevent_self_review`; where the plan has no wait timer, it refuses even one of 0 minutes.
    """
    reviewers = wanted.reviewers if wanted.reviewers is not None or found is None else found.reviewers
    alone = (
        wanted.prevent_self_review
        if wanted.prevent_self_review is not None or found is None
        else found.prevent_self_review
    )
    minutes = wanted.wait_minutes if wanted.wait_minutes is not None or found is None else found.wait_minutes
    body: dict[str, Plain] = {"deployment_branch_policy": {"protected_branches": False, "custom_branch_policies": True}}
    if minutes or wanted.wait_minutes is not None:
        body["wait_timer"] = minutes
    if reviewers:
        body["reviewers"] = [{"type": actor.kind.value, "id": actor.id} for actor in sorted(reviewers)]
        body["prevent_self_review"] = bool(alone)
    return body


def _ruleset(wanted: Ruleset, found: Ruleset | None) -> Call:
    rules: dict[str, Mapping[str, Plain]] = {**(found.rules if found and found.target == wanted.target else {})}
    for rule, parameters in wanted.rules.items():
        rules[rule] = _parameters(rule, rules.get(rule, {}), parameters)
    body: Plain = {
        "name": wanted.name,
        "target": wanted.target,
        "enforcement": wanted.enforcement,
        "bypass_actors": [
            {"actor_id": one.actor.id, "actor_type": one.actor.kind.value, "bypass_mode": one.mode}
            for one in wanted.bypass or ()
        ],
        "conditions": {"ref_name": {"include": list(wanted.include), "exclude": list(wanted.exclude)}},
        "rules": [{"type": rule, "parameters": dict(held)} if held else {"type": rule} for rule, held in rules.items()],
    }
    if found is None:
        return Call(Method.POST, ("rulesets",), body, f"create {wanted.title}")
    return Call(Method.PUT, ("rulesets", str(found.id)), body, f"set {wanted.title}")


_AT_FIRST: Mapping[str, Mapping[str, Plain]] = {
    "pull_request": {"required_review_thread_resolution": False},
    CHECKS: {"strict_required_status_checks_policy": False},
}
"""Parameters that GitHub demands of a new rule, and about which nothing is wished."""


def _parameters(rule: str, found: Mapping[str, Plain], wanted: Mapping[str, Plain]) -> Mapping[str, Plain]:
    merged = {**_AT_FIRST.get(rule, {}), **found, **wanted}
    if rule == CHECKS:
        ours, there = wanted.get(CHECKS), found.get(CHECKS)
        listed = ours if isinstance(ours, list) else []
        names = [one["context"] for one in listed if isinstance(one, dict)]
        kept = (
            [one for one in there if isinstance(one, dict) and one.get("context") not in names]
            if isinstance(there, list)
            else []
        )
        merged[CHECKS] = [*listed, *kept]
    return merged
