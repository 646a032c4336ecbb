"""Being asked to end: TERM, INT and HUP become a wish that the loop hears when it is done, because an order in flight must reach the database."""

import os
import select
import signal
import sys
from contextlib import suppress
from types import FrameType

RESTART_MAY_HELP = 1
RESTART_IN_VAIN = 2
"""What a bot's exit code tells the runtime; 0 is an end that was asked for."""

_PIPE_BYTES = 1 << 20
"""As much as a pipe may hold."""


class BotRefused(Exception):
    """The bot must not run as it was told; starting it again changes nothing. The message says why, in plain sentences."""


class Ending:
    """The wish that the process ends. However often it is uttered, nothing that runs is cut short; only a kill does that."""

    def __init__(self) -> None:
        self.asked = False
        self._heard, self._said = os.pipe()
        os.set_blocking(self._heard, False)
        os.set_blocking(self._said, False)

    def listen(self) -> None:
        """Take the signals over; may be repeated where other code may have taken them since.

        The kernel may interrupt any thread, or this one right before it waits; Python's handler then runs only once the main thread is awake.
        So each signal writes into the pipe by itself, below Python.
        """
        for wish in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(wish, self._hear)
        signal.set_wakeup_fd(self._said, warn_on_full_buffer=False)

    def forget(self) -> None:
        """Let signals write into the pipe no more; for whoever goes on without a bot."""
        signal.set_wakeup_fd(-1)

    def wait(self, seconds: float) -> bool:
        """Wait, but no longer than until the end is wished for or somebody wakes; True once the end is wished for.

        A pipe and no `threading.Event`: the handler may interrupt the main thread while that holds the event's own lock.
        """
        if seconds > 0 and not self.asked:
            select.select([self._heard], [], [], seconds)
            with suppress(BlockingIOError):
                os.read(self._heard, _PIPE_BYTES)  # A wish is not forgotten with it: `asked` stays.
        return self.asked

    def wake(self) -> None:
        """End the wait that goes on, or else the next one; from any thread."""
        with suppress(BlockingIOError):  # The pipe is full of wakes that nobody has heard yet.
            os.write(self._said, b".")

    def _hear(self, _signal: int, _frame: FrameType | None) -> None:
        self.asked = True
        self.wake()


def say(text: str) -> None:
    """Tell the bot's log one line, also while freqtrade's logging is not set up."""
    sys.stderr.write(f"bot: {text}\n")
    sys.stderr.flush()
