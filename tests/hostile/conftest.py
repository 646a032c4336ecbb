"""A market of 25 days, and every sandbox that there is."""

import pytest

from pipeline.adapters.sandbox import Sandbox, bubblewrap, docker
from pipeline.errors import ToolFailed
from tests import needs
from tests.hostile.ground import Market, made_market


@pytest.fixture(scope="session")
def market(tmp_path_factory: pytest.TempPathFactory) -> Market:
    return made_market(tmp_path_factory.mktemp("market"))


@pytest.fixture(scope="session", params=["bubblewrap", "Docker"])
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    probe = bubblewrap.probe if request.param == "bubblewrap" else docker.probe
    try:
        return probe()
    except ToolFailed as error:
        needs.missing(error.message)
        raise
