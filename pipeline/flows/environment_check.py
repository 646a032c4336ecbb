"""Check environments' files, each alone and all of them together, before anybody needs them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pipeline.domain.canonical import Plain
from pipeline.domain.trading import TradingEnvironment
from pipeline.domain.trading.order import AnyEnvironment, disagreements
from pipeline.errors import ExitCode, Problem
from pipeline.render.sample_configuration import sample_configuration

Route = tuple[str | int, ...]
AskFreqtrade = Callable[[Sequence[Mapping[str, Plain]]], Sequence[Sequence[tuple[Route, str]]]]
"""What freqtrade has to say against each of some configurations: the way to a value, and a sentence."""


class Examined(Protocol):
    """A file that was read as far as it could be, and knows where everything stands."""

    @property
    def environment(self) -> AnyEnvironment | None: ...

    @property
    def problems(self) -> tuple[Problem, ...]: ...

    @property
    def settings(self) -> Mapping[str, Plain]:
        """Those that pass through to freqtrade's bots."""
        ...

    def problem(self, route: Route, message: str, *, shows_value: bool = False) -> Problem:
        """A problem with the value at a route of the file, or with what is nearest to it; the value may have to be hidden."""
        ...


@dataclass(frozen=True, slots=True)
class Checked:
    """One file: the environment that it is, or what is wrong with it."""

    file: str
    environment: AnyEnvironment | None
    problems: tuple[Problem, ...] = ()


def check(
    files: Sequence[Path], examine: Callable[[Path], Examined], ask: AskFreqtrade, beside: Sequence[Path] = ()
) -> tuple[Checked, ...]:
    """Examine every file and keep every problem; those that show only beside other files, and freqtrade's own, as well.

    Args:
        beside: the other environments of the repository: the files are compared with them, but their own problems are not told.
    """
    examined = {file: examine(file) for file in dict.fromkeys((*beside, *files))}
    found: dict[Path, list[Problem]] = {file: list(one.problems) for file, one in examined.items()}
    for file, problem in (*_together(examined), *_with_freqtrade({file: examined[file] for file in files}, ask)):
        found[file].append(problem)
    return tuple(
        Checked(
            str(file),
            None if found[file] else examined[file].environment,
            tuple(sorted(dict.fromkeys(found[file]), key=lambda problem: (problem.line, problem.column))),
        )
        for file in files
    )


def outcome(checked: Sequence[Checked]) -> ExitCode:
    """REFUSED where any file has a problem."""
    return ExitCode.REFUSED if any(item.problems for item in checked) else ExitCode.DONE


def _together(examined: Mapping[Path, Examined]) -> Iterator[tuple[Path, Problem]]:
    """What disagrees with another file, beside the file that it is told of. Of two files with one name, the one asked for counts."""
    names = {file.stem: file for file in examined}
    for one in disagreements({name: examined[file].environment for name, file in names.items()}):
        yield names[one.name], examined[names[one.name]].problem(one.route, one.reason)


def _with_freqtrade(examined: Mapping[Path, Examined], ask: AskFreqtrade) -> Iterator[tuple[Path, Problem]]:
    samples = {
        file: sample_configuration(one.environment, one.settings)
        for file, one in examined.items()
        if one.settings or isinstance(one.environment, TradingEnvironment)
    }
    for file, complaints in zip(samples, ask(list(samples.values())), strict=True):
        one = examined[file]
        for route, words in complaints:
            there = ("freqtrade", *route) if route and route[0] in one.settings else ("freqtrade",)
            yield file, one.problem(there, words, shows_value=True)
