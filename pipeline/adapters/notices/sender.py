"""Notices on their way: a thread of its own sends them, so that neither a network nor a disk ever keeps the watch from watching."""

import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from pipeline.adapters.environment_lock import EnvironmentLock
from pipeline.adapters.notices.channel_file import ChannelFile
from pipeline.adapters.notices.delivery import Deliver
from pipeline.adapters.notices.outbox_file import LOCK, OutboxFile
from pipeline.adapters.notices.ping import NAME as PING
from pipeline.adapters.notices.ping import Ping
from pipeline.adapters.notices.reach_file import ReachFile
from pipeline.adapters.notices.telegram import NotDelivered
from pipeline.domain.channels import Channels
from pipeline.domain.notices import Notice, Outbox, Place, Reached
from pipeline.errors import FreqtrainError, Locked
from pipeline.ports import Clock, Narrator
from pipeline.render.notices import illustrated, message

LOOK_SECONDS = 5.0
"""How often it looks at what others left, and whether the channels are still the same."""

NOTED_EVERY = timedelta(hours=1)
"""A ping that goes on working, or failing in the same way, is written down no more often: memory cards wear out."""

MOST_EARLY = 50
TOLD_ELSEWHERE = ("is told of already", "the watch tells, and goes on")


class NoticeSender:
    """See `ports.Notices`. `folder` is the environment's; one process tells of an environment, and any other one leaves it alone.

    What waits and how far people were told lie in one file, written before anything is sent: a fact is neither lost nor put there twice. A message
    whose sender is killed between the network and the disk goes once more.
    """

    def __init__(self, environment: str, folder: Path, clock: Clock, narrator: Narrator, deliver: Deliver) -> None:
        self._environment = environment
        self._clock = clock
        self._narrator = narrator
        self._deliver = deliver
        self._file = OutboxFile(folder)
        self._reach_file = ReachFile(folder)
        self._channel_file = ChannelFile(folder)
        self._lock = EnvironmentLock(folder / LOCK, "freqtrain", clock, 0.0, TOLD_ELSEWHERE)
        self._held = ExitStack()
        self._guard = threading.Lock()
        self._wake = threading.Event()
        self._closing = False
        self._begun = False
        self._outbox = Outbox()
        self._early: list[Notice] = []
        """What was said before it was known how far people were told."""
        self._saved: Outbox | None = None
        self._counted: Reached | None = None
        self._channels = Channels()
        self._told = ""
        self._ping = Ping(clock, lambda: self._channels.ping, self.note)
        self._thread = threading.Thread(target=self._run, name="notices", daemon=True)

    def start(self) -> None:
        """Begin where the last one ended, if nobody else tells; otherwise as soon as nobody does."""
        with suppress(Exception):  # The thread tries again, and says what is wrong: no watch is to fail for it.
            self._begin()
        self._thread.start()

    def place(self) -> Place | None:
        """See `ports.Notices`."""
        with self._guard:
            return self._outbox.place if self._begun else None

    def tell(self, title: str, text: str) -> None:
        """See `ports.Notifier`; it is urgent, and the same words within an hour are told once."""
        notice = Notice(self._clock.now(), title, text, urgent=True)
        with self._guard:
            if self._begun:
                self._outbox = self._outbox.with_one(notice)
            else:
                self._early = [*self._early, notice][-MOST_EARLY:]
        self._wake.set()

    def tell_news(self, notices: Sequence[Notice], place: Place) -> None:
        """See `ports.Notices`."""
        self._change(lambda outbox: outbox.with_news(notices, place))
        self._wake.set()

    def all_is_well(self) -> None:
        """See `ports.Notices`."""
        self._ping.all_is_well()

    def note(self, what: str, problem: str = "", ignored: int = 0) -> None:
        """Keep for the status whether something that is told no notices works, and how many messages more were not listened to."""
        now = self._clock.now()
        before = next((one for one in self._outbox.others if one.name == what), None)
        same = before is not None and before.problem == problem
        if same and not ignored and (problem or (before and _lately(before.delivered_at, now))):
            return
        self._change(lambda outbox: replace(outbox.worked(what, now, problem), ignored=outbox.ignored + ignored))
        if problem and not same:
            self._narrator.say(f"{what}: {problem}")

    def channels(self) -> Channels:
        """The channels as they were last read."""
        return self._channels

    def close(self, seconds: float) -> None:
        """See `ports.Notices`."""
        self._ping.settle(seconds)
        self._closing = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(seconds)
        if self._thread.is_alive():
            self._narrator.say("some notices could not be sent in time; whoever watches next sends them")
            return  # The lock goes with the process: what is on its way may still be written down.
        self._held.close()

    def _change(self, change: Callable[[Outbox], Outbox]) -> None:
        with self._guard:
            self._outbox = change(self._outbox)

    def _run(self) -> None:
        while True:
            ending = self._closing
            try:
                wait = self._step(ending)
            except Exception as error:  # Whatever is wrong with telling, the watch goes on.
                self._say(f"notices: a mistake of our own: {type(error).__name__}")
                wait = None if ending else LOOK_SECONDS
            if wait is None:
                return
            self._wake.wait(wait)
            self._wake.clear()

    def _step(self, ending: bool) -> float | None:
        """Send what is due; returns how long to wait then, in seconds, or None where the end has come and nothing more can be sent."""
        if not self._begun and not self._begin():
            return None if ending else LOOK_SECONDS
        self._look()
        self._save()
        wait = LOOK_SECONDS
        for reach in self._outbox.reaches:
            now = self._clock.now()
            due = self._outbox.due_at(reach.name, now)
            at_once = ending and reach.next_at is None
            if due is None or (due > now and not at_once):
                wait = min(wait, (due - now).total_seconds()) if due is not None else wait
                continue
            self._send(reach.name)
            wait = 0.0
            self._save()
        return None if ending and wait else max(wait, 0.0)

    def _send(self, name: str) -> None:
        with self._guard:
            notices, dropped = self._outbox.to_tell(name), self._outbox.dropped
        title, text = message(self._environment, notices, dropped)
        shown = illustrated(self._environment, notices, dropped)
        up_to = notices[-1].number
        try:
            lacking = self._deliver(self._channels, name, title, text, shown)
        except NotDelivered as error:
            told, wait = error.message, error.wait_seconds
            self._change(lambda outbox: outbox.failed(name, told, self._clock.now(), wait))
            self._say(f"notices: {name}: {told}")
            return
        self._told = ""
        if lacking:
            self._narrator.say(f"notices: {name} was told without the picture: {lacking}")
        self._change(lambda outbox: outbox.delivered(name, up_to, self._clock.now()))

    def _begin(self) -> bool:
        """Take the lock and read what was kept, where nobody else tells."""
        try:
            self._held.enter_context(self._lock("notices"))
        except Locked:
            return False
        except FreqtrainError as error:
            self._say(error.message)
            return False
        try:
            self._read()
        except BaseException:
            self._held.close()  # It could not be taken once more by this very process.
            raise
        return True

    def _read(self) -> None:
        try:
            kept = self._file.load()
        except (OSError, ValueError) as error:
            self._say(f"what waited to be told is lost: {error}; the ledger tells what is new from now on")
            kept = Outbox()
        self._outbox = replace(kept, others=())
        self._look()
        with self._guard:
            for notice in self._early:
                self._outbox = self._outbox.with_one(notice)
            self._begun = True

    def _look(self) -> None:
        """What others left is taken in, and the channels are read anew; where they cannot be, those that were known stay."""
        try:
            channels = self._channel_file.read()
            self._change(lambda outbox: outbox.with_channels(channels.names))
            self._channels = channels
            if channels.ping is None:
                self._change(lambda outbox: outbox.without(PING))
        except FreqtrainError as error:
            self._say(f"notices: {error.message}")
        left = self._file.left()
        for notice in (notice for _, notice in left if notice is not None):
            self._change(partial(Outbox.with_one, notice=notice))
        if left and self._save():
            for path, _ in left:
                self._file.taken(path)

    def _save(self) -> bool:
        """Write it down, if it is not; whether it is now."""
        with self._guard:
            outbox = self._outbox
        if outbox == self._saved:
            return True
        try:
            self._file.save(outbox)
        except OSError as error:
            self._say(f"what waits to be told cannot be written: {error.filename}: {error.strerror}")
            return False
        self._saved = outbox
        self._count(outbox.reached())
        return True

    def _count(self, reached: Reached) -> None:
        """The same in numbers, where they are others than before."""
        if reached == self._counted:
            return
        try:
            self._reach_file.write(reached)
        except OSError as error:
            self._say(f"how much waits to be told cannot be written: {error.filename}: {error.strerror}")
            return
        self._counted = reached

    def _say(self, text: str) -> None:
        """Say it, unless it is what was said last."""
        if text != self._told:
            self._told = text
            self._narrator.say(text)


def _lately(at: datetime | None, now: datetime) -> bool:
    return at is not None and timedelta(0) <= now - at < NOTED_EVERY
