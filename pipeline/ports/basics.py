"""What every flow may need: the time, somebody to talk to, what is written down, and who is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pipeline.domain.ledger import Break, Entry


class Clock(Protocol):
    """The time, and waiting for it."""

    def now(self) -> datetime:
        """The present, aware UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Narrator(Protocol):
    """Progress for the person who waits; never part of the result."""

    def say(self, text: str) -> None:
        """Tell one line of progress."""
        ...


class Notifier(Protocol):
    """Whoever has to know."""

    def tell(self, title: str, text: str) -> None:
        """Tell it; raises ToolFailed where it could not be told."""
        ...


class Ledger(Protocol):
    """The append-only list of what happened on this device."""

    def append(self, kind: str, body: Mapping[str, object]) -> Entry:
        """Add one entry; when this returns, it is on the disk.

        Raises:
            Locked, Refused, ToolFailed: it was not added; the message says why.
        """
        ...

    def entries(self) -> Sequence[Entry]:
        """All entries, the oldest first; raises Refused where the chain is broken."""
        ...

    def verify(self) -> Sequence[Break]:
        """Every place where the chain is broken; none if it is intact."""
        ...
