"""An image of stand-ins for all tests, a device of its own for each, and the homes of its bots."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adapters.compose.device import ContainerDevice, PortedBots
from tests.adapters.compose.engine import docker, need_engine, stand_in_image
from tests.runtime_contract import Bots


@pytest.fixture(scope="session")
def image() -> Iterator[str]:
    need_engine()
    tag = f"freqtrain-stand-in:{os.getpid()}"
    yield stand_in_image(tag)
    docker("image", "rm", "--force", tag)


@pytest.fixture
def device(tmp_path: Path, image: str) -> Iterator[ContainerDevice]:
    device = ContainerDevice(tmp_path / "the device's home $x", image)
    yield device
    device.end()


@pytest.fixture
def bots(tmp_path: Path) -> Bots:
    return PortedBots(tmp_path / "bots")
