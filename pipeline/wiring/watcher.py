"""The real things that keep an environment's watch running: supervisord, and a folder with what the watch reads."""

import os
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from pipeline import __version__
from pipeline.adapters.supervisor.master import ROOT
from pipeline.adapters.supervisor.watches import SupervisorWatches
from pipeline.adapters.watch_home import Reads, WatchHome
from pipeline.config.source import Source
from pipeline.config.trading import LoadedTradingEnvironment
from pipeline.errors import UsageError
from pipeline.flows.road import Watcher
from pipeline.flows.watch_post import INTERVAL_SECONDS
from pipeline.ports import Clock
from pipeline.wiring.environments import environment_files, examine_file
from pipeline.wiring.runtime import engine_variables
from pipeline.wiring.secrets import variables_of

INTERVAL_VARIABLE = "FREQTRAIN_WATCH_SECONDS"
LOG_VARIABLE = "FREQTRAIN_LOG"
INTERVALS = (0.2, 300.0)
"""The shortest and the longest time between two rounds, in seconds."""


def watcher(
    loaded: LoadedTradingEnvironment,
    file: Path,
    home: Path,
    clock: Clock,
    process: Mapping[str, str],
    keep_channels: Callable[[], None] = lambda: None,
) -> Watcher:
    """What keeps the watch of the environment in that file running on the device; `process` holds the variables that fill it."""
    own, program = loaded.environment.name, f"freqtrain {__version__} in {ROOT}"
    reads = partial(_reads, loaded, file, home, process)
    return Watcher(
        SupervisorWatches(home, clock), WatchHome(home, own, reads, program, clock, _interval_seconds(), keep_channels)
    )


def _reads(loaded: LoadedTradingEnvironment, file: Path, home: Path, process: Mapping[str, str]) -> Reads:
    """The environment's own file, and the others of the repository, one of which says what boarding further on demands."""
    others = [one for one in environment_files() if one.stem != loaded.environment.name]
    files = {f"{loaded.environment.name}.yml": file.read_bytes(), **{one.name: one.read_bytes() for one in others}}
    values = dict(_filling(loaded.source, process))
    for one in others:
        there = variables_of(one, home)
        values = {**dict(_filling(examine_file(one, home).source, there)), **values}
    return Reads(files, {**dict(sorted(values.items())), **engine_variables(loaded.environment), **dict(_log_form())})


def _filling(source: Source, variables: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The variables that filled a leaf; those whose names are a secret's fill none."""
    return ((name, variables[name]) for name in source.filled.values() if name in variables)


def _log_form() -> Iterator[tuple[str, str]]:
    """The watch tells what it does in the same form as the verb that starts it."""
    if os.environ.get(LOG_VARIABLE):
        yield LOG_VARIABLE, os.environ[LOG_VARIABLE]


def _interval_seconds() -> float:
    given = os.environ.get(INTERVAL_VARIABLE, "").strip()
    try:
        seconds = float(given) if given else INTERVAL_SECONDS
    except ValueError:
        seconds = 0.0
    if not INTERVALS[0] <= seconds <= INTERVALS[1]:
        raise UsageError(f"{INTERVAL_VARIABLE} must be a number from {INTERVALS[0]:g} to {INTERVALS[1]:g}")
    return seconds
