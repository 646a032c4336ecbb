"""The endpoints that need no key: time, symbols, candles, tickers, depth and trades."""

import json
from decimal import Decimal

from pipeline.domain.timeframes import TIMEFRAMES
from pipeline.rehearsal.exchange import refusals
from pipeline.rehearsal.exchange.asking import Asking
from pipeline.rehearsal.exchange.log import Json
from pipeline.rehearsal.exchange.market import Row
from pipeline.rehearsal.exchange.refusals import Rejected
from pipeline.rehearsal.exchange.venue import Venue
from pipeline.rehearsal.exchange.wire import amount, symbol_json

DAY_MINUTES = 1440


def ping(venue: Venue, asking: Asking) -> object:
    return {}


def time(venue: Venue, asking: Asking) -> object:
    return {"serverTime": venue.shown_milliseconds()}


def system_status(venue: Venue, asking: Asking) -> object:
    return {"status": 0, "msg": "normal"}


def exchange_info(venue: Venue, asking: Asking) -> object:
    return {
        "timezone": "UTC",
        "serverTime": venue.shown_milliseconds(),
        "rateLimits": [
            {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 6000},
            {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 100},
        ],
        "exchangeFilters": [],
        "symbols": [symbol_json(venue.symbols[name]) for name in _names(venue, asking)],
    }


def klines(venue: Venue, asking: Asking) -> object:
    symbol = venue.symbol(asking.text("symbol"))
    timeframe = asking.text("interval")
    if timeframe not in TIMEFRAMES:
        raise Rejected(refusals.NO_SUCH_INTERVAL)
    rows = venue.market.candles(
        symbol.name, timeframe, asking.whole("startTime"), asking.whole("endTime"), asking.limit(500, 1000)
    )
    return [_kline(row) for row in rows]


def depth(venue: Venue, asking: Asking) -> object:
    both = venue.market.depth(venue.symbol(asking.text("symbol")).name)
    limit = asking.limit(100, 5000)
    return {
        "lastUpdateId": venue.market.now(),
        "bids": [[amount(level.price), amount(level.quantity)] for level in both.bids if level.quantity][:limit],
        "asks": [[amount(level.price), amount(level.quantity)] for level in both.asks if level.quantity][:limit],
    }


def ticker_24hr(venue: Venue, asking: Asking) -> object:
    return _one_or_all(asking, [_day(venue, name) for name in _names(venue, asking)])


def ticker_book(venue: Venue, asking: Asking) -> object:
    return _one_or_all(asking, [{"symbol": name, **_best(venue, name)} for name in _names(venue, asking)])


def ticker_price(venue: Venue, asking: Asking) -> object:
    prices: list[Json] = [
        {"symbol": name, "price": amount(venue.market.depth(name).last)} for name in _names(venue, asking)
    ]
    return _one_or_all(asking, prices)


def trades(venue: Venue, asking: Asking) -> object:
    """One trade a second, up to now."""
    symbol = venue.symbol(asking.text("symbol"))
    second = venue.market.now() // 1000
    return [_trade(venue, symbol.name, at) for at in range(second - asking.limit(500, 1000) + 1, second + 1)]


def aggregated_trades(venue: Venue, asking: Asking) -> object:
    """The same trades in the exchange's shorter form, from an id or a time on if asked."""
    symbol = venue.symbol(asking.text("symbol"))
    now, limit = venue.market.now() // 1000, asking.limit(500, 1000)
    start, end = asking.whole("startTime"), asking.whole("endTime")
    last = now if end is None else min(now, end // 1000)
    first = asking.whole("fromId") or (last - limit + 1 if start is None else -(-start // 1000))
    return [
        {
            "a": trade["id"],
            "p": trade["price"],
            "q": trade["qty"],
            "f": trade["id"],
            "l": trade["id"],
            "T": trade["time"],
            "m": trade["isBuyerMaker"],
            "M": True,
        }
        for trade in (_trade(venue, symbol.name, at) for at in range(first, min(last, first + limit - 1) + 1))
    ]


def _names(venue: Venue, asking: Asking) -> list[str]:
    if name := asking.parameters.get("symbol"):
        return [venue.symbol(name).name]
    if listed := asking.parameters.get("symbols"):
        try:
            names = json.loads(listed)
        except ValueError:
            raise Rejected(refusals.illegal("symbols")) from None
        return [venue.symbol(str(name)).name for name in names]
    return list(venue.symbols)


def _one_or_all(asking: Asking, found: list[Json]) -> object:
    return found[0] if asking.parameters.get("symbol") else found


def _kline(row: Row) -> list[object]:
    worth = row.volume * (row.high + row.low) / 2
    return [
        row.opens_at,
        *(amount(value) for value in (row.opening, row.high, row.low, row.closing, row.volume)),
        row.closes_at,
        amount(worth),
        (row.closes_at - row.opens_at + 1) // 1000,
        amount(row.volume / 2),
        amount(worth / 2),
        "0",
    ]


def _best(venue: Venue, name: str) -> Json:
    both = venue.market.depth(name)
    bid = next((level for level in both.bids if level.quantity), None)
    ask = next((level for level in both.asks if level.quantity), None)
    return {
        "bidPrice": amount(bid.price if bid else Decimal(0)),
        "bidQty": amount(bid.quantity if bid else Decimal(0)),
        "askPrice": amount(ask.price if ask else Decimal(0)),
        "askQty": amount(ask.quantity if ask else Decimal(0)),
    }


def _day(venue: Venue, name: str) -> Json:
    now = venue.market.now()
    rows = venue.market.candles(name, "1m", None, None, DAY_MINUTES)
    opening, last = rows[0].opening, venue.market.depth(name).last
    volume = sum((row.volume for row in rows), Decimal(0))
    worth = sum((row.volume * (row.high + row.low) / 2 for row in rows), Decimal(0))
    return {
        "symbol": name,
        "priceChange": amount(last - opening),
        "priceChangePercent": f"{(last / opening - 1) * 100:.3f}",
        "weightedAvgPrice": amount(worth / volume),
        "prevClosePrice": amount(opening),
        "lastPrice": amount(last),
        "lastQty": amount(venue.symbols[name].step),
        **_best(venue, name),
        "openPrice": amount(opening),
        "highPrice": amount(max(row.high for row in rows)),
        "lowPrice": amount(min(row.low for row in rows)),
        "volume": amount(volume),
        "quoteVolume": amount(worth),
        "openTime": now - DAY_MINUTES * 60_000,
        "closeTime": now,
        "firstId": now // 1000 - DAY_MINUTES * 60,
        "lastId": now // 1000,
        "count": DAY_MINUTES * 60,
    }


def _trade(venue: Venue, name: str, second: int) -> Json:
    price, step = venue.market.last(name, second * 1000), venue.symbols[name].step
    quantity = step * (1 + second % 97)
    return {
        "id": second,
        "price": amount(price),
        "qty": amount(quantity),
        "quoteQty": amount(price * quantity),
        "time": second * 1000,
        "isBuyerMaker": second % 2 == 0,
        "isBestMatch": True,
    }
