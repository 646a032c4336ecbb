"""What people elsewhere are still to be told: notices that wait, how far each channel has got, and when it may be tried next."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from pipeline.domain.canonical import digest
from pipeline.domain.week_picture import WeekPicture

MOST_WAITING = 200
"""Notices; beyond that the oldest one goes, those that are not urgent first, and how many went is told."""

SAME_AGAIN = timedelta(hours=1)
"""For so long the same words about the same thing are no news."""

SHORTEST_PAUSE = timedelta(seconds=3)
PAUSE = timedelta(minutes=5)
URGENT_PAUSE = timedelta(minutes=1)
AT_ONCE, URGENT_AT_ONCE = 12, 40
"""So many messages an hour follow each other at once; then whatever comes waits for the next one and goes together with it."""

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=10), timedelta(minutes=15)
LONGEST_ASKED = timedelta(hours=1)
"""A service that asks to be left alone for longer is tried again all the same."""


@dataclass(frozen=True, slots=True)
class Place:
    """How far people were told: entries of the ledger, the hash of the last one, and the latest week that was summed up ("2026-W47")."""

    length: int = -1
    hash: str = ""
    week: str = ""

    @property
    def begun(self) -> bool:
        """Whether anybody was ever told anything."""
        return self.length >= 0


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to be told; `title` says what it is about. What is `urgent` waits for no pause, and a `picture` goes with it wherever one can."""

    at: datetime
    title: str
    text: str
    urgent: bool = False
    number: int = 0
    picture: WeekPicture | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """How far one channel has got: `up_to` is the number of the last notice that it was told, `sent` when messages went in the last hour.

    `failing_since`, `tries`, `next_at` and `problem` are of the attempts in vain since it last worked.
    """

    name: str
    up_to: int = 0
    delivered_at: datetime | None = None
    sent: tuple[datetime, ...] = ()
    failing_since: datetime | None = None
    tries: int = 0
    next_at: datetime | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Recent:
    """Words that were told lately, by their digest."""

    words: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Reached:
    """How many channels there are, how many notices some channel was not told (or had no room), and how many channels, ping and chat failed last."""

    channels: int
    undelivered: int
    failing: int


