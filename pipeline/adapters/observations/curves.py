"""An environment's observations as curves, thinned out by SQLite itself: light enough to stand beside bots on a small device."""

import sqlite3
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from pipeline.adapters.observations.file import is_damage, open_to_read
from pipeline.adapters.observations.schema import milliseconds, moment
from pipeline.domain.monitor.curve import Curve, Gap, Latest, Point, merged, step_of
from pipeline.errors import ToolFailed

MOST_KEPT = 20_000
"""Stretches of the past that are remembered, of all curves."""

LONGEST_GAPS = 2000
"""Rows of gaps that one curve reads, the latest."""

_ENDED = (
    "SELECT at, balance, equity, closed_trades, wins FROM samples "
    "WHERE series = ? AND at > ? AND at <= ? AND balance IS NOT NULL ORDER BY at DESC LIMIT 1"
)
_RANGE = "SELECT min(equity), max(equity) FROM samples WHERE series = ? AND at > ? AND at <= ?"
_LAST = "SELECT at, states.name, errors FROM samples JOIN states ON states.id = state WHERE series = ? ORDER BY at DESC LIMIT 1"
_TOLD = (
    "SELECT balance, equity, open_trades, closed_trades, wins, fees FROM samples "
    "WHERE series = ? AND balance IS NOT NULL ORDER BY at DESC LIMIT 1"
)
_TRADES = "SELECT closed_at, coalesce(profit, 0), coalesce(stake, 0) FROM trades WHERE series = ? ORDER BY closed_at"
_GAPS = (
    "SELECT since, until, reason FROM gaps WHERE (strategy = '' OR (strategy = ? AND bundle = ?)) AND until > ? AND since < ? "
    "ORDER BY since DESC LIMIT ?"
)
_SERIES = (
    "SELECT id, currency FROM series WHERE strategy = ? AND bundle = ? ORDER BY max("
    "coalesce((SELECT max(at) FROM samples WHERE series = id), -1), coalesce((SELECT max(closed_at) FROM trades WHERE series = id), -1)) DESC, "
    "id DESC LIMIT 1"
)


class _Stretch(NamedTuple):
    """One stretch of a curve as it was read: `at` is 0 where it told nothing."""

    at: int
    balance: float | None
    equity: float | None
    closed: int | None
    wins: int | None
    lowest: float | None
    highest: float | None


