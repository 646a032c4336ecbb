"""`freqtrain data import`: candle files that a person has become a data set."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipeline.domain.dataset import IMPORTED, DataProblem, Severity
from pipeline.domain.intake import Found, take_in
from pipeline.errors import Refused
from pipeline.flows.data_place import Placed, place
from pipeline.ports import DataSets


@dataclass(frozen=True, slots=True)
class Imported:
    """The new data set, and what a person has to know about it."""

    placed: Placed
    warnings: tuple[DataProblem, ...]
    left_aside: tuple[str, ...]


def import_folder(
    read: Callable[[], Found],
    out: Path,
    sets: DataSets,
    *,
    taken_at: datetime,
    name: str,
    exchange: str,
    kind: str = IMPORTED,
    notes: tuple[str, ...] = (),
) -> Imported:
    """Read, look over, write. `taken_at` (aware UTC) is when the candles were taken: later ones were not closed.

    Raises:
        Refused: something is wrong with the candles or their snapshot, all of it listed; or `out` holds something else.
    """
    found = read()
    intake = take_in(found, name=name, kind=kind, exchange=exchange, taken_at=taken_at, notes=notes)
    if intake.contents is None:
        errors = [str(problem) for problem in intake.problems if problem.severity is Severity.ERROR]
        raise Refused(
            "nothing was taken in:\n" + "\n".join(errors),
            hint="mend or remove these files, or download them again with freqtrade download-data",
        )
    return Imported(place(intake.contents, out, sets), intake.problems, found.left_aside)