@dataclass(frozen=True, slots=True)
class Outbox:
    """All of it, as it is kept on the disk. `dropped` notices had no room and are not told yet; `ignored` counts messages from other chats."""

    place: Place = field(default_factory=Place)
    waiting: tuple[Notice, ...] = ()
    last: int = 0
    reaches: tuple[Reach, ...] = ()
    others: tuple[Reach, ...] = ()
    """What is told no notices, and whether it works: the dead man's ping, the chat that is listened to."""
    recent: tuple[Recent, ...] = ()
    dropped: int = 0
    ignored: int = 0

    def with_channels(self, names: Sequence[str]) -> "Outbox":
        """Only these channels; a new one is told what waits, and nothing from before. Where there is none, nothing waits."""
        known = {reach.name: reach for reach in self.reaches}
        begin = self.waiting[0].number - 1 if self.waiting else self.last
        reaches = tuple(known.get(name, Reach(name, begin)) for name in dict.fromkeys(names))
        return replace(self, reaches=reaches).cleaned()

    def with_news(self, notices: Iterable[Notice], place: Place) -> "Outbox":
        """What the ledger tells, each fact once, together with how far that is."""
        return replace(self._put(notices), place=place)

    def with_one(self, notice: Notice) -> "Outbox":
        """What no ledger holds; the same words again are no news for an hour."""
        words = digest({"title": notice.title, "text": notice.text})
        recent = tuple(one for one in self.recent if timedelta(0) <= notice.at - one.at < SAME_AGAIN)
        if any(one.words == words for one in recent):
            return replace(self, recent=recent)
        return replace(self._put((notice,)), recent=(*recent, Recent(words, notice.at))[-MOST_WAITING:])

    def to_tell(self, name: str) -> tuple[Notice, ...]:
        """What the channel was not told yet, the oldest first."""
        reach = self.of(name)
        return tuple(notice for notice in self.waiting if reach is not None and notice.number > reach.up_to)

    def due_at(self, name: str, now: datetime) -> datetime | None:
        """When the channel may be told what waits for it; None where nothing does. A clock that was set back keeps nobody waiting for long."""
        reach, notices = self.of(name), self.to_tell(name)
        if reach is None or not notices:
            return None
        if reach.next_at is not None:
            return min(reach.next_at, now + LONGEST_ASKED)
        sent = [at for at in reach.sent if timedelta(0) <= now - at < timedelta(hours=1)]
        if not sent:
            return now
        urgent = any(notice.urgent for notice in notices)
        most, pause = (URGENT_AT_ONCE, URGENT_PAUSE) if urgent else (AT_ONCE, PAUSE)
        return max(sent) + (SHORTEST_PAUSE if len(sent) < most else pause)

    def delivered(self, name: str, up_to: int, now: datetime) -> "Outbox":
        """The channel was told everything up to this number, in one message."""
        reach = self.of(name)
        if reach is None:
            return self
        sent = tuple(at for at in reach.sent if timedelta(0) <= now - at < timedelta(hours=1))
        dropped = 0 if self.dropped and up_to >= self.last else self.dropped
        return replace(self._with(Reach(name, up_to, now, (*sent, now))), dropped=dropped).cleaned()

    def failed(self, name: str, problem: str, now: datetime, asked_seconds: float = 0.0) -> "Outbox":
        """The channel could not be told; it is tried again after a while that doubles, or when the service wants it."""
        reach = self.of(name)
        if reach is None:
            return self
        wait = min(LONGEST_WAIT, FIRST_WAIT * (1 << min(reach.tries, 10)))
        wait = max(wait, min(timedelta(seconds=max(asked_seconds, 0.0)), LONGEST_ASKED))
        return self._with(
            replace(
                reach,
                failing_since=reach.failing_since or now,
                tries=reach.tries + 1,
                next_at=now + wait,
                problem=problem,
            )
        )

    def worked(self, name: str, now: datetime, problem: str = "") -> "Outbox":
        """What is told no notices worked, or did not for this reason."""
        before = next((one for one in self.others if one.name == name), Reach(name))
        after = Reach(name, delivered_at=now)
        if problem:
            after = replace(before, failing_since=before.failing_since or now, tries=before.tries + 1, problem=problem)
        return replace(self, others=(*(one for one in self.others if one.name != name), after))

    def without(self, name: str) -> "Outbox":
        """Where this, which is told no notices, is not wanted any more."""
        return replace(self, others=tuple(one for one in self.others if one.name != name))

    def reached(self) -> Reached:
        """All of it in numbers."""
        failing = sum(1 for one in (*self.reaches, *self.others) if one.problem)
        return Reached(len(self.reaches), len(self.waiting) + self.dropped, failing)

    def of(self, name: str) -> Reach | None:
        """How far a channel has got; None where there is no such channel."""
        return next((reach for reach in self.reaches if reach.name == name), None)

    def cleaned(self) -> "Outbox":
        """Without what every channel was told."""
        lowest = min((reach.up_to for reach in self.reaches), default=self.last)
        return replace(self, waiting=tuple(notice for notice in self.waiting if notice.number > lowest))

    def _put(self, notices: Iterable[Notice]) -> "Outbox":
        waiting, last, dropped = list(self.waiting), self.last, self.dropped
        for notice in notices:
            last += 1
            waiting.append(replace(notice, number=last))
            if len(waiting) > MOST_WAITING:
                waiting.remove(next((one for one in waiting if not one.urgent), waiting[0]))
                dropped += 1
        return replace(self, waiting=tuple(waiting), last=last, dropped=dropped).cleaned()

    def _with(self, changed: Reach) -> "Outbox":
        return replace(self, reaches=tuple(changed if one.name == changed.name else one for one in self.reaches))
