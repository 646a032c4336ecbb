"""Check environments' files, all of them, before anybody needs them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.domain.environment import Environment
from pipeline.errors import ConfigError, ExitCode, Problem


@dataclass(frozen=True, slots=True)
class Checked:
    """One file: the environment that it is, or what is wrong with it."""

    file: str
    environment: Environment | None
    problems: tuple[Problem, ...] = ()


def check(files: Sequence[Path], load: Callable[[Path], Environment]) -> tuple[Checked, ...]:
    """Load every file and keep every problem."""
    return tuple(_check(file, load) for file in files)


def outcome(checked: Sequence[Checked]) -> ExitCode:
    """REFUSED where any file has a problem."""
    return ExitCode.REFUSED if any(item.problems for item in checked) else ExitCode.DONE


def _check(file: Path, load: Callable[[Path], Environment]) -> Checked:
    try:
        return Checked(str(file), load(file))
    except ConfigError as error:
        return Checked(str(file), None, error.problems)
