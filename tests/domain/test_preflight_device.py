"""Whether a device may be trusted with bots, and what weighs more the more money is at stake."""

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.domain.preflight import Checked, Standing
from pipeline.domain.preflight_device import (
    Demands,
    Exposed,
    Hook,
    Listener,
    clock,
    file_modes,
    hook,
    installation,
    monitor,
    ports,
    power,
    room,
    swap,
)
from pipeline.domain.preflight_device_weight import Backups, of_full_weight
from pipeline.domain.preflight_docker import Docker, compose, engine

DRY, LIVE = Demands("test"), Demands("sandbox", real_money=True)
NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
HARDENED = Docker("Docker 26.1", memory_limits=True, live_restore=True, no_new_privileges=True, rotates_logs=True)


def weighed(**changed: object) -> dict[str, Checked]:
    """What full weight demands, all of it in place but for what is changed."""
    given: dict[str, object] = {
        "encrypted": True,
        "backups": Backups(True, NOW - timedelta(hours=9)),
        "private_network": "none",
        "two_persons": True,
    }
    return {one.name: one for one in of_full_weight(**{**given, **changed}, now=NOW)}  # type: ignore[arg-type]


def test_a_clock_that_nobody_sets_stops_real_money_and_warns_in_a_dry_run() -> None:
    assert clock(True, LIVE).standing is Standing.GOOD
    assert clock(False, DRY).standing is Standing.WEAK
    wrong = clock(False, LIVE)
    assert wrong.standing is Standing.MISSING
    assert "timedatectl set-ntp true" in wrong.advice
    assert clock(None, LIVE).standing is Standing.WEAK


def test_a_checkout_that_shadows_the_installed_freqtrain_is_named() -> None:
    found = installation("/home/freqtrain-runner/jobs/repository", "/opt/freqtrain")
    assert found.standing is Standing.MISSING
    assert "/home/freqtrain-runner/jobs/repository, which shadows the one in /opt/freqtrain" in found.found
    assert "PYTHONPATH" in found.advice
    assert installation("/opt/freqtrain/versions/0a1b/lib", "/opt/freqtrain").standing is Standing.GOOD
    assert installation("/opt/freqtrain-mine/lib", "/opt/freqtrain").standing is Standing.MISSING


@pytest.mark.parametrize(
    ("bits", "standing", "words"),
    [
        (0x0, Standing.GOOD, "no under-voltage"),
        (0x50005, Standing.MISSING, "now: under-voltage, throttling"),
        (0x50000, Standing.WEAK, "since it was started: under-voltage, throttling"),
        (0x8, Standing.WEAK, "now: heat"),
    ],
)
def test_a_weak_power_supply_is_told_now_and_afterwards(bits: int, standing: Standing, words: str) -> None:
    (found,) = power(bits)
    assert (found.standing, words in found.found) == (standing, True)


def test_a_machine_without_such_a_word_is_not_judged_by_it() -> None:
    assert power(None) == ()


def test_swap_is_asked_for_where_memory_is_small() -> None:
    assert swap(0.0, 2000.0).standing is Standing.WEAK
    assert "zram" in swap(0.0, 2000.0).advice
    assert swap(0.0, 8000.0).standing is Standing.GOOD
    assert swap(512.0, 2000.0).standing is Standing.GOOD


def test_room_is_measured_by_the_largest_bot_and_it_is_named() -> None:
    assert room(900.0, 700.0, "dip, by its evidence").standing is Standing.GOOD
    short = room(600.0, 700.0, "dip, by its evidence")
    assert (short.standing, "dip, by its evidence" in short.found) == (Standing.WEAK, True)


def test_a_monitor_that_does_not_answer_is_told_and_stops_nothing() -> None:
    assert monitor(0, "") == ()
    assert monitor(8640, "")[0].standing is Standing.GOOD
    (down,) = monitor(8640, "it does not answer: Connection refused")
    assert (down.standing, "systemctl restart freqtrain-monitor" in down.advice) == (Standing.WEAK, True)


