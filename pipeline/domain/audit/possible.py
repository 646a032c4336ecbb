"""One trade at a time: could it have been made in these candles, on this exchange?"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from math import isfinite
from unicodedata import category

import numpy as np

from pipeline.domain.audit.book import Book
from pipeline.domain.audit.exits import sale_complaints
from pipeline.domain.audit.sums import sums
from pipeline.domain.audit.terms import Terms
from pipeline.domain.candles import off_grid
from pipeline.domain.canonical import Plain
from pipeline.domain.markets import units_of
from pipeline.domain.trades import ClosedTrade, Fill

Complaint = tuple[str, str]
"""A rule's name and what breaks it, a clause that follows a trade's name."""

LONGEST_TEXT = 255
"""freqtrade's own bound for tags."""

NEARLY = 1e-9
"""Two numbers that are equal but for the rounding of doubles; far finer than any exchange's tick or step."""


def complaints(
    trade: ClosedTrade, book: Book, markets: Mapping[str, Plain], terms: Terms, fee: float | None
) -> Iterator[Complaint]:
    """Everything about a trade alone that could not have been so; none for a trade that freqtrade makes honestly."""
    if trade.pair not in terms.pairs:
        yield "pair", "is in a pair that the strategy was not given"
        return
    shape = list(_shape(trade, book))
    yield from shape
    if shape:
        return
    for fill in trade.fills:
        yield from _price(trade, fill, book, terms)
        yield from _amount(trade, fill, markets)
    yield from sale_complaints(trade, book, terms)
    yield from _fees(trade, fee)
    yield from _sums(trade, book, markets)
    for name, text in (("entry tag", trade.enter_tag), ("exit reason", trade.exit_reason)):
        if len(text) > LONGEST_TEXT or any(category(letter) == "Cc" for letter in text):
            yield "text", f"has an {name} that is too long or holds control characters"


def _shape(trade: ClosedTrade, book: Book) -> Iterator[Complaint]:
    """Fills, their order and their times; without these, nothing else can be computed."""
    fills = trade.fills
    times = [trade.opened_at, *(fill.at for fill in fills), trade.closed_at]
    if not fills or fills[0].side != "buy" or fills[-1].side != "sell":
        yield "fills", "does not begin with a purchase and end with a sale"
        return
    if any(fill.side not in ("buy", "sell") or not _positive(fill.price, fill.amount) for fill in fills):
        yield "fills", "has a fill that is neither a purchase nor a sale of a positive amount at a positive price"
        return
    if any(at.utcoffset() != timedelta(0) for at in times):
        yield "times", "has times that are not in UTC"
        return
    if times != sorted(times) or fills[-1].at != trade.closed_at:
        yield "times", "has times out of order"
    held = 0.0
    for fill in fills:
        held += fill.amount if fill.side == "buy" else -fill.amount
        if held < -NEARLY * fill.amount:
            yield "fills", "sells more than it has bought by then"
            return
    odd = next((at for at in times if book.candle(trade.pair, at) is None), None)
    if odd is not None:
        yield "times", f"names {odd:%Y-%m-%d %H:%M:%S}, when no candle of the window opens"
    elif trade.opened_at < book.first_entry_at:
        yield "times", "is opened before the first candle that a signal can precede"
    elif fills[0].at >= book.last_at:
        yield "times", "is opened in the window's last candle, in which freqtrade opens nothing"


def _price(trade: ClosedTrade, fill: Fill, book: Book, terms: Terms) -> Iterator[Complaint]:
    candle = book.candle(trade.pair, fill.at)
    assert candle is not None
    done = "buys" if fill.side == "buy" else "sells"
    at = f"{fill.at:%Y-%m-%d %H:%M}"
    if not candle.low * (1 - NEARLY) <= fill.price <= candle.high * (1 + NEARLY):
        yield (
            "price",
            f"{done} at {fill.price:g}, but the price was between {candle.low:g} and {candle.high:g} in the candle of {at}",
        )
    elif fill.side == "buy" and not terms.free_entry_price and not nearly(fill.price, candle.open):
        yield (
            "price",
            f"buys at {fill.price:g} in the candle of {at}, which opened at {candle.open:g}: it had no way to name another price",
        )


