"""`freqtrain gate --plan`: what would be judged, why, and by how many machines at once."""

from collections.abc import Sequence

from pipeline.domain.selection import Chosen
from pipeline.domain.shards import GatePlan, spread
from pipeline.flows.gate_select import Entrant


def gate_plan(entrants: Sequence[Entrant], most_shards: int, *, simulated: bool) -> GatePlan:
    """Spread the entrants over at most so many shards.

    Args:
        entrants: all that a gate without `--shard` would judge.
        most_shards: between 1 and 256.
        simulated: whether the data set that they would be judged on is.
    """
    chosen = tuple(Chosen(entrant.candidate.id, entrant.because) for entrant in entrants)
    return GatePlan(chosen, spread(chosen, most_shards), simulated)
