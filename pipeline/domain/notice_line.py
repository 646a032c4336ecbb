"""Whether people elsewhere are told what happens in an environment, in words, for whoever asks how it stands."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pipeline.domain.notices import Outbox, Reach


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """One environment's channels: what they are called, how many notices wait, and what does not work; `well` is False where something does not."""

    environment: str
    channels: tuple[str, ...]
    waiting: int
    delivered_at: datetime | None
    told: str
    well: bool


def notice_line(environment: str, channels: tuple[str, ...], outbox: Outbox) -> NoticeLine:
    """What is kept of one environment, in words; `channels` are those that it has now, by name."""
    outbox = outbox.with_channels(channels)
    latest = max((reach.delivered_at for reach in outbox.reaches if reach.delivered_at), default=None)
    problems = [*(_failing(reach, len(outbox.to_tell(reach.name))) for reach in outbox.reaches if reach.problem)]
    problems += [
        f"the {one.name} does not work since {_time(one.failing_since)}: {one.problem}"
        for one in outbox.others
        if one.problem
    ]
    told = "; ".join((*_told(outbox, latest), *problems))
    return NoticeLine(environment, channels, len(outbox.waiting), latest, told, not problems)


def _told(outbox: Outbox, latest: datetime | None) -> Iterator[str]:
    names = [reach.name for reach in outbox.reaches]
    if names:
        last = f", the last time at {_time(latest)}" if latest else ", and nothing was to be told yet"
        yield f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} told what happens{last}"
    else:
        yield "nobody elsewhere is told what happens"
    if outbox.dropped:
        yield f"{outbox.dropped} notices had no room"
    if outbox.ignored:
        yield f"{outbox.ignored} messages from other chats were ignored"


def _failing(reach: Reach, waiting: int) -> str:
    again = f", and is tried again at {_time(reach.next_at)}" if reach.next_at else ""
    return f"{reach.name} could not be told since {_time(reach.failing_since)}: {reach.problem} ({waiting} wait{again})"


def _time(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC" if at else "never"
