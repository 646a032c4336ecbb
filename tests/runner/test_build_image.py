"""An image that cannot be built: its name stays with what had it, nothing half done is left, and it is said what to do. With a real engine."""

import os
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.errors import ExitCode
from tests.needs import ROOT
from tests.runner.image_ground import BASE, base_argument, demand_engine, docker

pytestmark = pytest.mark.processes

FULL = f"""FROM {BASE}
RUN echo {uuid.uuid4()} && dd if=/dev/zero of=/dev/shm/too-much bs=1M count=128
"""
"""A file system of 64 MiB that every step of a build has, and a step that wants more."""


@pytest.fixture
def name() -> Iterator[str]:
    demand_engine()
    base_argument()
    own = f"freqtrain-build:{os.getpid()}"
    docker("tag", BASE, own)
    yield own
    docker("image", "rm", own)


def built(name: str, *options: str, path: str = os.environ["PATH"]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ROOT / "runner" / "build-image"), *options],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        env={**os.environ, "IMAGE": name, "PATH": path},
    )


def of_this_base() -> set[str]:
    """Images without a name that a build has made of the base."""
    options = ("--filter", "dangling=true", "--filter", f"since={BASE}")
    return set(docker("image", "ls", "--quiet", "--no-trunc", *options).split())


def test_a_disk_that_is_full_during_the_build_leaves_what_was_there(name: str, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(FULL)
    before = docker("image", "inspect", "--format", "{{.Id}}", name)
    done = built(name, "--file", str(tmp_path / "Dockerfile"))
    assert done.returncode == ExitCode.TOOL, done.stderr
    assert "No space left on device" in done.stderr
    assert f"freqtrain: the image {name} was not built" in done.stderr
    assert "docker builder prune" in done.stderr
    assert docker("image", "inspect", "--format", "{{.Id}}", name) == before
    for identity in of_this_base():
        assert "too-much" not in docker("history", "--no-trunc", identity)


def test_without_docker_it_is_said_what_is_missing(tmp_path: Path) -> None:
    for needed in ("dirname", "sh"):
        (tmp_path / needed).symlink_to(f"/usr/bin/{needed}")
    done = built("freqtrain", path=str(tmp_path))
    assert (done.returncode, done.stdout) == (ExitCode.TOOL, "")
    assert "docker is not installed" in done.stderr


def test_an_engine_that_is_gone_in_the_middle_of_a_build_is_told(tmp_path: Path) -> None:
    (tmp_path / "docker").write_text("#!/bin/sh\necho 'error during connect: unexpected EOF' >&2\nexit 1\n")
    (tmp_path / "docker").chmod(0o755)
    done = built("freqtrain", path=f"{tmp_path}:{os.environ['PATH']}")
    assert done.returncode == ExitCode.TOOL
    assert "unexpected EOF" in done.stderr
    assert "was not built; Docker says why above" in done.stderr


def test_the_recipe_builds_with_it() -> None:
    done = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", "image", "BASE=another"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.strip() == "runner/build-image --build-arg BASE=another"
