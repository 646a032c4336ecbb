"""What a keeper hears: wishes that it end, children that ended, and what its bot prints. The standard library only."""

import os
import select
import signal
from contextlib import suppress
from types import FrameType

ENDS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Ears:
    """Signals become bytes in a pipe, written below Python, so that none is missed between looking and waiting."""

    def __init__(self) -> None:
        self.asked = False
        """Whether the end was wished for."""
        self._heard, self._said = os.pipe()
        os.set_blocking(self._heard, False)
        os.set_blocking(self._said, False)

    def listen(self) -> None:
        """Take the signals over: the first process of a container hears none that it has not asked for."""
        for number in ENDS:
            signal.signal(number, self._ask)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._said, warn_on_full_buffer=False)

    def wait(self, seconds: float | None, output: int = -1) -> bool:
        """Wait for a signal, or until the output can be read; whether it can. Without `output`, only the wish to end cuts the wait short."""
        if output >= 0:
            ready, _, _ = select.select([self._heard, output], [], [], seconds)
            self._empty()
            return output in ready
        for _ in range(max(1, round((seconds or 0) / 0.1))):
            if self.asked:
                break
            select.select([self._heard], [], [], 0.1)
            self._empty()
        return False

    def _empty(self) -> None:
        with suppress(BlockingIOError):
            os.read(self._heard, 4096)

    def _ask(self, _signal: int, _frame: FrameType | None) -> None:
        self.asked = True
