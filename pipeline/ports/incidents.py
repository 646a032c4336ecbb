"""Cases of incidents, wherever they lie."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pipeline.domain.canonical import Plain
    from pipeline.domain.incident_case import Case


class Cases(Protocol):
    """Cases and what is expected of them."""

    def read(self, place: Path) -> Case:
        """A case in an archive or a folder, verified; raises UsageError where there is none, and Refused where it is damaged."""
        ...

    def expectation_of(self, place: Path) -> Path:
        """Where what is expected of a case lies."""
        ...

    def expectation(self, file: Path) -> Plain:
        """What is expected; raises UsageError where nothing was recorded, and Refused where it cannot be read."""
        ...

    def expect(self, file: Path, told: Plain) -> None:
        """Record what is so now; raises ToolFailed for the disk."""
        ...
