"""One environment's observations (`ports.Observations`): `<device home>/<environment>/observations.sqlite`."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.adapters.observations import clock_jumps
from pipeline.adapters.observations.file import Damaged, is_damage, open_to_write, set_aside, take_lock
from pipeline.adapters.observations.reader import ObservationReader
from pipeline.adapters.observations.schema import milliseconds, moment
from pipeline.adapters.observations.tables import SAMPLE, TRADE, sample_row, trade_row
from pipeline.domain.trades import ClosedTrade
from pipeline.domain.train.samples import BUCKET, KEPT_WHOLE, Gap, Sample, kept
from pipeline.errors import ToolFailed
from pipeline.ports import Clock, Narrator

LONGEST_GAP = timedelta(minutes=3)
"""Samples that are further apart than this were not taken as often as they should have been."""

_BUCKET_MS = BUCKET // timedelta(milliseconds=1)


class ObservationStore(ObservationReader):
    """The one writer of an environment's observations.

    A file that is damaged, at the beginning or later, is set aside; that is told and kept as a gap, and a new one begun. Bots tell all closed
    trades anew; the equity of before is only in the file that was set aside.
    """

    def __init__(self, path: Path, clock: Clock, narrator: Narrator, longest_gap: timedelta = LONGEST_GAP) -> None:
        """Open the file for writing.

        Raises:
            Locked: another process writes it.
            Refused: it was written by a newer freqtrain.
            ToolFailed: the disk.
        """
        super().__init__(path)
        self._clock, self._narrator, self._longest_gap = clock, narrator, longest_gap
        self._lock = take_lock(path, f"{clock.now():%Y-%m-%d %H:%M:%S} UTC")
        try:
            self._database = self._opened()
        except BaseException:
            os.close(self._lock)
            raise

    def close(self) -> None:
        """Let somebody else write."""
        self._database.close()
        os.close(self._lock)

    def record(self, samples: Sequence[Sample]) -> None:
        with self._writing() as database:
            for sample in samples:
                series = _series(database, sample.strategy, sample.bundle, sample.currency)
                row = sample_row(sample, _state(database, sample.state))
                last = database.execute("SELECT max(at) FROM samples WHERE series = ?", (series,)).fetchone()[0]
                at = milliseconds(sample.at)
                if last is not None and at < last and clock_jumps.is_noise(last - at):
                    continue
                if last is not None and at < last:
                    told = clock_jumps.bring_back(database, series, at, last)
                    _end_gaps(database, sample.strategy, sample.bundle, at)
                    _gap(database, Gap(sample.strategy, sample.bundle, told.since, sample.at, told.reason))
                elif last is not None and at - last > self._longest_gap // timedelta(milliseconds=1):
                    _gap(database, Gap(sample.strategy, sample.bundle, moment(last), sample.at, "nobody looked"))
                marks = ", ".join("?" * (len(row) + 1))
                database.execute(f"INSERT OR IGNORE INTO samples (series, {SAMPLE}) VALUES ({marks})", (series, *row))

    def record_gap(self, gap: Gap) -> None:
        with self._writing() as database:
            _gap(database, gap)

    def record_trades(self, strategy: str, bundle: str, currency: str, trades: Sequence[ClosedTrade]) -> int:
        new = 0
        known = "SELECT 1 FROM trades JOIN series ON series.id = trades.series WHERE identity = ? AND strategy = ?"
        with self._writing() as database:
            series = _series(database, strategy, bundle, currency)
            for trade in trades:
                row = trade_row(trade)
                if database.execute(known, (row[0], strategy)).fetchone() is None:
                    marks = ", ".join("?" * (len(row) + 1))
                    database.execute(f"INSERT INTO trades (series, {TRADE}) VALUES ({marks})", (series, *row))
                    new += 1
        return new

    def compact(self, now: datetime) -> int:
        until = milliseconds(now - KEPT_WHOLE) // _BUCKET_MS * _BUCKET_MS
        with self._writing() as database:
            series = database.execute("SELECT id, compacted_until FROM series").fetchall()
            return sum(_compact(database, number, since, until) for number, since in series if since < until)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """All that is done within it is kept, or nothing."""
        database = self._database
        try:
            database.execute("BEGIN IMMEDIATE")
            yield database
            database.execute("COMMIT")
        except BaseException as error:
            if database.in_transaction:
                _roll_back(database)
            if not isinstance(error, sqlite3.Error):
                raise
            if is_damage(error):
                database.close()
                self._database = self._anew(str(error))
                raise ToolFailed(f"the observations were damaged ({error}); they begin anew") from error
            raise ToolFailed(f"{self._path} cannot be written: {error}", hint="make room on the disk") from error

    def _opened(self) -> sqlite3.Connection:
        try:
            return open_to_write(self._path)
        except Damaged as error:
            return self._anew(str(error))

    def _anew(self, why: str) -> sqlite3.Connection:
        aside = set_aside(self._path)
        self._narrator.say(
            f"{self._path} was damaged ({why}); it was set aside as {aside.name}, and observations begin anew"
        )
        database = open_to_write(self._path)
        now = self._clock.now()
        _gap(
            database,
            Gap(
                "",
                "",
                datetime(1970, 1, 1, tzinfo=UTC),
                now,
                f"what was observed before is in {aside.name}: it was damaged",
            ),
        )
        return database


def _compact(database: sqlite3.Connection, series: int, since: int, until: int) -> int:
    """Thin out the buckets of a series that end after `since` and not after `until`; returns how many samples went."""
    limits = (series, since, until)
    rows = database.execute(
        f"SELECT {SAMPLE} FROM samples WHERE series = ? AND at > ? AND at <= ? ORDER BY at", limits
    ).fetchall()
    at, state, equity = ([row[column] for row in rows] for column in (0, 1, 3))
    stay = kept(at, equity, state, _BUCKET_MS)
    gone = [(series, moment) for moment, stays in zip(at, stay, strict=True) if not stays]
    database.executemany("DELETE FROM samples WHERE series = ? AND at = ?", gone)
    database.execute("UPDATE series SET compacted_until = ? WHERE id = ?", (until, series))
    return len(gone)


def _series(database: sqlite3.Connection, strategy: str, bundle: str, currency: str) -> int:
    wanted = (strategy, bundle, currency)
    database.execute("INSERT OR IGNORE INTO series (strategy, bundle, currency) VALUES (?, ?, ?)", wanted)
    query = "SELECT id FROM series WHERE strategy = ? AND bundle = ? AND currency = ?"
    return int(database.execute(query, wanted).fetchone()[0])


def _state(database: sqlite3.Connection, name: str) -> int:
    database.execute("INSERT OR IGNORE INTO states (name) VALUES (?)", (name,))
    return int(database.execute("SELECT id FROM states WHERE name = ?", (name,)).fetchone()[0])


def _gap(database: sqlite3.Connection, gap: Gap) -> None:
    row = (gap.strategy, gap.bundle, milliseconds(gap.since), milliseconds(gap.until), gap.reason)
    database.execute("INSERT INTO gaps (strategy, bundle, since, until, reason) VALUES (?, ?, ?, ?, ?)", row)


def _end_gaps(database: sqlite3.Connection, strategy: str, bundle: str, now: int) -> None:
    """No gap of a bundle reaches beyond the present, whatever the clock said when it was kept."""
    database.execute("DELETE FROM gaps WHERE strategy = ? AND bundle = ? AND since >= ?", (strategy, bundle, now))
    limits = (now, strategy, bundle, now)
    database.execute("UPDATE gaps SET until = ? WHERE strategy = ? AND bundle = ? AND until > ?", limits)


def _roll_back(database: sqlite3.Connection) -> None:
    try:
        database.execute("ROLLBACK")
    except sqlite3.Error:
        return  # SQLite has done it already, or the file is broken, which the first error tells.