class ObservationCurves:
    """See `ports.Curves`. Stretches that are over do not change any more, so they are read once, as long as nobody sets the clock back."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._past: dict[tuple[int, int, int], _Stretch] = {}
        self._of: tuple[int, ...] = ()
        """Which file and which gaps the remembered stretches are of."""

    def bundles(self) -> tuple[tuple[str, str], ...]:
        """See `ports.Curves`."""
        with self._reading() as database:
            found = database.execute("SELECT strategy, bundle FROM series GROUP BY strategy, bundle ORDER BY min(id)")
            return tuple((str(strategy), str(bundle)) for strategy, bundle in found)

    def began_at(self) -> datetime | None:
        """See `ports.Curves`."""
        query = "SELECT min(first) FROM (SELECT (SELECT min(at) FROM samples WHERE series = id) AS first FROM series)"
        with self._reading() as database:
            (first,) = database.execute(query).fetchone()
            return None if first is None else moment(int(first))

    def curve(self, strategy: str, bundle: str, since: datetime, until: datetime) -> Curve:
        """See `ports.Curves`."""
        step = step_of(until - since)
        with self._reading() as database:
            found = database.execute(_SERIES, (strategy, bundle)).fetchone()
            if found is None:
                return Curve(bundle, "", step.total_seconds())
            series, currency = int(found[0]), str(found[1])
            closed, profits, stakes = _trades(database, series)
            limits = (strategy, bundle, milliseconds(since), milliseconds(until), LONGEST_GAPS)
            gaps = [
                Gap(max(moment(a), since), min(moment(b), until), str(c)) for a, b, c in database.execute(_GAPS, limits)
            ]
            points = tuple(
                _point(one, closed, profits, stakes)
                for one in self._stretches(database, series, milliseconds(since), milliseconds(until), step)
                if one.at
            )
            latest = _latest(database, series, profits)
        return Curve(bundle, currency, step.total_seconds(), points, merged(gaps, step / 4), latest)

    def _stretches(
        self, database: sqlite3.Connection, series: int, since: int, until: int, step: timedelta
    ) -> Iterator[_Stretch]:
        length = int(step.total_seconds() * 1000)
        query = "SELECT {}(at) FROM samples WHERE series = ? AND at >= ? AND at <= ?"  # Two questions: SQLite would read all rows for one.
        first, last = (
            database.execute(query.format(end), (series, since, until)).fetchone()[0] for end in ("min", "max")
        )
        if first is None:
            return
        for number in range((first - 1) // length, (last - 1) // length + 1):
            begin, end = max(number * length, since - 1), min((number + 1) * length, until)
            whole = begin == number * length and end == (number + 1) * length and end < last
            key = (series, length, number)
            if whole and key in self._past:
                yield self._past[key]
                continue
            found = _stretch(database, (series, begin, end))
            if whole and len(self._past) < MOST_KEPT:
                self._past[key] = found
            yield found

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(open_to_read(self._path, untouched=True)) as database:
                database.execute("PRAGMA query_only = ON")
                self._forget_if_changed(database)
                yield database
        except sqlite3.Error as error:
            told = "are damaged" if is_damage(error) else "cannot be read"
            raise ToolFailed(
                f"the observations {told}: {error}", hint="the watch sets a damaged file aside and begins anew"
            ) from error

    def _forget_if_changed(self, database: sqlite3.Connection) -> None:
        """Another file, or a gap more: the past may have been put right (see `clock_jumps`)."""
        (gaps,) = database.execute("SELECT coalesce(max(rowid), 0) FROM gaps").fetchone()
        try:
            found = self._path.stat()
        except FileNotFoundError:
            found = None
        now = (found.st_dev, found.st_ino, gaps) if found else (0, 0, gaps)
        if now != self._of:
            self._past.clear()
            self._of = now


def _stretch(database: sqlite3.Connection, limits: tuple[int, int, int]) -> _Stretch:
    lowest, highest = database.execute(_RANGE, limits).fetchone()
    at, balance, equity, closed, wins = database.execute(_ENDED, limits).fetchone() or (0, None, None, None, None)
    return _Stretch(at, balance, equity, closed, wins, lowest, highest)


def _trades(database: sqlite3.Connection, series: int) -> tuple[list[int], list[float], list[float]]:
    """When trades were closed, and what they had earned and staked in all until then."""
    rows = database.execute(_TRADES, (series,)).fetchall()
    profits, stakes = (list(accumulate((float(row[column]) for row in rows), initial=0.0)) for column in (1, 2))
    return [int(row[0]) for row in rows], profits, stakes


def _point(one: _Stretch, closed: Sequence[int], profits: Sequence[float], stakes: Sequence[float]) -> Point:
    done = bisect_right(closed, one.at)
    return Point(
        moment(one.at),
        one.balance,
        one.equity,
        one.lowest,
        one.highest,
        one.closed,
        one.wins,
        profits[done],
        stakes[done],
    )


def _latest(database: sqlite3.Connection, series: int, profits: Sequence[float]) -> Latest | None:
    last = database.execute(_LAST, (series,)).fetchone()
    if last is None:
        return None
    told = database.execute(_TOLD, (series,)).fetchone()
    balance, equity, opened, closed, wins, fees = told or (None, None, None, None, None, None)
    return Latest(
        moment(int(last[0])),
        str(last[1]),
        int(last[2]),
        balance,
        equity,
        opened,
        closed,
        wins,
        fees,
        profits[-1],
        len(profits) - 1,
    )
