"""Whether a bot may open its database: undamaged, of its mode and strategy, and not migrated by a newer engine."""

import inspect
import re
import sqlite3
from contextlib import closing
from pathlib import Path

from freqtrade import __version__
from freqtrade.persistence import migrations
from freqtrade.persistence.base import ModelBase

from pipeline.adapters.freqtrade.bot_ending import BotRefused
from pipeline.domain.bot_settings import DRY_RUN, LIVE, BotSettings

MARKER = "freqtrain_database"
"""A table of ours in freqtrade's database: copies and backups keep it, and freqtrade leaves tables that it does not know alone."""

_BUSY_SECONDS = 10.0
_Tables = dict[str, set[str]]


def claim(path: Path, settings: BotSettings) -> None:
    """Check the database, then mark it as this strategy's in this mode. A file that is not there yet is made.

    Raises:
        BotRefused: the bot must not open it.
        sqlite3.OperationalError: another process has it locked, or the disk is full.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with closing(sqlite3.connect(path, timeout=_BUSY_SECONDS)) as database:
            _check(database, settings)
            with database:
                _mark(database, settings)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        raise BotRefused(f"the database {path} is damaged: {error}") from error
    path.chmod(0o600)


def _check(database: sqlite3.Connection, settings: BotSettings) -> None:
    (health,) = database.execute("PRAGMA quick_check(1)").fetchone()
    if health != "ok":
        raise BotRefused(f"the database is damaged: {health}")
    tables = _tables(database)
    marks = dict(database.execute(f"SELECT key, value FROM {MARKER}")) if MARKER in tables else {}
    for key, ours in _marks(settings).items():
        theirs = marks.get(key, ours)
        if theirs != ours:
            raise BotRefused(f"the database belongs to the {key} {theirs}, and this bot is of the {key} {ours}")
    _check_content(database, tables, settings)
    _check_engine(tables, marks.get("engine", ""))


def _check_content(database: sqlite3.Connection, tables: _Tables, settings: BotSettings) -> None:
    """The orders' own word on the mode: freqtrade names each simulated order `dry_run_…`, and no exchange does."""
    if "order_id" not in tables.get("orders", ()):
        return
    unlike = "NOT LIKE" if settings.dry_run else "LIKE"
    found = database.execute(rf"SELECT order_id FROM orders WHERE order_id {unlike} 'dry\_run\_%' ESCAPE '\' LIMIT 1")
    row = found.fetchone()
    if row is not None:
        theirs = LIVE if settings.dry_run else DRY_RUN
        raise BotRefused(
            f"the database holds orders of the mode {theirs} ({row[0]}), and this bot is of {settings.mode}"
        )


def _check_engine(tables: _Tables, engine: str) -> None:
    """Refuse columns that this engine does not know, unless they are old ones that its own migration replaces."""
    models = {name: {str(column.name) for column in table.columns} for name, table in ModelBase.metadata.tables.items()}
    both = set(models) & set(tables)
    unknown = {f"{name}.{column}" for name in both for column in tables[name] - models[name]}
    if not unknown:
        return
    behind = any(models[name] - tables[name] for name in both)
    replaced = inspect.getsource(migrations)
    old = behind and all(f'"{column.partition(".")[2]}"' in replaced for column in unknown)
    if not old or _number(engine) > _number(__version__):
        by = f"freqtrade {engine}" if _number(engine) > _number(__version__) else "a newer engine"
        raise BotRefused(
            f"the database was migrated by {by}: freqtrade {__version__} does not know {', '.join(sorted(unknown))}"
        )


def _mark(database: sqlite3.Connection, settings: BotSettings) -> None:
    database.execute(f"CREATE TABLE IF NOT EXISTS {MARKER} (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
    marks = {**_marks(settings), "engine": __version__}
    database.executemany(f"INSERT OR REPLACE INTO {MARKER} VALUES (?, ?)", marks.items())


def _marks(settings: BotSettings) -> dict[str, str]:
    return {"mode": settings.mode, "strategy": settings.strategy, "environment": settings.environment}


def _tables(database: sqlite3.Connection) -> _Tables:
    names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {name: {column[1] for column in database.execute(f'PRAGMA table_info("{name}")')} for name in names}


def _number(engine: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", engine))
