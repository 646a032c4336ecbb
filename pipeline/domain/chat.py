"""What may be asked from a chat: how it stands, and to stop. Nothing there starts anything or buys."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

TOO_OLD = timedelta(minutes=10)
"""A message that waited for longer asks for nothing any more: a person may have decided something else meanwhile."""

AHEAD = timedelta(minutes=5)
"""By so much Telegram's clock may be ahead of the device's."""

HELP = "I know /status, /stop ID and /stop all. Nothing that I can do buys; to let bots enter again, use the command at the device."


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody wrote: `number` is that of the update, `chat` the id of where, `by` the writer's name there, `at` aware UTC."""

    number: int
    chat: str
    by: str
    at: datetime
    text: str


class Wants(StrEnum):
    """What a message asks for."""

    STATUS = "status"
    STOP = "stop"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class Request:
    """A message that was understood; without `strategies`, a stop is meant for all."""

    wants: Wants
    strategies: tuple[str, ...] = ()


def understood(text: str) -> Request:
    """What is asked for. A bot's name behind the command (`/stop@my_bot`) is passed over; what is not known asks for help."""
    words = text.strip().split()
    command = re.fullmatch(r"/([a-z]{1,20})(@\w{1,64})?", words[0].lower()) if words else None
    if command is None:
        return Request(Wants.HELP)
    rest = tuple(dict.fromkeys(words[1:]))
    if command[1] == "status" and not rest:
        return Request(Wants.STATUS)
    if command[1] == "stop":
        return Request(Wants.STOP, () if rest in ((), ("all",)) else rest)
    return Request(Wants.HELP)


def too_old(message: Message, now: datetime) -> bool:
    """Whether nothing is done about it any more."""
    return not -AHEAD <= now - message.at <= TOO_OLD
