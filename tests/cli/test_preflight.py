"""`freqtrain preflight` as a person calls it, on this machine and on machines that lack something."""

import json
import sys
from pathlib import Path

import pytest

from pipeline.adapters import process
from pipeline.adapters.sandbox import bubblewrap
from pipeline.errors import ToolFailed
from tests import needs
from tests.cli.freqtrain import freqtrain

pytestmark = pytest.mark.processes

VERSION = '[ "$1" = --version ] && echo bubblewrap 0.9.0 && exit'
FORBIDDEN = f'{VERSION}; echo "bwrap: setting up uid map: Permission denied" >&2; exit 1'
DENIED = (
    '[ "$1" = context ] && echo unix:///x && exit; '
    'echo "permission denied while trying to connect to the Docker daemon socket" >&2; exit 1'
)
ASLEEP = (
    '[ "$1" = context ] && echo unix:///x && exit; echo "Cannot connect to the Docker daemon at unix:///x" >&2; exit 1'
)


def _programs(folder: Path, **scripts: str) -> dict[str, str]:
    """An environment in which these programs are found, git besides, and no others."""
    for name, script in {"git": "echo git version 2.47.0", **scripts}.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return {"PATH": str(folder)}


def _rows(*arguments: str | Path, env: dict[str, str] | None = None) -> tuple[int, dict[str, dict[str, str]]]:
    said = freqtrain("preflight", "--json", *arguments, env=env)
    found = json.loads(said.out)
    assert next(iter(found)) == "outcome"
    return said.code, {row["name"]: row for row in found["checks"]}


def test_a_machine_with_bubblewrap_is_ready() -> None:
    try:
        name = bubblewrap.probe().name
    except ToolFailed as error:
        needs.missing(error.message)
    said = freqtrain("preflight", "--require-sandbox")
    assert said.code == 0, said.out + said.err
    assert f"the gate uses {name}\n" in said.out
    assert said.out.endswith("\nReady.\n")
    assert said.err == "trying the sandboxes\n"


def test_without_bubblewrap_and_docker_the_guard_has_to_do_unless_a_sandbox_is_required(tmp_path: Path) -> None:
    env = _programs(tmp_path)
    code, rows = _rows(env=env)
    assert (code, rows["isolation"]["standing"]) == (0, "weak")
    assert rows["bubblewrap"]["advice"] == "sudo apt install bubblewrap"
    assert rows["git"]["found"] == "2.47.0"
    code, rows = _rows("--require-sandbox", env=env)
    assert (code, rows["isolation"]["standing"]) == (3, "missing")
    code, rows = _rows(env={**env, "GITHUB_ACTIONS": "true"})
    assert code == 3


def test_forbidden_user_namespaces_and_a_docker_that_is_not_permitted_are_told_with_what_to_do(tmp_path: Path) -> None:
    refused = "echo 'unshare: write failed /proc/self/uid_map: Operation not permitted' >&2; exit 1"
    code, rows = _rows("--require-sandbox", env=_programs(tmp_path, bwrap=FORBIDDEN, unshare=refused, docker=DENIED))
    assert code == 3
    assert "user namespaces are forbidden to this user" in rows["bubblewrap"]["found"]
    assert rows["user namespaces"]["found"].startswith("forbidden to this user: ")
    assert rows["user namespaces"]["advice"]
    assert "this user may not use it" in rows["Docker"]["found"]
    assert "usermod --append --groups docker" in rows["Docker"]["advice"]


def test_where_the_kernel_really_refuses_namespaces_the_setting_is_named() -> None:
    """In a user namespace of its own anybody may forbid further ones, as an administrator may for the whole machine."""
    unshare = [needs.program("unshare"), "--user", "--map-root-user"]
    command = f"echo 0 > /proc/sys/user/max_user_namespaces && exec {Path(sys.executable).parent / 'freqtrain'} preflight --json"
    if process.run([*unshare, "true"], timeout_seconds=120).code != 0:
        needs.missing("the right to make user namespaces")
    done = process.run([*unshare, "sh", "-c", command], timeout_seconds=120)
    rows = {row["name"]: row for row in json.loads(done.out)["checks"]}
    assert rows["user namespaces"]["found"] == "forbidden to this user: user.max_user_namespaces=0"
    assert "sysctl -w user.max_user_namespaces=" in rows["user namespaces"]["advice"]
    assert rows["bubblewrap"]["standing"] in ("optional", "weak")


def test_a_docker_that_sleeps_is_told_to_be_started(tmp_path: Path) -> None:
    _, rows = _rows(env=_programs(tmp_path, docker=ASLEEP))
    assert rows["Docker"]["advice"] == "sudo systemctl enable --now docker"


def test_no_git_is_missing(tmp_path: Path) -> None:
    said = freqtrain("preflight", env={"PATH": str(tmp_path)})
    assert said.code == 3
    assert "git is not installed" in said.out
    assert said.out.endswith("\nNot ready: git.\n")


def test_the_help_lists_it_under_set_up() -> None:
    said = freqtrain("--help")
    assert "preflight" in said.out.partition("Set-up:")[2].partition("The train's own:")[0]


def test_a_device_is_judged_by_what_its_environment_demands(tmp_path: Path) -> None:
    """This machine is none; so its hook and installation are told, and only the heaviest environment asks for backups and encryption."""
    _, light = _rows("--environment", "test", "--home", tmp_path / "home")
    _, middle = _rows("--environment", "sandbox", "--home", tmp_path / "home")
    code, heavy = _rows("--environment", "prod", "--home", tmp_path / "home")
    assert {"clock", "job hook", "file modes", "bots' APIs", "room to swap"} <= set(light)
    assert set(light) == set(middle)
    assert set(heavy) - set(middle) == {"encryption", "backups", "private network", "approval"}
    if heavy["backups"]["standing"] == "missing":
        assert code == 3


def test_an_environment_without_bots_has_no_device() -> None:
    said = freqtrain("preflight", "--environment", "ci")
    assert said.code == 2
    assert "no environment in which bots run" in said.err
