"""A repository's settings against a GitHub that is held to its own description: what is read, what is changed, and what is let be."""

from pathlib import Path

import pytest

from pipeline.errors import ExitCode
from pipeline.render.repository import check_text
from tests.adapters.github.ground import repository
from tests.adapters.github.settings_ground import (
    ROLES,
    SOLO,
    apply,
    check,
    owned_by_organization,
    state,
    with_names,
    writes,
)
from tests.github_double import GitHubDouble
from tests.github_double.routes_runners import runner

pytestmark = pytest.mark.sockets


def test_a_new_repository_of_one_person_is_brought_to_what_is_wished(hub: GitHubDouble, tmp_path: Path) -> None:
    with_names(hub)
    assert check(hub, tmp_path).code is ExitCode.FAIL
    assert writes(hub) == []
    applied = apply(hub, tmp_path)
    assert (applied.code, applied.after.code, applied.refused) == (ExitCode.DONE, ExitCode.DONE, ())
    assert check_text(applied.after, 100).endswith("\nEverything is as it must be.\n")


def test_the_second_time_nothing_is_asked_for(hub: GitHubDouble, tmp_path: Path) -> None:
    apply(hub, tmp_path)
    before = writes(hub)
    assert apply(hub, tmp_path).made == 0
    assert writes(hub) == before


def test_a_team_with_roles_is_brought_to_what_is_wished(hub: GitHubDouble, tmp_path: Path) -> None:
    owned_by_organization(hub)
    with_names(hub)
    applied = apply(hub, tmp_path, ROLES)
    assert applied.after.code is ExitCode.DONE
    assert (tmp_path / "CODEOWNERS").read_text().endswith("\n* @o/reviewers @ada\n/strategies/\n")
    prod = state(hub)["environments"]["prod"]
    rules = {rule["type"]: rule for rule in prod["protection_rules"]}
    assert rules["required_reviewers"]["prevent_self_review"] is True
    assert {one["reviewer"].get("slug") for one in rules["required_reviewers"]["reviewers"]} == {"product", None}
    assert {one["name"] for one in state(hub)["policies"]["prod"]} == {"main", "v*"}


def test_tags_are_made_by_release_managers_and_moved_by_nobody(hub: GitHubDouble, tmp_path: Path) -> None:
    """Whoever passes by a ruleset passes by all of it, so that these are two."""
    owned_by_organization(hub)
    apply(hub, tmp_path, ROLES)
    about_tags = {
        one["rules"][0]["type"]: (len(one["bypass_actors"]), [rule["type"] for rule in one["rules"]])
        for one in state(hub)["rulesets"]
        if one["target"] == "tag"
    }
    assert about_tags == {"creation": (2, ["creation"]), "update": (0, ["update", "deletion"])}


def test_alone_the_owner_approves_and_no_review_is_asked_for(hub: GitHubDouble, tmp_path: Path) -> None:
    apply(hub, tmp_path)
    prod = {rule["type"]: rule for rule in state(hub)["environments"]["prod"]["protection_rules"]}
    assert prod["required_reviewers"]["prevent_self_review"] is False
    assert [one["reviewer"]["id"] for one in prod["required_reviewers"]["reviewers"]] == [1 + ord("o")]
    main = next(one for one in state(hub)["rulesets"] if one["target"] == "branch")
    rules = {rule["type"]: rule.get("parameters") for rule in main["rules"]}
    assert rules["pull_request"]["required_approving_review_count"] == 0
    assert rules["pull_request"]["require_code_owner_review"] is False
    assert rules["required_status_checks"]["required_status_checks"] == [{"context": "gate", "integration_id": 15368}]
    assert main["bypass_actors"] == []


def test_what_it_does_not_manage_stays(hub: GitHubDouble, tmp_path: Path) -> None:
    """Other environments and rulesets, and in its own ones other rules, parameters and checks."""
    apply(hub, tmp_path)
    there = state(hub)
    there["environments"]["docs"] = {**there["environments"]["test"], "name": "docs"}
    there["rulesets"].append({**there["rulesets"][0], "id": 7, "name": "theirs", "enforcement": "disabled"})
    main = there["rulesets"][0]
    main["rules"].append({"type": "required_signatures"})
    parameters = {rule["type"]: rule.get("parameters") for rule in main["rules"]}
    parameters["pull_request"]["allowed_merge_methods"] = ["squash"]
    parameters["pull_request"]["required_review_thread_resolution"] = True
    parameters["required_status_checks"]["required_status_checks"] += [{"context": "lint"}]
    parameters["required_status_checks"]["strict_required_status_checks_policy"] = True
    assert not check(hub, tmp_path).changes
    main["enforcement"] = "disabled"
    apply(hub, tmp_path)
    assert main["enforcement"] == "active"
    parameters = {rule["type"]: rule.get("parameters") for rule in main["rules"]}
    assert "required_signatures" in parameters
    assert parameters["pull_request"]["allowed_merge_methods"] == ["squash"]
    assert parameters["pull_request"]["required_review_thread_resolution"] is True
    assert {"context": "lint"} in parameters["required_status_checks"]["required_status_checks"]
    assert parameters["required_status_checks"]["strict_required_status_checks_policy"] is True
    assert there["rulesets"][-1]["enforcement"] == "disabled"
    assert "docs" in there["environments"]
    assert not any(one.startswith("DELETE") for one in writes(hub))


