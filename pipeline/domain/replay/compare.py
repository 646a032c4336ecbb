"""Holding a replay against the full run."""

from collections.abc import Sequence
from datetime import datetime

from pipeline.domain.audit import CHECK, named
from pipeline.domain.replay.cut import Cut
from pipeline.domain.trades import ClosedTrade, Fill
from pipeline.domain.verdict import Finding, Outcome

RULE = "replay"

NEARLY = 1e-9
"""Numbers may differ by the last bits in which vectorised arithmetic depends on a column's length."""


def compare(full: Sequence[ClosedTrade], again: Sequence[ClosedTrade], cut: Cut) -> tuple[Finding, ...]:
    """Hold a replay against the full run of the same window.

    Args:
        full: all trades of the full run.
        again: the trades of the replay up to `cut`.

    Returns:
        One FAIL (check "audit") for each trade of the full run that the replay does not make, or makes otherwise, and for each trade that only the
        replay makes; none where the past alone leads to the same trades.
    """
    ours, theirs = _known(full, cut), _known(again, cut)
    moment = f"{cut.at:%Y-%m-%d %H:%M}"
    sentences = []
    for key, (number, trade) in ours.items():
        other = theirs.get(key)
        if other is None:
            sentences.append(f"{named(number, trade)} is not made when the candles from {moment} on are not there.")
        elif other[1] != trade and (difference := _difference(_comparable(trade, cut), _comparable(other[1], cut))):
            sentences.append(
                f"{named(number, trade)} is another one when the candles from {moment} on are not there: {difference}."
            )
    for key, (_, trade) in theirs.items():
        if key not in ours:
            sentences.append(
                f"A trade in {trade.pair} at {trade.opened_at:%Y-%m-%d %H:%M} is made only when the candles from {moment} on are not there."
            )
    return tuple(Finding(CHECK, RULE, Outcome.FAIL, sentence, window=cut.window.name) for sentence in sentences)


_Key = tuple[str, datetime]


def _known(trades: Sequence[ClosedTrade], cut: Cut) -> dict[_Key, tuple[int, ClosedTrade]]:
    """The trades that begin by the cut: pair and opening -> number and trade."""
    found: dict[_Key, tuple[int, ClosedTrade]] = {}
    for number, trade in enumerate(trades):
        first = trade.fills[0].at if trade.fills else trade.opened_at
        if first < cut.at or (first == cut.at and cut.decides(trade.pair)):
            found[trade.pair, trade.opened_at] = (number, trade)
    return found


def _comparable(trade: ClosedTrade, cut: Cut) -> list[str | float]:
    """What of a trade must be the same: tag, every fill up to the cut, and the exit's reason if it lies there; text and numbers in turn.

    Of a trade that begins at the cut, only its purchases count: whether it is sold in the same candle depends on that candle.
    """
    part: list[str | float] = [f"it is tagged '{trade.enter_tag[:60]}'"]
    begun = bool(trade.fills) and trade.fills[0].at < cut.at
    there = cut.decides(trade.pair)
    for fill in trade.fills:
        if fill.at < cut.at or (fill.at == cut.at and there and (begun or fill.side == "buy")):
            part += [_said(fill), fill.amount, fill.price]
    if trade.closed_at < cut.at or (trade.closed_at == cut.at and there and begun):
        part.append(f"it is closed at {trade.closed_at:%Y-%m-%d %H:%M} by '{trade.exit_reason[:60]}'")
    return part


def _said(fill: Fill) -> str:
    return f"it {'buys' if fill.side == 'buy' else 'sells'} at {fill.at:%Y-%m-%d %H:%M}"


def _difference(ours: list[str | float], theirs: list[str | float]) -> str:
    """The first place where two parts differ, in words; nothing where they are the same."""
    said = ""
    for index in range(max(len(ours), len(theirs))):
        mine, other = (part[index] if index < len(part) else None for part in (ours, theirs))
        if isinstance(mine, float) and isinstance(other, float):
            if abs(mine - other) > NEARLY * max(abs(mine), abs(other)):
                what = "for" if isinstance(ours[index - 1], float) else "an amount of"
                return f"{said} {what} {mine:.10g} with them, and without them {what} {other:.10g}"
        elif mine != other:
            told = [str(one) if one is not None else "it does nothing more" for one in (mine, other)]
            return f"{told[0]} with them, and without them {told[1]}"
        elif isinstance(mine, str):
            said = mine
    return ""
