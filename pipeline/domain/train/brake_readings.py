"""What a brake read at the moment at which its limit was found to be reached: enough to read it again, by the code of another day."""

from dataclasses import dataclass
from datetime import datetime

from pipeline.domain.bot_report import Candle
from pipeline.domain.train.account_brake import Lost
from pipeline.domain.train.brakes import Closed, Equity

MOST = 200
"""Losing trades, or orders that failed, that one reading holds: a watch writes down what it remembers at every look."""


@dataclass(frozen=True, slots=True)
class LoopRead:
    """A bot's process and its loop, as `watching.Loop`."""

    process_since: datetime
    looped_at: datetime | None
    silent_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """One strategy's part of an account: its equity, and what its deployments before had lost on that day."""

    points: tuple[Equity, ...]
    before: Lost | None = None


@dataclass(frozen=True, slots=True)
class BrakeReading:
    """One brake that was reached, and what it was read from; what other brakes read is not in it.

    `at` is when it was read, `limit` the one in force then, in the unit that the brake's name says; `since` as in `brakes.Watched`. `told` is the
    sentence that it gave. `losses` are the trades that lost in a row, and the one before them.
    """

    bundle: str
    brake: str
    at: datetime
    limit: float
    since: datetime
    told: str
    points: tuple[Equity, ...] = ()
    losses: tuple[Closed, ...] = ()
    loop: LoopRead | None = None
    candle: Candle | None = None
    failed_orders: tuple[datetime, ...] = ()
    account: tuple[Share, ...] = ()
