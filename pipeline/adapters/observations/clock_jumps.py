"""When the clock is set back: samples from beyond the present were not taken then, but what they saw was seen."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from itertools import compress

from pipeline.adapters.observations.schema import moment
from pipeline.adapters.observations.tables import SAMPLE
from pipeline.domain.train.samples import kept

NOISE_MS = 60_000
"""A clock that is set back by no more than this is waited for."""


@dataclass(frozen=True, slots=True)
class Brought:
    """From when on nobody knows when things were, and why."""

    since: datetime
    reason: str


def is_noise(behind_ms: int) -> bool:
    """Whether a clock is so little behind the last sample that it soon catches up."""
    return behind_ms <= NOISE_MS


def bring_back(database: sqlite3.Connection, series: int, now: int, last: int) -> Brought:
    """Put the samples of a series that lie beyond the present right before it: those that its metrics rest on, in their order.

    Where there is no room left after the sample before, they go.
    """
    future = database.execute(
        f"SELECT {SAMPLE} FROM samples WHERE series = ? AND at >= ? ORDER BY at", (series, now)
    ).fetchall()
    before = database.execute("SELECT max(at) FROM samples WHERE series = ? AND at < ?", (series, now)).fetchone()[0]
    at, state, equity = ([row[column] for row in future] for column in (0, 1, 3))
    stay = list(compress(future, kept(at, equity, state, (last - now + 1) << 1)))
    database.execute("DELETE FROM samples WHERE series = ? AND at >= ?", (series, now))
    room = now - 1 - (before if before is not None else now - 1 - len(stay))
    stay = stay[-room:] if room > 0 else []
    marks = ", ".join("?" * (len(future[0]) + 1))
    moved = [(series, now - len(stay) + place, *row[1:]) for place, row in enumerate(stay)]
    database.executemany(f"INSERT INTO samples (series, {SAMPLE}) VALUES ({marks})", moved)
    database.execute("UPDATE series SET compacted_until = min(compacted_until, ?) WHERE id = ?", (now, series))
    since = moment(before if before is not None else now)
    seconds = (last - now) / 1000
    return Brought(since, f"the clock was set back by {seconds:.0f} s; samples from beyond: {len(future)}")
