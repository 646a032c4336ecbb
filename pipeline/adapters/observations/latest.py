"""The last look at each bundle and the totals of each strategy, by SQLite itself: light enough to be asked every few seconds."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

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
_PEAK = "SELECT max(equity) FROM samples WHERE series = ? AND at >= ? AND at < ?"
_TRADES = (
    "SELECT strategy, currency, count(*), sum(coalesce(profit, 0) > 0), sum(coalesce(profit, 0)) "
    "FROM trades JOIN series ON series.id = trades.series GROUP BY strategy, currency"
)
_PAID = (
    "SELECT strategy, bundle, currency, "
    "(SELECT fees FROM samples WHERE series = id AND fees IS NOT NULL ORDER BY at DESC LIMIT 1), "
    "(SELECT errors FROM samples WHERE series = id ORDER BY at DESC LIMIT 1) FROM series"
)


_SETTLED_MS = 3_600_000
_FOREVER = 1 << 62


class _Peak(NamedTuple):
    """The highest equity from `since` until before `until`, both in milliseconds."""

    since: int
    until: int
    highest: float | None


class LatestObservations:
    """See `ports.exposition.LatestObservations`. `path` is an environment's `observations.sqlite`.

    Peaks are remembered up to an hour before the last sample, because a year's samples would be read at every scrape. What compaction and a
    clock that is set back take away of those samples changes no peak; another file begins anew.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._peaks: dict[int, _Peak] = {}
        self._file = (0, 0)

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
            peak = self._peak(database, series, milliseconds(since), int(last[0]))
        balance, equity, opened, closed, wins, slippage = map(_number, told)
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

    def _peak(self, database: sqlite3.Connection, series: int, since: int, last: int) -> float | None:
        known = self._peaks.get(series)
        if known is None or known.since != since:
            known = _Peak(since, since, None)
        settled = max(known.until, last - _SETTLED_MS)
        highest = _higher(known.highest, _highest(database, series, known.until, settled))
        self._peaks[series] = _Peak(since, settled, highest)
        return _higher(highest, _highest(database, series, settled, _FOREVER))

    def _forget_another_file(self) -> None:
        try:
            found = self._path.stat()
            file = found.st_dev, found.st_ino
        except FileNotFoundError:
            file = (0, 0)
        if file != self._file:
            self._peaks.clear()
            self._file = file

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(open_to_read(self._path, untouched=True)) as database:
                database.execute("PRAGMA query_only = ON")
                self._forget_another_file()
                yield database
        except sqlite3.Error as error:
            told = "are damaged" if is_damage(error) else "cannot be read"
            raise ToolFailed(
                f"the observations {told}: {error}", hint="the watch sets a damaged file aside and begins anew"
            ) from error


def _highest(database: sqlite3.Connection, series: int, since: int, until: int) -> float | None:
    return _number(database.execute(_PEAK, (series, since, until)).fetchone()[0])


def _higher(one: float | None, other: float | None) -> float | None:
    return max((value for value in (one, other) if value is not None), default=None)


def _number(kept: object) -> float | None:
    """A measurement; raises ValueError for whatever else somebody wrote there."""
    return None if kept is None else float(str(kept))


def _size(file: Path) -> int | None:
    try:
        return file.stat().st_size
    except OSError:
        return None
