"""What is said where there is no docker, no engine, no right to ask it, no compose, or not the image. The `docker` here is a small script."""

from pathlib import Path

import pytest

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.compose.docker import Docker
from pipeline.adapters.compose.images import EngineImages
from pipeline.adapters.compose.mounts import image_of
from pipeline.adapters.compose.runtime import ComposeRuntime
from pipeline.domain.image import IMAGE_FILE, Image
from pipeline.errors import FreqtrainError, Refused, ToolFailed
from tests.runtime_contract import Bots

pytestmark = pytest.mark.processes

IMAGE = "freqtrain@sha256:" + "a" * 64


def says(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put a `docker` on the PATH that does this; nothing else is there."""
    (folder / "bin").mkdir()
    (folder / "bin/docker").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "bin/docker").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder / "bin"))


def test_no_docker_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolFailed, match="docker is not installed"):
        Docker().demand(IMAGE)


@pytest.mark.parametrize(
    ("said", "kind", "told", "hint"),
    [
        (
            "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
            ToolFailed,
            "Docker's engine does not answer",
            "systemctl start docker",
        ),
        (
            "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
            Refused,
            "this user may not ask Docker's engine",
            "as mighty as root",
        ),
        ("error during connect: unexpected EOF", ToolFailed, "went away in the middle", "docker info"),
        (
            "docker: Error response from daemon: failed to copy files: userspace copy failed: write /var/lib/docker/x: no space left on device",
            ToolFailed,
            "Docker's disk is full: .*no space left on device",
            "docker system df",
        ),
    ],
)
def test_an_engine_that_cannot_be_asked_is_told_by_every_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, kind: type[FreqtrainError], told: str, hint: str
) -> None:
    says(tmp_path, monkeypatch, f'case "$1" in compose) echo 2.26.1;; *) echo "{said}" >&2; exit 1;; esac')
    spec = Bots(tmp_path / "bots").spec()
    runtime = ComposeRuntime(tmp_path / "home", SystemClock(), IMAGE)
    for call in (lambda: Docker().demand(IMAGE), lambda: runtime.start(spec)):
        with pytest.raises(kind, match=told) as caught:
            call()
        assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("""echo "docker: 'compose' is not a docker command." >&2; exit 1""", r"docker has no compose, and 2\.20"),
        ("echo 2.17.3", r"compose is 2\.17\.3, and 2\.20 is needed"),
        ("echo v1.29.2", r"compose is v1\.29\.2, and 2\.20 is needed"),
    ],
)
def test_compose_that_is_missing_or_too_old_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, told: str
) -> None:
    says(tmp_path, monkeypatch, script)
    with pytest.raises(Refused, match=told):
        Docker().demand(IMAGE)


@pytest.mark.parametrize(
    ("image", "told"),
    [
        ("freqtrain:latest", "the image freqtrain:latest is not named by its digest"),
        ("", "no image was named"),
        ("freqtrain@sha256:abc", "is not named by its digest"),
    ],
)
def test_an_image_that_is_not_named_by_its_digest_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, image: str, told: str
) -> None:
    says(tmp_path, monkeypatch, "echo 2.20.0")
    with pytest.raises(Refused, match=told):
        Docker().demand(image)


@pytest.mark.parametrize(
    ("here", "told"),
    [
        ("", "is not on this device$"),
        (f"echo 'sha256:{'b' * 64} sha256:{'c' * 64}'", f"what is here of that name is sha256:{'b' * 64}$"),
        (f"echo '<none> sha256:{'c' * 64}'", f"what is here of that name is sha256:{'c' * 64}$"),
    ],
)
def test_an_image_that_is_missing_or_of_another_digest_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, here: str, told: str
) -> None:
    found = f'case "$1 $2" in "compose version") echo 2.26.1;; "image ls") {here or ":"};; *) exit 1;; esac'
    says(tmp_path, monkeypatch, found)
    with pytest.raises(Refused, match=told):
        Docker().demand(IMAGE)


def test_an_image_is_known_by_the_digests_of_its_registries_and_by_its_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, pushed, built = (f"sha256:{letter * 64}" for letter in "bcd")
    says(
        tmp_path,
        monkeypatch,
        f"printf '%s\\n' '{own} x/freqtrain {pushed}' '{own} freqtrain <none>' '{built} <none> <none>'",
    )
    first, second = Docker().images()
    assert first == Image(f"x/freqtrain@{pushed}", frozenset({own, pushed}))
    assert second == Image(built, frozenset({built}))


@pytest.mark.parametrize("said", ["", "no JSON", "[]"])
def test_an_image_that_does_not_tell_what_is_installed_in_it_is_told(
    said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(tmp_path, monkeypatch, f"echo '{said}'")
    images = EngineImages("", lambda _: "")
    with pytest.raises(ToolFailed, match=f"the image {IMAGE} does not tell what is installed in it"):
        images.versions(Image(IMAGE, frozenset()), ["freqtrade"])


def test_an_image_is_asked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    says(tmp_path, monkeypatch, f"""echo x >> '{tmp_path}/calls'; echo '{{"freqtrade": "1"}}'""")
    images = EngineImages("", lambda _: "")
    for _ in range(2):
        assert images.versions(Image(IMAGE, frozenset()), ["freqtrade"]) == {"freqtrade": "1"}
    assert (tmp_path / "calls").read_text() == "x\n"


@pytest.mark.parametrize("content", ["", "[]", "{}"])
def test_a_home_that_was_written_otherwise_names_no_image(content: str, tmp_path: Path) -> None:
    assert image_of(tmp_path) == ""
    (tmp_path / IMAGE_FILE).write_text(content)
    with pytest.raises(ToolFailed, match="does not name an image"):
        image_of(tmp_path)
