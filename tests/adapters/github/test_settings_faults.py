"""A repository's settings where something is in the way: cut off at any call, refused, not there, not offered, named to do harm."""

import copy
from pathlib import Path

import pytest

from pipeline.domain.repository.offers import Plan
from pipeline.errors import ExitCode, Refused, ToolFailed
from pipeline.flows import github_apply, github_check
from pipeline.render.repository import applied_text, check_text, plan_text
from tests.adapters.github.settings_ground import (
    ROLES,
    SOLO,
    apply,
    check,
    ground,
    owned_by_organization,
    state,
    with_names,
    writes,
)
from tests.fakes import FakeNarrator
from tests.github_double import GitHubDouble, Token
from tests.github_double.faults import Fault, cut, outage, primary_limit
from tests.github_double.routes_people import GHOST
from tests.github_double.shapes import user

pytestmark = pytest.mark.sockets

SOLO_OF_O = ROLES.__class__(SOLO.environments, owners=ROLES.owners, approvers=("@ada",))
WRITES = "^(PUT|POST|DELETE) "


@pytest.mark.parametrize("acted", [False, True], ids=["before it acts", "after it acted"])
def test_apply_that_is_cut_off_at_any_call_is_finished_by_the_next(
    hub: GitHubDouble, tmp_path: Path, acted: bool
) -> None:
    owned_by_organization(hub)
    with_names(hub)
    new = copy.deepcopy(state(hub))
    calls = sum(len(change.calls) for change in check(hub, tmp_path, ROLES).changes)
    assert calls == 14
    for number in range(calls):
        (tmp_path / "CODEOWNERS").unlink(missing_ok=True)
        hub.world.repository("o/r").more["settings"] = copy.deepcopy(new)
        hub.faults[:] = [Fault(WRITES, number, passes=True), outage(WRITES, 99, acted=acted)]
        with pytest.raises(ToolFailed, match=rf"502.*\({number} of {calls} changes were made before\)"):
            apply(hub, tmp_path, ROLES)
        hub.faults.clear()
        assert apply(hub, tmp_path, ROLES).code is ExitCode.DONE
        assert check(hub, tmp_path, ROLES).code is ExitCode.DONE, f"cut off at call {number}"
        assert len(state(hub)["rulesets"]) == 3


def test_a_502_and_a_cut_that_pass_are_not_noticed(hub: GitHubDouble, tmp_path: Path) -> None:
    hub.faults[:] = [outage("^PUT .*environments/prod"), cut("^PUT .*permissions/workflow"), outage("^GET ", 2)]
    assert apply(hub, tmp_path).code is ExitCode.DONE
    assert not check(hub, tmp_path).changes


def test_a_rate_limit_stops_with_the_time_when_it_goes_on(hub: GitHubDouble, tmp_path: Path) -> None:
    hub.faults[:] = [primary_limit("", 99, reset=4_000_000_000)]
    with pytest.raises(ToolFailed) as caught:
        check(hub, tmp_path)
    assert "rate limit is used up" in caught.value.message
    assert caught.value.hint.startswith("try again after 20")
    assert len(hub.world.asked) == 1


def test_a_repository_that_is_not_there_is_refused(hub: GitHubDouble, tmp_path: Path) -> None:
    del hub.world.repositories["o/r"]
    with pytest.raises(Refused, match="GitHub has no repository o/r, or does not show it to this token"):
        github_check.check(ground(hub, tmp_path))


def test_a_repository_that_sleeps_in_the_archive_is_refused(hub: GitHubDouble, tmp_path: Path) -> None:
    hub.world.repository("o/r").more["shown"] = {"archived": True}
    with pytest.raises(Refused, match="is archived"):
        check(hub, tmp_path)


def test_a_token_of_somebody_who_does_not_administer_is_refused(hub: GitHubDouble, tmp_path: Path) -> None:
    rights = dict.fromkeys(("maintain", "push", "triage", "pull"), True) | {"admin": False}
    hub.world.repository("o/r").more["shown"] = {"permissions": rights}
    with pytest.raises(Refused, match="does not administer o/r"):
        check(hub, tmp_path)


@pytest.mark.parametrize(
    ("permissions", "named"),
    [
        ({"metadata": "read"}, "administration=read"),
        ({"metadata": "read", "administration": "read", "actions": "read"}, "Administration"),
    ],
    ids=["it may read nothing", "it may not see who passes by rules"],
)
def test_a_token_that_lacks_a_right_is_refused_with_what_it_lacks(
    hub: GitHubDouble, tmp_path: Path, permissions: dict[str, str], named: str
) -> None:
    apply(hub, tmp_path)
    hub.world.tokens["weak"] = Token("octocat", permissions)
    with pytest.raises(Refused) as caught:
        github_check.check(ground(hub, tmp_path, token="weak"))
    assert named in caught.value.hint
    assert "weak" not in str(caught.value) + caught.value.hint


