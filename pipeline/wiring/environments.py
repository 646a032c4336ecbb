"""The real things behind `freqtrain environment`."""

import os
from pathlib import Path

from pipeline.config.environment import load_environment
from pipeline.domain.environment import Environment


def environment_file(name: str) -> Path:
    """The file of an environment that is given by name or by path."""
    return Path(name) if "/" in name or name.endswith((".yml", ".yaml")) else Path("environments") / f"{name}.yml"


def load_environment_file(path: Path) -> Environment:
    """The environment in a file, filled from the process's variables."""
    return load_environment(path, os.environ).environment
