"""A position as two accounts of the same time can be compared by it, whoever held it; and the times in which a bot could hold none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.domain.bot_report import OpenTrade, Trading
from pipeline.domain.trades import ClosedTrade, Fill
from pipeline.domain.train.samples import Sample

FORCED_AT_END = "force_exit"
"""With this reason a backtest sells what is open at its end, and a bot what a person wants sold."""

NO_ENTRIES = {Trading.PAUSED.value: "paused", Trading.STOPPED.value: "stopped", "down": "down"}
"""States of a sample in which a bot enters nothing."""

_SAME_EXIT = {"stoploss_on_exchange": "stop_loss", "trailing_stop_loss": "stop_loss"}
"""A backtest knows no exchange that holds the stop, and a stop that was moved is one all the same."""


@dataclass(frozen=True, slots=True)
class Position:
    """What was held of a pair.

    Times are aware UTC: those of the first fill that opened it and of the last that closed it. `closed_at` is None, and `exit_reason` "", where it
    was still open at the end of the compared time. `entries` counts the orders that made it larger; `fills` are its orders, as far as they are known.
    """

    pair: str
    is_short: bool
    opened_at: datetime
    open_rate: float
    closed_at: datetime | None = None
    close_rate: float = 0.0
    enter_tag: str = ""
    exit_reason: str = ""
    entries: int = 1
    fills: tuple[Fill, ...] = ()


def of_bot(trade: ClosedTrade, until: datetime) -> Position:
    """A closed trade of a bot, as it stood at `until`."""
    return _position(trade, still_open=_left_at(trade) >= until)


def of_backtest(trade: ClosedTrade, until: datetime) -> Position:
    """A trade of a backtest that ended at `until`; what it sold because it ended was open."""
    return _position(trade, still_open=trade.exit_reason == FORCED_AT_END or _left_at(trade) >= until)


def of_open(trade: OpenTrade) -> Position:
    """A trade that a bot still holds."""
    entered = Fill("sell" if trade.is_short else "buy", trade.opened_at, float(trade.open_rate), float(trade.amount))
    return Position(
        trade.pair, trade.is_short, trade.opened_at, float(trade.open_rate), enter_tag=trade.enter_tag, fills=(entered,)
    )


@dataclass(frozen=True, slots=True)
class Away:
    """From `since` to `until` the bot entered nothing, whatever its strategy wanted; `why` is a word such as "paused"."""

    since: datetime
    until: datetime
    why: str


def away_in(samples: Sequence[Sample], until: datetime) -> tuple[Away, ...]:
    """The times in which a bot could not enter, from its samples in their order; each state lasts to the next sample, the last one to `until`."""
    ends = [*(sample.at for sample in samples[1:]), until][: len(samples)]
    spans = [
        Away(one.at, end, NO_ENTRIES[one.state])
        for one, end in zip(samples, ends, strict=True)
        if one.state in NO_ENTRIES
    ]
    joined: list[Away] = []
    for span in spans:
        if joined and (joined[-1].until, joined[-1].why) == (span.since, span.why):
            joined[-1] = Away(joined[-1].since, span.until, span.why)
        else:
            joined.append(span)
    return tuple(joined)


def _position(trade: ClosedTrade, *, still_open: bool) -> Position:
    bought = [fill for fill in trade.fills if fill.side == "buy"]
    return Position(
        trade.pair,
        is_short=False,
        opened_at=min((fill.at for fill in bought), default=trade.opened_at),
        open_rate=trade.open_rate,
        closed_at=None if still_open else _left_at(trade),
        close_rate=0.0 if still_open else trade.close_rate,
        enter_tag=trade.enter_tag,
        exit_reason="" if still_open else _SAME_EXIT.get(trade.exit_reason, trade.exit_reason),
        entries=max(1, len(bought)),
        fills=trade.fills,
    )


def _left_at(trade: ClosedTrade) -> datetime:
    return max((fill.at for fill in trade.fills if fill.side == "sell"), default=trade.closed_at)
