"""Bots in different images on one real engine: each runs in the one that its home names, and in none where that is gone."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from pipeline.adapters.compose.images import EngineImages
from pipeline.adapters.compose.runtime import ComposeRuntime
from pipeline.domain.bot import BotSpec, BotState
from pipeline.domain.image import IMAGE_FILE, Image, image_for
from pipeline.errors import Refused, ToolFailed
from tests.adapters.compose.device import ContainerDevice, PortedBots, stand_in
from tests.adapters.compose.engine import derived_image, docker
from tests.ports import free_port
from tests.runtime_contract import NAME, bot, started

pytestmark = [pytest.mark.processes, pytest.mark.sockets]

NAME_B = "test-swing-b"
NOWHERE = "sha256:" + "9" * 64


@dataclass(frozen=True)
class FreeBots(PortedBots):
    """Bots on ports that are free: the engine is one, and other tests publish theirs on it at the same time."""

    ports: tuple[int, int] = field(default_factory=lambda: (free_port(), free_port()))

    def spec(self, name: str = NAME, **behaviour: object) -> BotSpec:
        return replace(super().spec(name, **behaviour), api_port=self.ports[name.endswith("-b")])


@pytest.fixture
def bots(tmp_path: Path) -> FreeBots:
    return FreeBots(tmp_path / "bots")


@pytest.fixture
def other(image: str) -> Iterator[str]:
    """A second image beside the first."""
    tag = f"freqtrain-stand-in-other:{os.getpid()}"
    yield derived_image(image, tag)
    docker("image", "rm", "--force", tag)


def name_image(spec: BotSpec, image: str) -> BotSpec:
    (Path(spec.home) / IMAGE_FILE).write_text(json.dumps({"image": image}))
    return spec


def image_of(device: ContainerDevice, name: str) -> str:
    return docker("inspect", "--format", "{{.Image}}", device.container(name)).strip()


def test_a_bot_and_its_successor_run_beside_each_other_each_in_its_own_image(
    device: ContainerDevice, bots: PortedBots, other: str
) -> None:
    before = started(device, name_image(bots.spec(), device.image))
    started(device, name_image(bots.spec(NAME_B), other))
    assert (image_of(device, NAME), image_of(device, NAME_B)) == (device.image, other)
    assert bot(device.runtime) == before

    device.runtime.stop(NAME, 20.0)
    device.runtime.remove(NAME)
    started(device, name_image(bots.spec(), other))
    device.runtime.stop(NAME_B, 20.0)
    started(device, name_image(bots.spec(NAME_B), device.image))
    assert (image_of(device, NAME), image_of(device, NAME_B)) == (other, device.image)


def test_where_nothing_is_named_a_bot_comes_back_in_what_it_ran_in_and_not_in_its_neighbour_s(
    device: ContainerDevice, bots: PortedBots, other: str
) -> None:
    spec = bots.spec()
    started(device, name_image(spec, device.image))
    started(device, name_image(bots.spec(NAME_B), other))
    device.reboot()
    (Path(spec.home) / IMAGE_FILE).unlink()
    device.runtime = ComposeRuntime(device.home, device.clock, "", command=stand_in)
    started(device, spec)
    assert image_of(device, NAME) == device.image


@pytest.mark.parametrize(
    ("named", "told"),
    [
        (NOWHERE, "is not on this device$"),
        (f"freqtrain-stand-in@{NOWHERE}", "is not on this device: what is here of that name is .*sha256:"),
        ("freqtrain-stand-in:latest", "is not named by its digest$"),
    ],
)
def test_an_image_that_is_gone_or_of_another_digest_starts_nothing_and_takes_nothing_from_what_is_there(
    device: ContainerDevice, bots: PortedBots, named: str, told: str
) -> None:
    spec = bots.spec()
    started(device, name_image(spec, device.image))
    device.runtime.stop(NAME, 20.0)
    with pytest.raises(Refused, match=told) as refused:
        device.runtime.start(name_image(spec, named))
    assert "docker pull" in refused.value.hint or "FREQTRAIN_IMAGE" in refused.value.hint
    assert bot(device.runtime).state is BotState.DOWN
    assert image_of(device, NAME) == device.image
    started(device, name_image(spec, device.image))


def test_the_images_of_the_engine_are_found_by_their_digests(image: str, other: str) -> None:
    images = EngineImages("", lambda _: "")
    for digest in (image, other):
        choice = image_for((digest,), images.here(), "")
        assert choice.image is not None
        assert choice.image.reference == digest
    assert image_for((NOWHERE,), images.here(), "").image is None
    choice = image_for((image,), images.here(), "")
    assert choice.image is not None
    assert images.versions(choice.image, ["pip", "no-such-thing"]).keys() <= {"pip"}


def tagged(tmp_path: Path, image: str, tag: str, title: str) -> str:
    """An image of its own kind, so that nobody else's are touched."""
    folder = tmp_path / tag.partition(":")[2]
    folder.mkdir()
    (folder / "Dockerfile").write_text(f"FROM {image}\nLABEL title={title}\nLABEL tag={tag}\n")
    return docker("build", "--quiet", "--tag", tag, str(folder), environment={"DOCKER_BUILDKIT": "0"}).strip()


def test_what_a_home_keeps_stays_until_that_home_lets_it_go_and_what_a_container_is_made_of_longer(
    image: str, tmp_path: Path
) -> None:
    name, title = f"freqtrain-prune-{os.getpid()}", f"freqtrain-prune-{os.getpid()}"
    mine, theirs = (
        EngineImages("", lambda _: "", mark, f"title={title}") for mark in (f"{os.getpid()}a", f"{os.getpid()}b")
    )
    one, other = (tagged(tmp_path, image, f"{name}:{which}", title) for which in ("one", "other"))
    container = docker("create", "--name", name, other, "true").strip()
    try:
        mine.keep(Image(one, frozenset({one})))
        mine.let_go()
        assert docker("image", "inspect", "--format", "{{.RepoTags}}", one).strip() == f"[{name}:one]"
        mine.keep(Image(one, frozenset({one})))
        docker("image", "rm", f"{name}:one")  # as a later build under the same name does
        mine.let_go()
        docker("image", "inspect", one)
        assert {(each.image.reference, each.names, each.containers, each.kept_elsewhere) for each in mine.stock()} == {
            (one, (), (), False),
            (other, (f"{name}:other",), (name,), False),
        }
        assert {each.kept_elsewhere for each in theirs.stock() if each.image.reference == one} == {True}

        with pytest.raises(ToolFailed, match="another home of this device keeps"):
            theirs.remove(Image(one, frozenset({one})))
        with pytest.raises(ToolFailed, match="image is being used by stopped container"):
            mine.remove(Image(other, frozenset({other})))
        mine.remove(Image(one, frozenset({one})))
        mine.remove(Image(one, frozenset({one})))
        assert [each.image.reference for each in mine.stock()] == [other]
    finally:
        docker("rm", container)
        for left in mine.stock():
            mine.remove(left.image)
