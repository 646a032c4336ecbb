"""What is read of a machine, on made-up ones and on this one."""

import sys
from pathlib import Path

import pytest

from pipeline.adapters import machine
from pipeline.errors import ToolFailed


def _write(root: Path, **files: str) -> Path:
    for name, text in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def _program(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def test_a_raspberry_pi_says_so_and_has_neither_memory_cgroup_nor_landlock(tmp_path: Path) -> None:
    root = _write(tmp_path, **{"proc__device-tree__model": "Raspberry Pi 5 Model B Rev 1.0\0"})
    _write(root, **{"sys__fs__cgroup__cgroup.controllers": "cpuset cpu io pids\n"})
    _write(root, **{"sys__kernel__security__lsm": "lockdown,capability,apparmor\n"})
    found = machine.machine(root)
    assert (found.model, found.memory_groups, found.landlock) == ("Raspberry Pi 5 Model B Rev 1.0", False, False)


@pytest.mark.parametrize(("enabled", "groups"), [("1", True), ("0", False)])
def test_older_kernels_list_their_groups_elsewhere(tmp_path: Path, enabled: str, groups: bool) -> None:
    listed = f"#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t1\t9\t1\nmemory\t4\t34\t{enabled}\n"
    assert machine.machine(_write(tmp_path, proc__cgroups=listed)).memory_groups is groups


def test_a_machine_that_says_nothing_is_not_guessed_at(tmp_path: Path) -> None:
    found = machine.machine(tmp_path)
    assert (found.model, found.memory_groups, found.landlock) == ("", None, None)


def test_this_machine_is_the_one_that_runs_the_tests() -> None:
    found = machine.machine()
    assert found.python == sys.version_info[:3]
    assert 0 < found.available_mib <= found.memory_mib
    assert found.cores >= 1
    assert machine.installed("freqtrade")
    assert machine.installed("no-such-distribution") == ""


def test_the_disk_of_a_folder_that_is_not_there_yet_is_its_parents(tmp_path: Path) -> None:
    assert machine.free_mib(tmp_path / "not" / "there") == pytest.approx(machine.free_mib(tmp_path), rel=0.2)


@pytest.mark.processes
def test_forbidden_user_namespaces_are_told_with_every_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _program(
        tmp_path, "unshare", 'echo "unshare: write failed /proc/self/uid_map: Operation not permitted" >&2; exit 1'
    )
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    settings = {
        "proc__sys__kernel__apparmor_restrict_unprivileged_userns": "1\n",
        "proc__sys__kernel__unprivileged_userns_clone": "1\n",
        "proc__sys__user__max_user_namespaces": "63431\n",
        ".dockerenv": "",
    }
    found = machine.namespaces(_write(tmp_path, **settings))
    assert found.refused == "unshare: write failed /proc/self/uid_map: Operation not permitted"
    assert (found.apparmor_restricts, found.unprivileged_allowed, found.most) == (True, True, 63431)
    assert found.in_container


@pytest.mark.processes
def test_allowed_user_namespaces_are_told_and_missing_settings_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _program(tmp_path, "unshare", "exit 0")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    found = machine.namespaces(tmp_path)
    assert (found.refused, found.apparmor_restricts, found.most, found.in_container) == ("", None, None, False)


def test_without_the_program_nothing_is_claimed_of_namespaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine.process, "run", _not_installed)
    assert machine.namespaces(tmp_path).refused is None


@pytest.mark.processes
def test_git_tells_its_version_or_why_it_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine.git_version()[0].isdecimal()
    _program(tmp_path, "git", 'echo "xcrun: error: invalid active developer path" >&2; exit 1')
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(ToolFailed, match="git does not work: xcrun"):
        machine.git_version()


def _not_installed(*_: object, **__: object) -> None:
    raise ToolFailed("unshare is not installed")
