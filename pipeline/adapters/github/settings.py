"""A repository's settings over GitHub's REST API: read as an administrator sees them, changed one call at a time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.adapters.github.environment_shapes import EnvironmentShape, PolicyShape
from pipeline.adapters.github.refusals import Invalid, NotFound
from pipeline.adapters.github.ruleset_shapes import RulesetShape, RulesetSummary
from pipeline.adapters.github.runners import GitHubRunners
from pipeline.adapters.github.session import GitHubSession, segment
from pipeline.adapters.github.settings_shapes import (
    Account,
    ActionsShape,
    ForkShape,
    NamedShape,
    OwnersError,
    PrivateForkShape,
    Repository,
    SelectedShape,
    TokenShape,
    VariableShape,
    shaped,
)
from pipeline.domain.canonical import Plain
from pipeline.domain.repository.actors import Actor, ActorKind
from pipeline.domain.repository.calls import Call, Method
from pipeline.domain.repository.devices import VARIABLE, are_several
from pipeline.domain.repository.found import Facts, Found
from pipeline.domain.repository.names import Present
from pipeline.domain.repository.offers import Offers, Plan, plan_named
from pipeline.domain.repository.settings import (
    EnvironmentRules,
    ForkPolicy,
    PrivateForkPolicy,
    Ruleset,
    Settings,
    TokenPolicy,
)
from pipeline.domain.repository.wanted import OUR_RULESETS
from pipeline.errors import Refused

RIGHTS = (
    "a fine-grained token needs the repository's permissions Administration (write: GitHub shows to nobody else who passes by a ruleset), Actions, "
    "Contents, Environments, Secrets and Variables (read), for teams also the organization's Members (read); a classic one the scope repo, for "
    "teams read:org"
)


@dataclass(frozen=True, slots=True)
class GitHubSettings:
    """See `ports.RepositorySettings`."""

    session: GitHubSession

    def facts(self, plan: str) -> Facts:
        try:
            there = shaped(Repository, self.session.get(""), "the repository")
        except NotFound as error:
            raise Refused(
                f"GitHub has no repository {self.session.repository}, or does not show it to this token", hint=RIGHTS
            ) from error
        if there.archived:
            raise Refused(f"{there.full_name} is archived", hint="take it out of the archive on GitHub")
        if there.permissions is not None and not there.permissions.admin:
            raise Refused(
                f"the token's owner does not administer {there.full_name}",
                hint="only administrators see and change a repository's settings",
            )
        known = plan_named(plan) if plan else self._plan(there)
        return Facts(there.full_name, there.hidden, known, there.default_branch, there.owner.person())

    def people(self, names: Sequence[str]) -> Mapping[str, Actor]:
        found, lacking = {}, []
        for name in names:
            try:
                found[name] = self._who(name)
            except NotFound:
                lacking.append(name)
        if lacking:
            raise Refused(
                f"GitHub knows nobody called {', '.join(lacking)}, or does not show it to this token",
                hint="correct them in .github/freqtrain.yml; a token that may not see the organization's teams finds none",
            )
        return found

    def found(self, facts: Facts, offers: Offers, environments: Sequence[str], *, owned: bool) -> Found:
        policy = shaped(ActionsShape, self._get("actions/permissions"), "Actions").meant()
        selected = policy.allowed_actions == "selected"
        token = shaped(TokenShape, self._get("actions/permissions/workflow"), "the workflows' token")
        rules = [self._environment(name) for name in environments] if offers.environments else []
        settings = Settings(
            actions=policy,
            selected=shaped(SelectedShape, self._get("actions/permissions/selected-actions"), "allowed actions").meant()
            if selected
            else None,
            token=TokenPolicy(token.default_workflow_permissions, token.can_approve_pull_request_reviews),
            forks=None if offers.private else self._forks(),
            private_forks=self._private_forks() if offers.private else None,
            environments=tuple(one for one in rules if one is not None),
            rulesets=tuple(self._rulesets()) if offers.rulesets else (),
        )
        names = [one.name for one in settings.environments]
        present = self._present(names, of_organization=facts.owner is None) if names else {}
        devices = self._variable(VARIABLE)
        labels = self._labels() if are_several(devices) else frozenset()
        return Found(settings, present, tuple(self._owners_errors()) if owned else (), devices, labels)

    def carry_out(self, call: Call) -> None:
        path = "/".join(segment(part) for part in call.path)
        try:
            match call.method:
                case Method.PUT:
                    self.session.put(path, call.body)
                case Method.POST:
                    self.session.post(path, call.body)
                case Method.DELETE:
                    self.session.delete(path)
        except NotFound as error:
            if call.method is not Method.DELETE:
                raise Refused(f"{error.message}: {call.words}", hint=f"{error.hint}; {RIGHTS}") from error
        except Invalid as error:
            raise Refused(f"{error.message}: {call.words}", hint=self._in_the_way(error, call)) from error

    def _in_the_way(self, error: Invalid, call: Call) -> str:
        if "billing plan" in error.message:
            return "the owner's plan does not offer it: write `plan: team` (or pro) into .github/freqtrain.yml"
        if call.path[:2] == ("actions", "permissions"):
            owner = self.session.repository.partition("/")[0]
            return f"a rule of the organization is in the way; its owners change it at https://github.com/organizations/{owner}/settings/actions"
        return error.hint

    def _plan(self, there: Repository) -> Plan:
        """The owner's plan: asked for where it matters, or concluded from whether rulesets are refused."""
        if not there.hidden:
            return Plan.UNKNOWN
        person = there.owner.person() is not None
        try:
            account = shaped(
                Account, self.session.get("/user" if person else f"/orgs/{segment(there.owner.login)}"), "the owner"
            )
        except Refused:
            account = None
        if account is not None and account.id == there.owner.id and account.plan is not None:
            return plan_named(account.plan.name)
        try:
            self.session.get("rulesets", includes_parents=False)
        except Refused as error:
            if "upgrade to github" in error.message.lower():
                return Plan.FREE
            raise
        return Plan.UNKNOWN

    def _who(self, name: str) -> Actor:
        owner, _, team = name.removeprefix("@").partition("/")
        if team:
            path = f"/orgs/{segment(owner)}/teams/{segment(team)}"
            return Actor(ActorKind.TEAM, shaped(Account, self.session.get(path), name).id, name)
        return Actor(ActorKind.USER, shaped(Account, self.session.get(f"/users/{segment(owner)}"), name).id, name)

    def _get(self, path: str) -> Plain:
        """As the session's; what a repository's administrator sees and this token does not is a lack of rights."""
        try:
            return self.session.get(path)
        except NotFound as error:
            raise Refused(f"GitHub does not show {path} to this token", hint=f"{error.hint}; {RIGHTS}") from error

    def _forks(self) -> ForkPolicy | None:
        """None where GitHub does not show it: an organization or enterprise may have decided for all of its repositories."""
        try:
            there = self.session.get("actions/permissions/fork-pr-contributor-approval")
        except Refused:
            return None
        return ForkPolicy(shaped(ForkShape, there, "pull requests from forks").approval_policy)

    def _private_forks(self) -> PrivateForkPolicy | None:
        """As `_forks`."""
        try:
            there = self.session.get("actions/permissions/fork-pr-workflows-private-repos")
        except Refused:
            return None
        run = shaped(PrivateForkShape, there, "pull requests from private forks").run_workflows_from_fork_pull_requests
        return PrivateForkPolicy(run)

    def _environment(self, name: str) -> EnvironmentRules | None:
        path = f"environments/{segment(name)}"
        try:
            there = shaped(EnvironmentShape, self.session.get(path), f"the environment {name}")
        except NotFound:
            return None
        try:
            policies = list(self.session.pages(f"{path}/deployment-branch-policies", "branch_policies"))
        except NotFound:
            policies = []
        return there.meant(name, tuple(sorted(shaped(PolicyShape, one, "who may deploy").meant() for one in policies)))

    def _rulesets(self) -> Iterator[Ruleset]:
        """Those that are ours by their names; all others are left alone."""
        listed = [
            shaped(RulesetSummary, one, "rulesets") for one in self.session.pages("rulesets", includes_parents=False)
        ]
        for one in (one for one in listed if one.name in OUR_RULESETS):
            there = shaped(RulesetShape, self._get(f"rulesets/{one.id}"), "a ruleset")
            if there.bypass_actors is None:
                raise Refused(f"the token may not see who passes by the ruleset '{there.name}'", hint=RIGHTS)
            yield there.meant()

    def _present(self, environments: Sequence[str], *, of_organization: bool) -> Mapping[str, Present]:
        kinds = ("", "organization-") if of_organization else ("",)
        shared = {
            what: frozenset().union(*(self._names(f"actions/{kind}{what}", what) for kind in kinds))
            for what in ("secrets", "variables")
        }
        return {
            name: Present(
                secrets=self._names(f"environments/{segment(name)}/secrets", "secrets"),
                variables=self._names(f"environments/{segment(name)}/variables", "variables"),
                repository_secrets=shared["secrets"],
                repository_variables=shared["variables"],
            )
            for name in environments
        }

    def _names(self, path: str, within: str) -> frozenset[str]:
        try:
            return frozenset(shaped(NamedShape, one, within).name.upper() for one in self.session.pages(path, within))
        except NotFound as error:
            raise Refused(f"GitHub does not show {path} to this token", hint=f"{error.hint}; {RIGHTS}") from error

    def _variable(self, name: str) -> str:
        """The value of one of the repository's; empty where there is none."""
        try:
            there = self.session.get(f"actions/variables/{segment(name)}")
        except NotFound:
            return ""
        return shaped(VariableShape, there, "a variable").value

    def _labels(self) -> frozenset[str]:
        runners = GitHubRunners(self.session).with_labels(frozenset())
        return frozenset(label.lower() for one in runners for label in one.labels)

    def _owners_errors(self) -> Iterator[str]:
        try:
            said = self.session.get("codeowners/errors")
        except NotFound:
            return
        errors = said.get("errors") if isinstance(said, dict) else None
        for one in errors if isinstance(errors, list) else []:
            there = shaped(OwnersError, one, "CODEOWNERS")
            yield f"line {there.line}: {there.message.splitlines()[0] if there.message else 'no reason given'}"
