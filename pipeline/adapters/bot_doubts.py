"""The doubts that bots leave beside their databases: an entry's order of which they do not know whether the exchange took it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from pipeline.adapters.bounded import read_bounded

MOST_BYTES = 1 << 16


class BotDoubts:
    """`<database>.doubt.json` of each strategy; `file_of` tells where a strategy's doubt would lie."""

    def __init__(self, file_of: Callable[[str], Path]) -> None:
        self._file_of = file_of

    def of(self, strategy: str) -> tuple[str, datetime] | None:
        """See `ports.Doubts`. One that is there and cannot be read is a doubt all the same."""
        file = self._file_of(strategy)
        try:
            since = datetime.fromtimestamp(file.lstat().st_mtime, UTC)
        except FileNotFoundError:
            return None
        except OSError as error:
            return f"{file} cannot be read: {error.strerror}", datetime.fromtimestamp(0, UTC)
        return _told(file), since


def _told(file: Path) -> str:
    try:
        said = json.loads(read_bounded(file, MOST_BYTES))
        pair, side, at = (str(said[key]) for key in ("pair", "side", "at"))
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return f"{file.name} does not tell which order it is about"
    told = f"an order to {side} {pair} was sent at {at}, and nobody knows what became of it"
    return told if told.isprintable() and len(told) < 300 else f"{file.name} does not tell which order it is about"
