"""Telling people who are not at the device."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from pipeline.ports.basics import Notifier

if TYPE_CHECKING:
    from pipeline.domain.notices import Notice, Place


class Notices(Notifier, Protocol):
    """What people elsewhere are told of one environment. No call waits for a network or a disk, and none fails: what cannot be sent now is kept."""

    def place(self) -> Place | None:
        """How far they were told what the ledger holds; None where somebody else tells it, or it is not known yet."""
        ...

    def tell_news(self, notices: Sequence[Notice], place: Place) -> None:
        """Tell these, once, and remember together with them how far that is."""
        ...

    def all_is_well(self) -> None:
        """A round was as it should be: the dead man's ping may be sent, at most once a minute."""
        ...

    def close(self, seconds: float) -> None:
        """Send what waits for at most so long; what is left is sent by whoever tells next."""
        ...
