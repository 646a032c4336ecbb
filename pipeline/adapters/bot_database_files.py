"""Reading and copying an SQLite database that others may have open, and that a process may have left in the middle of a change."""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from pipeline.adapters.bot_home_files import PRIVATE, sync, write_new

JOURNALS = ("-wal", "-journal")
"""The files beside a database, by the end of their names, in which SQLite keeps changes that are not in the database yet, or would be undone."""

_BUSY_SECONDS = 10.0
_SHARED_FIRST = 0x40000002
_SHARED_SIZE = 510
"""The bytes of a database file that whoever reads it has locked, and whoever has it open in WAL mode (SQLite's os_unix.c)."""


@contextmanager
def reading(file: Path, *, repair: bool = True) -> Iterator[sqlite3.Connection]:
    """A database at one moment: what is changed meanwhile is not seen, and nothing can be changed through it.

    With `repair`, a change that a killed process left half done is undone first, as SQLite does for everybody; otherwise the file is not
    written at all, and such a database cannot be read.

    Raises:
        sqlite3.Error: it is locked for long, damaged, or no database.
    """
    address = f"{file.absolute().as_uri()}?mode={'rw' if repair else 'ro'}"
    with closing(sqlite3.connect(address, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)) as database:
        database.execute("PRAGMA query_only = ON")
        database.execute("BEGIN")
        database.execute("SELECT count(*) FROM sqlite_master").fetchone()
        yield database


def copied(source: sqlite3.Connection, copy: Path) -> str:
    """Copy what a connection of `reading` sees into a new file, flushed to the disk; what SQLite finds wrong with the copy, "" if nothing.

    The copy is one file, in whatever mode the source keeps its journal.

    Raises:
        sqlite3.Error, OSError: the disk; a part of the copy may be there.
    """
    write_new(copy, b"", PRIVATE)
    with closing(sqlite3.connect(copy, isolation_level=None)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE").fetchone()
        (health,) = target.execute("PRAGMA integrity_check(1)").fetchone()
    sync(copy)
    return "" if health == "ok" else str(health)


def remove(database: Path) -> None:
    """Remove a database and what SQLite keeps beside it; nothing happens where there is none."""
    for end in ("", *JOURNALS, "-shm"):
        database.with_name(database.name + end).unlink(missing_ok=True)


def in_use(file: Path) -> bool:
    """Whether a process has the database open (in WAL mode, as freqtrade keeps it) or is reading or writing it. Asks as SQLite does.

    Call it before this process opens the file: closing the descriptor drops whatever locks the process has on it.

    Raises:
        OSError: the file cannot be opened.
    """
    descriptor = os.open(file, os.O_RDWR)
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, _SHARED_SIZE, _SHARED_FIRST)
    except (BlockingIOError, PermissionError):  # which of them it is depends on the system
        return True
    finally:
        os.close(descriptor)
    return False


def of_disk(error: sqlite3.Error) -> bool:
    """Whether the disk is to blame, and not the database."""
    return _code(error) in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)


def is_half_changed(error: sqlite3.Error) -> bool:
    """Whether a killed process left a change that would have to be undone first, which `reading` without `repair` does not do."""
    return _code(error) == sqlite3.SQLITE_READONLY


def _code(error: sqlite3.Error) -> int:
    """SQLite's code without its details; 0 where it is no error of SQLite's own."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
