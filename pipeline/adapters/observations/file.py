"""The file behind the observations: opened by one writer at a time, checked before it is believed, and set aside where it is damaged."""

import fcntl
import json
import os
import sqlite3
import stat
from contextlib import closing, suppress
from pathlib import Path

from pipeline.adapters.observations.schema import APPLICATION, CREATE, VERSION
from pipeline.adapters.untouched import address
from pipeline.errors import Locked, Refused, ToolFailed

BUSY_SECONDS = 5.0
ASIDE = ".damaged-"
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class Damaged(Exception):
    """The file is no database any more; the message says what SQLite said."""


def open_to_write(path: Path) -> sqlite3.Connection:
    """The database, begun where there is none.

    Raises:
        Damaged: what is there is none of ours, or broken.
        Refused: it was written by a newer freqtrain.
        ToolFailed: the disk.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _make(path)
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    except (OSError, sqlite3.OperationalError) as error:
        raise ToolFailed(f"the observations cannot be opened: {path}: {error}") from error
    try:
        _prepare(connection, path)
    except BaseException as error:
        connection.close()
        if isinstance(error, sqlite3.Error):
            raise _failure(error, path) from error
        raise
    return connection


def open_to_read(path: Path, *, untouched: bool = False) -> sqlite3.Connection:
    """The database as it is now, or an empty one where there is none; raises ToolFailed where it cannot be read.

    `untouched`: nothing is left beside it either (see `untouched.address`).
    """
    if not path.exists():
        return _empty()
    try:
        name = address(path) if untouched else f"{path.resolve().as_uri()}?mode=ro"
        connection = sqlite3.connect(name, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
        with closing(connection.execute("PRAGMA user_version")) as found:
            version = found.fetchone()[0]
    except sqlite3.Error as error:
        raise ToolFailed(
            f"the observations cannot be read: {path}: {error}", hint="the watch sets a damaged file aside"
        ) from error
    if version > VERSION:
        connection.close()
        raise _newer(path)
    if not version:  # Its writer has not begun it yet.
        connection.close()
        return _empty()
    return connection


def is_shared(path: Path) -> bool:
    """Whether its owner lets a group read it that we are in."""
    try:
        return bool(path.stat().st_mode & stat.S_IRGRP) and os.access(path, os.R_OK)
    except OSError:
        return False


def is_damage(error: sqlite3.Error) -> bool:
    """Whether an error says that the file is broken, and not that something else keeps it from being used."""
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _DAMAGE


def set_aside(path: Path) -> Path:
    """Move a damaged database, with what belongs to it, out of the way; returns where it is now. Raises ToolFailed for the disk."""
    number = 1
    while (aside := path.with_name(f"{path.name}{ASIDE}{number}")).exists():
        number += 1
    try:
        path.replace(aside)
        for suffix in ("-wal", "-shm"):
            with suppress(FileNotFoundError):
                path.with_name(path.name + suffix).replace(aside.with_name(aside.name + suffix))
    except OSError as error:
        raise ToolFailed(f"the damaged observations {path} cannot be set aside: {error.strerror}") from error
    return aside


def take_lock(path: Path, since: str) -> int:
    """Hold the writer's lock until the returned file is closed; raises Locked where another process holds it."""
    lock = path.with_name(path.name + ".lock")
    try:
        lock.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ToolFailed(f"{lock}: {error.strerror}", hint="make room on the disk, or mend its rights") from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        told = _holder(os.pread(file, 4096, 0))
        os.close(file)
        raise Locked(
            f"{path} is written by another watch{told}", hint="one watch of an environment is enough; end the other one"
        ) from None
    with suppress(OSError):  # Who holds it is for people; the lock itself is the kernel's.
        os.ftruncate(file, 0)
        os.pwrite(file, json.dumps({"pid": os.getpid(), "since": since}).encode(), 0)
    return file


def _make(path: Path) -> None:
    """For its owner alone; where its folder hands its group on to what is made in it, that group may read. What SQLite puts beside it is as it is."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        wanted = 0o640 if path.parent.stat().st_mode & stat.S_ISGID else 0o600
        found = os.fstat(file)
        if stat.S_IMODE(found.st_mode) != wanted and found.st_uid == os.geteuid():
            os.fchmod(file, wanted)
    finally:
        os.close(file)


def _empty() -> sqlite3.Connection:
    empty = sqlite3.connect(":memory:", isolation_level=None)
    empty.executescript(CREATE)
    return empty


def _holder(content: bytes) -> str:
    try:
        words = json.loads(content)
        return f" (process {words['pid']}, since {words['since']})"
    except (ValueError, KeyError, TypeError):
        return ""


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    owner = connection.execute("PRAGMA application_id").fetchone()[0]
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if tables and owner != APPLICATION:
        raise Damaged("it holds somebody else's tables")
    if version > VERSION:
        raise _newer(path)
    if tables and (found := connection.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
        raise Damaged(str(found))
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA cache_size = -4000")
    if not version:
        begun = f"BEGIN; {CREATE} PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION}; COMMIT;"
        connection.executescript(begun)


def _failure(error: sqlite3.Error, path: Path) -> Exception:
    if is_damage(error):
        return Damaged(str(error))
    return ToolFailed(
        f"the observations cannot be opened: {path}: {error}", hint="make room on the disk, or mend its rights"
    )


def _newer(path: Path) -> Refused:
    return Refused(f"{path} was written by a newer freqtrain", hint="use that one, or move the file away")
