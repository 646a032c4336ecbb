"""How samples and trades become rows, and back. Times are milliseconds since 1970, UTC."""

import json
import math
from typing import TypeAlias

from pipeline.adapters.observations.schema import milliseconds, moment
from pipeline.domain.canonical import digest
from pipeline.domain.trades import ClosedTrade, Fill, trade_identity
from pipeline.domain.train.samples import Sample

SAMPLE = "at, state, balance, equity, open_trades, closed_trades, wins, fees, slippage_ratio, looped_at, errors"
TRADE = (
    "identity, pair, opened_at, closed_at, open_rate, close_rate, amount, stake, fee_open_ratio, fee_close_ratio, profit, profit_ratio, "
    "enter_tag, exit_reason, fills"
)

Value: TypeAlias = int | float | str | None
Row: TypeAlias = tuple[Value, ...]


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
    fills = [_fill_row(fill) for fill in trade.fills]
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
        tuple(Fill(side, moment(at), *numbers) for side, at, *numbers in json.loads(str(fills))),
    )


def _fill_row(fill: Fill) -> list[Value]:
    """An order as it is kept; the price for which it was sent comes last, where it is known."""
    row: list[Value] = [fill.side, milliseconds(fill.at), fill.price, fill.amount]
    return row if fill.asked is None else [*row, fill.asked]


def number(value: float | None) -> float | None:
    """A measurement as it is kept; what is no number was not measured."""
    return value if value is not None and math.isfinite(value) else None


def _int(value: object) -> int:
    assert isinstance(value, int)
    return value


def _float(value: object) -> float | None:
    assert value is None or isinstance(value, int | float)
    return None if value is None else float(value)
