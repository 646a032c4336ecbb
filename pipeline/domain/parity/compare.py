"""Positions of a bot held against those of a backtest: matched one to one, then each match and each leftover judged."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd

from pipeline.domain.parity.found import Class, Mismatch, Parity
from pipeline.domain.parity.position import FORCED_AT_END, Away, Position
from pipeline.domain.windows import Window

IN_TIME = 2
"""Candles by which two times may differ: a bot enters within the candle at whose opening a backtest does, and may wait one more for its fill."""

LATE = 12
"""Candles by which an entry may be late and still be the same entry."""

PRICE_RATIO = 0.005
"""By how much two prices may differ, relative to the backtest's: a bot trades moments after a candle's opening, and across the spread."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What both had to go by, in one stretch of time.

    `frames` are the candles (columns date in UTC, open, high, low) of the pairs that the backtest was given. `bot_pairs` are those that the bot could
    trade; None where pair lists chose them, and nobody knows which at what time. `besides` are positions that the bot held and that are not
    compared, from before or entered by a person, and `slots` how many it may hold at once. `open_known` is False where it did not tell what it
    still holds.
    """

    window: Window
    timeframe: timedelta
    frames: Mapping[str, pd.DataFrame]
    bot_pairs: Collection[str] | None
    slots: int
    besides: Sequence[Position] = ()
    away: Sequence[Away] = ()
    open_known: bool = True

    @property
    def in_time(self) -> timedelta:
        """By how much two times may differ."""
        return IN_TIME * self.timeframe


def compare(bot: Sequence[Position], backtest: Sequence[Position], asked: Asked) -> Parity:
    """Match the positions that were opened in the window, and judge what does not agree. The order of the lists does not matter."""
    mine, theirs = sorted(bot, key=_order), sorted(backtest, key=_order)
    couples = _matched(mine, theirs, asked)
    found: list[Mismatch] = []
    alike = 0
    for one, other in couples:
        mismatch = _judged(mine[one], theirs[other], asked)
        alike += mismatch is None
        found += [mismatch] if mismatch else []
    left, right = {one for one, _ in couples}, {other for _, other in couples}
    found += [_extra(position, asked) for number, position in enumerate(mine) if number not in left]
    traded = {position.pair for position in mine}
    found += [_missed(position, traded, mine, asked) for number, position in enumerate(theirs) if number not in right]
    return Parity(alike, tuple(sorted(found, key=lambda one: (one.at, one.pair, one.kind))))


def _order(position: Position) -> tuple[datetime, str, float, str, str]:
    return position.opened_at, position.pair, position.open_rate, position.enter_tag, position.exit_reason


def _matched(mine: Sequence[Position], theirs: Sequence[Position], asked: Asked) -> list[tuple[int, int]]:
    """The closest entries of a pair and side first, each position once."""
    near = sorted(
        (abs(one.opened_at - other.opened_at), number, place)
        for number, one in enumerate(mine)
        for place, other in enumerate(theirs)
        if (one.pair, one.is_short) == (other.pair, other.is_short)
        and -asked.in_time < one.opened_at - other.opened_at <= LATE * asked.timeframe
    )
    couples: dict[int, int] = {}
    taken: set[int] = set()
    for _, number, place in near:
        if number not in couples and place not in taken:
            couples[number] = place
            taken.add(place)
    return sorted(couples.items())


def _judged(one: Position, other: Position, asked: Asked) -> Mismatch | None:
    """What differs between two that are the same entry; None where nothing does."""
    if strange := _not_in_candles(one, asked):
        return Mismatch(Class.DATA_REVISED, one, other, strange)
    late = one.opened_at - other.opened_at
    if abs(late) >= asked.in_time or abs(one.open_rate - other.open_rate) > PRICE_RATIO * other.open_rate:
        told = f"entered {_apart(late)}, at {one.open_rate:.8g} instead of {other.open_rate:.8g}"
        return Mismatch(Class.LATE_FILL, one, other, told, _at_the_edge(one, asked) or _at_the_edge(other, asked))
    if differs := tuple(_handled(one, other, asked)):
        by_hand = one.exit_reason == FORCED_AT_END
        return Mismatch(Class.CALLBACK, one, other, "; ".join(differs), "a person sold it" if by_hand else "")
    return None


def _handled(one: Position, other: Position, asked: Asked) -> Iterator[str]:
    """How the same entry was tagged, increased and left otherwise, each in words."""
    if one.enter_tag != other.enter_tag:
        yield f"entered as {one.enter_tag or 'nothing'!r} instead of {other.enter_tag or 'nothing'!r}"
    if one.entries != other.entries:
        yield f"made of {one.entries} entries instead of {other.entries}"
    end = asked.window.end
    left, expected = one.closed_at or end, other.closed_at or end
    if one.closed_at is None and other.closed_at is None:
        return
    if abs(left - expected) >= asked.in_time:
        yield f"left {_apart(left - expected)}, {_leaving(one)} instead of {_leaving(other)}"
    elif one.closed_at is not None and other.closed_at is not None:
        if one.exit_reason != other.exit_reason:
            yield f"left by {one.exit_reason or 'nothing'} instead of {other.exit_reason or 'nothing'}"
        elif abs(one.close_rate - other.close_rate) > PRICE_RATIO * other.close_rate:
            yield f"left at {one.close_rate:.8g} instead of {other.close_rate:.8g}"


def _extra(position: Position, asked: Asked) -> Mismatch:
    if position.pair not in asked.frames:
        return Mismatch(Class.PAIR_LIST, position, None, f"the backtest was not given {position.pair}")
    if strange := _not_in_candles(position, asked):
        return Mismatch(Class.DATA_REVISED, position, None, strange)
    told = f"entered at {position.open_rate:.8g}{_tagged(position)}, and the backtest did not"
    return Mismatch(Class.EXTRA_ENTRY, position, None, told, _at_the_edge(position, asked))


def _missed(position: Position, traded: Collection[str], mine: Sequence[Position], asked: Asked) -> Mismatch:
    told = f"the backtest entered at {position.open_rate:.8g}{_tagged(position)}, and the bot did not"
    if asked.bot_pairs is not None and position.pair not in asked.bot_pairs:
        return Mismatch(Class.PAIR_LIST, None, position, f"the bot was not given {position.pair}")
    if asked.bot_pairs is None and position.pair not in traded:
        return Mismatch(Class.PAIR_LIST, None, position, f"{told}; its pair lists may not have held {position.pair}")
    excused = _at_the_edge(position, asked) or _could_not(position, mine, asked)
    return Mismatch(Class.MISSED_ENTRY, None, position, told, excused)


def _could_not(position: Position, mine: Sequence[Position], asked: Asked) -> str:
    """Why the bot could not have entered, whatever its strategy wanted."""
    at = position.opened_at
    for away in asked.away:
        if away.since < at + asked.timeframe and at < away.until:
            return f"the bot was {away.why}"
    held = [one for one in asked.besides if _open_at(one, at)]
    if any(one.pair == position.pair for one in held):
        return "the bot held that pair from before, or for a person"
    if held and len(held) + sum(_open_at(one, at) for one in mine) >= asked.slots:
        return "positions from before, or for a person, took the bot's slots"
    if not asked.open_known and position.closed_at is None:
        return "what the bot still holds is not known"
    return ""


def _open_at(position: Position, at: datetime) -> bool:
    return position.opened_at <= at and (position.closed_at is None or at < position.closed_at)


def _at_the_edge(position: Position, asked: Asked) -> str:
    """A backtest enters nothing in its first and its last candle, and what is due there may come a candle or two later."""
    first, last = asked.window.start + asked.in_time, asked.window.end - asked.in_time
    return "" if first <= position.opened_at < last else "at the edge of the compared time"


def _not_in_candles(position: Position, asked: Asked) -> str:
    """What the bot did at a price or a time that the candles do not hold; empty where they hold all of it."""
    frame = asked.frames[position.pair]
    dates = pd.DatetimeIndex(frame["date"])
    for fill in position.fills:
        if not asked.window.start <= fill.at < asked.window.end:
            continue
        row = int(dates.searchsorted(pd.Timestamp(fill.at), side="right")) - 1
        at = f"{fill.at:%Y-%m-%d %H:%M}"
        if row < 0 or fill.at - dates[row].to_pydatetime() >= asked.timeframe:
            return f"it traded at {at}, of which there is no candle"
        low, high = float(frame["low"].iloc[row]), float(frame["high"].iloc[row])
        if not low * (1 - PRICE_RATIO) <= fill.price <= high * (1 + PRICE_RATIO):
            return f"it traded at {fill.price:.8g} at {at}, and the candle goes from {low:.8g} to {high:.8g}"
    return ""


def _apart(difference: timedelta) -> str:
    minutes = abs(difference).total_seconds() / 60
    if minutes < 0.5:
        return "in time"
    return f"{minutes:.0f} min {'later' if difference > timedelta(0) else 'earlier'}"


def _leaving(position: Position) -> str:
    return position.exit_reason or ("not at all" if position.closed_at is None else "for no reason")


def _tagged(position: Position) -> str:
    return f" ({position.enter_tag})" if position.enter_tag else ""
