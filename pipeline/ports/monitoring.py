"""What a page about a device looks at; nothing of it changes anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pipeline.domain.ledger import Entry, Head
    from pipeline.domain.monitor.curve import Curve, Span
    from pipeline.domain.monitor.expectation import Expectation
    from pipeline.domain.monitor.overview import BundleView, Position
    from pipeline.domain.monitor.stops import Stop


class LedgerNews(Protocol):
    """A ledger that is followed."""

    def version(self) -> object:
        """Something that is another when the ledger is."""
        ...

    def news(self, known: Head) -> Iterator[tuple[Head, Sequence[Entry]]]:
        """What came after `known`, verified, in portions, each with the head that it leads to.

        Raises:
            Refused: it is not intact, or does not go on where it was left.
        """
        ...


class Curves(Protocol):
    """What was observed of one environment's bots, thinned out; calls raise ToolFailed where it cannot be read."""

    def bundles(self) -> tuple[tuple[str, str], ...]:
        """Strategy and bundle of everything that was ever observed."""
        ...

    def began_at(self) -> datetime | None:
        """When anything was observed first; None where nothing ever was."""
        ...

    def curve(self, strategy: str, bundle: str, since: datetime, until: datetime) -> Curve:
        """A bundle's curve in the currency of its latest sample, and the latest look whenever it was; no points where it was never observed."""
        ...


class Positions(Protocol):
    """What an environment's bots hold."""

    def open(self, strategy: str) -> tuple[Position, ...] | None:
        """The open trades in a strategy's database, the oldest first; None where it has none. Raises ToolFailed where it cannot be read."""
        ...


class Proofs(Protocol):
    """What a device's store holds of evidence."""

    def expectation(self, bundle: str, evidence: str) -> Expectation:
        """What a bundle's evidence lets expect; raises Refused where it is not there or not what its name says."""
        ...

    def cut(self) -> tuple[BundleView, ...]:
        """The bundles of the store, the newest first, as far as their manifests can be read."""
        ...


class Pages(Protocol):
    """What is shown to whoever asks."""

    policy: str
    """The page's Content-Security-Policy."""

    def begin(self) -> None:
        """Read what takes long the first time."""
        ...

    def page(self, span: Span) -> str:
        """The page, as HTML."""
        ...

    def document(self, span: Span) -> str:
        """The same numbers, as JSON."""
        ...

    def evidence(self, bundle: str, evidence: str) -> bytes | None:
        """An evidence document as it is stored, by 64 digits each; None where there is none."""
        ...


class Stops(Protocol):
    """The environments that a device knows, in the order of the train."""

    def __call__(self) -> tuple[tuple[Stop, ...], tuple[str, ...]]:
        """The stops, and what is wrong with their files, a sentence each."""
        ...
