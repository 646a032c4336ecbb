"""The databases of one environment's bots, one a strategy: copied for disasters, taken over, and asked which orders they explain."""

import json
import os
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from pipeline.adapters.bot_database_adoption import against, tables_of
from pipeline.adapters.bot_database_files import JOURNALS, copied, in_use, is_half_changed, of_disk, reading, remove
from pipeline.adapters.bot_home_files import alone, make_private, sync
from pipeline.adapters.supervisor.locks import is_held
from pipeline.domain.account_report import KnownOrders
from pipeline.domain.strategy import ID_PATTERN
from pipeline.domain.trades import quote_of
from pipeline.domain.trading import TradingEnvironment
from pipeline.domain.train.terms import BookedTrade, Terms
from pipeline.errors import Refused, ToolFailed, UsageError
from pipeline.ports import Clock

COPIES = 10
"""How many copies are kept of each database."""

DATABASES = "databases"
COPIES_FOLDER = "copies"


def database_file(home: Path, environment: TradingEnvironment, strategy: str) -> Path:
    """Where a strategy's database lies below the device's home."""
    if not re.fullmatch(ID_PATTERN, strategy):
        raise UsageError(f"{strategy!r} is no strategy's id")
    return home / environment.name / DATABASES / f"{strategy}.{environment.mode.value}.sqlite"


def held_by(database: Path) -> str:
    """The name of the bot that trades on a database; "" where none does."""
    lock = database.with_name(f"{database.name}.lock")
    if not is_held(lock):
        return ""
    try:
        return str(json.loads(lock.read_bytes())["bot"])
    except (OSError, ValueError, TypeError, KeyError):
        return "another bot"


_Answer = TypeVar("_Answer")

NO_TIME = "2009-01-03"
"""Before there was a coin. Binance tells the time -1 for a stop order that is not triggered, and freqtrade keeps it as 1969."""


class BotDatabases:
    """See `ports.Databases`. Each is `<device home>/<environment>/databases/<strategy>.<mode>.sqlite`; `copies` beside them holds the copies."""

    def __init__(self, home: Path, environment: TradingEnvironment, clock: Clock, *, keep: int = COPIES) -> None:
        self._home = home.resolve()
        self._environment = environment
        self._clock = clock
        self._keep = keep

    def exists(self, strategy: str) -> bool:
        """See `ports.Databases`."""
        return self._file(strategy).exists()

    def copy(self, strategy: str) -> str:
        """See `ports.Databases`."""
        file = self._file(strategy)
        if not file.exists():
            return ""
        folder = file.with_name(COPIES_FOLDER)
        try:
            make_private(folder)
            with alone(folder), reading(file) as source:
                copy = self._free(folder, file.stem)
                self._put(source, copy)
                self._thin(folder, file.stem, copy)
        except (OSError, sqlite3.Error) as error:
            raise ToolFailed(
                f"{file}: could not be copied: {_cause(error)}",
                hint="make room on the disk; if the database is damaged, stop the bot and look at the older copies",
            ) from error
        return str(copy)

    def adopt(self, strategy: str, file: Path) -> None:
        """See `ports.Databases`. The file itself is not changed."""
        mine = self._file(strategy)
        hint = "stop the bot that uses it, and name its file (db_url in its configuration)"
        try:
            source = file.resolve(strict=True)
            self._demand_free(strategy, source)
            make_private(mine.parent)
            with alone(mine.parent), reading(source, repair=False) as database:
                self._put(database, mine, strategy)
        except FileExistsError as error:
            raise Refused(f"{strategy} has a database already: {mine}") from error
        except (OSError, sqlite3.Error) as error:
            told = f"{file} cannot be taken over: {_cause(error)}"
            if isinstance(error, OSError) or of_disk(error):
                raise ToolFailed(told, hint="is it there, may it be read, and is there room on the disk?") from error
            if is_half_changed(error):
                told, hint = f"{told}: it was left in the middle of a change", "start its bot once more, and stop it"
            raise Refused(told, hint=hint) from error

    def open_trades(self, strategy: str) -> tuple[BookedTrade, ...]:
        """See `ports.Databases`."""
        return self._read(strategy, open_in, ())

    def known_orders(self, strategy: str) -> KnownOrders:
        """See `ports.Databases`. Simulated orders are among them."""
        return self._read(strategy, known_in, KnownOrders(frozenset(), None))

    def _read(self, strategy: str, read: Callable[[sqlite3.Connection], _Answer], nothing: _Answer) -> _Answer:
        file = self._file(strategy)
        if not file.exists():
            return nothing
        try:
            with reading(file) as database:
                return read(database)
        except (OSError, ValueError, sqlite3.Error) as error:
            raise Refused(
                f"{file}: cannot be read: {_cause(error)}",
                hint="look at its copies; no entries until the database and the account have been compared",
            ) from error

    def _file(self, strategy: str) -> Path:
        return database_file(self._home, self._environment, strategy)

    def _demand_free(self, strategy: str, source: Path) -> None:
        """Refuse to take a database from a bot that runs, or to put one in the place of another."""
        mine = self._file(strategy)
        if mine.exists() or held_by(mine):
            raise Refused(
                f"{strategy} has a database already: {mine}",
                hint="it goes on with that one; a database is taken over before the strategy's first bot there",
            )
        left = [beside for end in JOURNALS if (beside := mine.with_name(mine.name + end)).exists()]
        if left:
            raise Refused(
                f"{left[0]} is left of an earlier database, and would find its way into this one",
                hint="move it away",
            )
        if not source.is_file():
            raise Refused(f"{source} is no file", hint="name the file in db_url of the bot's configuration")
        holder = held_by(source)
        if holder or in_use(source):
            raise Refused(
                f"{source} is in use{f' by {holder}' if holder else ''}",
                hint="stop that bot first: two bots on one account buy twice",
            )

    def _put(self, source: sqlite3.Connection, target: Path, adopting: str = "") -> None:
        """Copy aside, look at the copy, and put it in place; raises FileExistsError where something is there."""
        aside = target.with_name(f".{target.stem.split('.')[0]}.part")
        remove(aside)
        try:
            damage = copied(source, aside)
            if damage:
                raise sqlite3.DatabaseError(damage)
            if adopting:
                self._demand_fit(aside, adopting)
            os.link(aside, target)
        finally:
            remove(aside)
        sync(target.parent)

    def _demand_fit(self, copy: Path, strategy: str) -> None:
        with closing(sqlite3.connect(copy)) as database:
            found = against(database, self._environment, strategy)
        if found:
            raise Refused(
                f"the database cannot go on as that of {strategy} in '{self._environment.name}':\n" + "\n".join(found),
                hint="choose the bot's own database; one of another mode, account or engine cannot go on here",
            )

    def _free(self, folder: Path, stem: str) -> Path:
        at = self._clock.now()
        while (copy := folder / f"{stem}.{at:%Y%m%dT%H%M%S.%fZ}.sqlite").exists():
            at += timedelta(microseconds=1)
        return copy

    def _thin(self, folder: Path, stem: str, newest: Path) -> None:
        """Remove the oldest copies; never the newest, though the clock may have been set back since the others."""
        others = sorted(other for other in folder.glob(f"{stem}.*.sqlite") if other != newest)
        for old in others[: max(0, len(others) + 1 - self._keep)]:
            old.unlink(missing_ok=True)


