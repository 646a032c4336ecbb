"""A repository's settings: Actions, environments, rulesets, names of secrets and variables.

What GitHub's description does not tell was taken from reports of what it answers: a plan without a feature (403 "Upgrade to GitHub Pro", 422
"ensure the billing plan supports"), `prevent_self_review` without a reviewer (422), and an organization's rule in the way (409).
"""

from typing import Any

from tests.github_double.routes_people import TEAMS, team
from tests.github_double.routing import NOT_FOUND, Call, Reply, Routes, invalid, paged
from tests.github_double.shapes import stamped, user
from tests.github_double.world import Repository, World

Json = Any
ROUTES = Routes()

R = "/repos/{owner}/{repo}"
PERMISSIONS = f"{R}/actions/permissions"
ENVIRONMENT = f"{R}/environments/{{environment_name}}"
POLICIES = f"{ENVIRONMENT}/deployment-branch-policies"
READ, WRITE = "administration=read", "administration=write"


def settings_of(repository: Repository) -> Json:
    """All settings of a repository, as GitHub makes them for a new one; `plan` and `forbidden` (paths) are the test's to set."""
    new: Json = {
        "plan": "free",
        "forbidden": [],
        "actions/permissions": {"enabled": True, "allowed_actions": "all", "sha_pinning_required": False},
        "actions/permissions/selected-actions": {
            "github_owned_allowed": True,
            "verified_allowed": True,
            "patterns_allowed": [],
        },
        "actions/permissions/workflow": {
            "default_workflow_permissions": "write",
            "can_approve_pull_request_reviews": True,
        },
        "actions/permissions/fork-pr-contributor-approval": {"approval_policy": "first_time_contributors"},
        "actions/permissions/fork-pr-workflows-private-repos": {
            "run_workflows_from_fork_pull_requests": True,
            "send_write_tokens_to_workflows": False,
            "send_secrets_and_variables": False,
            "require_approval_for_fork_pr_workflows": False,
        },
        "environments": {},
        "policies": {},
        "rulesets": [],
        "secrets": {},
        "variables": {},
        "codeowners_errors": [],
    }
    return repository.more.setdefault("settings", new)


def _plan_has(call: Call, feature: str) -> bool:
    repository = call.repository
    lacking = {"free": ("environments", "rulesets", "reviewers"), "team": ("reviewers",), "pro": ("reviewers",)}
    return not repository.private or feature not in lacking.get(settings_of(repository)["plan"], ())


def _path(call: Call) -> str:
    return call.path.split("/", 4)[4]


def _shown(call: Call) -> Reply:
    return Reply(200, settings_of(call.repository)[_path(call)])


def _set(call: Call) -> Reply:
    settings = settings_of(call.repository)
    if _path(call) in settings["forbidden"]:
        return Reply(409, {"message": "Conflict"})
    settings[_path(call)].update(call.body)
    return Reply(204)


for _name in ("", "/workflow"):
    ROUTES.on("GET", PERMISSIONS + _name, READ)(_shown)
    ROUTES.on("PUT", PERMISSIONS + _name, WRITE)(_set)


@ROUTES.on("GET", f"{PERMISSIONS}/selected-actions", READ)
def selected(call: Call) -> Reply:
    """Only where a selection is what may run."""
    chosen = settings_of(call.repository)["actions/permissions"]["allowed_actions"] == "selected"
    return _shown(call) if chosen else Reply(409, {"message": "Conflict"})


@ROUTES.on("PUT", f"{PERMISSIONS}/selected-actions", WRITE)
def select(call: Call) -> Reply:
    """Patterns only apply to public repositories, and to private ones of an enterprise."""
    settings = settings_of(call.repository)
    if settings["actions/permissions"]["allowed_actions"] != "selected":
        return Reply(409, {"message": "Conflict"})
    reply = _set(call)
    if call.repository.private and settings["plan"] != "enterprise":
        settings[_path(call)]["patterns_allowed"] = []
    return reply


def _for(private: bool, do: Any) -> Any:
    return lambda call: do(call) if call.repository.private is private else NOT_FOUND


