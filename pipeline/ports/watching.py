"""What watching bots needs of a device: what keeps the watch running, and what it leaves there for bots and for itself."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pipeline.domain.train.decided import Conclusion
    from pipeline.domain.train.watching import Kept
    from pipeline.domain.watch_process import RunningWatch, WatchSpec


class Watches(Protocol):
    """What keeps the environments' watches running on a device, one for each environment, beside its bots and by the same rules.

    A watch that crashes is started again within the bounds that hold for bots. One that was stopped, gave up, or went down with the device
    stays down until `start`. Bots do not show here, nor watches among bots.
    """

    def watching(self) -> tuple[RunningWatch, ...]:
        """Every watch that is held, running or down, by environment. Starts nothing.

        Raises:
            ToolFailed: the runtime cannot be asked.
        """
        ...

    def start(self, spec: WatchSpec) -> None:
        """Start an environment's watch with nothing of the caller's variables but those of `spec`; raises as `Runtime.start`."""
        ...

    def stop(self, environment: str, deadline_seconds: float) -> None:
        """Ask a watch to end; raises as `Runtime.stop`."""
        ...

    def logs(self, environment: str, lines: int) -> str:
        """The last lines that the environment's watch printed."""
        ...


class WatchHome(Protocol):
    """What one environment's watch is started with."""

    def prepare(self) -> WatchSpec:
        """Write down what the watch reads, as the caller reads it now, and say how it is started; the same where nothing has changed.

        Raises:
            ToolFailed: the disk.
        """
        ...

    def watched_by(self) -> str:
        """Who watches the environment, by whatever it was started; "" where nobody does."""
        ...

    def looked_at(self) -> tuple[datetime | None, datetime | None]:
        """When the last round was, and when the lease was last kept; None where never."""
        ...


class Lease(Protocol):
    """The sign that somebody watches an environment's bots; without a fresh one they enter nothing."""

    def touch(self) -> None:
        """It is fresh as of now; raises ToolFailed where it cannot be."""
        ...


class WatchMemory(Protocol):
    """What the watch of one environment remembers from one look to the next."""

    def load(self) -> Mapping[str, Kept]:
        """Strategy -> what is kept of it; empty where nothing was kept, or what was is damaged."""
        ...

    def save(self, kept: Mapping[str, Kept]) -> None:
        """Keep it, whole or not at all; raises ToolFailed where it cannot be."""
        ...


class Doubts(Protocol):
    """What bots wrote down of orders whose fate they do not know."""

    def of(self, strategy: str) -> tuple[str, datetime] | None:
        """What the doubt of the strategy's database is about, and since when it stands; None where there is none."""
        ...

    def pair_of(self, strategy: str) -> str:
        """The pair that the doubt is about; "" where it does not tell, or there is none."""
        ...

    def settle(self, strategy: str, since: datetime) -> bool:
        """Take the doubt away that stands since then; whether it was still that one. Raises ToolFailed for the disk."""
        ...


class OrderErrors(Protocol):
    """What bots wrote down of orders that failed."""

    def of(self, strategy: str) -> tuple[datetime, ...] | None:
        """When orders of the strategy's bots failed since the last one that did not, the oldest first; None where that cannot be told."""
        ...


class Decider(Protocol):
    """Decides what becomes of a bundle by all that was observed of it, apart from whoever asks: a watch keeps nothing of what that takes."""

    def ask(self, strategy: str) -> AbstractContextManager[AskedDecision]:
        """Begin to decide about the bundle of a strategy that stands. Whoever still decides at the end of the context is ended.

        Raises:
            ToolFailed: it could not begin.
        """
        ...


class AskedComparison(Protocol):
    """A comparison that is on its way."""

    def compared(self) -> Mapping[str, str] | None:
        """Strategy -> what its account holds and its database does not explain, those alone that differ; None while nobody knows yet.

        Raises:
            ToolFailed: nothing was compared, or not in time.
        """
        ...


class Comparer(Protocol):
    """Compares the accounts of an environment with its bots' databases, apart from whoever asks."""

    def ask(self) -> AbstractContextManager[AskedComparison]:
        """Begin to compare. Whoever still compares at the end of the context is ended. Raises ToolFailed where it cannot be begun."""
        ...


class AskedDecision(Protocol):
    """A decision that is on its way."""

    def decided(self) -> Conclusion | None:
        """What was decided; None while nobody knows yet. Raises ToolFailed where nothing was decided, or not in time."""
        ...
