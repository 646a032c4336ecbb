"""Orders that failed one after the other: counted in a file beside the database, which the watch reads for its brake."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from freqtrade.exceptions import FreqtradeException

from pipeline.adapters.freqtrade.bot_ending import say

_MOST = 200
"""How many are kept; a brake's limit is far below."""


class OrderErrors:
    """When orders failed, entries and exits and stops alike, since the last one that did not. A new process goes on with what the file holds."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._failed = _read(file)

    def counted(self, place: Callable[..., Any]) -> Callable[..., Any]:
        """The same call to the exchange, which counts."""

        def counting(*given: Any, **order: Any) -> Any:
            try:
                placed = place(*given, **order)
            except FreqtradeException:
                self._failed = [*self._failed, datetime.now(UTC).isoformat()][-_MOST:]  # noqa: TID251  (a bot has no ports)
                self._write()
                raise
            if self._failed:
                self._failed = []
                self._write()
            return placed

        return counting

    def _write(self) -> None:
        """What cannot be written keeps no order from being sent: the count goes on in memory, and the log has the errors."""
        whole = self._file.with_name(f"{self._file.name}.new")
        try:
            if not self._failed:
                self._file.unlink(missing_ok=True)
                return
            whole.write_text(json.dumps({"failed_at": self._failed}), encoding="utf-8")
            whole.replace(self._file)
        except OSError as error:
            say(f"{self._file} cannot be written: {error.strerror}")


def _read(file: Path) -> list[str]:
    try:
        failed = json.loads(file.read_bytes())["failed_at"]
        return [datetime.fromisoformat(at).isoformat() for at in failed][-_MOST:]
    except (OSError, ValueError, TypeError, KeyError):
        return []