def test_a_token_that_may_only_read_checks_and_is_refused_every_change(hub: GitHubDouble, tmp_path: Path) -> None:
    hub.world.tokens["reader"] = Token("octocat", dict.fromkeys(("metadata", "administration", "environments"), "read"))
    there = ground(hub, tmp_path, token="reader")
    found = github_check.check(there)
    assert found.code is ExitCode.FAIL
    applied = github_apply.apply(found, there, FakeNarrator())
    assert (applied.code, applied.made) == (ExitCode.REFUSED, 0)
    assert "the token needs the permission administration=write" in applied_text(applied, 100)


def test_a_token_that_github_does_not_know_is_refused_and_not_shown(hub: GitHubDouble, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="does not accept the token") as caught:
        github_check.check(ground(hub, tmp_path, token="stolen-and-revoked"))
    assert "stolen" not in str(caught.value) + caught.value.hint


def test_what_an_organization_forbids_is_refused_and_keeps_nothing_else(hub: GitHubDouble, tmp_path: Path) -> None:
    owned_by_organization(hub)
    with_names(hub)
    state(hub)["forbidden"] = ["actions/permissions/workflow", "actions/permissions"]
    applied = apply(hub, tmp_path, ROLES)
    assert applied.code is ExitCode.REFUSED
    assert [one.what for one in applied.refused] == ["set the workflows' token", "set Actions", "set allowed actions"]
    said = applied_text(applied, 100)
    assert "its owners change it at https://github.com/organizations/o/settings/actions" in said
    assert {change.part for change in applied.after.changes} == {"the workflows' token", "Actions", "allowed actions"}
    state(hub)["forbidden"] = []
    assert apply(hub, tmp_path, ROLES).after.code is ExitCode.DONE


def test_people_who_are_not_there_are_all_told_at_once(hub: GitHubDouble, tmp_path: Path) -> None:
    owned_by_organization(hub)
    wishes = ROLES.__class__(
        SOLO.environments, approvers=(f"@{GHOST}", "@ada"), release_managers=("@o/nobody", "@o/product")
    )
    with pytest.raises(Refused, match=f"GitHub knows nobody called @{GHOST}, @o/nobody"):
        check(hub, tmp_path, wishes)


def test_alone_in_an_organization_somebody_must_be_named(hub: GitHubDouble, tmp_path: Path) -> None:
    owned_by_organization(hub)
    with pytest.raises(Refused, match="who approves") as caught:
        check(hub, tmp_path, SOLO)
    assert "approvers" in caught.value.hint


def test_a_free_private_repository_gets_what_there_is_and_is_told_what_protects_instead(
    hub: GitHubDouble, tmp_path: Path
) -> None:
    owned_by_organization(hub, "free", private=True)
    applied = apply(hub, tmp_path, ROLES)
    assert applied.code is ExitCode.DONE
    assert not any("environments" in one or "rulesets" in one for one in writes(hub))
    assert (
        state(hub)["actions/permissions/fork-pr-workflows-private-repos"]["run_workflows_from_fork_pull_requests"]
        is False
    )
    said = check_text(applied.after, 300)
    assert "Not offered to a private repository on GitHub's plan free, and what still protects:" in said
    for what in (
        "environment secrets",
        "environments",
        "reviewers, wait timers",
        "rules for main",
        "rules for release",
    ):
        assert f"\n  {what}" in said
    assert "freqtrain secrets set" in said
    assert applied.after.code is ExitCode.DONE
    assert state(hub)["actions/permissions"]["allowed_actions"] == "all"
    assert apply(hub, tmp_path, SOLO_OF_O).after.code is ExitCode.DONE
    assert state(hub)["actions/permissions"]["allowed_actions"] == "selected"


def test_a_paid_plan_without_enterprise_has_no_reviewers_and_is_never_asked_for_them(
    hub: GitHubDouble, tmp_path: Path
) -> None:
    owned_by_organization(hub, "team", private=True)
    with_names(hub)
    applied = apply(hub, tmp_path, ROLES)
    assert (applied.code, applied.after.code) == (ExitCode.DONE, ExitCode.DONE)
    assert [one.feature for one in applied.after.shortfalls] == ["reviewers, wait timers", "a list of allowed actions"]
    assert [one["type"] for one in state(hub)["environments"]["prod"]["protection_rules"]] == ["branch_policy"]


