"""Which walls can stand around a strategy, and what forbids the better ones."""

import pytest

from pipeline.domain.preflight import Checked, Standing
from pipeline.domain.preflight_isolation import Namespaces, Tried, namespaces, sandboxes

BUBBLEWRAP = Tried("bubblewrap", "bubblewrap 0.9.0")
DOCKER = Tried("Docker", "Docker 28.2.2")
NO_BUBBLEWRAP = Tried("bubblewrap", "", "bubblewrap (bwrap) is not installed", "sudo apt install bubblewrap")
NO_DOCKER = Tried("Docker", "", "Docker does not work: permission denied (this user may not use it)", "join the group")
REFUSED = "unshare: write failed /proc/self/uid_map: Operation not permitted"


def _standings(checked: tuple[Checked, ...]) -> list[tuple[str, str]]:
    return [(one.name, one.standing.value) for one in checked]


def test_the_first_that_works_is_used_and_the_other_is_spare() -> None:
    found = sandboxes((BUBBLEWRAP, DOCKER), required=True)
    assert _standings(found) == [("bubblewrap", "good"), ("Docker", "good"), ("isolation", "good")]
    assert found[1].found == "Docker 28.2.2 started this interpreter; not needed"
    assert found[2].found == "the gate uses bubblewrap 0.9.0"


def test_what_does_not_work_is_optional_where_another_does() -> None:
    found = sandboxes((NO_BUBBLEWRAP, DOCKER), required=True)
    assert _standings(found) == [("bubblewrap", "optional"), ("Docker", "good"), ("isolation", "good")]
    assert found[0].advice == "sudo apt install bubblewrap"
    found = sandboxes((BUBBLEWRAP, NO_DOCKER), required=True)
    assert _standings(found)[1] == ("Docker", "optional")
    assert found[1].advice == ""


@pytest.mark.parametrize(("required", "standing"), [(True, Standing.MISSING), (False, Standing.WEAK)])
def test_the_guard_is_refused_where_a_sandbox_is_required(required: bool, standing: Standing) -> None:
    found = sandboxes((NO_BUBBLEWRAP, NO_DOCKER), required)
    assert _standings(found)[:2] == [("bubblewrap", "weak"), ("Docker", "weak")]
    assert [one.advice for one in found[:2]] == ["sudo apt install bubblewrap", "join the group"]
    assert found[2].standing is standing
    assert found[2].advice


@pytest.mark.parametrize(
    ("settings", "why", "command"),
    [
        (
            Namespaces(REFUSED, apparmor_restricts=True, unprivileged_allowed=True, most=60_000),
            "AppArmor, by kernel.apparmor_restrict_unprivileged_userns=1",
            "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
        ),
        (
            Namespaces(REFUSED, unprivileged_allowed=False),
            "kernel.unprivileged_userns_clone=0",
            "sudo sysctl -w kernel.unprivileged_userns_clone=1",
        ),
        (Namespaces(REFUSED, most=0), "user.max_user_namespaces=0", "sudo sysctl -w user.max_user_namespaces=15000"),
        (Namespaces(REFUSED, most=60_000, in_container=True), "this is a container", "outside of the container"),
        (Namespaces(REFUSED), REFUSED, "docs/sandbox.md"),
    ],
    ids=["GitHub's Ubuntu 24.04", "an old Debian", "a limit", "a container", "nobody knows"],
)
def test_what_forbids_user_namespaces_is_named_with_the_command_that_allows_them(
    settings: Namespaces, why: str, command: str
) -> None:
    (found,) = namespaces(settings, (NO_BUBBLEWRAP, NO_DOCKER))
    assert found.standing is Standing.WEAK
    assert found.found.startswith(f"forbidden to this user: {why}")
    assert command in found.advice


def test_a_setting_is_not_blamed_where_bubblewrap_works() -> None:
    restricted = Namespaces(REFUSED, apparmor_restricts=True)
    assert _standings(namespaces(restricted, (BUBBLEWRAP, NO_DOCKER))) == [("user namespaces", "good")]


def test_forbidden_namespaces_are_optional_where_docker_works() -> None:
    assert _standings(namespaces(Namespaces(REFUSED, most=0), (NO_BUBBLEWRAP, DOCKER))) == [
        ("user namespaces", "optional")
    ]


def test_what_could_not_be_tried_is_left_out() -> None:
    assert namespaces(Namespaces(None, apparmor_restricts=True), (NO_BUBBLEWRAP, NO_DOCKER)) == ()
    assert _standings(namespaces(Namespaces(""), (NO_BUBBLEWRAP, NO_DOCKER))) == [("user namespaces", "good")]
