"""What happens after a bot's process ended by itself: started again, or left down, and why."""

from dataclasses import dataclass
from datetime import datetime, timedelta

CRASHES = 3
WINDOW = timedelta(minutes=10)
HOPELESS_CODE = 2
"""freqtrade's exit code for what a restart does not mend: a wrong key, a strategy that is missing."""
STOPPED = "it was stopped"


def killed_after(seconds: float) -> str:
    """Why a bot is down that was stopped and did not listen."""
    return f"{STOPPED}, and killed because it had not ended after {seconds:g} s"


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What follows an exit: whether to start again, whether the bot was given up, why in a sentence, and the crashes that still count."""

    restart: bool
    gave_up: bool
    reason: str
    crashes: tuple[datetime, ...] = ()


def after_exit(code: int, words: str, crashes: tuple[datetime, ...], at: datetime) -> Aftermath:
    """Judge an exit that nobody asked for.

    Args:
        code: the exit code; negative: a signal ended it.
        words: its last exception, or the last line that it printed; may be empty.
        crashes: when it crashed before, since somebody started it.
        at: now. A clock that was set back makes earlier crashes count longer, never shorter.
    """
    if code == 0:
        return Aftermath(False, False, "it ended by itself with exit code 0", crashes)
    how = f"with exit code {code}" if code > 0 else "by a signal (out of memory, or somebody killed it)"
    if code == HOPELESS_CODE:
        return Aftermath(False, True, _with(words, f"it ended {how}, which a restart does not mend"), crashes)
    return after_crash(_with(words, f"it ended {how}"), crashes, at)


def after_crash(reason: str, crashes: tuple[datetime, ...], at: datetime) -> Aftermath:
    """Judge a crash of which the reason is known."""
    counted = (*(crash for crash in crashes if at - crash < WINDOW), at)
    if len(counted) < CRASHES:
        return Aftermath(True, False, reason, counted)
    minutes = int(WINDOW.total_seconds() // 60)
    told = f"it crashed {len(counted)} times within {minutes} minutes and stays down; the last time {reason}"
    return Aftermath(False, True, told, counted)


def _with(words: str, reason: str) -> str:
    return f"{reason}: {words}" if words else reason
