"""Docker: a container with an empty image, into which this machine's own interpreter and libraries are mounted read-only.

Nothing is pulled from a network and nothing is built: the engine inside is the engine outside, to the byte.
"""

import contextlib
import os
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

IMAGE = "freqtrain-empty:1"
EMPTY_TAR = bytes(1024)
PROBE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """What all processes of a container may have together: memory in MiB, with no swap besides, and their number with their threads."""

    memory_mib: int
    processes: int


PROBE = Bounds(512, 64)


@dataclass(frozen=True, slots=True)
class Docker:
    """See `Sandbox`: `client` are the words that call the client for this machine's engine, `version` is the engine's."""

    client: tuple[str, ...]
    version: str

    @property
    def name(self) -> str:
        return f"Docker {self.version}"

    def enter(self, argv: Sequence[str], job: Job, scratch: Path) -> tuple[list[str], Job]:
        mounts = (*visible.engine(argv[0]), *visible.of_job(job))
        bounds = Bounds(job.limits.memory_mib * (job.parallel + 1), visible.most_processes(job.parallel))
        return command(self.client, argv, mounts, scratch.name, bounds), visible.moved(job)

    def leave(self, scratch: Path) -> None:
        """The container outlives a client that was killed, so it is removed by its name; most often it has gone already."""
        with contextlib.suppress(ToolFailed):
            process.run([*self.client, "rm", "--force", scratch.name], timeout_seconds=PROBE_SECONDS)


def command(
    client: Sequence[str],
    argv: Sequence[str],
    mounts: Sequence[Mount],
    container: str,
    bounds: Bounds,
) -> list[str]:
    """docker's argv: no network, no rights, nothing to write to but /tmp; the files are read as the user who asks.

    Args:
        container: a name that no other container has.
    """
    user = f"{os.getuid()}:{os.getgid()}"
    words = [*client, "run", "--rm", "--interactive", "--init", "--name", container, "--pull", "never"]
    words += ["--network", "none", "--ipc", "none", "--hostname", "sandbox", "--log-driver", "none"]
    words += ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--user", user]
    words += ["--pids-limit", str(bounds.processes)]
    words += ["--memory", f"{bounds.memory_mib}m", "--memory-swap", f"{bounds.memory_mib}m"]
    words += ["--tmpfs", f"/tmp:rw,nosuid,nodev,size={visible.TMP_BYTES},mode=1777"]
    for name, value in visible.environment().items():
        words += ["--env", f"{name}={value}"]
    for mount in mounts:
        words += ["--mount", f"type=bind,source={mount.source},target={mount.place},readonly"]
    return [*words, "--workdir", "/tmp", IMAGE, *argv]


def probe() -> Docker:
    """Docker, tried out with this interpreter.

    Raises:
        ToolFailed: it cannot be used here; the message says why.
    """
    program = shutil.which("docker")
    if program is None:
        raise ToolFailed(
            "Docker is not installed", hint="sudo apt install docker.io, or docs.docker.com/engine/install"
        )
    # The child gets a clean environment, in which the client would not know a socket that DOCKER_HOST or a context names.
    host = _asked([program, "context", "inspect", "--format", "{{.Endpoints.docker.Host}}"])
    if not host.startswith("unix://"):
        raise ToolFailed(
            f"Docker does not work: its engine is on another machine ({host}), where this one's files are not",
            hint="docker context use default, and unset DOCKER_HOST",
        )
    client = (program, "--host", host)
    version = _asked([*client, "version", "--format", "{{.Server.Version}}"])
    if not _asked([*client, "image", "ls", "--quiet", IMAGE]):
        _asked([*client, "import", "-", IMAGE], stdin=EMPTY_TAR)
    argv, name = [sys.executable, "-I", "-c", "print('ready')"], f"freqtrain-probe-{os.getpid()}"
    if _asked(command(client, argv, visible.engine(), name, PROBE)) != "ready":
        raise ToolFailed(
            "Docker does not work: this interpreter does not start in an empty container",
            hint="rootless Docker and remapped users cannot read this user's files: use bubblewrap",
        )
    return Docker(client, version)


def _asked(argv: Sequence[str], stdin: bytes | None = None) -> str:
    try:
        done = process.run(argv, timeout_seconds=PROBE_SECONDS, stdin=stdin)
    except OSError as error:
        raise ToolFailed(f"Docker cannot be started: {error}") from error
    if done.code != 0:
        said = " ".join(done.err.split())[-300:] or f"it ended with exit code {done.code}"
        denied = " (this user may not use it)" if _is_denied(said) else ""
        raise ToolFailed(f"Docker does not work: {said}{denied}", hint=_what_to_do(said))
    return done.out.strip()


def _is_denied(said: str) -> bool:
    return "permission denied" in said.lower()


def _what_to_do(said: str) -> str:
    """What helps against the two refusals that everybody meets once."""
    if _is_denied(said):
        return "sudo usermod --append --groups docker $USER, then log in anew; mind that whoever may use Docker is root here"
    if "cannot connect" in said.lower() or "daemon running" in said.lower():
        return "sudo systemctl enable --now docker"
    return ""
