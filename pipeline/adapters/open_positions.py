"""The open trades of an environment's bots, read from their databases: asking the bots would take their passwords."""

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from pipeline.adapters.untouched import address
from pipeline.domain.monitor.overview import Position
from pipeline.domain.strategy import ID_PATTERN
from pipeline.errors import ToolFailed

BUSY_SECONDS = 5.0
MOST = 200
"""Open trades of one strategy that are shown."""

_OPEN = "SELECT pair, open_date, open_rate, stake_amount, amount, {short}, enter_tag FROM trades WHERE is_open = 1 ORDER BY open_date LIMIT ?"


class OpenPositions:
    """See `ports.Positions`. `folder` is `<device home>/<environment>/databases`; `mode` as in the names of its files, "" where it is not known."""

    def __init__(self, folder: Path, mode: str = "") -> None:
        self._folder, self._mode = folder, mode

    def open(self, strategy: str) -> tuple[Position, ...] | None:
        """See `ports.Positions`."""
        if not re.fullmatch(ID_PATTERN, strategy):
            return None
        named = [
            self._folder / f"{strategy}.{mode}.sqlite" for mode in ([self._mode] if self._mode else ("live", "dry_run"))
        ]
        try:
            file = next((one for one in named if one.is_file()), None)
            if file is None:
                return None
            with closing(sqlite3.connect(address(file), uri=True, timeout=BUSY_SECONDS)) as database:
                columns = {str(row[1]) for row in database.execute("PRAGMA table_info(trades)")}
                if "is_open" not in columns:
                    return ()
                short = "is_short" if "is_short" in columns else "0"
                return tuple(map(_position, database.execute(_OPEN.format(short=short), (MOST,))))
        except (OSError, ValueError, sqlite3.Error) as error:
            raise ToolFailed(f"the open trades of {strategy} cannot be read: {error}") from error


def _position(row: tuple[object, ...]) -> Position:
    pair, opened, rate, stake, amount, short, tag = row
    return Position(
        str(pair),
        datetime.fromisoformat(str(opened)).replace(tzinfo=UTC),
        _number(rate),
        _number(stake),
        _number(amount),
        bool(short),
        "" if tag is None else str(tag),
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
