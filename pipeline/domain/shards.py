"""How a gate is spread over several machines: which part judges which strategies."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain.selection import Chosen, shard

MOST_SHARDS = 256
"""GitHub runs no more jobs of one matrix."""


@dataclass(frozen=True, slots=True)
class Shard:
    """The `number`-th (from 1) of `count` parts, and the strategies that it judges: what `--shard number/count` chooses."""

    number: int
    count: int
    strategies: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"


@dataclass(frozen=True, slots=True)
class GatePlan:
    """What a gate will judge, and where; `simulated` data prove the train, not the strategy."""

    chosen: tuple[Chosen, ...]
    shards: tuple[Shard, ...]
    simulated: bool


def spread(chosen: Sequence[Chosen], most: int) -> tuple[Shard, ...]:
    """At most `most` shards, none of them empty; none at all where nothing was chosen.

    Raises:
        ValueError: `most` is not between 1 and 256.
    """
    if not 1 <= most <= MOST_SHARDS:
        raise ValueError(f"between 1 and {MOST_SHARDS} shards can be had, not {most}")
    count = min(most, len(chosen))
    return tuple(
        Shard(number, count, tuple(one.id for one in shard(chosen, number, count))) for number in range(1, count + 1)
    )
