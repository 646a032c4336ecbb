import subprocess
import sys
from pathlib import Path

import pytest

from tests.needs import ROOT
from tests.testing.example import NAME, write_example

pytestmark = pytest.mark.processes

TEST = """
import warnings

def test_is_the_example(strategy):
    warnings.warn("a strategy may warn")
    assert repr(strategy) == "<strategy Example>"
    assert strategy.timeframe == "15m"
"""


def pytest_as_a_trader(file: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """pytest with this repository's configuration, which makes errors of warnings."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "pipeline.testing.plugin",
        *arguments,
        str(file),
    ]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def test_the_strategy_beside_the_test_is_found_by_its_description(tmp_path: Path) -> None:
    folder = write_example(tmp_path / "example", test=TEST)
    (folder / "strategy.yml").write_text(f"class: {NAME}\ntimeframe: 15m\n")
    done = pytest_as_a_trader(folder / "test_strategy.py", "-c", "pyproject.toml")
    assert done.returncode == 0, done.stdout


def test_a_test_without_a_description_beside_it_is_told_what_is_missing(tmp_path: Path) -> None:
    folder = write_example(tmp_path / "example", test=TEST)
    (folder / "strategy.yml").unlink()
    done = pytest_as_a_trader(folder / "test_strategy.py")
    assert done.returncode == 1
    assert "strategy.yml" in done.stdout
    assert "say where the strategy is with --freqtrain-strategy DIR" in done.stdout


def test_a_test_elsewhere_is_told_which_strategy_it_is_about(tmp_path: Path) -> None:
    folder = write_example(tmp_path / "example")
    elsewhere = tmp_path / "test_elsewhere.py"
    elsewhere.write_text(TEST)
    options = ("--freqtrain-strategy", str(folder), "--freqtrain-class", NAME, "--freqtrain-timeframe", "15m")
    done = pytest_as_a_trader(elsewhere, *options)
    assert done.returncode == 0, done.stdout
