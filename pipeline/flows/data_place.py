"""Where a new data set goes: into a folder that is new or empty, or that holds this very set already."""

from dataclasses import dataclass
from pathlib import Path

from pipeline.domain.contents import Contents
from pipeline.domain.dataset import Severity
from pipeline.errors import ConfigError, Refused, UsageError
from pipeline.ports import Candles, DataSets


@dataclass(frozen=True, slots=True)
class Placed:
    """A data set in its folder; `already_there` if nothing had to be written."""

    dataset: Candles
    already_there: bool = False


def place(contents: Contents, out: Path, sets: DataSets) -> Placed:
    """Write a data set, whole or not at all.

    Raises:
        Refused: the folder holds something else.
    """
    occupied = out.exists() and not (out.is_dir() and not any(out.iterdir()))
    if not occupied:
        try:
            return Placed(sets.write(contents, out))
        except FileExistsError:
            pass
    if _holds(contents, out, sets):
        return Placed(sets.open(out), already_there=True)
    raise Refused(f"{out} exists and holds something else", hint="choose a new folder for --out, or remove that one")


def _holds(contents: Contents, out: Path, sets: DataSets) -> bool:
    try:
        dataset = sets.open(out)
    except (UsageError, ConfigError):
        return False
    sound = not any(problem.severity is Severity.ERROR for problem in sets.verify(dataset))
    return sound and dataset.manifest.digest == contents.manifest().digest
