"""What a device says of itself: clock, power, swap, open ports, and whether its disk is encrypted. Nothing here needs root."""

import ctypes
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import psutil

from pipeline.adapters import process
from pipeline.adapters.machine import MIB
from pipeline.domain.preflight_device import Listener
from pipeline.domain.preflight_docker import Docker
from pipeline.errors import ToolFailed

TIMEOUT_SECONDS = 20.0
MONITOR_SECONDS = 10.0
NOT_SYNCHRONISED = 5
"""What adjtimex(2) answers while nobody disciplines the clock (TIME_ERROR)."""

LARGEST_TIMEX_BYTES = 1024
ENCRYPTING_FILE_SYSTEMS = frozenset({"ecryptfs", "fuse.gocryptfs", "fuse.cryfs", "fuse.encfs"})
DEEPEST = 8
"""So many block devices may lie below one another: a file system on LVM on LUKS on a RAID has three."""


def clock_synchronised() -> bool | None:
    """As the kernel knows it, whoever sets the clock; None where the kernel does not say."""
    try:
        answer = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.create_string_buffer(LARGEST_TIMEX_BYTES))
    except (OSError, AttributeError):
        return None
    return None if answer < 0 else answer != NOT_SYNCHRONISED


def swap_mib() -> float:
    """All swap space, whether it is on a disk or compressed in memory."""
    return psutil.swap_memory().total / MIB


def throttled() -> int | None:
    """What a Raspberry Pi's firmware says of power and heat, as bits; None on any other machine."""
    try:
        done = process.run(["vcgencmd", "get_throttled"], timeout_seconds=TIMEOUT_SECONDS)
    except (ToolFailed, OSError):
        return None
    found = re.search(r"throttled=0x([0-9a-fA-F]+)", done.out)
    return int(found[1], 16) if done.code == 0 and found else None


def listeners(own: range) -> tuple[Listener, ...]:
    """Every TCP port that something listens on; `own` are the ports of the environment's bots."""
    found = {
        (one.laddr.ip, one.laddr.port)
        for one in psutil.net_connections(kind="tcp")
        if one.status == psutil.CONN_LISTEN and one.laddr
    }
    return tuple(Listener(address, port, port in own) for address, port in sorted(found))


def monitor_problem(port: int) -> str:
    """Why the monitor does not answer on that port of the loopback; empty where it does. It need not show us anything."""
    connection = HTTPConnection("127.0.0.1", port, timeout=MONITOR_SECONDS)
    try:
        connection.request("HEAD", "/")
        told = connection.getresponse().getheader("Server", "")
    except (OSError, HTTPException) as error:
        return f"it does not answer: {error or type(error).__name__}"
    finally:
        connection.close()
    return "" if told == "freqtrain" else "something else answers there"


def encrypted(folder: Path, root: Path = Path("/")) -> bool | None:
    """Whether what lies in a folder is encrypted on the disk; None where that cannot be found out. /sys and /proc lie below `root`."""
    there = folder.absolute()
    while not there.exists():
        there = there.parent
    mount = _mount(there.resolve(), root)
    if mount is None:
        return None
    number, kind = mount
    if kind in ENCRYPTING_FILE_SYSTEMS:
        return True
    device = root / "sys/dev/block" / number
    return _encrypted(device, DEEPEST) if device.exists() else None


def docker() -> Docker:
    """What the engine says of itself, and what its configuration says of every container."""
    try:
        done = process.run(["docker", "info", "--format", "{{json .}}"], timeout_seconds=TIMEOUT_SECONDS)
    except ToolFailed as error:
        return Docker(refusal=(error.message, "sudo runner/set-up --tags docker"))
    try:
        said: dict[str, Any] = json.loads(done.out)
    except ValueError:
        said = {}
    if done.code != 0 or not said.get("ServerVersion"):
        told = " ".join((done.err or " ".join(said.get("ServerErrors") or ())).split())[-200:]
        denied = "permission denied" in told.lower()
        mend = (
            "`compose: true` for the environment in /etc/freqtrain/settings.yml, then sudo runner/set-up"
            if denied
            else "sudo systemctl enable --now docker"
        )
        return Docker(refusal=(f"Docker does not answer: {told}", mend))
    told_once = _configuration(Path("/etc/docker/daemon.json"))
    return Docker(
        version=f"Docker {said['ServerVersion']}",
        memory_limits=bool(said.get("MemoryLimit")),
        live_restore=bool(said.get("LiveRestoreEnabled")),
        no_new_privileges=told_once.get("no-new-privileges") is True,
        rotates_logs="max-size" in (told_once.get("log-opts") or {}),
    )


def compose_version() -> str:
    """What Docker's compose calls itself; empty where there is none."""
    try:
        done = process.run(["docker", "compose", "version", "--short"], timeout_seconds=TIMEOUT_SECONDS)
    except ToolFailed:
        return ""
    return done.out.strip() if done.code == 0 else ""


def time_in(file: Path) -> datetime | None:
    """The moment that a file holds as text; None where there is none, or no such file."""
    try:
        found = datetime.fromisoformat(file.read_text(encoding="utf-8").strip())
    except (OSError, ValueError):
        return None
    return found.astimezone(UTC) if found.tzinfo else None


def _configuration(file: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _mount(folder: Path, root: Path) -> tuple[str, str] | None:
    """The device number and the kind of the file system that a folder lies on."""
    best: tuple[int, str, str] | None = None
    for line in (root / "proc/self/mountinfo").read_text(errors="replace").splitlines():
        left, _, right = line.partition(" - ")
        fields, kind = left.split(" "), right.split(" ")[0]
        point = Path(fields[4].replace("\\040", " "))
        if folder.is_relative_to(point) and (best is None or len(point.parts) >= best[0]):
            best = (len(point.parts), fields[2], kind)
    return best[1:] if best else None


def _encrypted(device: Path, deeper: int) -> bool:
    """A LUKS or plain dm-crypt device, or one that lies on such ones alone."""
    try:
        if (device / "dm/uuid").read_text().startswith("CRYPT-"):
            return True
    except OSError:
        pass
    try:
        below = sorted((device / "slaves").iterdir())
    except OSError:
        return False
    return bool(below) and deeper > 0 and all(_encrypted(one, deeper - 1) for one in below)
