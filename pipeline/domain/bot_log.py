"""Reading in a bot's log what its loop does: the state that the API shows is a wish, the log says when the loop has heard of it."""

import re
from collections.abc import Collection, Sequence

from pipeline.domain.bot_report import LogLine, Trading

READY = "ready; waiting for the database"
"""What a bot prints when it has imported everything and another one has its database; whose words these are stands before it."""

_SPEAKER = "bot: "
_WORKER = "freqtrade.worker"
_CHANGE = re.compile(r"Changing state (?:from \w+ )?to: (\w+)")
_HEARTBEAT = re.compile(r"Bot heartbeat\. .*state='(\w+)'")


def loop_state(lines: Sequence[LogLine]) -> Trading | None:
    """The state that the loop was in when it last said so; None where no line tells. `lines` are in the order in which they were written."""
    for line in reversed(lines):
        found = _CHANGE.match(line.text) or _HEARTBEAT.match(line.text)
        if line.logger == _WORKER and found and found[1].lower() in set(Trading):
            return Trading(found[1].lower())
    return None


def is_ready(output: str) -> bool:
    """Whether the last thing that a bot's entry point printed is that it waits for the database."""
    said = [line.removeprefix(_SPEAKER) for line in output.splitlines() if line.startswith(_SPEAKER)]
    return bool(said) and said[-1].startswith(READY)


def new_lines(lines: Sequence[LogLine], known: Collection[LogLine]) -> tuple[LogLine, ...]:
    """The lines that were not there before: no clock is asked, because clocks are set back."""
    return tuple(line for line in lines if line not in known)
