"""`freqtrain data simulate`: a made-up market becomes a data set."""

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from pipeline.domain.market import CATALOGUE, simulated
from pipeline.errors import UsageError
from pipeline.flows.data_place import Placed, place
from pipeline.ports import DataSets


def simulate(seed: int, pairs: Iterable[str], days: int, out: Path, sets: DataSets, *, minutes: bool = False) -> Placed:
    """Make the market of a seed and write it; with `minutes` in 1m candles.

    Raises:
        UsageError: a pair that the model does not know.
        Refused: the folder holds something else.
    """
    unknown = [pair for pair in pairs if pair not in CATALOGUE]
    if unknown:
        near = get_close_matches(unknown[0], CATALOGUE, 1)
        hint = f"did you mean {near[0]}?" if near else ""
        raise UsageError(
            f"the market model does not know {', '.join(unknown)}; it knows {', '.join(CATALOGUE)}", hint=hint
        )
    return place(simulated(seed, pairs, days, minutes=minutes), out, sets)
