"""The dead man's ping: an address outside that wants to be asked again and again, and alarms somebody when nobody asks any more."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from pipeline.adapters.notices.asking import OutOfReach, ask
from pipeline.domain.trading import Secret
from pipeline.ports import Clock

NAME = "ping"
EVERY = timedelta(minutes=1)
SECONDS = 15.0


class Ping:
    """Asks from a thread of its own, at most once a minute and only after a good round.

    `address` gives where, None where nobody wants it; `note` hears each time whether it worked (the reason where it did not).
    """

    def __init__(self, clock: Clock, address: Callable[[], Secret | None], note: Callable[[str, str], None]) -> None:
        self._clock = clock
        self._address = address
        self._note = note
        self._asked_at: datetime | None = None
        self._wanted = threading.Event()
        self._idle = threading.Event()
        self._idle.set()
        self._thread: threading.Thread | None = None

    def all_is_well(self) -> None:
        """A round was good; returns at once."""
        now = self._clock.now()
        if self._address() is None or self._wanted.is_set():
            return
        if self._asked_at is not None and timedelta(0) <= now - self._asked_at < EVERY:
            return
        self._asked_at = now
        self._idle.clear()
        self._wanted.set()
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="ping", daemon=True)
            self._thread.start()

    def settle(self, seconds: float) -> None:
        """Wait for at most so long until nothing is asked any more."""
        self._idle.wait(seconds)

    def _run(self) -> None:
        while True:
            self._wanted.wait()
            try:
                address = self._address()
                self._note(NAME, _asked(address) if address is not None else "")
            finally:
                self._wanted.clear()
                self._idle.set()


def _asked(address: Secret) -> str:
    try:
        answered = ask(address.reveal(), None, SECONDS)
    except OutOfReach as error:
        return str(error)
    return "" if 200 <= answered.status < 300 else f"it answers with status {answered.status}"
