"""The last look at each bundle and the totals of each strategy, by SQLite itself: light enough to be asked every few seconds."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from pipeline.adapters.observations.file import is_damage, open_to_read
from pipeline.adapters.observations.schema import milliseconds, moment
from pipeline.domain.exposition.device import Latest, Totals
from pipeline.errors import ToolFailed

_SERIES = (
    "SELECT id, currency FROM series WHERE strategy = ? AND bundle = ? "
    "ORDER BY (SELECT max(at) FROM samples WHERE series = id) DESC, id DESC LIMIT 1"
)
_LAST = "SELECT at, states.name, looped_at FROM samples JOIN states ON states.id = state WHERE series = ? ORDER BY at DESC LIMIT 1"
_TOLD = (
    "SELECT balance, equity, open_trades, closed_trades, wins, slippage_ratio FROM samples "
    "WHERE series = ? AND balance IS NOT NULL ORDER BY at DESC LIMIT 1"
)
_LOOPED = "SELECT looped_at FROM samples WHERE series = ? AND looped_at IS NOT NULL ORDER BY at DESC LIMIT 1"
_PEAK = "SELECT max(equity) FROM samples WHERE series = ? AND at >= ?"
_TRADES = (
    "SELECT strategy, currency, count(*), sum(coalesce(profit, 0) > 0), sum(coalesce(profit, 0)) "
    "FROM trades JOIN series ON series.id = trades.series GROUP BY strategy, currency"
)
_PAID = (
    "SELECT strategy, bundle, currency, "
    "(SELECT fees FROM samples WHERE series = id AND fees IS NOT NULL ORDER BY at DESC LIMIT 1), "
    "(SELECT errors FROM samples WHERE series = id ORDER BY at DESC LIMIT 1) FROM series"
)


class LatestObservations:
    """See `ports.exposition.LatestObservations`. `path` is an environment's `observations.sqlite`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def latest(self, strategy: str, bundle: str, since: datetime) -> Latest | None:
        """See `ports.exposition.LatestObservations`."""
        with self._reading() as database:
            found = database.execute(_SERIES, (strategy, bundle)).fetchone()
            last = database.execute(_LAST, (found[0],)).fetchone() if found else None
            if last is None:
                return None
            series, currency = int(found[0]), str(found[1])
            told = database.execute(_TOLD, (series,)).fetchone() or (None,) * 6
            looped = database.execute(_LOOPED, (series,)).fetchone()
            (peak,) = database.execute(_PEAK, (series, milliseconds(since))).fetchone()
        balance, equity, opened, closed, wins, slippage = told
        return Latest(
            *(moment(int(last[0])), str(last[1]), currency),
            balance=balance,
            equity=equity,
            peak=peak,
            open_trades=opened,
            closed_trades=closed,
            wins=wins,
            slippage_ratio=slippage,
            looped_at=moment(int(looped[0])) if looped else None,
        )

    def totals(self) -> Mapping[str, Totals]:
        """See `ports.exposition.LatestObservations`."""
        closed: dict[str, int] = defaultdict(int)
        wins: dict[str, int] = defaultdict(int)
        errors: dict[str, dict[str, int]] = defaultdict(dict)
        profit: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        fees: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        with self._reading() as database:
            for strategy, currency, count, won, earned in database.execute(_TRADES):
                closed[strategy] += count
                wins[strategy] += won
                profit[strategy][currency] += earned
            for strategy, bundle, currency, paid, failed in database.execute(_PAID):
                if paid is not None:
                    fees[strategy][currency] += paid
                # A bundle's errors go on in another currency, so its highest total is its own.
                errors[strategy][bundle] = max(errors[strategy].get(bundle, 0), failed or 0)
        return {
            name: Totals(closed[name], wins[name], sum(errors[name].values()), dict(profit[name]), dict(fees[name]))
            for name in sorted({*closed, *errors})
        }

    def size_bytes(self) -> int | None:
        """See `ports.exposition.LatestObservations`."""
        sizes = [_size(self._path.with_name(self._path.name + end)) for end in ("", "-wal", "-shm")]
        return None if sizes[0] is None else sum(size or 0 for size in sizes)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(open_to_read(self._path)) as database:
                database.execute("PRAGMA query_only = ON")
                yield database
        except sqlite3.Error as error:
            told = "are damaged" if is_damage(error) else "cannot be read"
            raise ToolFailed(
                f"the observations {told}: {error}", hint="the watch sets a damaged file aside and begins anew"
            ) from error


def _size(file: Path) -> int | None:
    try:
        return file.stat().st_size
    except OSError:
        return None
