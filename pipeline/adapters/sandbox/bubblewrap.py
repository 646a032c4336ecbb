"""bubblewrap: namespaces of its own for a child, set up without a daemon and without rights."""

import re
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.adapters import process
from pipeline.adapters.sandbox import visible
from pipeline.adapters.sandbox.visible import Mount
from pipeline.domain.job import Job
from pipeline.errors import ToolFailed

OLDEST = (0, 8)
"""The first that can forbid further user namespaces inside."""

MOST_PROCESSES = "FREQTRAIN_MOST_PROCESSES"
"""The variable that tells the worker how many processes and threads it may limit itself to."""

NOBODY = "65534"
SHARED_BYTES = 16 * 2**20
DEVICES = ("null", "zero", "full", "random", "urandom")
PROC_FILES = ("stat", "cpuinfo", "meminfo")
PROBE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Bubblewrap:
    """See `Sandbox`: `program` is bwrap's path, `version` what it calls itself."""

    program: str
    version: str

    @property
    def name(self) -> str:
        return f"bubblewrap {self.version}"

    def enter(self, argv: Sequence[str], job: Job, scratch: Path) -> tuple[list[str], Job]:
        return command(
            self.program, argv, (*visible.engine(argv[0]), *visible.of_job(job)), job.parallel
        ), visible.moved(job)

    def leave(self, scratch: Path) -> None:
        """Nothing to do: all processes inside end with bwrap, and what they wrote was memory."""


def command(program: str, argv: Sequence[str], mounts: Sequence[Mount], parallel: int = 1) -> list[str]:
    """bwrap's argv: no network, processes, users and names of its own, no rights, nothing to write to but /tmp and /dev/shm.

    There is no real /proc: nobody inside can look at another process's memory, files or environment, and bubblewrap works in containers
    that forbid to mount one. What libraries read at start is there: three files about the machine, and the interpreter's own path.
    """
    words = [program, "--unshare-all", "--unshare-user", "--disable-userns", "--uid", NOBODY, "--gid", NOBODY]
    words += ["--hostname", "sandbox", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"]
    # In a user namespace of its own only its own processes count against the limit; elsewhere it would be all of the user's.
    environment = {**visible.environment(), MOST_PROCESSES: str(visible.most_processes(parallel))}
    for name, value in environment.items():
        words += ["--setenv", name, value]
    # Before the mounts: an engine that lies below /tmp itself would be hidden by what comes after it.
    for folder, size in (("/dev/shm", SHARED_BYTES), ("/tmp", visible.TMP_BYTES)):
        words += ["--perms", "1777", "--size", str(size), "--tmpfs", folder]
    for mount in mounts:
        words += ["--ro-bind", mount.source, mount.place]
    for device in DEVICES:
        words += ["--dev-bind", f"/dev/{device}", f"/dev/{device}"]
    for file in PROC_FILES:
        words += ["--ro-bind-try", f"/proc/{file}", f"/proc/{file}"]
    words += ["--symlink", str(Path(sys.executable).resolve()), "/proc/self/exe"]
    return [*words, "--remount-ro", "/", "--chdir", "/tmp", "--", *argv]


def probe() -> Bubblewrap:
    """bubblewrap, tried out with this interpreter.

    Raises:
        ToolFailed: it cannot be used here; the message says why.
    """
    program = shutil.which("bwrap")
    if program is None:
        raise ToolFailed("bubblewrap (bwrap) is not installed", hint="sudo apt install bubblewrap")
    version = _version(program)
    argv = command(program, [sys.executable, "-I", "-c", "print('ready')"], visible.engine())
    try:
        done = process.run(argv, timeout_seconds=PROBE_SECONDS, env={}, cwd=Path("/"))
    except OSError as error:
        raise ToolFailed(f"bubblewrap cannot be started: {error}") from error
    if done.code != 0 or done.out.strip() != "ready":
        said = " ".join(done.err.split())[-300:] or f"it ended with exit code {done.code}"
        raise ToolFailed(f"bubblewrap does not work on {visible.machine()}: {said}{_meaning(said)}")
    return Bubblewrap(program, version)


def _version(program: str) -> str:
    try:
        done = process.run([program, "--version"], timeout_seconds=PROBE_SECONDS)
    except OSError as error:
        raise ToolFailed(f"bubblewrap cannot be started: {error}") from error
    found = re.search(r"(\d+)\.(\d+)(\.\d+)?", done.out)
    if found is None:
        raise ToolFailed(f"{program} is no bubblewrap: it does not tell its version")
    if (int(found[1]), int(found[2])) < OLDEST:
        raise ToolFailed(
            f"bubblewrap {found[0]} is too old: {OLDEST[0]}.{OLDEST[1]} is needed",
            hint="Debian 12, Ubuntu 24.04 and what came after them bring a newer one",
        )
    return found[0]


def _meaning(said: str) -> str:
    """bwrap names system calls; what they mean most of the time."""
    refused = ("Permission denied", "Operation not permitted", "No permissions")
    if any(word in said for word in refused) and any(word in said for word in ("uid map", "namespace", "RTM_NEWADDR")):
        return " (user namespaces are forbidden to this user)"
    return ""
