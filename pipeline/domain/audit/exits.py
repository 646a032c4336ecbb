"""At which price a position can be sold: at a candle's opening, unless freqtrade's own stop and profit rules, or a callback, say otherwise."""

from collections.abc import Iterator

from pipeline.domain.audit.book import Book, Candle
from pipeline.domain.audit.terms import Terms
from pipeline.domain.trades import ClosedTrade, Fill

ROI, STOP, TRAILING, LIQUIDATION = "roi", "stop_loss", "trailing_stop_loss", "liquidation"
"""The reasons with which freqtrade sells at another price than the opening."""


def sale_complaints(trade: ClosedTrade, book: Book, terms: Terms) -> Iterator[tuple[str, str]]:
    """Sales at a price that nothing allowed; all prices are known to lie within their candles."""
    for fill in trade.fills:
        candle = book.candle(trade.pair, fill.at)
        assert candle is not None
        if fill.side == "buy" or terms.free_exit_price or _at_an_opening(trade, fill, candle, book):
            continue
        last = fill is trade.fills[-1]
        reason = trade.exit_reason if last else "partial exit"
        said = f"sells at {fill.price:g} in the candle of {fill.at:%Y-%m-%d %H:%M}"
        if reason == ROI:
            yield from _roi(trade, fill, candle, book, terms, said)
        elif reason in (STOP, TRAILING):
            yield from _stop(trade, fill, book, terms, said)
        elif reason != LIQUIDATION:
            yield "price", f"{said}, which opened at {candle.open:g}: a sale by '{reason[:60]}' is made at the opening"


def _at_an_opening(trade: ClosedTrade, fill: Fill, candle: Candle, book: Book) -> bool:
    """Whether a sale is made at its candle's opening, or at an earlier one's whose order could not be filled at once.

    freqtrade rounds to the tick of the month in which the trade was opened; where that is coarser, the rounded opening may lie outside of its
    candle, and the order waits.
    """
    slack = book.tick_at(trade.pair, trade.opened_at) / 2
    if _within(fill.price, candle.open, slack if _coarser(trade, fill, book) else 0.0):
        return True
    if not _coarser(trade, fill, book):
        return False
    for earlier in book.opens_before(trade.pair, trade.opened_at, fill.at):
        if _within(fill.price, earlier.open, slack) and not earlier.low <= fill.price <= earlier.high:
            return True
    return False


def _roi(
    trade: ClosedTrade, fill: Fill, candle: Candle, book: Book, terms: Terms, said: str
) -> Iterator[tuple[str, str]]:
    """At the price that brings the profit that `minimal_roi` asks for after this time, or the candle's lowest where that is higher."""
    if terms.roi is None or _coarser(trade, fill, book):
        return
    minutes = int((fill.at - trade.opened_at).total_seconds() // 60)
    due = [age for age in terms.roi if age <= minutes]
    if not due:
        yield "exit-rule", f"{said} as 'roi', but the strategy's minimal_roi asks for no profit after {minutes} minutes"
        return
    ratio = terms.roi[max(due)]
    wanted = trade.open_rate * (1.0 + trade.fee_open_ratio) * (1.0 + ratio) / (1.0 - trade.fee_close_ratio)
    price = min(max(wanted, candle.low), candle.high)
    if not _within(fill.price, price, book.tick_at(trade.pair, trade.opened_at)):
        yield (
            "exit-rule",
            f"{said} as 'roi', but the profit of {ratio * 100:g} % that minimal_roi asks for is reached at {price:.8g}",
        )


def _stop(trade: ClosedTrade, fill: Fill, book: Book, terms: Terms, said: str) -> Iterator[tuple[str, str]]:
    """Not above where a stop can lie: freqtrade's stops start below the entry and follow the highest price at their distance."""
    purchases = [one for one in trade.fills if one.side == "buy"]
    tick = book.tick_at(trade.pair, trade.opened_at)
    if terms.stoploss is not None and trade.exit_reason == STOP and len(purchases) == 1:
        stop = purchases[0].price * (1.0 - terms.stoploss)
        if fill.price > stop + 2 * tick:
            yield "exit-rule", f"{said} as 'stop_loss', but its stop was at {stop:.8g}"
    elif terms.trailing_distance is not None and trade.exit_reason == TRAILING:
        opened = min(purchase.price for purchase in purchases)
        highest = book.highest(trade.pair, trade.opened_at, fill.at) - opened * terms.trailing_distance
        if fill.price > highest + 2 * tick:
            yield "exit-rule", f"{said} as 'trailing_stop_loss', but its stop was never above {highest:.8g}"


def _coarser(trade: ClosedTrade, fill: Fill, book: Book) -> bool:
    """Whether prices were finer when the trade was closed than when it was opened."""
    return book.tick_at(trade.pair, trade.opened_at) > book.tick_at(trade.pair, fill.at) * 1.5


def _within(one: float, other: float, slack: float) -> bool:
    return abs(one - other) <= slack + 1e-9 * abs(other)
