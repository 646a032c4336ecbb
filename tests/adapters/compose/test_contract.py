"""A Docker engine keeps the contract of a runtime."""

from pathlib import Path

import pytest

from tests.adapters.compose.device import PortedBots
from tests.runtime_contract import RuntimeContract


@pytest.mark.processes
@pytest.mark.sockets
class TestComposeRuntime(RuntimeContract):
    """Its device is in conftest.py."""

    @pytest.fixture
    def bots(self, tmp_path: Path) -> PortedBots:
        return PortedBots(tmp_path / "bots")
