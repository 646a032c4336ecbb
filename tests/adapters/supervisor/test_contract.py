"""supervisord keeps the contract of a runtime."""

import pytest

from tests.runtime_contract import RuntimeContract


@pytest.mark.processes
@pytest.mark.sockets
class TestSupervisorRuntime(RuntimeContract):
    """Its device is in conftest.py."""
