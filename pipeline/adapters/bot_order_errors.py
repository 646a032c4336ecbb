"""The orders that failed, as bots write them down beside their databases."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from pipeline.adapters.bounded import read_bounded

MOST_BYTES = 1 << 16


class _Failed(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    failed_at: list[AwareDatetime]


class BotOrderErrors:
    """`<database>.order-errors.json` of each strategy; `file_of` tells where a strategy's would lie."""

    def __init__(self, file_of: Callable[[str], Path]) -> None:
        self._file_of = file_of

    def of(self, strategy: str) -> tuple[datetime, ...] | None:
        """See `ports.OrderErrors`."""
        try:
            failed = _Failed.model_validate_json(read_bounded(self._file_of(strategy), MOST_BYTES))
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, ValidationError):
            return None
        return tuple(sorted(at.astimezone(UTC) for at in failed.failed_at))
