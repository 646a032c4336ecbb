"""What moving an environment to another device needs of both."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pipeline.domain.ledger import Entry
    from pipeline.domain.moving import About


class Packing(Protocol):
    """What an environment must not lose, put into an archive."""

    def free(self, out: Path) -> None:
        """Raise UsageError where an archive cannot be put there, because of what is there already."""
        ...

    def pack(self, out: Path, needed: frozenset[str]) -> tuple[str, int]:
        """Pack the environment, beside `out` for the time being; returns the archive's digest and its number of files.

        Args:
            needed: the bundles without which it could not go on; others that are damaged stay behind.

        Raises:
            Refused: a database is in use or damaged, or a needed bundle is not there; no archive was left.
            ToolFailed: the disk, or something was recorded meanwhile; no archive was left.
        """
        ...

    def hand_over(self, out: Path) -> None:
        """Give what was packed its name; raises ToolFailed, and the archive is beside it."""
        ...


class Arrival(Protocol):
    """An archive that was unpacked aside and verified: the ledger's chain, every file's digest, every database."""

    @property
    def about(self) -> About:
        """What the archive says of itself."""
        ...

    @property
    def archive(self) -> str:
        """The archive's digest."""
        ...

    def entries(self) -> tuple[Entry, ...]:
        """The ledger in it."""
        ...

    def there(self) -> tuple[Entry, ...]:
        """The ledger that this device has of the environment; raises Refused where that is not intact."""
        ...

    def in_the_way(self) -> tuple[str, ...]:
        """What this device has of the environment besides a ledger and secrets."""
        ...

    def locked(self) -> AbstractContextManager[None]:
        """Keep verbs away from the environment; raises Locked."""
        ...

    def stays(self, by: str) -> None:
        """Record in the ledger that is there that the environment goes on here."""
        ...

    def put(self, by: str) -> None:
        """Put bundles into the store; then the rest in its place at once, with `arrived` in its ledger. What was there is set aside, without secrets.

        Raises:
            Refused: a bundle does not fit to its manifests or its evidence.
            ToolFailed: the disk; the environment is as it was.
        """
        ...


class Arrivals(Protocol):
    """Where archives are unpacked."""

    def opened(self, file: Path) -> AbstractContextManager[Arrival]:
        """Unpack an archive aside and verify it; what was not put in place is gone at the end.

        Raises:
            Refused: it is none, damaged, or holds something else; the message names it.
            ToolFailed: the disk.
        """
        ...
