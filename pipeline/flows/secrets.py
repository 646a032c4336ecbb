"""Keep an environment's secrets on the device, and say which are there; no value is ever said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.domain.trading.kept import Kind, Named, Names, Standing, standings
from pipeline.domain.trading.secrets import Secret
from pipeline.errors import Refused, UsageError
from pipeline.ports import Clock, KeptSecrets


@dataclass(frozen=True, slots=True)
class Ground:
    """The names of one environment, who keeps their values, what the process holds, and the clock."""

    names: Names
    store: KeptSecrets
    process: Mapping[str, str]
    clock: Clock


def asked(wanted: Sequence[str], ground: Ground) -> tuple[Named, ...]:
    """What a person is to be asked for: the names given, else all of the environment.

    Raises:
        UsageError: the environment asks for nothing.
        Refused: a name that the file does not list; all of them at once.
    """
    names = ground.names
    if not names.every:
        raise UsageError(
            f"'{names.environment}' runs no bots: it has no secrets", hint="its variables come from the process alone"
        )
    strange = [name for name in wanted if name not in names.words]
    if strange:
        raise Refused("\n".join(f"{name} is not listed in {names.file}{names.meant(name)}" for name in strange))
    return tuple(one for one in names.every if not wanted or one.name in wanted)


def keep(given: Mapping[str, Secret], wanted: Sequence[str], ground: Ground) -> tuple[str, ...]:
    """Keep these values, all of them or none; the names that were kept.

    Raises:
        Refused: one has a name that is not asked for. The name is not shown, because it may be a secret in the wrong place.
        ToolFailed: the disk; what was kept stays.
    """
    allowed = {one.name for one in asked(wanted, ground)}
    strange = [(number, name) for number, name in enumerate(given, 1) if name not in allowed]
    if strange:
        where = f"listed in {ground.names.file}" if not wanted else "one of those that were named"
        lines = (
            f"name {number} of what was handed over is not {where}{ground.names.meant(name)}"
            for number, name in strange
        )
        raise Refused("\n".join(lines), hint=f"there are: {', '.join(sorted(allowed))}")
    if given:
        ground.store.change(given, (), ground.clock.now())
    return tuple(given)


def remove(name: str, ground: Ground) -> None:
    """Forget one value; one that no file names any more as well.

    Raises:
        Refused: none is kept under that name.
    """
    kept = ground.store.kept()
    if name not in kept:
        known = Names(ground.names.environment, ground.names.file, tuple(Named(one, Kind.SECRET) for one in kept))
        raise Refused(f"no {name} is kept for '{ground.names.environment}' on this device{known.meant(name)}")
    ground.store.change({}, (name,), ground.clock.now())


def standing(ground: Ground) -> tuple[Standing, ...]:
    """Where each value of the environment is."""
    return standings(ground.names, ground.process, ground.store.kept())
