"""The bots and watches of a device: supervisord's records where it is there, what it left where it is not, and the processes that tell otherwise."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pipeline.adapters.supervisor import launch, locks, record, remains
from pipeline.adapters.supervisor.client import Client, Unreachable
from pipeline.adapters.supervisor.launch import Launch
from pipeline.adapters.supervisor.layout import BotFiles, Layout
from pipeline.adapters.supervisor.master import Supervisord
from pipeline.adapters.supervisor.record import Record
from pipeline.domain.bot import BotSpec, BotState, RunningBot
from pipeline.domain.watch_process import RunningWatch, WatchSpec
from pipeline.errors import ToolFailed

LOST = "it ended together with its supervisor: the device was switched off, or somebody killed it"


class Held:
    """The bots and watches of one home; only looks."""

    def __init__(self, layout: Layout, calls: Client, supervisord: Supervisord) -> None:
        self._layout = layout
        self._calls = calls
        self._supervisord = supervisord

    def bots(self) -> tuple[RunningBot, ...]:
        """Every bot, by name.

        Raises:
            ToolFailed: supervisord cannot be asked, or a file of what is held is damaged.
        """
        return tuple(
            RunningBot(what.spec, *_seen(found), what.memory_limit)
            for what, found in self._all()
            if isinstance(what.spec, BotSpec)
        )

    def watches(self) -> tuple[RunningWatch, ...]:
        """Every watch, by name; raises as `bots`."""
        return tuple(
            RunningWatch(what.spec, *_seen(found), what.memory_limit)
            for what, found in self._all()
            if isinstance(what.spec, WatchSpec)
        )

    def record(self, name: str) -> Record:
        """What supervisord knows of a bot, or else what it left of it; processes that nobody watches are not looked for."""
        return self._records().get(name) or _left(self._layout.bot(name))

    def launch(self, name: str) -> Launch:
        """What was started.

        Raises:
            ToolFailed: the file is damaged.
            FileNotFoundError: nothing was.
        """
        return _launch(self._layout.bot(name))

    def _all(self) -> Iterator[tuple[Launch, Record]]:
        names = self._layout.names()
        records = self._records() if names else {}
        for name in names:
            files = self._layout.bot(name)
            try:
                what = _launch(files)
            except FileNotFoundError:
                continue  # It was removed meanwhile.
            yield what, watched_or_not(files, records.get(name) or _left(files))

    def _records(self) -> dict[str, Record]:
        """The bots that were started since supervisord was; none where it is not there."""
        if not self._supervisord.is_there():
            return {}
        try:
            answer = self._calls.call("freqtrain.bots")
        except Unreachable:
            return {}
        assert isinstance(answer, dict)
        return {name: record.from_plain(value) for name, value in answer.items()}


def watched_or_not(files: BotFiles, known: Record) -> Record:
    """The record, unless processes tell otherwise: supervisord has gone and the bot finishes its loop, or it left some behind."""
    if known.state is BotState.DOWN and locks.is_held(files.lock) and (pids := remains.marked(files.mark)):
        return replace(known, state=BotState.STOPPING, pid=pids[0], reason="", gave_up=False)
    return known


def _seen(found: Record) -> tuple[BotState, datetime, int, int, str, bool]:
    return found.state, found.since, found.pid, found.restarts, found.reason, found.gave_up


def _launch(files: BotFiles) -> Launch:
    try:
        return launch.read(files.launch)
    except ValueError as error:
        raise ToolFailed(
            f"{files.launch} does not say what to start", hint=f"stop {files.folder.name}, and start it again"
        ) from error


def _left(files: BotFiles) -> Record:
    """The record of a bot that supervisord has not started since it was: where it says that it runs, it ended with supervisord."""
    found = record.read(files.record)
    if found.state is BotState.DOWN:
        return found if found.since != record.NEVER else replace(found, since=_changed_at(files.launch))
    seen = max(found.since, _changed_at(files.output))
    return replace(found, state=BotState.DOWN, since=seen, pid=0, reason=LOST, gave_up=False)


def _changed_at(path: Path) -> datetime:
    """When a file was last written to: a bot prints a line a minute, so its output tells when it was last seen."""
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return record.NEVER
