"""What the fields of a repository's settings are called by people, and how their values are said."""

from pipeline.domain.repository.differences import Absent
from pipeline.domain.repository.settings import ACTIONS_APP, Value

_FIELDS = {
    "enabled": "workflows run",
    "allowed_actions": "which actions may run",
    "sha_pinning_required": "actions must be pinned by their commit",
    "github_owned_allowed": "GitHub's own actions may run",
    "verified_allowed": "actions of any verified creator may run",
    "patterns_allowed": "further actions that may run",
    "default_workflow_permissions": "what it may where a workflow does not say",
    "can_approve_pull_request_reviews": "it may approve pull requests",
    "approval_policy": "whose workflows wait for a maintainer",
    "run_workflows_from_fork_pull_requests": "their workflows run",
    "deploys_from": "deploys from",
    "reviewers": "approved by",
    "prevent_self_review": "who starts a deployment may not approve it",
    "wait_minutes": "minutes that a job waits",
    "target": "is about",
    "enforcement": "enforcement",
    "include": "applies to",
    "exclude": "leaves out",
    "bypass": "does not bind",
    "creation": "forbids making one",
    "update": "forbids moving one",
    "deletion": "forbids deletion",
    "non_fast_forward": "forbids force pushes",
    "pull_request": "demands a pull request",
    "required_status_checks": "demands checks",
    "required_approving_review_count": "approving reviews that are needed",
    "dismiss_stale_reviews_on_push": "a push takes approvals back",
    "require_code_owner_review": "owners must review",
    "require_last_push_approval": "somebody else must approve the last push",
}
_NOBODY = ("reviewers", "bypass")


def field_words(field: str) -> str:
    """A field's name for people; GitHub's own where we have none."""
    if field.startswith("check "):
        return f"the check '{field.removeprefix('check ')}' counts from"
    return _FIELDS.get(field, field)


def value_words(field: str, value: Value | Absent) -> str:
    """A field's value for people."""
    if isinstance(value, Absent):
        return "not demanded" if field.startswith("check ") else "no" if field in _RULES else "not there"
    if field.startswith("check "):
        return "GitHub Actions" if value == ACTIONS_APP else "anybody" if value is None else f"the app {value}"
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or ("nobody" if field in _NOBODY else "nothing")
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "not set" if value in (None, "") else str(value)


_RULES = frozenset(("creation", "update", "deletion", "non_fast_forward", "pull_request", "required_status_checks"))
"""Fields that say whether a rule is there."""
