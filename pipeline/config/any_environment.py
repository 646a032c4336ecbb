"""Load an environment's file, whatever its mode."""

from collections.abc import Mapping
from pathlib import Path

from pipeline.config.environment import LoadedEnvironment, environment_from
from pipeline.config.problems import did_you_mean, shown
from pipeline.config.source import Source, read
from pipeline.config.trading import TRADING_MODES, LoadedTradingEnvironment, trading_environment_from
from pipeline.config.variables import fill
from pipeline.domain.environment import Mode
from pipeline.errors import ConfigError

MODES = tuple(mode.value for mode in Mode)


def load_any_environment(path: Path, variables: Mapping[str, str]) -> LoadedEnvironment | LoadedTradingEnvironment:
    """The environment in a file; its mode says which kind it is.

    Raises:
        ConfigError: all problems at once, in the order of the file; only that of the mode where it is none, because all other keys depend on it.
    """
    source = read(path)
    mode = _mode(source, variables)
    if mode in TRADING_MODES:
        return trading_environment_from(source, path.stem, variables)
    if isinstance(mode, str) and mode not in MODES and "${" not in mode:
        told = f"must be {', '.join(MODES[:-1])} or {MODES[-1]}"
        value = "" if "${" in str(source.at(("mode",))) else f", not {shown(mode)}{did_you_mean(mode, MODES)}"
        raise ConfigError((source.problem(("mode",), told + value),))
    return environment_from(source, path.stem, variables)


def _mode(source: Source, variables: Mapping[str, str]) -> object:
    return fill(source, variables)[0].at(("mode",))
