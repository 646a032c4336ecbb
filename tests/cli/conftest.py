"""What the tests of the gate's command share: one user directory, and planted strategies judged once."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.freqtrain import freqtrain
from tests.github_double.fixtures import github_description
from tests.planted import KINDS, plant, quick_policy, write_waves

__all__ = ["github_description"]


@pytest.fixture(scope="session")
def user_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One user directory for all tests here: the embedded market is made once."""
    return tmp_path_factory.mktemp("user_data")


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory, user_data: Path) -> tuple[Path, dict[str, Any]]:
    """The folder of planted strategies and what the gate says of them."""
    folder = tmp_path_factory.mktemp("planted")
    for kind in KINDS:
        plant(folder / "strategies", kind)
    assert freqtrain("data", "import", write_waves(folder / "candles"), "--out", folder / "data").code == 0
    options = ("--dataset", folder / "data", "--environment", quick_policy(folder / "ci.yml"))
    options = (*options, "--out", folder / "out", "--user-data", user_data, "--json")
    said = freqtrain("gate", "--strategies", folder / "strategies", *options)
    assert said.code == 10, said.err
    return folder, json.loads(said.out)
