"""How often the watch's statistics take back bots that keep their promise, catch those that do not, and promote those without an edge."""

from dataclasses import dataclass

from pipeline.domain.pass_rates import Rate
from pipeline.domain.watched_worlds import World

TRADES = 300
"""For how many trades bots are looked at, after every day on which one was entered."""

SMALL, LARGE = 0.003, 0.006
"""By how much the mean profit per trade falls short of the promise."""

EDGE_RATIO = 0.003
"""The mean profit per trade of those that have one to show."""

NAIVE_FROM = 30
"""The trades from which on a t-test is believed by those who look at one every day."""

MOST_TAKEN_BACK, MOST_PROMOTED = 0.02, 0.05
LEAST_SMALL, LEAST_LARGE = 0.45, 0.90
"""What the rates have to be in the worlds that `goal` names."""


@dataclass(frozen=True, slots=True)
class WatchRow:
    """One world: how often a bot is taken back that keeps its promise, or falls short of it by SMALL or LARGE; how often one without an edge
    (`nothing`), or with EDGE_RATIO, is promoted, None where no edge is demanded. `naive_*` are those of a t-test that is looked at every day, with
    the same error on its label.
    """

    world: World
    kept: Rate
    small: Rate
    large: Rate
    naive_kept: Rate
    nothing: Rate | None = None
    edge: Rate | None = None
    naive_nothing: Rate | None = None
    goal: bool = True


@dataclass(frozen=True, slots=True)
class WatchDemands:
    """What an environment demands: `tolerated_ratio` is by how much a trade may fall short of the promise; before a bundle boards there, its mean
    must be shown to be above `edge_ratio` (None: no such demand), on `soak_trades` or more.
    """

    tolerated_ratio: float = 0.0
    edge_ratio: float | None = 0.0
    soak_trades: int = 0


@dataclass(frozen=True, slots=True)
class WatchSimulated:
    """What an environment's demands do."""

    environment: str
    policy_digest: str
    demands: WatchDemands
    runs: int
    seed: int
    rows: tuple[WatchRow, ...]

    @property
    def as_promised(self) -> bool:
        """Whether all rates are what they have to be, in the worlds that count."""
        return all(
            row.kept.share <= MOST_TAKEN_BACK
            and row.small.share >= LEAST_SMALL
            and row.large.share >= LEAST_LARGE
            and (row.nothing is None or row.nothing.share <= MOST_PROMOTED)
            for row in self.rows
            if row.goal
        )
