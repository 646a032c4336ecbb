"""The account beside the databases while bots run: what no database explains holds the strategy's entries until a person has looked."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta

from pipeline.domain.train.state import EnvironmentState, HoldKind
from pipeline.errors import FreqtrainError, ToolFailed
from pipeline.flows.watch_bot import Seen
from pipeline.flows.watch_brakes import Pause, hold_doubted
from pipeline.flows.watch_post import Post
from pipeline.ports import AskedComparison

EVERY = timedelta(minutes=15)
"""How often a live environment's accounts are compared, and how long after one that failed it is tried again."""


class Comparing:
    """The comparisons of one watch. Another process compares, while rounds go on: an exchange that is slow keeps no brake waiting."""

    def __init__(self, post: Post, pause: Pause) -> None:
        self._post, self._pause = post, pause
        self._asked: AskedComparison | None = None
        self._ending = ExitStack()
        self._begun_at: datetime | None = None

    def look(self, found: Mapping[str, Sequence[Seen]], state: EnvironmentState) -> None:
        """Begin to compare when it is time, and act on what was found.

        Raises:
            ToolFailed: accounts could not be compared, or what was found could not be recorded.
        """
        post, now = self._post, self._post.road.clock.now()
        if post.comparer is None or post.road.environment.dry_run:
            return
        if self._asked is None:
            if any(known.standing for known in state.strategies.values()) and self._due(now):
                self._begun_at = now
                self._asked = self._ending.enter_context(post.comparer.ask())
            return
        try:
            told = self._asked.compared()
        except FreqtrainError as error:
            self.close()
            raise ToolFailed(f"the accounts were not compared with the databases: {error.message}") from error
        if told is None:
            return
        self.close()
        for strategy, reason in sorted(told.items()):
            self._hold(strategy, reason, found.get(strategy, ()), state)

    def close(self) -> None:
        """Nobody compares any more."""
        self._asked = None
        self._ending.close()

    def _due(self, now: datetime) -> bool:
        return self._begun_at is None or abs(now - self._begun_at) >= EVERY

    def _hold(self, strategy: str, reason: str, seen: Sequence[Seen], state: EnvironmentState) -> None:
        """Unless somebody is asked about that account already, or is at work on it."""
        known = state.of(strategy)
        if known.standing is None or known.progress or any(hold.kind is HoldKind.DOUBT for hold in known.holds):
            return
        hold_doubted([one for one in seen if one.bot.alive], strategy, reason, self._post, self._pause)
