"""The real things behind `freqtrain environment`."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.adapters import freqtrade_settings
from pipeline.config.any_environment import load_any_environment
from pipeline.config.source import Source
from pipeline.domain.canonical import Plain
from pipeline.domain.trading.order import AnyEnvironment
from pipeline.errors import Problem

FOLDER = Path("environments")


def environment_file(name: str) -> Path:
    """The file of an environment that is given by name or by path."""
    return Path(name) if "/" in name or name.endswith((".yml", ".yaml")) else FOLDER / f"{name}.yml"


def environment_files() -> tuple[Path, ...]:
    """The files of all the environments of the repository that the process runs in."""
    return tuple(sorted(FOLDER.glob("*.y*ml")))


@dataclass(frozen=True, slots=True)
class Placed:
    """An environment of any mode, and its file."""

    environment: AnyEnvironment
    source: Source

    def problem(self, route: tuple[str | int, ...], message: str, *, shows_value: bool = False) -> Problem:
        """A problem at its place in the file; a message that shows the value is not told of one that came from a variable."""
        variable = self.source.filled.get(route)
        if variable and shows_value:
            message = f"is not what can stand here (it comes from the variable {variable})"
        return self.source.problem(route, message)


def load_environment_file(path: Path) -> Placed:
    """The environment in a file, whatever its mode, filled from the process's variables."""
    loaded = load_any_environment(path, os.environ)
    return Placed(loaded.environment, loaded.source)


def ask_freqtrade(
    configurations: Sequence[Mapping[str, Plain]],
) -> Sequence[Sequence[freqtrade_settings.Complaint]]:
    """freqtrade's own word on configurations."""
    return freqtrade_settings.complaints(configurations)
