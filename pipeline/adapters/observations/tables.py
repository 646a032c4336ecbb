"""The tables of the observations, and how samples and trades become rows. Times are milliseconds since 1970, UTC."""

import json
import math
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from pipeline.domain.canonical import digest
from pipeline.domain.trades import ClosedTrade, Fill, trade_identity
from pipeline.domain.train.samples import Sample

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

SAMPLE = "at, state, balance, equity, open_trades, closed_trades, wins, fees, slippage_ratio, looped_at, errors"
TRADE = (
    "identity, pair, opened_at, closed_at, open_rate, close_rate, amount, stake, fee_open_ratio, fee_close_ratio, profit, profit_ratio, "
    "enter_tag, exit_reason, fills"
)

Value: TypeAlias = int | float | str | None
Row: TypeAlias = tuple[Value, ...]

_BEGAN = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def milliseconds(at: datetime) -> int:
    """A time as it is kept."""
    return (at - _BEGAN) // _MILLISECOND


def moment(kept: int) -> datetime:
    """The time that was kept."""
    return _BEGAN + kept * _MILLISECOND


def sample_row(sample: Sample, state: int) -> Row:
    """A sample as SAMPLE lists its columns."""
    return (
        milliseconds(sample.at),
        state,
        number(sample.balance),
        number(sample.equity),
        sample.open_trades,
        sample.closed_trades,
        sample.wins,
        number(sample.fees),
        number(sample.slippage_ratio),
        None if sample.looped_at is None else milliseconds(sample.looped_at),
        sample.errors,
    )


def sample_of(strategy: str, bundle: str, currency: str, states: dict[int, str], row: tuple[object, ...]) -> Sample:
    """The sample in a row of SAMPLE."""
    at, state, balance, equity, opened, closed, wins, fees, slippage, looped, errors = row
    return Sample(
        strategy,
        bundle,
        currency,
        moment(_int(at)),
        states[_int(state)],
        _float(balance),
        _float(equity),
        None if opened is None else _int(opened),
        None if closed is None else _int(closed),
        None if wins is None else _int(wins),
        _float(fees),
        _float(slippage),
        None if looped is None else moment(_int(looped)),
        _int(errors),
    )


def trade_row(trade: ClosedTrade) -> Row:
    """A trade as TRADE lists its columns. Its identity is what it is: numbers that bots give to trades start again with a new database."""
    fills = [[fill.side, milliseconds(fill.at), fill.price, fill.amount] for fill in trade.fills]
    return (
        digest(trade_identity(trade)),
        trade.pair,
        milliseconds(trade.opened_at),
        milliseconds(trade.closed_at),
        trade.open_rate,
        trade.close_rate,
        trade.amount,
        trade.stake,
        trade.fee_open_ratio,
        trade.fee_close_ratio,
        trade.profit,
        trade.profit_ratio,
        trade.enter_tag,
        trade.exit_reason,
        json.dumps(fills),
    )


def trade_of(row: tuple[object, ...]) -> ClosedTrade:
    """The trade in a row of TRADE."""
    _, pair, opened_at, closed_at, *numbers, enter_tag, exit_reason, fills = row
    open_rate, close_rate, amount, stake, fee_open, fee_close, profit, ratio = (
        math.nan if value is None else _float(value) or 0.0 for value in numbers
    )
    return ClosedTrade(
        str(pair),
        moment(_int(opened_at)),
        moment(_int(closed_at)),
        open_rate,
        close_rate,
        amount,
        stake,
        fee_open,
        fee_close,
        profit,
        ratio,
        str(enter_tag),
        str(exit_reason),
        tuple(Fill(side, moment(at), price, amount) for side, at, price, amount in json.loads(str(fills))),
    )


def number(value: float | None) -> float | None:
    """A measurement as it is kept; what is no number was not measured."""
    return value if value is not None and math.isfinite(value) else None


def _int(value: object) -> int:
    assert isinstance(value, int)
    return value


def _float(value: object) -> float | None:
    assert value is None or isinstance(value, int | float)
    return None if value is None else float(value)
