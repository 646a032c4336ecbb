"""Where a watch stands: its environment, what it leaves there for bots and for itself, whom it tells, and how often it looks."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.domain.trading import Boarding
from pipeline.errors import FreqtrainError
from pipeline.flows.road import Road
from pipeline.ports import (
    Comparer,
    Decider,
    Doubts,
    Lease,
    Notices,
    Notifier,
    Observations,
    OrderErrors,
    PastObservations,
    WatchMemory,
)

INTERVAL_SECONDS = 10.0
OBSERVED_SECONDS = 3600.0
PATIENCE_SECONDS = 1.0
"""A bot that hangs keeps the next round from beginning for no longer than this."""

MISSED_LOOKS = 3
"""Looks that may be missed before the time between two of them was seen by nobody."""

BY_WATCH, BY_BRAKE = "watch", "brake"


@dataclass(frozen=True, slots=True)
class Post:
    """One environment's watch.

    `demanded` is what the environment after this one demands, so that a bundle counts as known to be good; see `domain.train.watching.soak_of`.
    `observed_seconds` is how much healthy time lies between two `observed` entries at the least, while nothing else changes.
    """

    road: Road
    lease: Lease
    memory: WatchMemory
    doubts: Doubts
    notifier: Notifier
    demanded: Boarding
    interval_seconds: float = INTERVAL_SECONDS
    observed_seconds: float = OBSERVED_SECONDS
    patience_seconds: float | None = None
    """How long a round waits for bots to answer; None: as long as it takes."""
    alone: Callable[[], AbstractContextManager[object]] = nullcontext
    """Keeps other watches of the environment away for as long as this one lives; raises Locked, which says whose there is."""
    observe: Callable[[], AbstractContextManager[Observations]] | None = None
    """Opens the environment's observations for writing, until the context ends; raises as `ports.Observations`, and Locked."""

    order_errors: OrderErrors | None = None
    """What bots wrote down of orders that failed; None: nobody knows."""

    comparer: Comparer | None = None
    """Compares live accounts with databases; None: nobody does."""

    decider: Decider | None = None
    """Decides once a day; None: nothing is decided."""
    running_seconds: Callable[[], float] | None = None
    """How long the device has run, by a clock that nobody sets; None: whether the other one was set is not noticed."""
    jumped_at: datetime | None = None
    """When the clock was found set forward last, or the device to have slept: no loop was silent before that."""
    past: Callable[[], PastObservations | None] | None = None
    """The environment's observations for reading, by which a week is summed up; raises as `ports.PastObservations`."""
    notices: Notices | None = None
    """Who tells people elsewhere; None where nobody does."""

    @property
    def longest_gap(self) -> timedelta:
        """How far two looks may be apart so that the time between them counts as seen."""
        return timedelta(seconds=self.interval_seconds * MISSED_LOOKS)

    def tell(self, strategy: str, text: str, *, recorded: bool = False) -> None:
        """Tell the notifier; where that fails, the narrator hears of it, and nothing waits for it.

        People elsewhere are told as well, unless it is `recorded`: then they are told by `watch_notices.tell_news`, once, whoever recorded it.
        """
        title = f"{self.road.environment.name}: {strategy}" if strategy else self.road.environment.name
        try:
            self.notifier.tell(title, text)
        except FreqtrainError as error:
            self.road.narrator.say(f"{title}: {text} (nobody could be told: {error.message})")
        if self.notices is not None and not recorded:
            self.notices.tell(title, text)
