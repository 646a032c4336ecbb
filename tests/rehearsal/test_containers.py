"""The rehearsal with containers of a real Docker engine: the whole story holds, and whatever ends it, nothing of it is left."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.adapters.compose.layout import layout
from pipeline.domain.trading import RuntimeKind
from pipeline.errors import ExitCode
from pipeline.rehearsal.chapters import STORY
from pipeline.rehearsal.rehearse import play, real_scene
from pipeline.rehearsal.scene import Scene
from tests.adapters.compose.engine import docker, need_engine, real_image
from tests.fakes import FakeNarrator
from tests.needs import ROOT, program
from tests.rehearsal.test_interrupted import listen_to_ctrl_c, of

pytestmark = [pytest.mark.processes, pytest.mark.sockets]

PATIENCE_SECONDS = 900.0
STORY_SECONDS = 3000.0


@pytest.fixture(scope="module")
def image() -> Iterator[str]:
    """What devices run, of this tree; layers that are there already are not built again."""
    need_engine()
    for name in ("git", "ssh-keygen"):
        program(name)
    tag = f"freqtrain-rehearsal:{os.getpid()}"
    yield real_image(tag)
    docker("image", "rm", "--force", tag)


def begun(folder: Path, image: str) -> subprocess.Popen[bytes]:
    """The command, as a person calls it; what it says is in files beside the folder."""
    command = [sys.executable, "-m", "pipeline", "rehearse", "--runtime", "compose", "--json", "--folder", str(folder)]
    with (folder.parent / "out.json").open("wb") as out, (folder.parent / "told.txt").open("wb") as told:
        return subprocess.Popen(
            [*command, "--out", str(folder.parent / "page.html")],
            cwd=ROOT,
            stdout=out,
            stderr=told,
            env={**os.environ, "FREQTRAIN_IMAGE": image},
            start_new_session=True,
            preexec_fn=listen_to_ctrl_c,
        )


def end(rehearsal: subprocess.Popen[bytes]) -> None:
    """Whatever became of the test, nothing goes on behind it."""
    if rehearsal.poll() is None:
        os.killpg(rehearsal.pid, signal.SIGINT)
        rehearsal.wait(PATIENCE_SECONDS)


def containers(folder: Path) -> list[str]:
    """The containers of the rehearsal's home, whether they run or not."""
    mark = layout(folder / "home").project("test").mark
    return docker("ps", "--all", "--quiet", "--filter", f"name=freqtrain-{mark}-").split()


def left(folder: Path) -> dict[str, object]:
    """Whatever there still is of a rehearsal, by its kind."""
    mark = layout(folder / "home").project("test").mark
    networks = docker("network", "ls", "--quiet", "--filter", f"name=freqtrain-{mark}-").split()
    found: dict[str, list[Any]] = {"containers": containers(folder), "networks": networks, "processes": of(folder)}
    return {kind: some for kind, some in found.items() if some}


def test_every_claim_of_the_story_holds_with_containers(image: str, tmp_path: Path) -> None:
    folder = tmp_path / "r"
    rehearsal = begun(folder, image)
    try:
        code = rehearsal.wait(STORY_SECONDS)
    finally:
        end(rehearsal)
    told = (tmp_path / "told.txt").read_text()
    document = json.loads((tmp_path / "out.json").read_text() or "{}")
    assert (code, document.get("outcome")) == (ExitCode.DONE, "PASS"), told
    assert len(document["chapters"]) == len(STORY)
    launches = {
        path.parent.name: json.loads(path.read_text()) for path in folder.glob("home/*/compose/bots/*/launch.json")
    }
    assert {launch["image"] for launch in launches.values()} == {image}
    assert {name.split("-")[0] for name in launches} == {"test", "sandbox", "prod"}
    assert left(folder) == {}


def test_ctrl_c_ends_all_containers_also_when_somebody_is_impatient(image: str, tmp_path: Path) -> None:
    folder = tmp_path / "r"
    rehearsal = begun(folder, image)
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not containers(folder):
            assert rehearsal.poll() is None, (tmp_path / "told.txt").read_text()
            assert time.monotonic() < deadline, (tmp_path / "told.txt").read_text()
            time.sleep(0.2)
        for _ in range(2):
            os.killpg(rehearsal.pid, signal.SIGINT)
            time.sleep(1)
        assert rehearsal.wait(PATIENCE_SECONDS) == ExitCode.INTERRUPTED, (tmp_path / "told.txt").read_text()
    finally:
        end(rehearsal)
    assert left(folder) == {}
    assert not (tmp_path / "page.html").exists()


def test_a_claim_that_does_not_hold_leaves_no_container(
    image: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FREQTRAIN_IMAGE", image)
    folder = tmp_path / "r"
    with real_scene(folder, FakeNarrator(), RuntimeKind.COMPOSE) as scene:
        monkeypatch.setattr(Scene, "runs", lambda *_: False)
        told = play(scene, STORY[:2])
        assert containers(folder)
    (failed,) = [claim for claim in told.claims if not claim.held]
    assert failed.sentence == "tide runs in test, proved and released"
    assert left(folder) == {}
