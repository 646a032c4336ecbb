"""Databases of bots, read so that nothing is left beside them; and one put in the place of another that cannot go on."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from pipeline.adapters.bot_database_adoption import of_others, tables_of
from pipeline.adapters.bot_database_files import JOURNALS, copied, in_use, is_half_changed, of_disk, reading, remove
from pipeline.adapters.bot_databases import COPIES_FOLDER, booked_in, database_file, held_by, known_in
from pipeline.adapters.bot_home_files import make_private, sync
from pipeline.adapters.untouched import address
from pipeline.domain.doctor.facts import DatabaseFacts, OpenTradeFacts
from pipeline.domain.trading import TradingEnvironment
from pipeline.errors import Refused, ToolFailed

BUSY_SECONDS = 10.0
MOST_TRADES = 1000


def database_facts(home: Path, environment: TradingEnvironment, strategy: str) -> DatabaseFacts:
    """A strategy's database as it is now.

    Raises:
        ToolFailed: the disk.
    """
    file = database_file(home, environment, strategy)
    copies = sorted(file.with_name(COPIES_FOLDER).glob(f"{file.stem}.*.sqlite"))
    newest = copies[-1].name if copies else ""
    if not file.exists():
        return DatabaseFacts(strategy, str(file), exists=False, copy=newest)
    found = DatabaseFacts(strategy, str(file), copy=newest)
    try:
        found = replace(found, held_by=held_by(file))
        with closing(sqlite3.connect(address(file), uri=True, timeout=BUSY_SECONDS, isolation_level=None)) as database:
            database.execute("PRAGMA query_only = ON")
            database.execute("BEGIN")
            return _read(found, database, environment, strategy)
    except OSError as error:
        raise ToolFailed(f"{file} cannot be read: {error.strerror}", hint="mend its rights") from error
    except ValueError as error:
        return replace(found, damage=str(error))
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return replace(found, busy=True)
        if is_half_changed(error):
            return replace(found, half_changed=True)
        if of_disk(error):
            raise ToolFailed(f"{file} cannot be read: {error}", hint="mend its rights, or the disk") from error
        return replace(found, damage=str(error))


def replace_database(home: Path, environment: TradingEnvironment, strategy: str, aside: Path) -> str:
    """Set the database aside with what belongs to it, and put a copy of the newest copy that fits in its place; says what was done.

    Raises:
        Refused: a process uses it.
        ToolFailed: the disk; what was set aside lies in `aside`.
    """
    file = database_file(home, environment, strategy)
    holder = held_by(file)
    try:
        if holder or (file.exists() and in_use(file)):
            raise Refused(
                f"{file} is in use{f' by {holder}' if holder else ''}", hint="end what uses it, in order, and try again"
            )
        told = _moved(file, aside)
        for copy in sorted(file.with_name(COPIES_FOLDER).glob(f"{file.stem}.*.sqlite"), reverse=True):
            if _put(copy, file, lambda database: not of_others(database, environment, strategy)):
                return f"{told}; {copy.name} took its place"
    except (OSError, sqlite3.Error) as error:
        told = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ToolFailed(f"{file}: {told}", hint=f"make room on the disk; what was set aside is in {aside}") from error
    return f"{told}; there is no copy that could take its place, so its next bot begins an empty one"


def _read(
    found: DatabaseFacts, database: sqlite3.Connection, environment: TradingEnvironment, strategy: str
) -> DatabaseFacts:
    tables = tables_of(database)
    known = known_in(database)  # raises ValueError where it is damaged
    if not {"trades", "orders"} <= tables.keys():  # A bot has made the file, and freqtrade not its tables yet.
        return replace(found, known=known)
    others = tuple(of_others(database, environment, strategy))
    booked = () if others else booked_in(database, MOST_TRADES)
    trades = (OpenTradeFacts(one.pair, one.opened_at, one.terms) for one in booked)
    return replace(found, known=known, others=others, trades=tuple(trades))


def _moved(file: Path, aside: Path) -> str:
    """Move a database and what belongs to it away: changes that lie beside it would find their way into whatever takes its place."""
    parts = [part for end in (*JOURNALS, "-shm", "") if (part := file.with_name(file.name + end)).exists()]
    if not parts:
        return f"{file.name} was missing"
    make_private(aside)
    for part in parts:
        part.rename(aside / part.name)
    sync(aside)
    sync(file.parent)
    return f"{file.name} was set aside in {aside}"


def _put(copy: Path, file: Path, fits: Callable[[sqlite3.Connection], bool]) -> bool:
    """Put a copy of the copy in place, if it is sound and fits."""
    part = file.with_name(f".{file.name.partition('.')[0]}.part")
    remove(part)
    try:
        with reading(copy, repair=False) as source:
            if copied(source, part):
                return False
        with closing(sqlite3.connect(part)) as database:
            if not fits(database):
                return False
        os.link(part, file)
        sync(file.parent)
    except sqlite3.DatabaseError as error:
        if of_disk(error):
            raise
        return False
    finally:
        remove(part)
    return True
