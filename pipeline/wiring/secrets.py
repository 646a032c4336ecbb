"""The real things behind `freqtrain secrets`, and what every verb on a device is injected with."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.remembered_variables import WATCH, remembered_variables
from pipeline.adapters.secret_file import FILE, SecretFile
from pipeline.config.injected_names import load_names
from pipeline.domain.trading.kept import Kind, Standing, Together, together
from pipeline.errors import ConfigError, Refused
from pipeline.flows.secrets import Ground, standing
from pipeline.ports import Narrator
from pipeline.render.secrets import missing_line
from pipeline.wiring.environment_files import environment_file, environment_files
from pipeline.wiring.homes import outside


def ground(environment: str, home: Path) -> Ground:
    """An environment's names, by its name or its file, and what this device keeps of them.

    Raises:
        ConfigError: its file is not there or has problems where it names them.
        Refused: the home lies in a checkout, where secrets would be committed some day.
    """
    outside(home)
    file = environment_file(environment)
    return Ground(load_names(file), SecretFile(home / file.stem), os.environ, SystemClock())


def injected(file: Path, home: Path, narrator: Narrator, *, strict: bool = True) -> Together:
    """The process's variables and what this device keeps for the environment in that file.

    Args:
        strict: whether a file of secrets that cannot be trusted stops everything. An emergency goes on without: bots that run have theirs. What
            neither process nor device holds of variables is then as it was when something was last deployed.

    Raises:
        Refused: see there.
    """
    try:
        found = _together(file, home)
    except ConfigError:
        return Together(os.environ, os.environ)  # whoever loads the file tells everything that is wrong with it
    except Refused as error:
        if strict:
            raise
        narrator.say(f"nothing is taken from this device's secrets: {error.message}")
        found = Together(os.environ, os.environ)
    for note in found.notes:
        narrator.say(note)
    return found if strict else _as_last_time(found, file, home)


def variables_of(file: Path, home: Path | None) -> Mapping[str, str]:
    """What fills the variables in that file where it is only looked at: as `injected`, but what cannot be read holds nothing."""
    if home is None:
        return os.environ
    try:
        return _together(file, home).variables
    except Refused:
        return os.environ


def kept_alone(file: Path, home: Path) -> Mapping[str, str]:
    """The variables that this device keeps for an environment that the process was not called for: the process's tell of another one."""
    try:
        kept = SecretFile(home / file.stem).kept()
    except Refused:
        return {}
    return {name: kept[name].value.reveal() for name in _variables(file) if name in kept}


def lacking_here(file: Path, home: Path) -> str:
    """What an environment of this device would lack in a deployment now, in one sentence; empty where it is not here, or lacks nothing."""
    if not (home / file.stem).is_dir():
        return ""
    try:
        return missing_line(file.stem, standing(ground(str(file), home)))
    except ConfigError:
        return ""  # the check of the file tells it
    except Refused as error:
        return error.message if not error.hint else f"{error.message} ({error.hint})"


def standings_here(home: Path) -> Mapping[str, tuple[Standing, ...] | Refused]:
    """Of each environment of the repository for which something is kept on this device: where its values are, or why they are not used."""
    found: dict[str, tuple[Standing, ...] | Refused] = {}
    for file in environment_files():
        if (home / file.stem / FILE).exists():
            try:
                found[file.stem] = standing(ground(str(file), home))
            except Refused as error:
                found[file.stem] = error
    return found


def _as_last_time(found: Together, file: Path, home: Path) -> Together:
    """With the variables of the last deployment in place of those that are missing."""
    last = remembered_variables(home / file.stem / WATCH)
    lacking = {name: last[name] for name in _variables(file) if name in last and not found.values.get(name, "").strip()}
    return replace(found, values={**found.values, **lacking}, variables={**found.variables, **lacking})


def _variables(file: Path) -> tuple[str, ...]:
    try:
        return tuple(one.name for one in load_names(file).every if one.kind is Kind.VARIABLE)
    except ConfigError:
        return ()


def _together(file: Path, home: Path) -> Together:
    kept = SecretFile(home / file.stem).kept()
    return together(load_names(file), os.environ, kept) if kept else Together(os.environ, os.environ)
