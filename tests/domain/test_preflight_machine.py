"""Whether a machine can carry the train."""

from dataclasses import replace

import pytest

from pipeline.domain.preflight import Checked, Standing, missing
from pipeline.domain.preflight_machine import Machine, disk, interpreter, landlock, memory, memory_groups

LAPTOP = Machine(
    "Linux", "6.8.0", "x86_64", 64, (3, 12, 3), 8, 16_000.0, 12_000.0, "", memory_groups=True, landlock=True
)
PI = replace(
    LAPTOP,
    release="6.6.51+rpt-rpi-v8",
    architecture="aarch64",
    cores=4,
    memory_mib=3800.0,
    available_mib=3100.0,
    model="Raspberry Pi 4 Model B Rev 1.5",
    memory_groups=False,
    landlock=False,
)


@pytest.mark.parametrize("version", [(3, 10, 9), (3, 14, 0), (2, 7, 18)])
def test_a_python_that_is_not_supported_is_missing(version: tuple[int, int, int]) -> None:
    found = interpreter(replace(LAPTOP, python=version))
    assert found.standing is Standing.MISSING
    assert "3.11, 3.12 or 3.13" in found.advice


def test_a_32_bit_system_is_missing_and_on_a_pi_the_other_image_is_named() -> None:
    assert interpreter(replace(LAPTOP, bits=32)).advice.startswith("install a 64-bit system")
    found = interpreter(replace(PI, bits=32, architecture="armv7l"))
    assert (found.standing, found.advice.partition(":")[0]) == (Standing.MISSING, "install Raspberry Pi OS (64-bit)")


def test_a_supported_python_is_good_and_needs_no_advice() -> None:
    assert interpreter(PI) == Checked("Python", Standing.GOOD, "3.12.3, 64 bit, on Linux 6.6.51+rpt-rpi-v8 (aarch64)")


@pytest.mark.parametrize(
    ("free", "standing"),
    [
        (0.0, Standing.MISSING),
        (511.0, Standing.MISSING),
        (512.0, Standing.WEAK),
        (2047.0, Standing.WEAK),
        (2048.0, Standing.GOOD),
    ],
)
def test_room_on_the_disk_has_two_bounds(free: float, standing: Standing) -> None:
    found = disk("user_data", free)
    assert found.standing is standing
    assert bool(found.advice) == (standing is not Standing.GOOD)


@pytest.mark.parametrize(
    ("available", "standing"),
    [(300.0, Standing.MISSING), (900.0, Standing.WEAK), (2000.0, Standing.GOOD), (60_000.0, Standing.GOOD)],
)
def test_memory_is_judged_by_what_backtests_take(available: float, standing: Standing) -> None:
    assert memory(replace(LAPTOP, available_mib=available)).standing is standing


def test_how_many_large_backtests_fit_is_told() -> None:
    assert memory(PI).found == "3.0 GiB of 3.7 GiB free: 1 large backtest at once"
    assert memory(LAPTOP).found.endswith(": 7 large backtests at once")
    assert memory(replace(LAPTOP, cores=2)).found.endswith(": 2 large backtests at once")


def test_a_pi_whose_memory_cgroup_is_off_is_told_how_to_switch_it_on() -> None:
    (found,) = memory_groups(PI, container_used=True)
    assert found.standing is Standing.WEAK
    assert "Docker ignores --memory without a word" in found.found
    assert (
        found.advice
        == "write cgroup_enable=memory cgroup_memory=1 on the one line of /boot/firmware/cmdline.txt and reboot"
    )


def test_without_docker_the_memory_cgroup_is_needed_by_nobody() -> None:
    (found,) = memory_groups(PI, container_used=False)
    assert found.standing is Standing.OPTIONAL
    (other,) = memory_groups(replace(LAPTOP, memory_groups=False), container_used=False)
    assert "cmdline.txt" not in other.advice


def test_no_landlock_is_no_problem() -> None:
    (found,) = landlock(PI)
    assert (found.standing, found.advice) == (Standing.OPTIONAL, "")
    assert not missing((found,))


def test_what_the_kernel_does_not_say_is_not_guessed() -> None:
    silent = replace(LAPTOP, memory_groups=None, landlock=None)
    assert memory_groups(silent, container_used=True) == landlock(silent) == ()
