"""Every fault that can be asked for, as ccxt's client meets it, and what the order log says afterwards."""

import threading
import time
from decimal import Decimal

import ccxt
import pytest
import requests

from pipeline.errors import ToolFailed
from pipeline.rehearsal.exchange import Account, FaultKind, RemoteControl
from tests.rehearsal.exchange.clients import PAIR, SECOND, Running, Sync, sync_client
from tests.rehearsal.exchange.test_ccxt import until

pytestmark = pytest.mark.sockets
ORDER = "/api/v3/order"


def test_latency_delays_one_endpoint_and_leaves_the_others_alone(client: Sync, running: Running) -> None:
    running.control.disturb(FaultKind.LATENCY, path="/api/v3/depth", seconds=1.5)
    started = time.monotonic()
    client.fetch_order_book(PAIR)
    assert time.monotonic() - started >= 1.5
    running.control.lift()
    running.control.disturb(FaultKind.LATENCY, path="/api/v3/depth", seconds=60)
    client.fetch_ticker(PAIR)
    client.timeout = 500
    with pytest.raises(ccxt.RequestTimeout):
        client.fetch_order_book(PAIR)


def test_an_answer_that_is_lost_hides_an_order_that_was_accepted(client: Sync, running: Running) -> None:
    running.control.disturb(FaultKind.LOST_ANSWER, method="POST", path=ORDER, times=1)
    with pytest.raises(ccxt.NetworkError):
        client.create_order(PAIR, "market", "buy", 0.01, params={"clientOrderId": "lost"})
    (order,) = running.control.orders()
    assert (order["client_id"], order["status"]) == ("lost", "FILLED")
    assert client.fetch_order("", PAIR, {"clientOrderId": "lost"})["filled"] == 0.01
    assert client.create_order(PAIR, "market", "buy", 0.01)["status"] == "closed", "the fault was for one request"


def test_a_fault_that_waits_for_an_entry_lets_exits_pass(client: Sync, running: Running) -> None:
    running.control.disturb(FaultKind.LOST_ANSWER, method="POST", path=ORDER, side="BUY", times=1)
    assert client.fetch_order_book(PAIR)["bids"]
    assert client.create_order(PAIR, "market", "sell", 0.01)["status"] == "closed"
    with pytest.raises(ccxt.NetworkError):
        client.create_order(PAIR, "market", "buy", 0.01)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (500, ccxt.ExchangeNotAvailable),
        (503, ccxt.ExchangeNotAvailable),
        (504, ccxt.NetworkError),
        (418, ccxt.DDoSProtection),
        (429, ccxt.DDoSProtection),
    ],
)
def test_a_status_is_answered_and_nothing_is_done(
    client: Sync, running: Running, status: int, error: type[Exception]
) -> None:
    running.control.disturb(FaultKind.STATUS, status=status, method="POST", times=2)
    for _ in range(2):
        with pytest.raises(error):
            client.create_order(PAIR, "market", "buy", 0.01)
    assert running.control.orders() == []
    assert client.create_order(PAIR, "market", "buy", 0.01)["status"] == "closed"


def test_too_many_requests_say_when_to_come_back(running: Running) -> None:
    running.control.disturb(FaultKind.STATUS, status=429, code=-1003, message="Too many requests.", retry_after=7)
    answer = requests.get(f"{running.address}/api/v3/time", timeout=10)
    assert (answer.status_code, answer.headers["Retry-After"], answer.json()["code"]) == (429, "7", -1003)


def test_an_order_that_hangs_is_carried_out_and_its_answer_comes_when_it_is_released(
    client: Sync, running: Running
) -> None:
    fault = running.control.disturb(FaultKind.HANG_AFTER, method="POST", path=ORDER)
    answers: list[str] = []
    waits = threading.Thread(
        target=lambda: answers.append(client.create_order(PAIR, "market", "buy", 0.01)["status"]), daemon=True
    )
    waits.start()
    until(lambda: running.control.faults()[0]["holding"] == 1)
    assert [order["status"] for order in running.control.orders()] == ["FILLED"]
    assert answers == []
    running.control.lift(fault)
    waits.join(30)
    assert answers == ["closed"]


