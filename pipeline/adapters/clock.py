"""The system's clock."""

import time
from datetime import UTC, datetime


class SystemClock:
    """The real time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def running_seconds(self) -> float:
        """How long this device has run, its sleep left out; nobody sets this clock. Only differences mean something."""
        return time.monotonic()
