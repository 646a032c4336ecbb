"""The records of all bots that were started since supervisord was: in memory, and copied to the disk. Loaded inside supervisord."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from pipeline.adapters.files import write_whole
from pipeline.adapters.supervisor import record
from pipeline.adapters.supervisor.layout import Layout
from pipeline.adapters.supervisor.record import Record
from pipeline.domain.bot import BotState
from pipeline.domain.restarts import Aftermath


class Book:
    """`now` tells the time, `warn` writes a line into supervisord's log."""

    def __init__(self, layout: Layout, now: Callable[[], datetime], warn: Callable[[str], None]) -> None:
        self._layout = layout
        self._now = now
        self._warn = warn
        self._records: dict[str, Record] = {}

    def all(self) -> Mapping[str, Record]:
        """Every record, by name."""
        return dict(self._records)

    def get(self, name: str) -> Record:
        """A bot's record; an empty one where there is none."""
        return self._records.get(name, Record())

    def forget(self, name: str) -> None:
        """Drop a record; its file goes with the bot's folder."""
        self._records.pop(name, None)

    def begin(self, name: str) -> None:
        """Somebody started it: its history begins anew."""
        self._put(name, Record(BotState.STARTING, self._now()))

    def runs(self, name: str, pid: int) -> None:
        """Its process is there."""
        self._put(name, replace(self.get(name), state=BotState.RUNNING, since=self._now(), pid=pid, reason=""))

    def stops(self, name: str) -> None:
        """It was asked to end."""
        if self.get(name).state is not BotState.STOPPING:
            self._put(name, replace(self.get(name), state=BotState.STOPPING, since=self._now()))

    def ended(self, name: str, what: Aftermath, code: int) -> None:
        """Its process ended, and this follows."""
        state = BotState.STARTING if what.restart else BotState.DOWN
        found = replace(self.get(name), state=state, since=self._now(), pid=0, reason=what.reason)
        self._put(name, replace(found, gave_up=what.gave_up, code=code, crashes=what.crashes))

    def down(self, name: str, reason: str, code: int = 0) -> None:
        """It is down because somebody wanted it so, or supervisord could not start it."""
        found = replace(self.get(name), state=BotState.DOWN, since=self._now(), pid=0, reason=reason)
        self._put(name, replace(found, gave_up=False, code=code))

    def started_again(self, name: str) -> None:
        """It is about to be started again after a crash."""
        self._put(name, replace(self.get(name), restarts=self.get(name).restarts + 1))

    def _put(self, name: str, found: Record) -> None:
        """Remember, also on the disk; on a full one only in memory, which is what counts while supervisord lives."""
        self._records[name] = found
        try:
            write_whole(self._layout.bot(name).record, record.written(found), mode=0o600)
        except OSError as error:
            self._warn(f"freqtrain: the record of {name} could not be written: {error}")