for _name, _private in (("fork-pr-contributor-approval", False), ("fork-pr-workflows-private-repos", True)):
    ROUTES.on("GET", f"{PERMISSIONS}/{_name}", READ)(_for(_private, _shown))
    ROUTES.on("PUT", f"{PERMISSIONS}/{_name}", WRITE)(_for(_private, _set))


@ROUTES.on("GET", ENVIRONMENT, "actions=read")
def environment(call: Call) -> Reply:
    there = settings_of(call.repository)["environments"].get(call.values["environment_name"].lower())
    return Reply(200, there) if there and _plan_has(call, "environments") else NOT_FOUND


@ROUTES.on("PUT", ENVIRONMENT, WRITE)
def set_environment(call: Call) -> Reply:
    """What is left out is taken away."""
    settings, name, wish = settings_of(call.repository), call.values["environment_name"], call.body
    if not _plan_has(call, "environments"):
        return NOT_FOUND
    if not _plan_has(call, "reviewers") and ("reviewers" in wish or "wait_timer" in wish):
        said = "Failed to create the environment protection rule. Please ensure the billing plan supports the required reviewers"
        return invalid(f"{said} protection rule.")
    if wish.get("prevent_self_review") and not wish.get("reviewers"):
        return invalid("Required reviewers must have at least one reviewer to set prevent_self_review.")
    kinds = wish.get("deployment_branch_policy")
    if kinds and kinds["protected_branches"] == kinds["custom_branch_policies"]:
        return invalid("protected_branches and custom_branch_policies cannot have the same value")
    there = settings["environments"].get(name.lower()) or stamped(call.world)
    here = f"{call.world.url}/repos/{call.repository.full_name}/environments/{name}"
    there |= {"name": name, "url": here, "html_url": here, "can_admins_bypass": there.get("can_admins_bypass", False)}
    there |= {"deployment_branch_policy": kinds, "protection_rules": _protection(call, wish)}
    settings["environments"][name.lower()] = there
    return Reply(200, there)


def _protection(call: Call, wish: Json) -> list[Json]:
    rules: list[Json] = []
    if wish.get("wait_timer"):
        rules.append({**_rule(call, "wait_timer"), "wait_timer": wish["wait_timer"]})
    if wish.get("reviewers"):
        people = [{"type": one["type"], "reviewer": _account(call.world, one)} for one in wish["reviewers"]]
        alone = {"prevent_self_review": wish.get("prevent_self_review", False)}
        rules.append({**_rule(call, "required_reviewers"), **alone, "reviewers": people})
    return rules + ([_rule(call, "branch_policy")] if wish.get("deployment_branch_policy") else [])


def _rule(call: Call, kind: str) -> Json:
    return {"id": call.world.number(), "node_id": "GA_1", "type": kind}


def _account(world: World, wish: Json) -> Json:
    if wish["type"] == "Team":
        slug = next((slug for slug in TEAMS if team(world, "o", slug)["id"] == wish["id"]), "other")
        return team(world, "o", slug) | {"id": wish["id"]}
    return user(world, f"number-{wish['id']}") | {"id": wish["id"]}


@ROUTES.on("GET", POLICIES, "actions=read")
def policies(call: Call) -> Reply:
    listed = settings_of(call.repository)["policies"].get(call.values["environment_name"].lower(), [])
    return paged(call, listed, "branch_policies")


@ROUTES.on("POST", POLICIES, WRITE)
def allow(call: Call) -> Reply:
    settings, name = settings_of(call.repository), call.values["environment_name"].lower()
    there = settings["environments"].get(name)
    if there is None or not (there["deployment_branch_policy"] or {}).get("custom_branch_policies"):
        return NOT_FOUND
    listed, wish = settings["policies"].setdefault(name, []), call.body
    if any((one["name"], one["type"]) == (wish["name"], wish["type"]) for one in listed):
        return Reply(303)
    listed.append({"id": call.world.number(), "node_id": "P_1", "name": wish["name"], "type": wish["type"]})
    return Reply(200, listed[-1])


@ROUTES.on("DELETE", f"{POLICIES}/{{branch_policy_id}}", WRITE)
def forbid(call: Call) -> Reply:
    listed = settings_of(call.repository)["policies"].get(call.values["environment_name"].lower(), [])
    found = [one for one in listed if str(one["id"]) == call.values["branch_policy_id"]]
    for one in found:
        listed.remove(one)
    return Reply(204) if found else NOT_FOUND


