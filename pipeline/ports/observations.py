"""What was observed of an environment's bots over time, kept for as long as anybody asks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.domain.trades import ClosedTrade
    from pipeline.domain.train.samples import Gap, Sample


class PastObservations(Protocol):
    """What was observed of one environment; calls raise ToolFailed where it cannot be read."""

    def bundles(self) -> tuple[tuple[str, str], ...]:
        """Strategy and bundle of everything that was ever observed, in the order in which it was first."""
        ...

    def samples(
        self, strategy: str, bundle: str, since: datetime | None = None, until: datetime | None = None
    ) -> tuple[Sample, ...]:
        """A bundle's samples in the currency of its latest one, the oldest first; `until` excluded."""
        ...

    def equity(self, strategy: str, bundle: str) -> pd.Series:
        """float (n,), indexed by UTC time: the equity wherever it is known, in the currency of the latest sample."""
        ...

    def trades(self, strategy: str, bundle: str) -> tuple[ClosedTrade, ...]:
        """The trades that a bundle opened and closed, in the order in which it opened them, in the currency of its latest sample or trade."""
        ...

    def gaps(self, strategy: str, bundle: str) -> tuple[Gap, ...]:
        """What is not known of a bundle, the oldest first, with what is not known of any."""
        ...


class Observations(PastObservations, Protocol):
    """The observations of one environment. Calls that write raise ToolFailed where the disk is full or failing; nothing half written stays."""

    def record(self, samples: Sequence[Sample]) -> None:
        """Keep what one round saw. Where looks were missed before it, or the clock was set, a gap is kept as well."""
        ...

    def record_gap(self, gap: Gap) -> None:
        """Keep that nothing is known of a stretch."""
        ...

    def record_trades(self, strategy: str, bundle: str, currency: str, trades: Sequence[ClosedTrade]) -> int:
        """Keep the trades that a bundle opened and closed; returns how many of them were new. A trade is known by what it is, not by its number."""
        ...

    def compact(self, now: datetime) -> int:
        """Thin out what is old; returns how many samples went. No metric changes."""
        ...

    def export(self, folder: Path) -> tuple[Path, ...]:
        """Write samples, trades and gaps as one Parquet file each, and return them."""
        ...
