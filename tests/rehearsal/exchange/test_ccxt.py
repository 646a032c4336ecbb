"""ccxt's own binance client trades at the loopback exchange as it does at the real one."""

import time
from collections.abc import Callable
from decimal import Decimal

import ccxt
import ccxt.pro
import pytest
import requests

from pipeline.rehearsal.exchange import ccxt_settings, refusals
from tests.rehearsal.exchange.clients import FIRST, PAIR, READ_ONLY, SECOND, Running, Sync, sync_client

pytestmark = pytest.mark.sockets
PATIENCE_SECONDS = 30.0


def until(met: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not met():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def test_markets_say_what_can_be_traded_in_which_steps(client: Sync) -> None:
    market = client.market(PAIR)
    assert (market["spot"], market["active"], market["margin"]) == (True, True, False)
    assert market["precision"] == {"amount": 0.00001, "price": 0.01, "base": 1e-8, "quote": 1e-8}
    assert market["limits"]["cost"]["min"] == 5.0
    assert market["limits"]["amount"]["min"] == 0.00001
    assert client.price_to_precision(PAIR, 64000.129) == "64000.13"


def test_market_data_agree_with_each_other(client: Sync) -> None:
    assert abs(client.fetch_time() - client.milliseconds()) < 5000
    assert client.fetch_status()["status"] == "ok"
    candles = client.fetch_ohlcv(PAIR, "5m", limit=20)
    assert len(candles) == 20
    assert candles[1][0] - candles[0][0] == 300_000
    assert candles[-1][0] <= client.milliseconds() < candles[-1][0] + 600_000
    later = client.fetch_ohlcv(PAIR, "1m", since=candles[5][0], limit=3)
    assert [row[0] for row in later] == [candles[5][0] + 60_000 * step for step in range(3)]
    ticker = client.fetch_ticker(PAIR)
    book = client.fetch_order_book(PAIR, 5)
    assert book["bids"][0][0] == ticker["bid"] < ticker["last"] < ticker["ask"] == book["asks"][0][0]
    assert len(book["asks"]) == 5
    assert candles[-1][4] == ticker["last"]
    assert set(client.fetch_tickers()) == {PAIR, "ETH/USDT"}
    assert set(client.fetch_tickers(["ETH/USDT"])) == {"ETH/USDT"}
    assert client.fetch_bids_asks([PAIR])[PAIR]["ask"] == ticker["ask"]
    assert client.fetch_last_prices([PAIR])[PAIR]["price"] == ticker["last"]
    trades = client.fetch_trades(PAIR, limit=10)
    assert len(trades) == 10
    assert trades[-1]["price"] == ticker["last"]


def test_a_market_order_is_filled_and_every_record_of_it_agrees(client: Sync, running: Running) -> None:
    order = client.create_order(PAIR, "market", "buy", 0.01, params={"clientOrderId": "ours-1"})
    assert (order["status"], order["filled"], order["clientOrderId"]) == ("closed", 0.01, "ours-1")
    assert order["average"] == client.fetch_ticker(PAIR)["ask"]
    assert order["fee"] == {"currency": "BTC", "cost": 0.00001}
    fetched = client.fetch_order(order["id"], PAIR)
    assert (fetched["status"], fetched["cost"], fetched["average"]) == ("closed", order["cost"], order["average"])
    assert client.fetch_order("", PAIR, {"clientOrderId": "ours-1"})["id"] == order["id"]
    (trade,) = client.fetch_my_trades(PAIR)
    assert (trade["order"], trade["amount"], trade["takerOrMaker"]) == (order["id"], 0.01, "taker")
    assert client.fetch_order_trades(order["id"], PAIR) == [trade]
    balance = client.fetch_balance()
    assert balance["BTC"] == {"free": 1.00999, "used": 0.0, "total": 1.00999}
    assert balance["USDT"]["total"] == pytest.approx(10_000 - order["cost"])
    (logged,) = running.control.orders("sandbox")
    assert (logged["client_id"], logged["status"], len(logged["fills"])) == ("ours-1", "FILLED", 1)
    assert [event["what"] for event in running.control.log()] == ["accepted", "filled"]


def test_a_market_order_by_cost_spends_no_more_than_that(client: Sync) -> None:
    order = client.create_market_buy_order_with_cost(PAIR, 100)
    assert order["status"] == "closed"
    assert 99 < order["cost"] <= 100


def test_a_resting_order_locks_the_balance_and_cancelling_frees_it(client: Sync) -> None:
    order = client.create_order(PAIR, "limit", "buy", 0.1, 50_000)
    assert (order["status"], order["remaining"]) == ("open", 0.1)
    assert client.fetch_balance()["USDT"] == {"free": 5000.0, "used": 5000.0, "total": 10_000.0}
    assert [one["id"] for one in client.fetch_open_orders(PAIR)] == [order["id"]]
    assert client.cancel_order(order["id"], PAIR)["status"] == "canceled"
    assert client.fetch_open_orders(PAIR) == []
    assert client.fetch_order(order["id"], PAIR)["status"] == "canceled"
    assert [one["id"] for one in client.fetch_canceled_orders(PAIR)] == [order["id"]]
    assert client.fetch_balance()["USDT"]["free"] == 10_000.0
    client.create_order(PAIR, "limit", "buy", 0.01, 50_000)
    client.create_order(PAIR, "limit", "buy", 0.01, 51_000)
    assert len(client.cancel_all_orders(PAIR)) == 2


def test_a_resting_order_is_filled_as_maker_when_the_price_comes(client: Sync, running: Running) -> None:
    limit = client.fetch_ticker(PAIR)["last"] - 1000
    order = client.create_order(PAIR, "limit", "buy", 0.1, limit)
    running.control.move(PAIR, -0.05, seconds=0.5)
    until(lambda: client.fetch_order(order["id"], PAIR)["status"] == "closed")
    (trade,) = client.fetch_my_trades(PAIR)
    assert (trade["price"], trade["takerOrMaker"]) == (limit, "maker")


def test_a_thin_market_fills_an_order_in_parts(client: Sync, running: Running) -> None:
    running.control.set_liquidity(Decimal(100))
    ask = client.fetch_ticker(PAIR)["ask"]
    order = client.create_order(PAIR, "limit", "buy", 0.004, ask)
    assert order["status"] == "open"
    assert 0 < order["filled"] < 0.004
    until(lambda: client.fetch_order(order["id"], PAIR)["status"] == "closed")
    parts = client.fetch_my_trades(PAIR)
    assert len(parts) > 1
    assert sum(part["amount"] for part in parts) == pytest.approx(0.004)


def test_a_stop_loss_on_the_exchange_sells_when_the_price_has_fallen(client: Sync, running: Running) -> None:
    last = client.fetch_ticker(PAIR)["last"]
    stop = client.create_order(PAIR, "limit", "sell", 0.5, last * 0.9, {"stopLossPrice": last * 0.97})
    assert (stop["status"], stop["triggerPrice"]) == ("open", client.parse_to_numeric(f"{last * 0.97:.2f}"))
    assert stop["info"]["type"] == "STOP_LOSS_LIMIT"
    assert client.fetch_balance()["BTC"]["used"] == 0.5
    running.control.move(PAIR, -0.05, seconds=0.5)
    until(lambda: client.fetch_order(stop["id"], PAIR)["status"] == "closed")
    assert client.fetch_order(stop["id"], PAIR)["average"] > last * 0.9


def test_an_account_with_a_key_of_its_own_sees_only_itself(client: Sync, running: Running) -> None:
    client.create_order(PAIR, "market", "buy", 0.01)
    other = sync_client(running.address, SECOND)
    other.load_markets()
    assert other.fetch_my_trades(PAIR) == []
    assert other.fetch_balance()["USDT"]["total"] == 50.0
    assert other.sapi_get_account_apirestrictions()["enableWithdrawals"] is True
    assert client.sapi_get_account_apirestrictions()["enableWithdrawals"] is False
    assert client.fetch_currencies()["BTC"]["withdraw"] is False
    other.close()


def test_fees_are_told(client: Sync) -> None:
    assert client.fetch_trading_fees()[PAIR]["taker"] == 0.001
    assert client.fetch_trading_fee(PAIR)["maker"] == 0.001


@pytest.mark.parametrize(
    ("kind", "side", "amount", "price", "error", "words"),
    [
        ("limit", "buy", 1, 60_000, ccxt.InsufficientFunds, "insufficient balance"),
        ("market", "sell", 2, None, ccxt.InsufficientFunds, "insufficient balance"),
        ("limit", "buy", 0.00001, 60_000, ccxt.BadRequest, "Filter failure: NOTIONAL"),
        ("limit", "buy", 0.01, 1_000, ccxt.InvalidOrder, "PERCENT_PRICE_BY_SIDE"),
    ],
)
def test_a_refused_order_raises_what_ccxt_makes_of_it(
    client: Sync, kind: str, side: str, amount: float, price: float | None, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        client.create_order(PAIR, kind, side, amount, price)


@pytest.mark.parametrize(
    ("parameters", "error", "words"),
    [
        ({"quantity": "0.000001"}, ccxt.InvalidOrder, "LOT_SIZE"),
        ({"price": "60000.001"}, ccxt.InvalidOrder, "PRICE_FILTER"),
        ({"price": "60000.000000001"}, ccxt.BadRequest, "-1111"),
        *(({"quantity": text}, ccxt.BadRequest, "-1100") for text in ("many", "1e-2", "-1", "NaN", "1_0", "9" * 21)),
        ({"quantity": "9" * 20}, ccxt.InvalidOrder, "LOT_SIZE"),
        ({"quantity": "", "quoteOrderQty": "100"}, ccxt.BadRequest, "-1102"),
        ({"quoteOrderQty": "100"}, ccxt.BadRequest, "-1106"),
        ({"newClientOrderId": "spaces are illegal"}, ccxt.BadRequest, "-1100"),
        ({"newClientOrderId": "x" * 37}, ccxt.BadRequest, "-1100"),
        ({"type": "STOP"}, ccxt.BadRequest, "-1116"),
        ({"side": "HOLD"}, ccxt.BadRequest, "-1117"),
        ({"timeInForce": "DAY"}, ccxt.BadRequest, "-1115"),
        ({"price": ""}, ccxt.BadRequest, "-1102"),
        ({"symbol": "NOCOIN"}, ccxt.BadSymbol, "-1121"),
        ({"type": "LIMIT_MAKER", "price": "70000", "timeInForce": ""}, ccxt.OrderImmediatelyFillable, "match and take"),
        (
            {"type": "STOP_LOSS_LIMIT", "side": "SELL", "stopPrice": "70000", "price": "70000"},
            ccxt.OrderImmediatelyFillable,
            "Stop price would trigger",
        ),
    ],
)
def test_parameters_that_make_no_sense_are_refused_with_the_exchange_s_codes(
    client: Sync, parameters: dict[str, str], error: type[Exception], words: str
) -> None:
    sound = {
        "symbol": "BTCUSDT",
        "side": "BUY",
        "type": "LIMIT",
        "quantity": "0.01",
        "price": "60000",
        "timeInForce": "GTC",
    }
    client.private_post_order_test(sound)
    with pytest.raises(error, match=words):
        client.private_post_order(sound | parameters)
    assert client.fetch_open_orders(PAIR) == []


def test_orders_that_are_not_there_are_not_found(client: Sync) -> None:
    with pytest.raises(ccxt.OrderNotFound, match="-2013"):
        client.fetch_order("999", PAIR)
    with pytest.raises(ccxt.OrderNotFound, match="-2011"):
        client.cancel_order("999", PAIR)
    order = client.create_order(PAIR, "market", "buy", 0.01)
    with pytest.raises(ccxt.OrderNotFound, match="-2011"):
        client.cancel_order(order["id"], PAIR)


def test_a_client_id_cannot_be_open_twice(client: Sync) -> None:
    client.create_order(PAIR, "limit", "buy", 0.01, 50_000, {"clientOrderId": "once"})
    with pytest.raises(ccxt.InvalidOrder, match="Duplicate order sent"):
        client.create_order(PAIR, "limit", "buy", 0.01, 50_000, {"clientOrderId": "once"})


def test_a_wrong_key_a_wrong_secret_and_no_key_are_told_apart(running: Running) -> None:
    for changed, words in (({"apiKey": "nobody"}, "-2015"), ({"secret": "guessed"}, "-1022")):
        stranger = sync_client(running.address, FIRST, **changed)
        with pytest.raises(ccxt.AuthenticationError, match=words):
            stranger.fetch_balance()
        stranger.close()
    signed = {"timestamp": str(int(time.time() * 1000)), "signature": "0" * 64}
    keyless = requests.get(f"{running.address}/api/v3/account", params=signed, timeout=10)
    assert (keyless.status_code, keyless.json()["code"]) == (401, -2014)
    unsigned = requests.get(f"{running.address}/api/v3/account", timeout=10)
    assert (unsigned.status_code, unsigned.json()["code"]) == (400, -1102)


def test_a_key_without_the_right_to_trade_may_only_look(running: Running) -> None:
    looks = sync_client(running.address, READ_ONLY)
    looks.load_markets()
    assert looks.fetch_balance()["USDT"]["free"] == 50.0
    assert looks.sapi_get_account_apirestrictions()["enableSpotAndMarginTrading"] is False
    # ccxt takes -2015 for a passing ban once a key has worked
    with pytest.raises(ccxt.DDoSProtection, match="-2015"):
        looks.create_order(PAIR, "market", "buy", 0.0005)
    looks.close()


@pytest.mark.parametrize(("off_milliseconds", "words"), [(-30_000, "outside of the recvWindow"), (5_000, "ahead")])
def test_a_client_whose_clock_is_wrong_is_refused_until_it_adjusts(
    running: Running, off_milliseconds: int, words: str
) -> None:
    client = sync_client(running.address)
    client.load_markets()
    client.options["timeDifference"] = -off_milliseconds
    with pytest.raises(ccxt.InvalidNonce, match=words):
        client.fetch_balance()
    client.load_time_difference()
    assert client.fetch_balance()["BTC"]["total"] == 1.0
    client.close()


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("klines?symbol=BTCUSDT&interval=7m", -1120),
        ("klines?interval=1m", -1102),
        ("klines?symbol=BTCUSDT&interval=1m&limit=x", -1100),
        ("klines?symbol=BTCUSDT&interval=1m&startTime=-5", -1100),
        ("depth?symbol=NOCOIN", -1121),
        ("ticker/24hr?symbols=BTCUSDT", -1100),
        ("ticker/24hr?symbols=7", -1100),
        ('ticker/24hr?symbols=["NOCOIN"]', -1121),
    ],
)
def test_questions_about_the_market_that_make_no_sense_are_refused(running: Running, path: str, code: int) -> None:
    answer = requests.get(f"{running.address}/api/v3/{path}", timeout=10)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_a_window_that_is_too_wide_is_refused(running: Running) -> None:
    client = sync_client(running.address, FIRST, options={"recvWindow": 60_001})
    with pytest.raises(ccxt.BaseError, match="-1131"):
        client.fetch_balance()
    client.close()


