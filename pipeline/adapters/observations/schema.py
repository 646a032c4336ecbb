"""The tables of the observations as SQLite makes them; times are milliseconds since 1970, UTC."""

from datetime import UTC, datetime, timedelta

VERSION = 1
APPLICATION = 0x46725472
"""What says in the file's header whose it is ("FrTr")."""

CREATE = """
CREATE TABLE series (id INTEGER PRIMARY KEY, strategy TEXT NOT NULL, bundle TEXT NOT NULL, currency TEXT NOT NULL,
    compacted_until INTEGER NOT NULL DEFAULT 0, UNIQUE (strategy, bundle, currency));
CREATE TABLE states (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE samples (series INTEGER NOT NULL, at INTEGER NOT NULL, state INTEGER NOT NULL, balance REAL, equity REAL, open_trades INTEGER,
    closed_trades INTEGER, wins INTEGER, fees REAL, slippage_ratio REAL, looped_at INTEGER, errors INTEGER NOT NULL,
    PRIMARY KEY (series, at)) WITHOUT ROWID;
CREATE TABLE trades (series INTEGER NOT NULL, identity TEXT NOT NULL, pair TEXT NOT NULL, opened_at INTEGER NOT NULL, closed_at INTEGER NOT NULL,
    open_rate REAL, close_rate REAL, amount REAL, stake REAL, fee_open_ratio REAL, fee_close_ratio REAL, profit REAL, profit_ratio REAL,
    enter_tag TEXT NOT NULL, exit_reason TEXT NOT NULL, fills TEXT NOT NULL, PRIMARY KEY (series, opened_at, identity)) WITHOUT ROWID;
CREATE INDEX trades_by_identity ON trades (identity);
CREATE TABLE gaps (strategy TEXT NOT NULL, bundle TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL, reason TEXT NOT NULL);
"""

_BEGAN = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def milliseconds(at: datetime) -> int:
    """A time as it is kept."""
    return (at - _BEGAN) // _MILLISECOND


def moment(kept: int) -> datetime:
    """The time that was kept."""
    return _BEGAN + kept * _MILLISECOND
