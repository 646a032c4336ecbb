"""Every endpoint that is spoken: method and path, what answers, and whether it takes a signature."""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.rehearsal.exchange import holdings, public, trading
from pipeline.rehearsal.exchange.asking import Asking
from pipeline.rehearsal.exchange.venue import Venue

Answer = Callable[[Venue, Asking], object]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What answers a request; `signed`: only with a key and a signature."""

    answer: Answer
    signed: bool = False


NEW_ORDER = ("POST", "/api/v3/order")

ENDPOINTS: dict[tuple[str, str], Endpoint] = {
    ("GET", "/api/v3/ping"): Endpoint(public.ping),
    ("GET", "/api/v3/time"): Endpoint(public.time),
    ("GET", "/api/v3/exchangeInfo"): Endpoint(public.exchange_info),
    ("GET", "/api/v3/klines"): Endpoint(public.klines),
    ("GET", "/api/v3/depth"): Endpoint(public.depth),
    ("GET", "/api/v3/trades"): Endpoint(public.trades),
    ("GET", "/api/v3/aggTrades"): Endpoint(public.aggregated_trades),
    ("GET", "/api/v3/ticker/24hr"): Endpoint(public.ticker_24hr),
    ("GET", "/api/v3/ticker/bookTicker"): Endpoint(public.ticker_book),
    ("GET", "/api/v3/ticker/price"): Endpoint(public.ticker_price),
    NEW_ORDER: Endpoint(trading.new_order, signed=True),
    ("POST", "/api/v3/order/test"): Endpoint(trading.check_order, signed=True),
    ("GET", "/api/v3/order"): Endpoint(trading.get_order, signed=True),
    ("DELETE", "/api/v3/order"): Endpoint(trading.cancel_order, signed=True),
    ("GET", "/api/v3/openOrders"): Endpoint(trading.open_orders, signed=True),
    ("DELETE", "/api/v3/openOrders"): Endpoint(trading.cancel_open_orders, signed=True),
    ("GET", "/api/v3/allOrders"): Endpoint(trading.all_orders, signed=True),
    ("GET", "/api/v3/myTrades"): Endpoint(trading.my_trades, signed=True),
    ("GET", "/api/v3/account"): Endpoint(holdings.account, signed=True),
    ("GET", "/sapi/v1/system/status"): Endpoint(public.system_status),
    ("GET", "/sapi/v1/asset/tradeFee"): Endpoint(holdings.trade_fee, signed=True),
    ("GET", "/sapi/v1/capital/config/getall"): Endpoint(holdings.coins, signed=True),
    ("GET", "/sapi/v1/account/apiRestrictions"): Endpoint(holdings.key_rights, signed=True),
    ("GET", "/sapi/v1/margin/allPairs"): Endpoint(holdings.nothing_listed, signed=True),
    ("GET", "/sapi/v1/margin/isolated/allPairs"): Endpoint(holdings.nothing_listed, signed=True),
    ("GET", "/sapi/v1/spot/delist-schedule"): Endpoint(holdings.nothing_listed, signed=True),
}