def test_ccxt_takes_every_refusal_for_what_it_would_take_it_for_at_the_real_address() -> None:
    known = ccxt.binance().exceptions
    said = [value for value in vars(refusals).values() if isinstance(value, refusals.Refusal)]
    assert len(said) > 15
    for refusal in said:
        for words in (str(refusal.code), refusal.message):
            elsewhere = known["spot"]["exact"].get(words)
            if refusal is not refusals.WINDOW_TOO_WIDE:
                assert elsewhere in (None, known["exact"].get(words)), refusal


def test_no_address_that_ccxt_knows_is_left_to_lead_elsewhere() -> None:
    address = "http://127.0.0.1:5000"
    for client in (ccxt.binance(ccxt_settings(address)), ccxt.pro.binance(ccxt_settings(address))):
        flat = [url for url in client.urls["api"].values() if isinstance(url, str)]
        streams = client.urls["api"].get("ws", {})
        flat += [url for url in streams.values() if isinstance(url, str)] + list(streams.get("ws-api", {}).values())
        assert [url for url in flat if "//127.0.0.1:5000/" not in url] == []


def test_a_path_that_is_not_spoken_says_so(client: Sync) -> None:
    with pytest.raises(ccxt.BaseError, match="not spoken"):
        client.private_get_ratelimit_order()