def open_in(database: sqlite3.Connection) -> tuple[BookedTrade, ...]:
    """The trades that a database holds open; raises as `known_in`."""
    columns = sound_tables_of(database).get("trades", set())
    return booked_in(database) if {"pair", "exchange", "stake_currency"} <= columns else ()


def booked_in(database: sqlite3.Connection, at_most: int = -1) -> tuple[BookedTrade, ...]:
    """The trades that a database with freqtrade's tables holds open, the oldest first; raises sqlite3.Error where it cannot be read.

    Where an old engine left the currency out, it is the pair's quote, as freqtrade takes it (`LocalTrade.safe_quote_currency`).
    """
    query = (
        "SELECT pair, open_date, exchange, stake_currency FROM trades WHERE is_open = 1 ORDER BY open_date, id LIMIT ?"
    )
    return tuple(
        BookedTrade(
            str(pair),
            datetime.fromisoformat(str(at)).replace(tzinfo=UTC),
            Terms(str(exchange), str(stake or quote_of(str(pair)))),
        )
        for pair, at, exchange, stake in database.execute(query, (at_most,))
    )


def sound_tables_of(database: sqlite3.Connection) -> dict[str, set[str]]:
    """Table -> its columns; raises ValueError where the database is damaged."""
    (health,) = database.execute("PRAGMA quick_check(1)").fetchone()
    if health != "ok":
        raise ValueError(f"it is damaged: {health}")
    return tables_of(database)


def known_in(database: sqlite3.Connection) -> KnownOrders:
    """What a database explains; raises ValueError where it is damaged, sqlite3.Error where it cannot be read."""
    tables = sound_tables_of(database)
    if not {"trades", "orders"} & tables.keys():
        return KnownOrders(frozenset(), None)
    ids = {str(row[0]) for row in database.execute("SELECT order_id FROM orders WHERE order_id IS NOT NULL")}
    first = [
        datetime.fromisoformat(text).replace(tzinfo=UTC)
        for query in (
            "SELECT min(order_date) FROM orders WHERE order_date > ?",
            "SELECT min(open_date) FROM trades WHERE open_date > ?",
        )
        for (text,) in database.execute(query, (NO_TIME,))
        if text is not None
    ]
    traded = {str(row[0]) for row in database.execute("SELECT DISTINCT pair FROM trades WHERE pair IS NOT NULL")}
    return KnownOrders(frozenset(ids), min(first, default=None), frozenset(traded))


def _cause(error: Exception) -> str:
    return str(error.strerror if isinstance(error, OSError) and error.strerror else error)
