"""Ledgers that are followed: what each of them tells, as far as it goes now."""

from contextlib import suppress

from pipeline.domain.ledger import Head
from pipeline.domain.monitor.story import Story
from pipeline.domain.train.state import EnvironmentState
from pipeline.errors import Refused
from pipeline.ports.monitoring import LedgerNews


class Stories:
    """Remembers the story of each ledger, so that only what is new is read."""

    def __init__(self) -> None:
        self._known: dict[str, Story] = {}
        self._refused: dict[str, tuple[object, str]] = {}
        """Ledgers that are not intact, as they were when that was found: a long one is not read again at each look."""

    def of(self, environment: str, ledger: LedgerNews) -> Story:
        """The ledger's story as far as it goes now; one that was replaced is read from its beginning.

        Raises:
            Refused: it is not intact, or tells what nobody understands.
            ToolFailed: it cannot be read.
        """
        version = ledger.version()
        known, told = self._refused.get(environment, (None, ""))
        if told and version == known:
            raise Refused(told)
        story = self._known.pop(environment, None)
        if story is not None:
            with suppress(Refused):
                return self._read_on(environment, story, ledger)
        try:
            return self._read_on(environment, Story(EnvironmentState(environment), Head()), ledger)
        except Refused as error:
            self._refused[environment] = (version, error.message)
            raise

    def _read_on(self, environment: str, story: Story, ledger: LedgerNews) -> Story:
        for head, entries in ledger.news(story.head):
            story = story.on(head, entries)
        self._known[environment] = story
        return story
