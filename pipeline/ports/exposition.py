"""What a device's metrics are read from; nothing of it changes anything."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pipeline.domain.exposition.device import Disk, Latest, Totals


class LatestObservations(Protocol):
    """What was seen of one environment's bots last; calls raise ToolFailed where it cannot be read."""

    def latest(self, strategy: str, bundle: str, since: datetime) -> Latest | None:
        """The last look at a bundle in the currency of its latest sample, with its highest equity from `since` on; None where there was none."""
        ...

    def totals(self) -> Mapping[str, Totals]:
        """Strategy -> what all its bundles have done together."""
        ...

    def size_bytes(self) -> int | None:
        """The size of what is kept; None where nothing is."""
        ...


class HomeDisk(Protocol):
    """The disk that holds a device's home."""

    def space(self) -> Disk:
        """What is free, and how large it is; raises ToolFailed where it does not tell."""
        ...
