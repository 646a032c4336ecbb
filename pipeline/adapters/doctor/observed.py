"""An environment's observations as they are, looked at without leaving anything beside them."""

import os
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from pipeline.adapters.observations.file import BUSY_SECONDS, is_damage, set_aside, take_lock
from pipeline.adapters.observations.schema import APPLICATION, VERSION, moment
from pipeline.adapters.untouched import address
from pipeline.domain.doctor.facts import ObservationFacts
from pipeline.errors import Refused, ToolFailed

_LATEST = "SELECT max((SELECT max(at) FROM samples WHERE series = series.id)) FROM series"


def observation_facts(path: Path) -> ObservationFacts | None:
    """What is in the file; None where there is none.

    Raises:
        ToolFailed, Refused: it cannot be read for another reason than its damage.
    """
    if not path.exists():
        return None
    try:
        with closing(sqlite3.connect(address(path), uri=True, timeout=BUSY_SECONDS, isolation_level=None)) as database:
            return _read(database, path)
    except sqlite3.Error as error:
        if is_damage(error):
            return ObservationFacts(str(error))
        raise ToolFailed(f"the observations cannot be read: {path}: {error}") from error


def put_aside(path: Path, now: datetime) -> str:
    """Set a damaged file aside, beside its place; says where it is.

    Raises:
        Locked: the watch writes it.
        Refused: it is sound.
        ToolFailed: the disk.
    """
    lock = take_lock(path, f"{now:%Y-%m-%d %H:%M:%S} UTC")
    try:
        found = observation_facts(path)
        if found is None or not found.damage:
            raise Refused("the observations are sound", hint="nothing was changed")
        return f"the observations were set aside as {set_aside(path).name}, and begin anew with the next round"
    finally:
        os.close(lock)


def _read(database: sqlite3.Connection, path: Path) -> ObservationFacts:
    (version,) = database.execute("PRAGMA user_version").fetchone()
    (owner,) = database.execute("PRAGMA application_id").fetchone()
    (tables,) = database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables and owner != APPLICATION:
        return ObservationFacts("it holds somebody else's tables")
    if version > VERSION:
        raise Refused(f"{path} was written by a newer freqtrain", hint="install that version or a later one")
    (health,) = database.execute("PRAGMA quick_check(1)").fetchone()
    if health != "ok":
        return ObservationFacts(str(health))
    if not version:  # Its writer has not begun it yet.
        return ObservationFacts()
    found = database.execute("SELECT DISTINCT strategy, bundle FROM series ORDER BY strategy, bundle").fetchall()
    (last,) = database.execute(_LATEST).fetchone()
    bundles = tuple((str(strategy), str(bundle)) for strategy, bundle in found)
    return ObservationFacts(last_at=moment(int(last)) if last is not None else None, bundles=bundles)