def test_an_order_that_hangs_before_it_was_read_is_carried_out_after_its_client_gave_up(running: Running) -> None:
    impatient = sync_client(running.address)
    impatient.load_markets()
    impatient.timeout = 1000
    fault = running.control.disturb(FaultKind.HANG_BEFORE, method="POST", path=ORDER)
    with pytest.raises(ccxt.RequestTimeout):
        impatient.create_order(PAIR, "market", "buy", 0.01)
    assert running.control.orders() == []
    running.control.lift(fault)
    until(lambda: len(running.control.orders()) == 1)
    impatient.close()


def test_a_skewed_clock_refuses_signed_requests_and_shows_in_its_time(client: Sync, running: Running) -> None:
    running.control.disturb(FaultKind.CLOCK_SKEW, seconds=30)
    assert client.fetch_time() - client.milliseconds() > 20_000
    with pytest.raises(ccxt.InvalidNonce, match="outside of the recvWindow"):
        client.fetch_balance()
    running.control.lift()
    running.control.disturb(FaultKind.CLOCK_SKEW, seconds=-30)
    with pytest.raises(ccxt.InvalidNonce, match="ahead"):
        client.fetch_balance()
    running.control.lift()
    assert client.fetch_balance()["BTC"]["total"] == 1.0


def test_a_frozen_feed_stands_still_while_orders_are_still_taken(client: Sync, running: Running) -> None:
    running.control.disturb(FaultKind.FROZEN_FEED)
    running.control.move(PAIR, -0.05, seconds=0.1)
    before = client.fetch_ticker(PAIR)["last"]
    time.sleep(1.5)
    assert client.fetch_ticker(PAIR)["last"] == before
    assert client.create_order(PAIR, "limit", "buy", 0.01, before - 1000)["status"] == "open"
    running.control.lift()
    until(lambda: client.fetch_ticker(PAIR)["last"] < before - 1000)


def test_a_key_stops_working_for_one_account_only(client: Sync, running: Running) -> None:
    other = sync_client(running.address, SECOND)
    running.control.disturb(FaultKind.WRONG_KEY, account="sandbox")
    with pytest.raises(ccxt.AuthenticationError, match="-2015"):
        client.fetch_balance()
    assert client.fetch_ticker(PAIR)["last"] > 0
    assert other.fetch_balance()["USDT"]["total"] == 50.0
    other.close()


def test_a_balance_is_said_to_be_insufficient(client: Sync, running: Running) -> None:
    running.control.disturb(FaultKind.NO_BALANCE, account="sandbox")
    with pytest.raises(ccxt.InsufficientFunds):
        client.create_order(PAIR, "market", "buy", 0.001)
    assert running.control.orders() == []


def test_a_fault_that_makes_no_sense_is_refused_with_the_reason(running: Running) -> None:
    answer = requests.post(f"{running.address}/_control/faults", json={"kind": "earthquake"}, timeout=10)
    assert (answer.status_code, "earthquake" in answer.json()["error"]) == (400, True)
    unknown = requests.get(f"{running.address}/_control/weather", timeout=10)
    assert (unknown.status_code, "GET /_control/state" in unknown.json()["error"]) == (404, True)
    with pytest.raises(ToolFailed, match="depth"):
        running.control.disturb(FaultKind.LATENCY, depth=3)
    with pytest.raises(ToolFailed, match="not traded here"):
        running.control.move("DOGE/USDT", 0.1)
    with pytest.raises(ToolFailed, match="above 0"):
        running.control.set_liquidity(Decimal(0))


def test_an_account_can_be_opened_while_the_exchange_runs(running: Running) -> None:
    new = Account("late", "late-key", "late-secret", {"USDT": Decimal("12.5")})
    running.control.open_account(new)
    late = sync_client(running.address, new)
    assert late.fetch_balance()["USDT"]["free"] == 12.5
    late.close()
    with pytest.raises(ToolFailed, match="another account"):
        running.control.open_account(new)


def test_an_exchange_that_is_gone_says_so() -> None:
    with pytest.raises(ToolFailed, match="does not answer"):
        RemoteControl("http://127.0.0.1:9").state()
