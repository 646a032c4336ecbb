"""What a watch keeps of each strategy from one look to the next, across its own end."""

from collections.abc import Mapping
from datetime import datetime

from pipeline.domain.train.watching import Kept, Remembered
from pipeline.ports import WatchMemory


class Keeping:
    """Read once, by the first who asks; written after every look, and before anything is done that must not be forgotten."""

    def __init__(self, memory: WatchMemory) -> None:
        self._memory = memory
        self._kept: dict[str, Kept] | None = None
        self._changed = False

    def of(self, strategy: str) -> Kept:
        """What is kept of a strategy."""
        return self._all().get(strategy, Kept())

    def keep(self, strategy: str, kept: Kept) -> None:
        """Keep this of it; on the disk after it was saved."""
        if self._all().get(strategy) != kept:
            self._all()[strategy] = kept
            self._changed = True

    def remembered(self) -> Mapping[str, Remembered]:
        """What is known of each strategy's bot."""
        return {strategy: kept.bot for strategy, kept in self._all().items() if kept.bot is not None}

    def tried_at(self) -> list[datetime | None]:
        """When it was tried last to bring about what should run, of each strategy: another list means that something was done."""
        return [kept.tried_at for _, kept in sorted(self._all().items())]

    def save(self) -> None:
        """Write it, so that it is found out in time where that is not possible any more; raises ToolFailed then."""
        self._changed = True
        self._memory.save(self._all())
        self._changed = False

    def save_changes(self) -> None:
        """What was kept is on the disk when this returns; raises as `save`."""
        if self._changed:
            self.save()

    def _all(self) -> dict[str, Kept]:
        if self._kept is None:
            self._kept = dict(self._memory.load())
        return self._kept