def test_a_plan_that_the_token_may_not_see_is_concluded_from_what_github_refuses(
    hub: GitHubDouble, tmp_path: Path
) -> None:
    rights = dict.fromkeys(("metadata", "administration", "environments", "members", "secrets", "variables"), "write")
    hub.world.tokens["member"] = Token("octocat", rights | {"actions": "read", "contents": "read"})
    owned_by_organization(hub, "free", private=True)
    assert github_check.check(ground(hub, tmp_path, ROLES, token="member")).facts.plan is Plan.FREE
    state(hub)["plan"] = "team"
    there = ground(hub, tmp_path, ROLES, token="member")
    found = github_check.check(there)
    assert found.facts.plan is Plan.UNKNOWN
    applied = github_apply.apply(found, there, FakeNarrator())
    assert any("write `plan: team` (or pro) into .github/freqtrain.yml" in one.do for one in applied.refused)
    named = ROLES.__class__(**{**{name: getattr(ROLES, name) for name in ROLES.__slots__}, "plan": "team"})
    there = ground(hub, tmp_path, named, token="member")
    assert github_apply.apply(github_check.check(there), there, FakeNarrator()).code is ExitCode.DONE


def test_a_persons_plan_is_known_to_that_person_alone(hub: GitHubDouble, tmp_path: Path) -> None:
    hub.world.repository("o/r").private = True
    state(hub)["plan"] = "pro"
    plan = {"name": "pro", "space": 1, "private_repos": 1, "collaborators": 1}
    hub.faults[:] = [Fault("GET /user$", status=200, body=user(hub.world, "o") | {"plan": plan})]
    assert check(hub, tmp_path).facts.plan is Plan.PRO
    hub.faults[:] = [
        Fault("GET /user$", status=200, body=user(hub.world, "another") | {"plan": plan | {"name": "free"}})
    ]
    assert check(hub, tmp_path).facts.plan is Plan.UNKNOWN


def test_names_that_would_act_on_a_terminal_a_shell_or_a_page_are_only_shown(hub: GitHubDouble, tmp_path: Path) -> None:
    with_names(hub)
    apply(hub, tmp_path)
    evil = "x\x1b[2J\n::set-output name=a::b ##[command]`rm -rf ~`$(id)|"
    hub.world.repository("o/r").default_branch = evil
    state(hub)["policies"]["prod"].append({"id": 9, "node_id": "P", "name": evil, "type": "branch"})
    found = check(hub, tmp_path)
    for said in (check_text(found, 100), plan_text(found)):
        assert "\x1b" not in said
        assert "##[" not in said
        assert not any(line.lstrip().startswith("::") for line in said.splitlines())
        assert "$(id)" in said
    apply(hub, tmp_path)
    assert not check(hub, tmp_path).changes


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("rulesets$", {"not": "a list"}),
        ("environments/prod$", [1, 2]),
        ("actions/permissions/workflow$", {"default_workflow_permissions": 7}),
        ("/repos/o/r$", {"full_name": "o/r"}),
    ],
)
def test_an_answer_that_is_something_else_stops(hub: GitHubDouble, tmp_path: Path, path: str, body: object) -> None:
    apply(hub, tmp_path)
    hub.faults[:] = [Fault(f"GET .*{path}", status=200, body=body)]
    with pytest.raises(ToolFailed):
        check(hub, tmp_path)


def test_changes_that_github_takes_and_does_not_make_are_noticed(hub: GitHubDouble, tmp_path: Path) -> None:
    hub.faults[:] = [Fault("PUT .*permissions/workflow", 9, status=204, content=b"")]
    with pytest.raises(ToolFailed, match="took every change, and still differs: the workflows' token"):
        apply(hub, tmp_path)


@pytest.mark.parametrize(("private", "path"), [(False, "contributor-approval"), (True, "private-repos")])
def test_what_an_organization_decided_about_forks_keeps_nothing_else_from_being_checked(
    hub: GitHubDouble, tmp_path: Path, private: bool, path: str
) -> None:
    owned_by_organization(hub, "enterprise", private=private)
    with_names(hub)
    apply(hub, tmp_path, ROLES)
    hub.faults[:] = [Fault(f"(GET|PUT) .*fork-pr-.*{path}$", 9, status=403, body={"message": "Forbidden by policy"})]
    there = ground(hub, tmp_path, ROLES)
    found = github_check.check(there)
    assert {one.part.split(" from ")[0] for one in found.differences} == {"pull requests"}
    applied = github_apply.apply(found, there, FakeNarrator())
    assert [one.why for one in applied.refused if "Forbidden by policy" in one.why]
