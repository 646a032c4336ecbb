"""Orders, fills and symbols as the exchange's JSON has them."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from pipeline.rehearsal.exchange.log import Json
from pipeline.rehearsal.exchange.orders import Fill, Order, OrderType, Side
from pipeline.rehearsal.exchange.symbols import Symbol


def amount(value: Decimal) -> str:
    """Eight decimals, as the exchange writes all amounts and prices."""
    return f"{value:.8f}"


def milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def order_json(order: Order) -> Json:
    """As `order`, `openOrders` and `allOrders` give it."""
    return {
        "symbol": order.symbol,
        "orderId": order.id,
        "orderListId": -1,
        "clientOrderId": order.client_id,
        "price": amount(order.price),
        "origQty": amount(order.quantity),
        "executedQty": amount(order.executed),
        "cummulativeQuoteQty": amount(order.cost),
        "status": order.status.value,
        "timeInForce": order.time_in_force.value,
        "type": order.type.value,
        "side": order.side.value,
        "stopPrice": amount(order.stop_price),
        "icebergQty": amount(Decimal(0)),
        "time": milliseconds(order.at),
        "updateTime": milliseconds(order.updated_at),
        "isWorking": order.working_at is not None,
        "workingTime": milliseconds(order.working_at) if order.working_at else -1,
        "origQuoteOrderQty": amount(order.quote_quantity),
        "selfTradePreventionMode": "NONE",
    }


def placed_json(order: Order, fills: Iterable[Fill]) -> Json:
    """The full answer to a new order."""
    answer = order_json(order)
    for name in ("time", "updateTime", "isWorking", "icebergQty"):
        del answer[name]
    answer["transactTime"] = milliseconds(order.updated_at)
    answer["fills"] = [
        {
            "price": amount(fill.price),
            "qty": amount(fill.quantity),
            "commission": amount(fill.fee),
            "commissionAsset": fill.fee_asset,
            "tradeId": fill.id,
        }
        for fill in fills
    ]
    return answer


def cancelled_json(order: Order, cancel_id: str) -> Json:
    """The answer to a cancellation: the order's own client id has moved to `origClientOrderId`."""
    answer = order_json(order)
    for name in ("time", "updateTime", "isWorking", "icebergQty", "workingTime"):
        del answer[name]
    answer["origClientOrderId"] = order.client_id
    answer["clientOrderId"] = cancel_id or f"x-cancel-{order.id}"
    answer["transactTime"] = milliseconds(order.updated_at)
    return answer


def fill_json(fill: Fill) -> Json:
    """As `myTrades` gives it."""
    return {
        "symbol": fill.symbol,
        "id": fill.id,
        "orderId": fill.order_id,
        "orderListId": -1,
        "price": amount(fill.price),
        "qty": amount(fill.quantity),
        "quoteQty": amount(fill.price * fill.quantity),
        "commission": amount(fill.fee),
        "commissionAsset": fill.fee_asset,
        "time": milliseconds(fill.at),
        "isBuyer": fill.side is Side.BUY,
        "isMaker": fill.maker,
        "isBestMatch": True,
    }


def symbol_json(symbol: Symbol) -> Json:
    """As `exchangeInfo` gives it."""
    factor, inverse = f"{symbol.price_factor}", f"{1 / symbol.price_factor}"
    return {
        "symbol": symbol.name,
        "status": "TRADING",
        "baseAsset": symbol.base,
        "baseAssetPrecision": 8,
        "quoteAsset": symbol.quote,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "baseCommissionPrecision": 8,
        "quoteCommissionPrecision": 8,
        "orderTypes": [kind.value for kind in OrderType],
        "icebergAllowed": False,
        "ocoAllowed": False,
        "otoAllowed": False,
        "quoteOrderQtyMarketAllowed": True,
        "allowTrailingStop": False,
        "cancelReplaceAllowed": False,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "filters": [
            {
                "filterType": "PRICE_FILTER",
                "minPrice": amount(symbol.tick),
                "maxPrice": amount(symbol.greatest_price),
                "tickSize": amount(symbol.tick),
            },
            {
                "filterType": "LOT_SIZE",
                "minQty": amount(symbol.step),
                "maxQty": amount(symbol.greatest_quantity),
                "stepSize": amount(symbol.step),
            },
            {
                "filterType": "PERCENT_PRICE_BY_SIDE",
                "bidMultiplierUp": factor,
                "bidMultiplierDown": inverse,
                "askMultiplierUp": factor,
                "askMultiplierDown": inverse,
                "avgPriceMins": 5,
            },
            {
                "filterType": "NOTIONAL",
                "minNotional": amount(symbol.least_cost),
                "applyMinToMarket": True,
                "maxNotional": amount(symbol.greatest_cost),
                "applyMaxToMarket": True,
                "avgPriceMins": 5,
            },
            {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": symbol.most_orders},
        ],
        "permissions": [],
        "permissionSets": [["SPOT"]],
        "defaultSelfTradePreventionMode": "NONE",
        "allowedSelfTradePreventionModes": ["NONE"],
    }
