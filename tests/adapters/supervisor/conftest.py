"""A device of its own for each test, and the homes of its bots."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adapters.supervisor.device import SupervisedDevice
from tests.runtime_contract import Bots


@pytest.fixture
def device(tmp_path: Path) -> Iterator[SupervisedDevice]:
    device = SupervisedDevice(tmp_path / "the device's home")
    yield device
    device.end()


@pytest.fixture
def bots(tmp_path: Path) -> Bots:
    return Bots(tmp_path / "bots")
