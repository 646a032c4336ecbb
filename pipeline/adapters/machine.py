"""This machine: what its kernel, its disk and its interpreter say of themselves."""

import os
import platform
import re
import shutil
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

from pipeline.adapters import process
from pipeline.domain.preflight_isolation import Namespaces
from pipeline.domain.preflight_machine import Machine
from pipeline.errors import ToolFailed

MIB = 2**20
TIMEOUT_SECONDS = 20.0
_APPARMOR = "proc/sys/kernel/apparmor_restrict_unprivileged_userns"
_CLONE = "proc/sys/kernel/unprivileged_userns_clone"
_MOST = "proc/sys/user/max_user_namespaces"


def machine(root: Path = Path("/")) -> Machine:
    """The machine whose /proc and /sys lie below `root`."""
    memory = psutil.virtual_memory()
    info = sys.version_info
    return Machine(
        system=platform.system(),
        release=platform.release(),
        architecture=platform.machine(),
        bits=64 if sys.maxsize > 2**32 else 32,
        python=(info.major, info.minor, info.micro),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        memory_mib=memory.total / MIB,
        available_mib=memory.available / MIB,
        model=(_text(root / "proc/device-tree/model") or "").rstrip("\0\n"),
        memory_groups=_memory_groups(root),
        landlock=_landlock(root),
    )


def namespaces(root: Path = Path("/")) -> Namespaces:
    """Whether this user may make user namespaces, tried out, and the settings that decide it."""
    restricts, allowed, most = (_number(root / name) for name in (_APPARMOR, _CLONE, _MOST))
    return Namespaces(
        refused=_refused(),
        apparmor_restricts=None if restricts is None else restricts != 0,
        unprivileged_allowed=None if allowed is None else allowed != 0,
        most=most,
        in_container=(root / ".dockerenv").exists() or (root / "run/.containerenv").exists(),
    )


def free_mib(folder: Path) -> float:
    """What can still be written below a folder that need not be there yet."""
    there = folder.absolute()
    while not there.exists():
        there = there.parent
    return shutil.disk_usage(there).free / MIB


def installed(distribution: str) -> str:
    """The version of an installed Python package; empty where there is none."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""


def git_version() -> str:
    """What git calls itself.

    Raises:
        ToolFailed: it is not installed, or does not work.
    """
    done = process.run(["git", "--version"], timeout_seconds=TIMEOUT_SECONDS)
    found = re.search(r"\d+(?:\.\d+)+", done.out)
    if done.code != 0 or found is None:
        raise ToolFailed(f"git does not work: {' '.join(done.err.split())[-200:]}", hint="install git and try again")
    return found[0]


def _refused() -> str | None:
    try:
        done = process.run(["unshare", "--user", "--map-root-user", "true"], timeout_seconds=TIMEOUT_SECONDS)
    except (ToolFailed, OSError):
        return None
    return "" if done.code == 0 else " ".join(done.err.split())[-200:] or f"unshare ended with exit code {done.code}"


def _memory_groups(root: Path) -> bool | None:
    """By the unified hierarchy where there is one, else by the kernel's list."""
    controllers = _text(root / "sys/fs/cgroup/cgroup.controllers")
    if controllers is not None:
        return "memory" in controllers.split()
    listed = re.search(r"^memory\s+\d+\s+\d+\s+(\d)", _text(root / "proc/cgroups") or "", re.MULTILINE)
    return listed[1] == "1" if listed else None


def _landlock(root: Path) -> bool | None:
    modules = _text(root / "sys/kernel/security/lsm")
    return None if modules is None else "landlock" in modules.strip().split(",")


def _number(path: Path) -> int | None:
    text = (_text(path) or "").strip()
    return int(text) if text.isdecimal() else None


def _text(path: Path) -> str | None:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return None
