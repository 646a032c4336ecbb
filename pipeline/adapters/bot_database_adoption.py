"""Whether the database of a bot that ran elsewhere can go on as a strategy's own."""

import re
import sqlite3
from collections.abc import Iterator
from importlib.metadata import version

from pipeline.adapters.bot_database_schema import COLUMNS, MARKER, by_newer_engine
from pipeline.domain.environment import Mode
from pipeline.domain.trading import TradingEnvironment

_NEEDED = {"trades": {"id", "pair", "is_open", "open_date"}, "orders": {"order_id", "ft_trade_id"}}
NONE = "it is no database of freqtrade's"

_Tables = dict[str, set[str]]


def against(database: sqlite3.Connection, environment: TradingEnvironment, strategy: str) -> list[str]:
    """Everything that speaks against it, a sentence each; none where the strategy's bot can open it and manage its trades.

    Raises:
        sqlite3.Error: it cannot be read.
    """
    found = of_others(database, environment, strategy)
    return found if found == [NONE] else [*found, *_open_trades(database, tables_of(database), environment)]


def of_others(database: sqlite3.Connection, environment: TradingEnvironment, strategy: str) -> list[str]:
    """What makes it no database of the strategy's in the environment, whatever the environment's exchange and currency are by now.

    Raises:
        sqlite3.Error: it cannot be read.
    """
    tables = tables_of(database)
    if any(not columns <= tables.get(name, set()) for name, columns in _NEEDED.items()):
        return [NONE]
    marks = dict(database.execute(f"SELECT key, value FROM {MARKER}")) if MARKER in tables else {}
    return [
        *_owner(marks, environment, strategy),
        *_mode(database, environment),
        *_engine(tables, str(marks.get("engine", ""))),
    ]


def tables_of(database: sqlite3.Connection) -> _Tables:
    """Table -> its columns."""
    names = [str(name) for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {
        name: {str(column[1]) for column in database.execute("SELECT * FROM pragma_table_info(?)", (name,))}
        for name in names
    }


def _owner(marks: dict[str, str], environment: TradingEnvironment, strategy: str) -> Iterator[str]:
    ours = {"mode": environment.mode.value, "strategy": strategy, "environment": environment.name}
    for key, mine in ours.items():
        if marks.get(key, mine) != mine:
            yield f"it belongs to the {key} {marks[key]}, not to {mine}"


def _mode(database: sqlite3.Connection, environment: TradingEnvironment) -> Iterator[str]:
    """By the orders' ids: freqtrade's simulated ones begin with `dry_run_`, and no exchange's do."""
    unlike, other = ("NOT LIKE", Mode.LIVE) if environment.dry_run else ("LIKE", Mode.DRY_RUN)
    found = database.execute(rf"SELECT order_id FROM orders WHERE order_id {unlike} 'dry\_run\_%' ESCAPE '\' LIMIT 1")
    row = found.fetchone()
    if row is not None:
        yield f"it holds orders of the mode {other.value} ({row[0]}), and '{environment.name}' is {environment.mode.value}"


def _engine(tables: _Tables, engine: str) -> Iterator[str]:
    installed = version("freqtrade")
    unknown = by_newer_engine(tables, _number(engine), _number(installed))
    if unknown:
        named = f"freqtrade {engine}" if _number(engine) > _number(installed) else "a newer engine"
        yield f"it was migrated by {named}: freqtrade {installed} does not know {', '.join(unknown)}"


def _open_trades(database: sqlite3.Connection, tables: _Tables, environment: TradingEnvironment) -> Iterator[str]:
    ours = {
        "exchange": environment.exchange,
        "stake_currency": environment.stake_currency,
        "trading_mode": "spot",
    }
    for column in ours.keys() & tables["trades"] & COLUMNS["trades"]:
        query = f"SELECT DISTINCT {column} FROM trades WHERE is_open = 1 AND {column} IS NOT NULL"
        for (theirs,) in database.execute(query).fetchall():
            if str(theirs).lower() != ours[column].lower():
                yield f"a trade is open whose {column} is {theirs}, and in '{environment.name}' it is {ours[column]}"


def _number(engine: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", engine))
