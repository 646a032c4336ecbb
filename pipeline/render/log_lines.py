"""What is told on standard error as one JSON object a line, for programs that collect logs."""

import json
import re
from datetime import UTC, datetime
from enum import StrEnum

from pipeline.domain.strategy import ID_PATTERN

_ID = re.compile(ID_PATTERN)


class Level(StrEnum):
    """How much it matters: progress, what somebody has to know, and what a command failed with."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def log_line(
    text: str, at: datetime, environment: str = "", level: Level = Level.INFO, hint: str = "", trace: str = ""
) -> str:
    """One line without its end. `at` is aware UTC.

    Lines about an environment are told as `environment: strategy: message`, each of the two where it matters. What begins with the
    environment's name is a notification, hence a warning at least. Where no environment is given, nothing is taken out of the text.
    """
    strategy, message = "", text
    if environment:
        title, message = _taken(environment, text)
        level = Level.WARNING if title and level is Level.INFO else level
        first, colon, rest = message.partition(": ")
        if colon and _ID.fullmatch(first):
            strategy, message = first, rest
    line = {
        "time": at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": level.value,
        "environment": environment,
        "strategy": strategy,
        "message": message,
    }
    line |= {name: value for name, value in (("hint", hint), ("traceback", trace)) if value}
    return json.dumps(line, ensure_ascii=False)


def _taken(environment: str, text: str) -> tuple[bool, str]:
    start = f"{environment}: "
    return (True, text.removeprefix(start)) if text.startswith(start) else (False, text)
