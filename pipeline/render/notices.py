"""Notices as messages: a title and lines that no messenger takes for more than words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.domain.notices import Notice
from pipeline.domain.week_picture import WeekPicture
from pipeline.render.plain import plain_text
from pipeline.render.sparkline import without_curves

MOST_CHARACTERS = 3500
"""Of a message: Telegram takes 4096, and Discord cuts what apprise splits for it."""

MOST_OF_ONE = 900


def message(environment: str, notices: Sequence[Notice], dropped: int = 0) -> tuple[str, str]:
    """Title and text of one message that tells all of these; what finds no room in it is counted."""
    if len(notices) == 1 and not dropped:
        notice = notices[0]
        return _title(notice.title), harmless(notice.text)
    lines, room = [], MOST_CHARACTERS
    for number, notice in enumerate(notices):
        line = f"{notice.at:%H:%M} {_about(notice, environment)}{harmless(notice.text)}"
        room -= len(line) + 1
        if room < 0:
            dropped += len(notices) - number
            break
        lines.append(line)
    if dropped:
        lines.append(f"… and {dropped} more, for which there was no room: freqtrain log {environment}")
    return _title(f"{environment}: {len(notices)} news"), "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Illustrated:
    """What goes with a picture: its words, without curves that are drawn in letters."""

    text: str
    picture: WeekPicture


def illustrated(environment: str, notices: Sequence[Notice], dropped: int = 0) -> Illustrated | None:
    """The same message for whoever can be shown a picture; None where there is none. Of several pictures the latest one is shown."""
    picture = next((notice.picture for notice in reversed(notices) if notice.picture is not None), None)
    if picture is None:
        return None
    bare = [
        replace(notice, text=without_curves(notice.text)) if notice.picture is picture else notice for notice in notices
    ]
    return Illustrated(message(environment, bare, dropped)[1], picture)


def harmless(text: str) -> str:
    """Plain words, line by line: no link, mention or markup that a messenger would follow, and no control characters."""
    lines = [plain_text(line, MOST_OF_ONE) for line in text.splitlines()]
    plain = "\n".join(line for line in lines if line)[:MOST_CHARACTERS]
    plain = plain.replace("://", ": //").replace("](", "] (").replace("```", "'''")
    plain = re.sub(r"@(?=\w)", "@ ", plain)
    return re.sub(r"<(?=[@#!/a-zA-Z])", "< ", plain)


def _title(text: str) -> str:
    return harmless(f"freqtrain · {text}").replace("\n", " ")


def _about(notice: Notice, environment: str) -> str:
    """Of a title `ENVIRONMENT: STRATEGY` the strategy: the environment stands in the message's own."""
    about = notice.title.removeprefix(environment).removeprefix(": ")
    return f"{harmless(about)}: " if about else ""
