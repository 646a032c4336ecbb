"""Reading an environment's observations while its watch writes them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.adapters.observations.file import open_to_read
from pipeline.adapters.observations.schema import milliseconds, moment
from pipeline.adapters.observations.tables import SAMPLE, TRADE, sample_of, trade_of
from pipeline.domain.trades import ClosedTrade
from pipeline.domain.train.samples import Gap, Sample
from pipeline.errors import ToolFailed

if TYPE_CHECKING:  # The watch reads what it kept, and runs for months beside bots on a small device.
    import pandas as pd


class ObservationReader:
    """Reads the observations while somebody else may write them; every call sees the latest. See `ports.Observations`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def bundles(self) -> tuple[tuple[str, str], ...]:
        with self._reading() as database:
            found = database.execute("SELECT strategy, bundle FROM series GROUP BY strategy, bundle ORDER BY min(id)")
            return tuple((str(strategy), str(bundle)) for strategy, bundle in found)

    def samples(
        self, strategy: str, bundle: str, since: datetime | None = None, until: datetime | None = None
    ) -> tuple[Sample, ...]:
        with self._reading() as database:
            series, currency = _latest(database, strategy, bundle)
            states = {int(number): str(name) for number, name in database.execute("SELECT id, name FROM states")}
            limits = (series, milliseconds(since) if since else -(1 << 62), milliseconds(until) if until else 1 << 62)
            rows = database.execute(
                f"SELECT {SAMPLE} FROM samples WHERE series = ? AND at >= ? AND at < ? ORDER BY at", limits
            )
            return tuple(sample_of(strategy, bundle, currency, states, row) for row in rows)

    def equity(self, strategy: str, bundle: str) -> pd.Series:
        import numpy as np
        import pandas as pd

        with self._reading() as database:
            series, _ = _latest(database, strategy, bundle)
            query = "SELECT at, equity FROM samples WHERE series = ? AND equity IS NOT NULL ORDER BY at"
            rows = database.execute(query, (series,)).fetchall()
        at = np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))
        values = np.fromiter((row[1] for row in rows), dtype=float, count=len(rows))
        return pd.Series(values, index=pd.DatetimeIndex(at.view("datetime64[ms]"), tz="UTC"), name="equity")

    def trades(self, strategy: str, bundle: str) -> tuple[ClosedTrade, ...]:
        with self._reading() as database:
            series, _ = _latest(database, strategy, bundle)
            rows = database.execute(
                f"SELECT {TRADE} FROM trades WHERE series = ? ORDER BY opened_at, pair, closed_at", (series,)
            )
            return tuple(trade_of(row) for row in rows)

    def gaps(self, strategy: str, bundle: str) -> tuple[Gap, ...]:
        query = "SELECT strategy, bundle, since, until, reason FROM gaps WHERE strategy = '' OR (strategy = ? AND bundle = ?) ORDER BY since, until"
        with self._reading() as database:
            rows = database.execute(query, (strategy, bundle))
            return tuple(
                Gap(str(s), str(b), moment(since), moment(until), str(reason)) for s, b, since, until, reason in rows
            )

    def export(self, folder: Path) -> tuple[Path, ...]:
        from pipeline.adapters.observations import parquet

        with self._reading() as database:
            return parquet.export(database, folder)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with closing(open_to_read(self._path)) as database:
            try:
                yield database
            except sqlite3.Error as error:
                told = f"the observations cannot be read: {self._path}: {error}"
                raise ToolFailed(told, hint="the watch sets a damaged file aside") from error


def _latest(database: sqlite3.Connection, strategy: str, bundle: str) -> tuple[int, str]:
    """Number and currency of a bundle's series that was observed last; 0 where it never was."""
    query = (
        "SELECT id, currency FROM series WHERE strategy = ? AND bundle = ? ORDER BY max("
        "coalesce((SELECT max(at) FROM samples WHERE series = id), -1), coalesce((SELECT max(closed_at) FROM trades WHERE series = id), -1)) DESC, "
        "id DESC LIMIT 1"
    )
    found = database.execute(query, (strategy, bundle)).fetchone()
    return (int(found[0]), str(found[1])) if found else (0, "")
