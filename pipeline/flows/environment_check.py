"""Check environments' files, each alone and all of them together, before anybody needs them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from pipeline.domain.canonical import Plain
from pipeline.domain.trading import TradingEnvironment
from pipeline.domain.trading.order import AnyEnvironment, disagreements
from pipeline.errors import ConfigError, ExitCode, Problem
from pipeline.render.bot_configuration import sample_configuration

Route = tuple[str | int, ...]
AskFreqtrade = Callable[[Sequence[Mapping[str, Plain]]], Sequence[Sequence[tuple[Route, str]]]]
"""What freqtrade has to say against each of some configurations: the way to a value, and a sentence."""


class Loaded(Protocol):
    """An environment that knows where in its file everything stands."""

    @property
    def environment(self) -> AnyEnvironment: ...

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
    files: Sequence[Path], load: Callable[[Path], Loaded], ask: AskFreqtrade, beside: Sequence[Path] = ()
) -> tuple[Checked, ...]:
    """Load every file and keep every problem; those that show only together with others as well.

    Args:
        ask: freqtrade's own word on the settings that pass through to it.
        beside: the other environments of the repository: the files are compared with them, but their own problems are not told.
    """
    checked: dict[Path, Checked] = {}
    loaded: dict[Path, Loaded] = {}
    for file in dict.fromkeys((*beside, *files)):
        try:
            loaded[file] = load(file)
            checked[file] = Checked(str(file), loaded[file].environment)
        except ConfigError as error:
            checked[file] = Checked(str(file), None, error.problems)
    found = [
        *_together(checked, loaded),
        *_with_freqtrade({file: loaded[file] for file in files if file in loaded}, ask),
    ]
    for file, problem in found:
        checked[file] = replace(checked[file], environment=None, problems=(*checked[file].problems, problem))
    return tuple(checked[file] for file in files)


def outcome(checked: Sequence[Checked]) -> ExitCode:
    """REFUSED where any file has a problem."""
    return ExitCode.REFUSED if any(item.problems for item in checked) else ExitCode.DONE


def _together(checked: Mapping[Path, Checked], loaded: Mapping[Path, Loaded]) -> list[tuple[Path, Problem]]:
    """What disagrees with another file, beside the file that it is told of. Of two files with one name, the one asked for counts."""
    names = {file.stem: file for file in checked}
    found = disagreements({name: checked[file].environment for name, file in names.items()})
    return [(names[one.name], loaded[names[one.name]].problem(one.route, one.reason)) for one in found]


def _with_freqtrade(loaded: Mapping[Path, Loaded], ask: AskFreqtrade) -> list[tuple[Path, Problem]]:
    trading = {file: one.environment for file, one in loaded.items() if isinstance(one.environment, TradingEnvironment)}
    answers = ask([sample_configuration(environment) for environment in trading.values()])
    return [
        (file, loaded[file].problem(_at(environment, route), words, shows_value=True))
        for (file, environment), complaints in zip(trading.items(), answers, strict=True)
        for route, words in complaints
    ]


def _at(environment: TradingEnvironment, route: Route) -> Route:
    """Where in the environment's file the value of a configuration comes from."""
    return ("freqtrade", *route) if route and route[0] in environment.freqtrade else ("freqtrade",)
