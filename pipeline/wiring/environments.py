"""The real things behind `freqtrain environment`."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline.adapters import freqtrade_settings
from pipeline.config.any_environment import Examined, examine
from pipeline.domain.canonical import Plain

FOLDER = Path("environments")


def environment_file(name: str) -> Path:
    """The file of an environment that is given by name or by path."""
    return Path(name) if "/" in name or name.endswith((".yml", ".yaml")) else FOLDER / f"{name}.yml"


def environment_files() -> tuple[Path, ...]:
    """The files of all the environments of the repository that the process runs in."""
    return tuple(sorted(FOLDER.glob("*.y*ml")))


def examine_file(path: Path) -> Examined:
    """The environment in a file, whatever its mode, filled from the process's variables; or what is wrong with it."""
    return examine(path, os.environ)


def ask_freqtrade(
    configurations: Sequence[Mapping[str, Plain]],
) -> Sequence[Sequence[freqtrade_settings.Complaint]]:
    """freqtrade's own word on configurations."""
    return freqtrade_settings.complaints(configurations)