UPGRADE = Reply(403, {"message": "Upgrade to GitHub Pro or make this repository public to enable this feature."})
FILLED = {
    "pull_request": {"allowed_merge_methods": ["merge", "squash", "rebase"], "required_reviewers": []},
    "required_status_checks": {"do_not_enforce_on_create": False},
}
"""Parameters that GitHub adds to a rule by itself."""


@ROUTES.on("GET", f"{R}/rulesets", "metadata=read")
def rulesets(call: Call) -> Reply:
    if not _plan_has(call, "rulesets"):
        return UPGRADE
    hidden = ("rules", "conditions", "bypass_actors")
    listed = [{k: v for k, v in one.items() if k not in hidden} for one in settings_of(call.repository)["rulesets"]]
    return paged(call, listed)


@ROUTES.on("POST", f"{R}/rulesets", WRITE)
def create_ruleset(call: Call) -> Reply:
    listed = settings_of(call.repository)["rulesets"]
    if not _plan_has(call, "rulesets"):
        return UPGRADE
    if any(one["name"] == call.body["name"] for one in listed):
        return invalid("Validation Failed: Name must be unique")
    made = stamped(call.world) | {"source": call.repository.full_name, "source_type": "Repository"}
    listed.append(_filled({**made, "target": "branch", "bypass_actors": [], **call.body}))
    return Reply(201, listed[-1])


@ROUTES.on("GET", f"{R}/rulesets/{{ruleset_id}}", "metadata=read")
def ruleset(call: Call) -> Reply:
    found = _ruleset(call)
    if found is None:
        return NOT_FOUND
    may = call.token is not None and call.token.may(WRITE)
    return Reply(200, {key: value for key, value in found.items() if may or key != "bypass_actors"})


@ROUTES.on("PUT", f"{R}/rulesets/{{ruleset_id}}", WRITE)
def set_ruleset(call: Call) -> Reply:
    found = _ruleset(call)
    if found is None:
        return NOT_FOUND
    found.update(call.body)
    return Reply(200, _filled(found))


def _ruleset(call: Call) -> Json:
    listed = settings_of(call.repository)["rulesets"]
    return next((one for one in listed if str(one["id"]) == call.values["ruleset_id"]), None)


def _filled(made: Json) -> Json:
    for rule in made["rules"]:
        if rule["type"] in FILLED:
            rule["parameters"] = {**FILLED[rule["type"]], **rule.get("parameters", {})}
    return made


def _names(kind: str, where: str) -> Any:
    def listed(call: Call) -> Reply:
        at = call.values["environment_name"].lower() if where == "environment" else where
        names = settings_of(call.repository)[kind].get(at, [])
        dates = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
        value = {"value": "a value that nobody asked for"} if kind == "variables" else {}
        return paged(call, [{"name": name, **value, **dates} for name in names], kind)

    return listed


for _kind in ("secrets", "variables"):
    ROUTES.on("GET", f"{ENVIRONMENT}/{_kind}", "environments=read")(_names(_kind, "environment"))
    ROUTES.on("GET", f"{R}/actions/{_kind}", f"{_kind}=read")(_names(_kind, "repository"))
    ROUTES.on("GET", f"{R}/actions/organization-{_kind}", f"{_kind}=read")(_names(_kind, "organization"))


@ROUTES.on("GET", f"{R}/actions/variables/{{name}}", "variables=read")
def variable(call: Call) -> Reply:
    name = call.values["name"]
    value = call.repository.more.get("values", {}).get(name)
    dates = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
    return NOT_FOUND if value is None else Reply(200, {"name": name, "value": value, **dates})


@ROUTES.on("GET", f"{R}/codeowners/errors", "contents=read")
def codeowners_errors(call: Call) -> Reply:
    errors = settings_of(call.repository)["codeowners_errors"]
    more = {"column": 3, "kind": "Unknown owner", "suggestion": None, "path": ".github/CODEOWNERS"}
    return Reply(200, {"errors": [{"line": line, "message": said, **more} for line, said in errors]})