def test_a_bots_api_that_other_machines_reach_is_missing_its_walls_and_ssh_is_no_finding() -> None:
    own, ssh, other = Listener("0.0.0.0", 18101, True), Listener("::", 22, False), Listener("0.0.0.0", 8080, False)
    (closed,) = ports([Listener("127.0.0.1", 18101, True), Listener("::1", 631, False), ssh], LIVE)
    assert closed.standing is Standing.GOOD
    reached, told = ports([own, ssh, other], LIVE)
    assert (reached.standing, "0.0.0.0:18101" in reached.found) == (Standing.MISSING, True)
    assert told == Checked("other ports", Standing.WEAK, "listening for other machines: 8080", told.advice)


def test_files_that_others_read_are_listed_with_the_command_that_mends_them() -> None:
    assert file_modes([], LIVE).standing is Standing.GOOD
    found = file_modes([Exposed("/h/sandbox/bots", 0o755), Exposed("/h/sandbox/secrets.json", 0o640)], LIVE)
    assert found.standing is Standing.MISSING
    assert found.advice == "chmod go-rwx /h/sandbox/bots /h/sandbox/secrets.json"
    assert file_modes([Exposed("/h/x", 0o600, foreign=True)], LIVE).advice == "sudo chown -R freqtrain-sandbox: /h/x"


def test_a_hook_with_a_problem_is_missing() -> None:
    assert hook(Hook("/opt/freqtrain/hooks/job-started.sh")).standing is Standing.GOOD
    assert hook(Hook("/opt/freqtrain/hooks", "others than root can write to it")).standing is Standing.MISSING


def test_full_weight_with_everything_in_place_is_good() -> None:
    assert {one.standing for one in weighed().values()} == {Standing.GOOD}


@pytest.mark.parametrize(
    ("name", "changed", "words"),
    [
        ("encryption", {"encrypted": False}, "is not encrypted"),
        ("encryption", {"encrypted": None}, "nobody can tell"),
        ("backups", {"backups": Backups(False)}, "none leave the device"),
        ("backups", {"backups": Backups(False, NOW)}, "none leave the device"),
        ("backups", {"backups": Backups(True)}, "none was made yet"),
        ("backups", {"backups": Backups(True, NOW - timedelta(days=3))}, "2025-12-30 12:00 UTC"),
    ],
)
def test_full_weight_is_refused_without_each_of_its_demands(name: str, changed: dict[str, object], words: str) -> None:
    found = weighed(**changed)[name]
    assert (found.standing, words in found.found, bool(found.advice)) == (Standing.MISSING, True, True)


def test_an_author_who_signs_alone_is_told_and_stops_nothing() -> None:
    assert weighed(two_persons=False)["approval"].standing is Standing.OPTIONAL


def test_docker_is_judged_by_what_it_does_with_every_container() -> None:
    assert {one.standing for one in engine(HARDENED)} == {Standing.GOOD}
    rows = {one.name: one for one in engine(Docker("Docker 26.1"))}
    assert rows["Docker's limits"].standing is Standing.MISSING
    assert "reboot" in rows["Docker's limits"].advice
    assert rows["Docker's hardening"].standing is Standing.MISSING
    assert (
        rows["Docker's hardening"].found
        == "/etc/docker/daemon.json lacks no-new-privileges, live-restore, log rotation"
    )


def test_a_docker_that_does_not_answer_is_one_finding() -> None:
    (found,) = engine(Docker(refusal=("Docker does not answer: it sleeps", "wake it")))
    assert (found.standing, found.advice) == (Standing.MISSING, "wake it")


def test_a_compose_that_is_missing_or_too_old_is_told_with_the_command_that_installs_one() -> None:
    assert compose("2.20.0").standing is Standing.GOOD
    assert compose("v5.0.2\n").found == "v5.0.2"
    for version, words in (
        ("2.17.3", "compose is 2.17.3, and 2.20 is needed"),
        ("", "docker has no compose, and 2.20 is needed"),
    ):
        found = compose(version)
        assert (found.standing, found.found) == (Standing.MISSING, words)
        assert "sudo runner/set-up --tags docker" in found.advice