def test_reviewers_and_timers_about_which_nothing_is_wished_stay(hub: GitHubDouble, tmp_path: Path) -> None:
    apply(hub, tmp_path)
    there = state(hub)["environments"]["test"]
    prod = state(hub)["environments"]["prod"]
    there["protection_rules"] += [rule for rule in prod["protection_rules"] if rule["type"] != "branch_policy"]
    there["deployment_branch_policy"] = None
    apply(hub, tmp_path)
    rules = {rule["type"]: rule for rule in there["protection_rules"]}
    assert rules["wait_timer"]["wait_timer"] == 10
    assert len(rules["required_reviewers"]["reviewers"]) == 1
    assert there["deployment_branch_policy"]["custom_branch_policies"] is True


def test_a_required_check_that_anybody_may_report_is_bound_to_actions(hub: GitHubDouble, tmp_path: Path) -> None:
    apply(hub, tmp_path)
    rules = {rule["type"]: rule.get("parameters") for rule in state(hub)["rulesets"][0]["rules"]}
    rules["required_status_checks"]["required_status_checks"] = [{"context": "gate"}]
    found = check(hub, tmp_path)
    assert "the check 'gate' counts from: anybody, must be GitHub Actions" in check_text(found, 100)
    apply(hub, tmp_path)
    assert check(hub, tmp_path).differences == ()


def test_names_that_are_missing_are_told_with_the_command_and_values_are_never_asked_for(
    hub: GitHubDouble, tmp_path: Path
) -> None:
    with_names(hub)
    apply(hub, tmp_path)
    state(hub)["secrets"]["sandbox"] = ["KEY", "TOKEN"]
    state(hub)["variables"]["prod"] = []
    said = check_text(check(hub, tmp_path), 100)
    assert (
        "environment sandbox: the secret SECRET is missing\n    gh secret set SECRET --env sandbox --repo o/r" in said
    )
    assert "the secret CHAT is missing, and the one that belongs to it is there" in said
    assert "environment prod: the variable DRY_RUN is missing" in said
    assert said.endswith("\n3 things are left to a person.\n")
    assert "a value that nobody asked for" not in said
    state(hub)["variables"]["repository"] = ["DRY_RUN"]
    assert "DRY_RUN" not in check_text(check(hub, tmp_path), 100)


def test_a_key_that_every_workflow_could_read_is_found(hub: GitHubDouble, tmp_path: Path) -> None:
    owned_by_organization(hub)
    with_names(hub)
    apply(hub, tmp_path, ROLES)
    assert check(hub, tmp_path, ROLES).code is ExitCode.DONE
    for where in ("repository", "organization"):
        state(hub)["secrets"][where] = ["SECRET"]
        assert "every workflow of every branch reads it" in check_text(check(hub, tmp_path, ROLES), 100)
        state(hub)["secrets"][where] = []


def test_what_only_a_person_can_set_is_left_to_one(hub: GitHubDouble, tmp_path: Path) -> None:
    owned_by_organization(hub)
    with_names(hub)
    hub.world.repository("o/r").default_branch = "trunk"
    apply(hub, tmp_path, ROLES)
    state(hub)["environments"]["prod"]["can_admins_bypass"] = True
    state(hub)["codeowners_errors"] = [(1, "Unknown owner\n  @nobody-`rm`")]
    said = check_text(check(hub, tmp_path, ROLES), 100)
    assert "the default branch is trunk, and the train builds from main" in said
    assert "administrators may pass by its reviewers" in said
    assert "GitHub cannot use .github/CODEOWNERS: line 1: Unknown owner" in said


def test_codeowners_that_somebody_wrote_by_hand_are_not_overwritten(hub: GitHubDouble, tmp_path: Path) -> None:
    owned_by_organization(hub)
    (tmp_path / "CODEOWNERS").write_text("* @somebody\n")
    applied = apply(hub, tmp_path, ROLES)
    assert (tmp_path / "CODEOWNERS").read_text() == "* @somebody\n"
    assert any("was not made by freqtrain" in one.what for one in applied.after.by_hand)
    assert not any("CODEOWNERS" in one.what for one in apply(hub, tmp_path, SOLO_OF_O).after.by_hand)


SOLO_OF_O = ROLES.__class__(SOLO.environments, approvers=("@ada",))


def by_hand(hub: GitHubDouble, folder: Path) -> list[str]:
    return [one.what for one in check(hub, folder).by_hand if "runner" in one.what or "FREQTRAIN" in one.what]


def test_of_several_devices_the_labels_that_no_runner_has_are_told(hub: GitHubDouble, tmp_path: Path) -> None:
    with_names(hub)
    runner(
        hub.world, repository(hub), "pi-emergency", ("self-hosted", "freqtrain-emergency", "Freqtrain-Emergency-Test")
    )
    assert by_hand(hub, tmp_path) == []
    repository(hub).more["values"] = {"FREQTRAIN_DEVICES": "Several"}
    assert by_hand(hub, tmp_path) == [
        f"no runner has the label freqtrain-emergency-{name}: `stop` and `roll-back` would wait for one"
        for name in ("sandbox", "prod")
    ]


def test_a_number_of_devices_that_no_workflow_understands_is_told(hub: GitHubDouble, tmp_path: Path) -> None:
    with_names(hub)
    repository(hub).more["values"] = {"FREQTRAIN_DEVICES": "two"}
    assert by_hand(hub, tmp_path) == [
        "the variable FREQTRAIN_DEVICES is set, and is not 'several': emergencies go to any device"
    ]
