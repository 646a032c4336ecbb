"""What looking for disagreements needs of a device's disk, and what mends some of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pipeline.domain.doctor.facts import (
        DatabaseFacts,
        HomeFacts,
        LedgerFacts,
        Leftover,
        ObservationFacts,
    )
    from pipeline.domain.preflight_device import Exposed


class Disk(Protocol):
    """What lies on the disk of one environment. Nothing is written. Every call raises ToolFailed where it cannot look."""

    def ledger(self) -> LedgerFacts:
        """The ledger's files, but for whether they are understood."""
        ...

    def homes(self) -> tuple[HomeFacts, ...]:
        """The homes of the environment's bots."""
        ...

    def database(self, strategy: str) -> DatabaseFacts:
        """A strategy's database, and what it tells."""
        ...

    def strategies(self) -> frozenset[str]:
        """The strategies that have a database or a home there, whatever the ledger says."""
        ...

    def observations(self) -> ObservationFacts | None:
        """What was observed; None where nothing ever was."""
        ...

    def exposed(self) -> tuple[Exposed, ...]:
        """What others on this machine can get at and should not."""
        ...

    def leftovers(self) -> tuple[Leftover, ...]:
        """What writers that were killed left."""
        ...

    def at_work(self) -> str:
        """Who moves bots of the environment at this moment; "" where nobody does."""
        ...


class DiskMends(Protocol):
    """What can be mended on the disk of one environment; whatever is taken away is set aside. Every call raises ToolFailed for the disk."""

    def rebuild_head(self) -> str:
        """Write the ledger's head file anew, and say where the old one is.

        Raises:
            Refused: its lines do not hold together.
        """
        ...

    def replace_database(self, strategy: str) -> str:
        """Set a strategy's database aside, put the newest copy that fits in its place, and say what was done.

        Raises:
            Refused: a process uses it.
        """
        ...

    def set_observations_aside(self) -> str:
        """Set the observations aside, and say where they are.

        Raises:
            Locked: the watch writes them, and sets them aside itself.
        """
        ...

    def clear_leftovers(self, paths: Sequence[str]) -> str:
        """Set these aside, and remove what of them may hold secrets; say where they are."""
        ...
