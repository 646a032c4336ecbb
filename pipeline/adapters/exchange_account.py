"""An account on an exchange, through ccxt: orders, fills, money, rights, and the little of the market that a deployment has to know."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from functools import partial
from typing import Any, TypeVar

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.exchange_answers import amount, fill_of, moment, order_of
from pipeline.adapters.exchange_calls import ExchangeCalls
from pipeline.adapters.exchange_fills import by_number, by_time, milliseconds
from pipeline.adapters.one_exchange import TICK_SIZE, Exchange, errors, exchange_class
from pipeline.domain.account_report import AccountFill, AccountOrder, AccountRights
from pipeline.domain.trading import Secrets
from pipeline.errors import Refused, ToolFailed
from pipeline.ports import Clock

TIMEOUT_SECONDS = 10.0
PAGE = 1000
"""Fills that are asked for at once: Binance gives no more."""

UNKNOWN_PAGE = 20
"""With so many fills a page may have been cut, where nobody knows how many it holds."""

_BINANCE = ("binance", "binanceus")
_AHEAD, _AGES = timedelta(minutes=1), timedelta(days=36_500)
_LOOKS_AT_CLOCK = 3
_QUICK = timedelta(seconds=1)
"""Between question and answer about the time; after a slower one it is asked again."""

_Answer = TypeVar("_Answer")


class CcxtAccount:
    """See `ports.ExchangeAccount`. Without keys it is the public market alone. Not for several threads.

    Binance is what is tested.

    Args:
        exchange: as ccxt calls it.
        secrets: the keys; never printed.
        ccxt_config: for the rehearsal alone, which leads to the loopback.

    Raises:
        Refused: ccxt does not know the exchange.
    """

    def __init__(
        self,
        exchange: str,
        secrets: Secrets,
        ccxt_config: Mapping[str, Any] | None = None,
        clock: Clock | None = None,
    ) -> None:
        known = exchange_class(exchange)
        if known is None:
            raise Refused(f"ccxt knows no exchange '{exchange}'", hint="write its id as freqtrade does: binance")
        self._clock = clock or SystemClock()
        self._client = _client(known, secrets, ccxt_config or {})
        self._calls = ExchangeCalls(self._client, secrets, self._clock)

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def open_orders(self, pairs: Sequence[str]) -> tuple[AccountOrder, ...]:
        """The account's waiting orders on these pairs, the oldest first; Binance lists stop losses among them."""
        found: list[AccountOrder] = []
        for pair in pairs:
            found += self._ask(f"the open orders on {pair}", partial(self._open_orders, pair))
        return tuple(sorted(found, key=lambda order: (order.placed_at, order.id)))

    def open_orders_anywhere(self) -> tuple[AccountOrder, ...] | None:
        """The account's waiting orders on whatever pair, the oldest first; None where the exchange, or ccxt, wants to know the pair.

        An exchange that lists only so many at once may leave some out. Those on what is no market of its list are left out: nothing that a
        bot trades is among them.
        """
        if self._feature("fetchOpenOrders").get("symbolRequired") is not False:
            return None
        orders = self._ask("the open orders on all pairs", self._all_open_orders)
        return None if orders is None else tuple(sorted(orders, key=lambda order: (order.placed_at, order.id)))

    def listed(self, pairs: Sequence[str]) -> tuple[str, ...]:
        """Those of the pairs that the exchange trades, by a list that is asked for anew where one is missing: it may have come or gone."""
        if not self._client.markets or any(pair not in self._client.markets for pair in pairs):
            self._calls.ask("its markets", self._load_markets)
        return tuple(pair for pair in pairs if pair in self._client.markets)

    def fills(self, pairs: Sequence[str], since_at: datetime) -> tuple[AccountFill, ...]:
        """All trades of the account on these pairs since a moment, the oldest first; all pages of them."""
        found = [fill for pair in pairs for fill in self._all_fills(pair, since_at)]
        return tuple(sorted(found, key=lambda fill: (fill.at, _by_number(fill.id))))

    def cancel(self, order: AccountOrder) -> None:
        """Cancel an order. The exchange's no counts only if the order still waits: it may have been filled or cancelled meanwhile."""

        def cancelled() -> bool:
            try:
                self._client.cancel_order(order.id, order.pair)
            except errors.InvalidOrder:
                return False
            return True

        if not self._ask(f"the end of order {order.id} on {order.pair}", cancelled):
            waits = any(other.id == order.id for other in self.open_orders((order.pair,)))
            if waits:
                raise ToolFailed(
                    f"{self._client.id} does not cancel order {order.id} on {order.pair}, which still waits",
                    hint="cancel it on the exchange's page",
                )

    def free(self, currency: str) -> Decimal:
        """What is free to be spent of a coin; nothing where the account has none."""
        return self._ask("the balance", partial(self._free, currency), markets=False)

    def rights(self) -> AccountRights:
        """What the key may do. Binance tells; elsewhere a key that may look at the balance is taken for one that may trade."""
        if self._client.id == "binance":
            return self._ask("the key's rights", self._binance_rights, markets=False)
        self.free("")
        return AccountRights(may_trade=True, may_withdraw=None)

    def clock_ahead_seconds(self) -> float:
        """How far the exchange's clock is ahead of the device's, to half the time that the quickest of its answers took."""
        looks: list[tuple[timedelta, float]] = []
        while len(looks) < _LOOKS_AT_CLOCK and not any(took <= _QUICK for took, _ in looks):
            looks.append(self._ask("the time", self._look_at_clock, markets=False))
        return min(looks)[1]

    def least_order(self, pair: str) -> Decimal:
        """The smallest order that the exchange takes on a pair, in the quote currency, at the last price: in whole steps of the amount."""
        return self._ask(f"the limits of {pair}", lambda: self._least_order(pair))

    def last_candle_at(self, pair: str, timeframe: str) -> datetime:
        """When the newest candle began, finished or not; aware UTC."""
        if timeframe not in (self._client.timeframes or {}):
            raise Refused(f"{self._client.id} has no candles of {timeframe}", hint="choose another exchange")
        return self._ask(f"the last candle of {pair}", lambda: self._last_candle(pair, timeframe))

    def _ask(self, what: str, question: Callable[[], _Answer], *, markets: bool = True) -> _Answer:
        if markets and not self._client.markets:
            self._calls.ask("its markets", self._load_markets)
        return self._calls.ask(what, question)

    def _load_markets(self) -> None:
        if not self._client.load_markets(True):
            raise ValueError("an exchange without markets")

    def _free(self, currency: str) -> Decimal:
        balance = self._client.fetch_balance()
        if self._client.id in _BINANCE and not isinstance(balance["info"]["balances"], list):
            raise ValueError("no list")
        return amount(balance["free"].get(currency) or "0")

    def _open_orders(self, pair: str) -> list[AccountOrder]:
        rows = self._client.fetch_open_orders(pair)
        self._demand_list()
        return [order_of(row, pair) for row in rows]

    def _all_open_orders(self) -> list[AccountOrder] | None:
        try:
            rows = self._client.fetch_open_orders()
        except (errors.ArgumentsRequired, errors.NotSupported):  # What ccxt tells of itself is not always so.
            self._client.last_json_response = {}  # Nobody was asked, so there is no answer to be understood.
            return None
        self._demand_list()
        return [order_of(row, pair) for row in rows if (pair := str(row.get("symbol"))) in self._client.markets]

    def _demand_list(self) -> None:
        """ccxt makes an empty list of what it does not understand, and nothing may be taken for "there are no orders"."""
        if self._client.id in _BINANCE and not isinstance(self._client.last_json_response, list):
            raise ValueError("no list")

    def _all_fills(self, pair: str, since_at: datetime) -> Iterator[AccountFill]:
        def page(since: int | None, limit: int | None, more: dict[str, int]) -> list[AccountFill]:
            return self._ask(f"the fills on {pair}", partial(self._page_of_fills, pair, since, limit, more))

        if self._client.id in _BINANCE:
            first = page(milliseconds(since_at), PAGE, {})
            return by_number(first, lambda number: page(None, PAGE, {"fromId": number}))
        limit, longest = self._pages()
        return by_time(
            lambda first, last: page(first, limit, {"until": last}),
            since_at,
            self._clock.now() + _AHEAD,
            longest=longest,
            full=limit or UNKNOWN_PAGE,
        )

    def _pages(self) -> tuple[int | None, timedelta]:
        """How many fills ccxt says that a page has, None where it does not know, and how long a time may be asked for at once."""
        known = self._feature("fetchMyTrades")
        days = known.get("untilDays")
        return known.get("limit"), min(timedelta(days=days), _AGES) if days else _AGES

    def _feature(self, call: str) -> Mapping[str, Any]:
        """What ccxt says of one of its calls for spot markets; nothing where it does not know."""
        spot = (self._client.features or {}).get("spot") or {}
        return spot.get(call) or {}

    def _page_of_fills(
        self, pair: str, since: int | None, limit: int | None, more: Mapping[str, int]
    ) -> list[AccountFill]:
        rows = self._client.fetch_my_trades(pair, since, limit, dict(more))
        self._demand_list()
        return [fill_of(row, pair) for row in rows]

    def _binance_rights(self) -> AccountRights:
        said = self._client.sapi_get_account_apirestrictions()
        trade, withdraw = said["enableSpotAndMarginTrading"], said["enableWithdrawals"]
        if not isinstance(trade, bool) or not isinstance(withdraw, bool):
            raise ValueError("rights are true or false")
        return AccountRights(trade, withdraw)

    def _look_at_clock(self) -> tuple[timedelta, float]:
        before = self._clock.now()
        shown = moment(self._client.fetch_time())
        took = self._clock.now() - before
        return took, (shown - before - took / 2).total_seconds()

    def _least_order(self, pair: str) -> Decimal:
        market = self._client.market(pair)
        ticker = self._client.fetch_ticker(pair)
        price = amount(ticker.get("last") or ticker["bid"])
        least_amount = amount(market["limits"]["amount"].get("min") or "0")
        least_cost = amount(market["limits"]["cost"].get("min") or "0")
        needed = max(least_amount, least_cost / price)
        step = amount(market["precision"].get("amount") or "0")
        if step and self._client.precisionMode == TICK_SIZE:
            needed = (needed / step).to_integral_value(ROUND_CEILING) * step
        return needed * price

    def _last_candle(self, pair: str, timeframe: str) -> datetime:
        rows = self._client.fetch_ohlcv(pair, timeframe, limit=2)
        return max(moment(row[0]) for row in rows)


def _client(known: Any, secrets: Secrets, config: Mapping[str, Any]) -> Any:
    """ccxt's client, whose numbers stay the texts that the exchange sent."""
    held = {"apiKey": secrets.access_key, "secret": secrets.access_secret, "password": secrets.access_password}
    keys = {name: secret.reveal() for name, secret in held.items() if secret is not None}
    options: dict[str, Any] = {"defaultType": "spot"}
    if known.__name__ in _BINANCE:
        options |= {"fetchMarkets": {"types": ["spot"]}, "fetchMargins": False}
        options |= {"fetchOpenOrders": {"warnWithoutSymbol": False}}  # it raises otherwise; the weight of it is known
    ours = {"timeout": TIMEOUT_SECONDS * 1000, "options": options}
    client = known(Exchange.deep_extend(ours, dict(config), keys))
    client.number = str
    client.enableLastJsonResponse = True
    client.has["fetchCurrencies"] = False  # it needs a key, and nothing here needs it
    client.logger = logging.Logger("ccxt", logging.CRITICAL)  # it would write headers, the key among them
    return client


def _by_number(fill_id: str) -> tuple[int, str]:
    """So that 10 comes after 9."""
    return len(fill_id), fill_id
