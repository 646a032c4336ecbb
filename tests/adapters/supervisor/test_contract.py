"""supervisord keeps the contract of a runtime."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adapters.supervisor.device import SupervisedDevice
from tests.runtime_contract import RuntimeContract


@pytest.mark.processes
@pytest.mark.sockets
class TestSupervisorRuntime(RuntimeContract):
    @pytest.fixture
    def device(self, tmp_path: Path) -> Iterator[SupervisedDevice]:
        device = SupervisedDevice(tmp_path / "the device's home")
        yield device
        device.end()
