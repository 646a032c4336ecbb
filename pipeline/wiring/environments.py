"""The real things behind `freqtrain environment`."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline.adapters import freqtrade_settings
from pipeline.config.any_environment import Examined, examine
from pipeline.domain.canonical import Plain
from pipeline.domain.environment import Mode
from pipeline.domain.trading import TradingEnvironment
from pipeline.wiring.environment_files import FOLDER, environment_file, environment_files
from pipeline.wiring.secrets import kept_alone, variables_of

__all__ = [
    "FOLDER",
    "ask_freqtrade",
    "environment_file",
    "environment_files",
    "examine_file",
    "examine_other",
    "following",
    "full_weight",
]

DRY_RUN = "DRY_RUN"
"""The variable that says whether money is simulated, where a file names no other."""


def examine_file(path: Path, home: Path | None = None) -> Examined:
    """The environment in a file, whatever its mode, filled from the process's variables and those kept in `home`; or what is wrong with it."""
    return examine(path, variables_of(path, home))


def examine_other(path: Path, home: Path | None = None, remembered: Mapping[str, str] | None = None) -> Examined:
    """The same of an environment that this process was not called for: the variable DRY_RUN tells of another one, so its mode alone counts.

    What the device keeps for it, and what is remembered of its deployment, comes before the process's variables, for the same reason.
    """
    variables = {**os.environ, **(kept_alone(path, home) if home else {}), **(remembered or {})}
    source = examine(path, variables).source
    name, live = source.at(("variables", "dry_run")) or DRY_RUN, source.at(("mode",))
    return examine(path, {**variables, str(name): "false" if live == Mode.LIVE.value else "true"})


def following(environment: str, home: Path | None = None) -> TradingEnvironment | None:
    """The environment of this repository that boards what earned it in that one; None where there is none, or it is broken."""
    found = (examine_other(file, home).environment for file in environment_files())
    return next((one for one in found if isinstance(one, TradingEnvironment) and one.after == environment), None)


def full_weight(environment: TradingEnvironment) -> bool:
    """Whether an environment boards what traded real money already: then its device has to be more than one that trades a small stake."""
    if environment.dry_run:
        return False
    before = environment_file(environment.after)
    return before.exists() and examine_other(before).source.at(("mode",)) == Mode.LIVE.value


def ask_freqtrade(
    configurations: Sequence[Mapping[str, Plain]],
) -> Sequence[Sequence[freqtrade_settings.Complaint]]:
    """freqtrade's own word on configurations."""
    return freqtrade_settings.complaints(configurations)
