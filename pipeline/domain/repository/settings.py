"""The settings of a repository that the train cares about, wished or found: each part with its fields, of which each can be compared."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from pipeline.domain.canonical import Plain
from pipeline.domain.repository.actors import Actor, Bypass

ACTIONS_APP = 15368
"""GitHub Actions' own app: a check of the same name by anybody else does not count."""

Value = bool | int | str | None | tuple[str, ...] | tuple[Actor, ...] | tuple[Bypass, ...]


@dataclass(frozen=True, slots=True)
class ActionsPolicy:
    """What may run: PUT /repos/{owner}/{repo}/actions/permissions."""

    enabled: bool = True
    allowed_actions: str = "selected"
    sha_pinning_required: bool = True

    @property
    def title(self) -> str:
        return "Actions"

    def leaves(self) -> Mapping[str, Value]:
        return _own(self)


@dataclass(frozen=True, slots=True)
class SelectedActions:
    """Whose actions may run: PUT .../actions/permissions/selected-actions. Patterns are None where the plan has none."""

    github_owned_allowed: bool = True
    verified_allowed: bool = False
    patterns_allowed: tuple[str, ...] | None = ()

    @property
    def title(self) -> str:
        return "allowed actions"

    def leaves(self) -> Mapping[str, Value]:
        return _own(self)


@dataclass(frozen=True, slots=True)
class TokenPolicy:
    """What a workflow's token may where the workflow does not say: PUT .../actions/permissions/workflow."""

    default_workflow_permissions: str = "read"
    can_approve_pull_request_reviews: bool = False

    @property
    def title(self) -> str:
        return "the workflows' token"

    def leaves(self) -> Mapping[str, Value]:
        return _own(self)


@dataclass(frozen=True, slots=True)
class ForkPolicy:
    """Whose pull requests from forks wait for a maintainer, in a public repository: PUT .../actions/permissions/fork-pr-contributor-approval."""

    approval_policy: str = "all_external_contributors"

    @property
    def title(self) -> str:
        return "pull requests from forks"

    def leaves(self) -> Mapping[str, Value]:
        return _own(self)


@dataclass(frozen=True, slots=True)
class PrivateForkPolicy:
    """Whether workflows of forks run in a private repository: PUT .../actions/permissions/fork-pr-workflows-private-repos."""

    run_workflows_from_fork_pull_requests: bool = False

    @property
    def title(self) -> str:
        return "pull requests from private forks"

    def leaves(self) -> Mapping[str, Value]:
        return _own(self)


@dataclass(frozen=True, slots=True, order=True)
class DeploySource:
    """A pattern of branches or tags from which jobs may deploy; GitHub's number is for deleting it."""

    kind: str
    pattern: str
    id: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return f"{self.kind} {self.pattern}"


@dataclass(frozen=True, slots=True)
class EnvironmentRules:
    """One environment. None is a field that is left as it is. Unless it is `restricted`, the list of sources sleeps: anything may deploy."""

    name: str
    sources: tuple[DeploySource, ...]
    restricted: bool = True
    reviewers: tuple[Actor, ...] | None = None
    prevent_self_review: bool | None = None
    wait_minutes: int | None = None
    administrators_bypass: bool = field(default=False, compare=False)
    """Whether a person ticked that administrators pass by; it can be read, and set by hand only."""

    @property
    def title(self) -> str:
        return f"environment {self.name}"

    def leaves(self) -> Mapping[str, Value]:
        found: dict[str, Value] = {
            "reviewers": None if self.reviewers is None else tuple(sorted(self.reviewers)),
            "prevent_self_review": self.prevent_self_review,
            "wait_minutes": self.wait_minutes,
        }
        sources = tuple(sorted(map(str, self.sources))) if self.restricted else ("anywhere",)
        return {"deploys_from": sources, **{name: value for name, value in found.items() if value is not None}}


@dataclass(frozen=True, slots=True)
class Ruleset:
    """One ruleset: `rules` maps each rule's type to its parameters; a wish names those that count, and leaves all others as they are.

    `bypass` None: the token may not see it. `id` 0: not there yet.
    """

    name: str
    target: str
    include: tuple[str, ...]
    rules: Mapping[str, Mapping[str, Plain]]
    exclude: tuple[str, ...] = ()
    bypass: tuple[Bypass, ...] | None = ()
    enforcement: str = "active"
    id: int = field(default=0, compare=False)

    @property
    def title(self) -> str:
        return f"ruleset {self.name}"

    def leaves(self) -> Mapping[str, Value]:
        found: dict[str, Value] = {
            "target": self.target,
            "enforcement": self.enforcement,
            "include": tuple(sorted(self.include)),
            "exclude": tuple(sorted(self.exclude)),
            "bypass": None if self.bypass is None else tuple(sorted(self.bypass)),
        }
        for rule, parameters in self.rules.items():
            found[rule] = True
            for name, value in parameters.items():
                if name == CHECKS:
                    found |= {f"check {context}": app for context, app in checks_of(value)}
                elif isinstance(value, bool | int | str):
                    found[name] = value
        return found


CHECKS = "required_status_checks"
"""The rule of required checks, and its parameter that lists them."""


def checks_of(value: Plain) -> tuple[tuple[str, int | None], ...]:
    """The required checks in a rule's parameter: name and the app that must report it; of two with one name, the one bound to Actions last."""
    listed = [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
    found = [(str(one.get("context", "")), one.get("integration_id")) for one in listed]
    bound = [(context, app if isinstance(app, int) else None) for context, app in found]
    return tuple(sorted(bound, key=lambda check: check[1] == ACTIONS_APP))


Part = ActionsPolicy | SelectedActions | TokenPolicy | ForkPolicy | PrivateForkPolicy | EnvironmentRules | Ruleset


@dataclass(frozen=True, slots=True)
class Settings:
    """All parts, wished or found; None is a part that is not wished, or that GitHub has not."""

    actions: ActionsPolicy | None
    selected: SelectedActions | None
    token: TokenPolicy | None
    forks: ForkPolicy | None = None
    private_forks: PrivateForkPolicy | None = None
    environments: tuple[EnvironmentRules, ...] = ()
    rulesets: tuple[Ruleset, ...] = ()

    def parts(self) -> tuple[Part, ...]:
        """The parts that are there, in the order in which they are mended."""
        single = (self.token, self.actions, self.selected, self.forks, self.private_forks)
        return (*(part for part in single if part is not None), *self.environments, *self.rulesets)


def _own(part: ActionsPolicy | SelectedActions | TokenPolicy | ForkPolicy | PrivateForkPolicy) -> Mapping[str, Value]:
    named = {one.name: getattr(part, one.name) for one in fields(part)}
    return {name: value for name, value in named.items() if value is not None}
