"""The image as these tests build it, and commands in containers of it. Layers are cached by the engine, so only the first build takes minutes."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from tests.needs import ROOT, SHARED, missing, program
from tests.planted import quick_policy

BASE = "python:3.11-slim-bookworm"
NAMES = {"amd64": BASE, "arm64": f"arm64v8/{BASE}"}
"""What a stand-in for the base is called, where no registry of images can be reached; both kinds may be on one engine."""

HARDENED = ("--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")
STRATEGY = "range_dip"

BUILD_SECONDS = 3600.0
RUN_SECONDS = 600.0
GATE_SECONDS = 3600.0
"""All of them with room for an emulated machine."""

Windows = list[dict[str, object]]


def docker(*argv: str, seconds: float = RUN_SECONDS, stdin: str | None = None) -> str:
    """What a command of docker's prints; the test fails with its words where it fails."""
    done = tried(*argv, seconds=seconds, stdin=stdin)
    assert done.returncode == 0, f"docker {' '.join(argv)}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def tried(*argv: str, seconds: float = RUN_SECONDS, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "DOCKER_BUILDKIT": "1"}
    return subprocess.run(
        [program("docker"), *argv], capture_output=True, text=True, timeout=seconds, check=False, env=env, input=stdin
    )


@cache
def demand_engine() -> None:
    """Skip where no Docker engine answers."""
    if tried("info", seconds=60.0).returncode != 0:
        missing("a Docker engine (`docker info`)")


@cache
def image(architecture: str = "amd64") -> str:
    """The image, built from this checkout; its name."""
    demand_engine()
    name = f"freqtrain-tests:{architecture}"
    argv = [
        "build",
        "--platform",
        f"linux/{architecture}",
        "--file",
        str(ROOT / "runner" / "Dockerfile"),
        "--tag",
        name,
    ]
    docker(*argv, *base_argument(architecture), str(ROOT), seconds=BUILD_SECONDS)
    return name


def base_argument(architecture: str = "amd64") -> tuple[str, ...]:
    """Nothing, and the base is the one that is pinned; or a local stand-in for it, where its script lies beside the checkout."""
    script = SHARED / "lab" / "base-image.sh"
    if not script.is_file():
        return ()
    made = subprocess.run(
        [str(script), NAMES[architecture], architecture],
        capture_output=True,
        text=True,
        timeout=BUILD_SECONDS,
        check=False,
    )
    assert made.returncode == 0, made.stderr[-3000:]
    return ("--build-arg", f"BASE={NAMES[architecture]}")


def inside(name: str, *argv: str, options: Sequence[str] = (), stdin: str | None = None) -> str:
    """What a command prints in a container that is gone afterwards."""
    return docker("run", "--rm", "--interactive", *options, name, *argv, stdin=stdin)


def gated_here(folder: Path) -> Windows:
    """A strategy of this repository on the simulated market, by this interpreter: each window with the digest of its trades."""
    here = folder / "here"
    here.mkdir()
    return _gated((sys.executable, "-m", "pipeline"), here, here)


def gated_inside(name: str, folder: Path) -> Windows:
    """The same in a container, which sees the strategies alone and can write only where it is told to."""
    there = folder / "there"
    there.mkdir()
    argv = ["docker", "run", "--rm", *HARDENED, "--network", "none", "--user", f"{os.getuid()}:{os.getgid()}"]
    argv += ["--volume", f"{ROOT / 'strategies'}:/work/strategies:ro", "--volume", f"{there}:/there", name, "freqtrain"]
    return _gated(argv, there, Path("/there"))


def _gated(command: Sequence[str], folder: Path, seen_as: Path) -> Windows:
    quick_policy(folder / "ci.yml")
    argv = [*command, "gate", STRATEGY, "--no-cache", "--environment", str(seen_as / "ci.yml")]
    argv += ["--out", str(seen_as / "out"), "--user-data", str(seen_as / "user_data")]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=GATE_SECONDS, check=False, cwd=ROOT)
    document = folder / "out" / STRATEGY / "evidence.json"
    assert document.is_file(), done.stdout[-3000:] + done.stderr[-3000:]
    windows: Windows = json.loads(document.read_text(encoding="utf-8"))["windows"]
    assert sum(int(str(window["trades"])) for window in windows) > 100
    return windows
