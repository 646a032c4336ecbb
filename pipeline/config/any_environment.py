"""Examine an environment's file, whatever its mode and whatever is wrong with it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.config.environment import environment_from
from pipeline.config.problems import did_you_mean, shown
from pipeline.config.small_yaml import Route
from pipeline.config.source import Source, read
from pipeline.config.trading import TRADING_MODES, trading_environment_from
from pipeline.config.variables import fill
from pipeline.domain.canonical import Plain
from pipeline.domain.environment import Mode
from pipeline.domain.trading.order import AnyEnvironment
from pipeline.errors import ConfigError, Problem

MODES = tuple(mode.value for mode in Mode)


@dataclass(frozen=True, slots=True)
class Examined:
    """A file that was read as far as it could be: the environment that it is, or what is wrong with it.

    `settings` are those that pass through to freqtrade's bots; none where it runs no bots, or where they could not be read.
    """

    environment: AnyEnvironment | None
    problems: tuple[Problem, ...]
    settings: Mapping[str, Plain]
    source: Source

    def problem(self, route: Route, message: str, *, shows_value: bool = False) -> Problem:
        """A problem at its place in the file; a message that shows the value is not told of one that came from a variable."""
        variable = self.source.filled.get(route)
        if variable and shows_value:
            message = f"is not what can stand here (it comes from the variable {variable})"
        return self.source.problem(route, message)


def examine(path: Path, variables: Mapping[str, str]) -> Examined:
    """What is in a file; its mode says of which kind. Where that is none, this is the only problem, because all other keys depend on it."""
    try:
        written = read(path)
    except ConfigError as error:
        return Examined(None, error.problems, {}, Source(str(path), None, {}, {}))
    source = fill(written, variables)[0]
    mode = source.at(("mode",))
    settings = source.at(("freqtrade",)) if mode in TRADING_MODES else None
    whole = isinstance(settings, dict) and "${" not in json.dumps(settings)
    passed = settings if isinstance(settings, dict) and whole else {}
    try:
        return Examined(_load(written, source, path.stem, variables), (), passed, source)
    except ConfigError as error:
        return Examined(None, error.problems, passed, source)


def _load(written: Source, filled: Source, name: str, variables: Mapping[str, str]) -> AnyEnvironment:
    mode = filled.at(("mode",))
    if mode in TRADING_MODES:
        return trading_environment_from(written, name, variables).environment
    if isinstance(mode, str) and mode not in MODES and "${" not in mode:
        value = "" if ("mode",) in filled.filled else f", not {shown(mode)}{did_you_mean(mode, MODES)}"
        raise ConfigError((filled.problem(("mode",), f"must be {', '.join(MODES[:-1])} or {MODES[-1]}{value}"),))
    return environment_from(written, name, variables).environment
