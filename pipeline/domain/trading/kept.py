"""What an environment's file names of secrets and variables, and how a process's own values and those that a device keeps go together."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from enum import StrEnum

from pipeline.domain.trading.secrets import Secret


class Kind(StrEnum):
    """What a name stands for: only a secret has to stay unknown, but both are kept alike."""

    SECRET = "secret"
    VARIABLE = "variable"


@dataclass(frozen=True, slots=True)
class Named:
    """One name in an environment's file; without one that is `needed` nothing starts there."""

    name: str
    kind: Kind
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Names:
    """All names of one environment, in the order in which a person is asked for them.

    Of each of `wholes` (an account's key, secret and password; Telegram's two) all values come from one place: a key of here and a secret of there
    are no account.
    """

    environment: str
    file: str
    every: tuple[Named, ...] = ()
    wholes: tuple[tuple[str, ...], ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The names themselves."""
        return tuple(one.name for one in self.every)

    def meant(self, word: str) -> str:
        """ ", did you mean 'x'?" where one of them is close; nothing of the word itself."""
        close = get_close_matches(word, self.words, n=1, cutoff=0.6)
        return f", did you mean '{close[0]}'?" if close else ""


@dataclass(frozen=True, slots=True)
class Kept:
    """A value that a device keeps, and since when (aware UTC)."""

    value: Secret
    since_at: datetime


@dataclass(frozen=True, slots=True)
class Together:
    """The values to go on with, by name, and what a person should be told though it stops nothing. `from_device` are those that the device keeps.

    `variables` are all but the secrets among the latter: what may stand in a file in place of `${NAME}`, which strategies see.
    """

    values: Mapping[str, str]
    variables: Mapping[str, str]
    from_device: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()


def together(names: Names, process: Mapping[str, str], kept: Mapping[str, Kept]) -> Together:
    """The process's variables, and for the environment's names that it does not hold those that the device keeps.

    A variable that is there and blank holds nothing: jobs on GitHub pass on what was never set as an empty text. What the file does not name is
    not taken from the device, whatever lies there.
    """
    values, notes, taken = dict(process), [], set()
    for whole in _wholes(names):
        given = [name for name in whole if process.get(name, "").strip()]
        here = [name for name in whole if name in kept and name not in given]
        if not given:
            values.update({name: kept[name].value.reveal() for name in here})
            taken.update(here)
        elif here:
            told = " and ".join(here)
            notes.append(
                f"{told} of this device is passed over, because {' and '.join(given)} came with the process: they belong together"
            )
    hidden = taken - {one.name for one in names.every if one.kind is Kind.VARIABLE}
    variables = {name: text for name, text in values.items() if name not in hidden}
    return Together(values, variables, frozenset(taken), tuple(notes))


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a value is: with the process, on the device since some time (aware UTC), or nowhere. `unnamed`: the file does not ask for it."""

    name: Named
    in_process: bool = False
    since_at: datetime | None = None
    unnamed: bool = False

    @property
    def missing(self) -> bool:
        """It is needed, and neither the process nor the device has it."""
        return self.name.needed and not self.in_process and self.since_at is None


def standings(names: Names, process: Mapping[str, str], kept: Mapping[str, Kept]) -> tuple[Standing, ...]:
    """Every name of the environment, and then what the device keeps though the file does not name it any more. An empty value stands for none."""
    filled = {name: one for name, one in kept.items() if one.value.reveal().strip()}
    found = [
        Standing(
            one, bool(process.get(one.name, "").strip()), filled[one.name].since_at if one.name in filled else None
        )
        for one in names.every
    ]
    strange = [Named(name, Kind.SECRET) for name in sorted(kept) if name not in names.words]
    return (*found, *(Standing(one, since_at=kept[one.name].since_at, unnamed=True) for one in strange))


def _wholes(names: Names) -> tuple[tuple[str, ...], ...]:
    grouped = {name for whole in names.wholes for name in whole}
    return (*names.wholes, *((name,) for name in names.words if name not in grouped))