def _amount(trade: ClosedTrade, fill: Fill, markets: Mapping[str, Plain]) -> Iterator[Complaint]:
    step = units_of(markets, trade.pair).step
    coin, money = trade.pair.split("/")
    if off_grid(np.array([fill.amount]), step)[0]:
        yield "amount", f"trades {fill.amount:.12g} {coin}, which is no multiple of the exchange's step of {step:f}"
    if fill.side != "buy":
        return
    # Sales are not held to minima and maxima: freqtrade sells what is left of a position, however small or large it has become.
    least, most = _limits(markets, trade.pair, "amount")
    if not least * (1 - NEARLY) <= fill.amount <= most * (1 + NEARLY):
        yield "amount", f"buys {fill.amount:.12g} {coin}, outside of the exchange's limits of {least:g} to {most:g}"
    least, most = _limits(markets, trade.pair, "cost")
    if not least * (1 - NEARLY) <= fill.amount * fill.price <= most * (1 + NEARLY):
        yield (
            "amount",
            f"buys for {fill.amount * fill.price:.8g} {money}, outside of the exchange's limits of {least:g} to {most:g}",
        )


def _fees(trade: ClosedTrade, fee: float | None) -> Iterator[Complaint]:
    if fee is None:
        yield "fee", "cannot be checked: the market snapshot names no fee"
        return
    for side, paid in (("buying", trade.fee_open_ratio), ("selling", trade.fee_close_ratio)):
        if not nearly(paid, fee):
            yield "fee", f"pays {paid * 100:g} % for {side} instead of {fee * 100:g} %"


def _sums(trade: ClosedTrade, book: Book, markets: Mapping[str, Plain]) -> Iterator[Complaint]:
    own = sums(trade)
    coin, money = trade.pair.split("/")
    if abs(own.bought - own.sold) > float(units_of(markets, trade.pair).step) / 2:
        yield "amount", f"buys {own.bought:.12g} {coin} and sells {own.sold:.12g}"
        return
    # freqtrade rounds each sale's profit to eight decimals.
    rounding = 1e-8 * len(trade.fills) + NEARLY * own.paid
    if not abs(own.profit - trade.profit) <= rounding:
        yield "profit", f"claims a profit of {trade.profit:.8g} {money}, but its fills come to {own.profit:.8g}"
    elif not abs(own.profit_ratio - trade.profit_ratio) <= 1e-8 + rounding / own.paid:
        yield (
            "profit",
            f"claims a profit of {trade.profit_ratio * 100:.6g} %, but its fills come to {own.profit_ratio * 100:.6g} %",
        )
    told = (
        ("amount", trade.amount, own.last_amount, 0.0),
        ("stake", trade.stake, own.last_stake, 0.0),
        ("opening price", trade.open_rate, own.average_price, book.tick_at(trade.pair, trade.opened_at)),
        ("closing price", trade.close_rate, trade.fills[-1].price, 0.0),
    )
    for name, claimed, found, tolerance in told:
        if not abs(claimed - found) <= tolerance + 1e-8 * abs(found):
            yield "profit", f"claims the {name} {claimed:.10g}, but its fills come to {found:.10g}"


def _limits(markets: Mapping[str, Plain], pair: str, of: str) -> tuple[float, float]:
    limits = _object(_object(_object(markets.get(pair)).get("limits")).get(of))
    least, most = limits.get("min"), limits.get("max")
    return (
        float(least) if isinstance(least, int | float) else 0.0,
        float(most) if isinstance(most, int | float) and most > 0 else float("inf"),
    )


def _object(value: Plain) -> Mapping[str, Plain]:
    return value if isinstance(value, dict) else {}


def _positive(*numbers: float) -> bool:
    return all(isfinite(number) and number > 0 for number in numbers)


def nearly(one: float, other: float) -> bool:
    """Equal but for the rounding of doubles."""
    return abs(one - other) <= NEARLY * max(abs(one), abs(other))
