"""The account adapter at a real loopback exchange: what it tells, and what becomes of every fault."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from pipeline.adapters import exchange_account
from pipeline.adapters.clock import SystemClock
from pipeline.adapters.exchange_account import CcxtAccount
from pipeline.adapters.exchange_calls import ATTEMPTS, PATIENCE_SECONDS
from pipeline.domain.account_report import AccountOrder, AccountRights
from pipeline.domain.trading import Secret, Secrets
from pipeline.errors import FreqtrainError, Refused, ToolFailed
from pipeline.rehearsal.exchange import Account, ExchangeInThread, FaultKind, RemoteControl, Settings, ccxt_settings
from tests.rehearsal.exchange.clients import FIRST, PAIR, READ_ONLY, SECOND, Running, Sync, sync_client

pytestmark = pytest.mark.sockets
OTHER = "ETH/USDT"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
PATIENCE = 30.0


@dataclass
class QuickClock:
    """The real time, but nobody is kept waiting."""

    slept: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture(scope="module")
def exchange() -> Iterator[Running]:
    """One exchange for all tests here; each makes accounts of its own where it trades."""
    settings = Settings(accounts=(FIRST, SECOND, READ_ONLY), pairs=(PAIR, OTHER), swing_ratio=0.0)
    with ExchangeInThread(settings, SystemClock()) as running:
        control = RemoteControl(running.address)
        yield Running(running.address, control)
        control.close()


@pytest.fixture(autouse=True)
def undisturbed(exchange: Running) -> Iterator[None]:
    yield
    exchange.control.lift()


@pytest.fixture
def clock() -> QuickClock:
    return QuickClock()


@pytest.fixture
def opened(exchange: Running, clock: QuickClock) -> Iterator[Callable[..., CcxtAccount]]:
    """`opened(account)` is the adapter with that account's keys, or with those that are given instead."""
    made: list[CcxtAccount] = []

    def open_one(owner: Account = FIRST, *, key: str = "", secret: str = "", public: bool = False) -> CcxtAccount:
        held = Secrets(Secret(key or owner.key), Secret(secret or owner.secret))
        one = CcxtAccount("binance", Secrets() if public else held, ccxt_settings(exchange.address), clock)
        made.append(one)
        return one

    yield open_one
    for one in made:
        one.close()


@pytest.fixture
def own(request: pytest.FixtureRequest, exchange: Running) -> Account:
    """An account that no other test trades with."""
    name = request.node.name
    money = {"USDT": Decimal(10_000), "BTC": Decimal(1), "ETH": Decimal(10)}
    account = Account(name, f"{name}-key", f"{name}-secret", money)
    exchange.control.open_account(account)
    return account


@pytest.fixture
def trader(exchange: Running, own: Account) -> Iterator[Sync]:
    """Another program that trades with that account."""
    made = sync_client(exchange.address, own)
    made.load_markets()
    yield made
    made.close()


def test_waiting_orders_are_told_to_the_last_digit_and_only_those_of_the_pairs(
    opened: Callable[..., CcxtAccount], own: Account, trader: Sync
) -> None:
    params = {"clientOrderId": "ours-7"}
    made = trader.create_order(PAIR, "limit", "buy", 0.00123, 50_000.01, params)
    trader.create_order(OTHER, "limit", "sell", 1, 9_000)
    (order,) = opened(own).open_orders((PAIR,))
    placed = datetime.fromtimestamp(made["timestamp"] / 1000, UTC)
    assert order == AccountOrder(
        made["id"], "ours-7", PAIR, "buy", Decimal("0.00123"), Decimal(0), Decimal("50000.01"), placed
    )
    both = opened(own).open_orders((OTHER, PAIR))
    assert [one.pair for one in both] == [PAIR, OTHER], "the oldest first, whatever the order of the pairs"


def test_waiting_orders_on_all_pairs_are_told_at_once(
    opened: Callable[..., CcxtAccount], own: Account, trader: Sync
) -> None:
    account = opened(own)
    assert account.open_orders_anywhere() == ()
    trader.create_order(OTHER, "limit", "sell", 1, 9_000)
    trader.create_order(PAIR, "limit", "buy", 0.00123, 50_000.01)
    trader.create_order(PAIR, "market", "buy", 0.001)
    told = account.open_orders_anywhere()
    assert told == account.open_orders((OTHER, PAIR))
    assert [one.pair for one in told or ()] == [OTHER, PAIR]


@pytest.mark.parametrize("said", [{}, {"symbolRequired": True}, {"symbolRequired": None}])
def test_an_exchange_that_wants_to_know_the_pair_is_not_asked_for_all(
    opened: Callable[..., CcxtAccount], own: Account, said: dict[str, object]
) -> None:
    account = opened(own)
    account.listed((PAIR,))
    account._client.features["spot"]["fetchOpenOrders"] = said
    assert account.open_orders_anywhere() is None


def test_that_it_wants_to_know_the_pair_may_show_only_when_it_is_asked(
    opened: Callable[..., CcxtAccount], own: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = opened(own)

    def demanding(*_: object) -> object:
        raise exchange_account.errors.ArgumentsRequired("a symbol is needed")

    monkeypatch.setattr(account._client, "fetch_open_orders", demanding)
    assert account.open_orders_anywhere() is None


def test_the_list_of_markets_is_asked_for_anew_where_a_pair_is_missing(opened: Callable[..., CcxtAccount]) -> None:
    account = opened(public=True)
    assert account.listed(("GONE/USDT", OTHER, PAIR)) == (OTHER, PAIR)
    del account._client.markets[OTHER]
    assert account.listed((PAIR,)) == (PAIR,)
    assert account.listed((OTHER,)) == (OTHER,), "it was listed meanwhile"


def test_a_stop_loss_on_the_exchange_is_a_waiting_order_too(
    opened: Callable[..., CcxtAccount], own: Account, trader: Sync
) -> None:
    last = trader.fetch_ticker(PAIR)["last"]
    stop = trader.create_order(PAIR, "limit", "sell", 0.5, last * 0.9, {"stopLossPrice": last * 0.97})
    (order,) = opened(own).open_orders((PAIR,))
    assert (order.id, order.side, order.amount) == (stop["id"], "sell", Decimal("0.5"))
    assert order.price > 0


def test_every_page_of_fills_is_read(
    opened: Callable[..., CcxtAccount], own: Account, trader: Sync, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange_account, "PAGE", 2)
    before = datetime.now(UTC)
    orders = [trader.create_order(PAIR, "market", "buy", 0.001)["id"] for _ in range(5)]
    other = trader.create_order(OTHER, "market", "sell", 0.1)["id"]
    found = opened(own).fills((OTHER, PAIR), before - timedelta(seconds=1))
    assert [fill.order_id for fill in found] == [*orders, other]
    assert len({fill.id for fill in found}) == 6
    (sold,) = [fill for fill in found if fill.pair == OTHER]
    assert (sold.side, sold.amount) == ("sell", Decimal("0.1"))
    assert all(before - timedelta(seconds=1) <= fill.at <= datetime.now(UTC) for fill in found)
    assert opened(own).fills((PAIR,), datetime.now(UTC) + timedelta(seconds=5)) == ()
    assert len(opened(own).fills((PAIR,), LONG_AGO)) == 5


def test_fills_are_found_by_their_time_where_an_exchange_does_not_number_them(
    opened: Callable[..., CcxtAccount], own: Account, trader: Sync, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange_account, "_BINANCE", ())
    before = datetime.now(UTC)
    orders = [trader.create_order(PAIR, "market", "buy", 0.001)["id"] for _ in range(5)]
    found = opened(own).fills((PAIR,), before - timedelta(days=3))
    assert [fill.order_id for fill in found] == orders


def test_fills_of_one_moment_are_not_lost_between_pages(
    opened: Callable[..., CcxtAccount],
    own: Account,
    trader: Sync,
    exchange: Running,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exchange_account, "PAGE", 2)
    exchange.control.set_liquidity(Decimal(100))
    try:
        order = trader.create_order(PAIR, "market", "buy", 0.03)
    finally:
        exchange.control.set_liquidity(Decimal(250_000))
    (booked,) = exchange.control.orders(own.name)
    assert len(booked["fills"]) > 4, "one order, filled in many parts at once"
    found = opened(own).fills((PAIR,), LONG_AGO)
    assert len(found) == len(booked["fills"])
    assert {fill.order_id for fill in found} == {order["id"]}
    assert sum(fill.amount for fill in found) == Decimal(booked["executed"])


def test_cancelling_ends_an_order_and_one_that_is_gone_is_no_error(
    opened: Callable[..., CcxtAccount], own: Account, trader: Sync
) -> None:
    trader.create_order(PAIR, "limit", "buy", 0.01, 50_000)
    account = opened(own)
    (order,) = account.open_orders((PAIR,))
    account.cancel(order)
    assert account.open_orders((PAIR,)) == ()
    account.cancel(order)
    filled = trader.create_order(PAIR, "market", "buy", 0.01)
    account.cancel(AccountOrder(filled["id"], "", PAIR, "buy", Decimal(1), Decimal(0), Decimal(1), LONG_AGO))


@pytest.mark.parametrize("said", ["{}", '{"orders": []}', "[]", "null", '"nothing"', ""])
def test_only_a_list_can_say_that_there_are_no_orders(exchange: Running, clock: QuickClock, said: str) -> None:
    def answer(*asked: object) -> str:
        url, body = str(asked[2]), str(asked[5])
        return body if "exchangeInfo" in url else said

    config = {**ccxt_settings(exchange.address), "on_rest_response": answer}
    account = CcxtAccount("binance", Secrets(Secret(FIRST.key), Secret(FIRST.secret)), config, clock)
    questions: tuple[Callable[[], object], ...] = (
        lambda: account.open_orders((PAIR,)),
        account.open_orders_anywhere,
        lambda: account.fills((PAIR,), LONG_AGO),
    )
    for question in questions:
        if said == "[]":
            assert question() == ()
        else:
            with pytest.raises(ToolFailed, match="something else"):
                question()
    with pytest.raises(ToolFailed, match="something else"):
        account.free("USDT")
    account.close()


def test_a_page_of_a_gateway_is_no_empty_list_at_any_exchange(
    opened: Callable[..., CcxtAccount], exchange: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange_account, "_BINANCE", ())
    account = opened()
    account.open_orders((PAIR,))
    exchange.control.disturb(FaultKind.STATUS, status=200, message="<html>come back later</html>")
    with pytest.raises(ToolFailed, match="something else"):
        account.open_orders((PAIR,))
    with pytest.raises(ToolFailed, match="something else"):
        account.fills((PAIR,), datetime.now(UTC))


def test_the_quickest_answer_about_the_time_counts_from_the_middle_of_its_way(exchange: Running) -> None:
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    shown = iter((12.0, 14.35))
    passing = iter((0.0, 4.0, 4.0, 4.5))

    def answer(*asked: object) -> str:
        at = begin + timedelta(seconds=next(shown))
        return f'{{"serverTime": {round(at.timestamp() * 1000)}}}'

    class Passing(QuickClock):
        def now(self) -> datetime:
            return begin + timedelta(seconds=next(passing))

    config = {**ccxt_settings(exchange.address), "on_rest_response": answer}
    account = CcxtAccount("binance", Secrets(), config, Passing())
    assert account.clock_ahead_seconds() == pytest.approx(10.1)
    account.close()


def test_no_digit_is_lost_on_the_way(opened: Callable[..., CcxtAccount], exchange: Running) -> None:
    much = Decimal("12345678901.12345678")
    exchange.control.open_account(Account("rich", "rich-key", "rich-secret", {"USDT": much}))
    assert opened(Account("rich", "rich-key", "rich-secret")).free("USDT") == much


def test_an_order_is_cancelled_once_though_the_answer_was_lost(
    opened: Callable[..., CcxtAccount], own: Account, trader: Sync, exchange: Running
) -> None:
    trader.create_order(PAIR, "limit", "buy", 0.01, 50_000)
    account = opened(own)
    (order,) = account.open_orders((PAIR,))
    exchange.control.disturb(FaultKind.LOST_ANSWER, method="DELETE", path="/api/v3/order", times=1, account=own.name)
    account.cancel(order)
    assert [one["status"] for one in exchange.control.orders(own.name)] == ["CANCELED"]


def test_an_order_that_the_exchange_does_not_give_up_is_told(
    opened: Callable[..., CcxtAccount], own: Account, trader: Sync, exchange: Running
) -> None:
    trader.create_order(PAIR, "limit", "buy", 0.01, 50_000)
    account = opened(own)
    (order,) = account.open_orders((PAIR,))
    exchange.control.disturb(
        FaultKind.STATUS, method="DELETE", status=400, code=-2011, message="Unknown order sent.", account=own.name
    )
    with pytest.raises(ToolFailed, match="still waits"):
        account.cancel(order)


def test_free_money_is_what_no_order_holds(opened: Callable[..., CcxtAccount], own: Account, trader: Sync) -> None:
    trader.create_order(PAIR, "limit", "buy", 0.1, 50_000.01)
    account = opened(own)
    assert account.free("USDT") == Decimal("4999.999")
    assert account.free("BTC") == Decimal(1)
    assert account.free("DOGE") == Decimal(0)


@pytest.mark.parametrize(
    ("owner", "rights"),
    [
        (FIRST, AccountRights(True, False)),
        (SECOND, AccountRights(True, True)),
        (READ_ONLY, AccountRights(False, False)),
    ],
)
def test_a_key_s_rights_are_told_that_to_withdraw_above_all(
    opened: Callable[..., CcxtAccount], owner: Account, rights: AccountRights
) -> None:
    assert opened(owner).rights() == rights


def test_the_least_order_can_be_placed_and_nothing_below_it(
    opened: Callable[..., CcxtAccount], own: Account, trader: Sync
) -> None:
    least = opened(own).least_order(PAIR)
    last = Decimal(str(trader.fetch_ticker(PAIR)["last"]))
    step = Decimal("0.00001")
    assert least % (step * last) == 0
    assert Decimal(5) <= least < Decimal(5) + step * last
    trader.create_order(PAIR, "limit", "buy", float(least / last), float(last))
    with pytest.raises(Exception, match="NOTIONAL"):
        trader.create_order(PAIR, "limit", "buy", float(least / last - step), float(last))


def test_the_market_is_told_without_a_key(opened: Callable[..., CcxtAccount]) -> None:
    market = opened(public=True)
    now = datetime.now(UTC)
    assert abs(market.clock_ahead_seconds()) < 5
    began = market.last_candle_at(PAIR, "5m")
    assert now - timedelta(minutes=5) - timedelta(seconds=PATIENCE) <= began <= datetime.now(UTC)
    assert (began.minute % 5, began.second) == (0, 0)
    assert market.least_order(OTHER) >= 5


def test_the_markets_are_read_without_the_key_even_where_there_is_one(
    opened: Callable[..., CcxtAccount], exchange: Running
) -> None:
    exchange.control.disturb(FaultKind.WRONG_KEY, account=FIRST.name)
    assert opened(FIRST).least_order(OTHER) >= 5


def test_a_frozen_feed_shows_in_its_candles(opened: Callable[..., CcxtAccount], exchange: Running) -> None:
    exchange.control.disturb(FaultKind.FROZEN_FEED)
    frozen = opened(public=True).last_candle_at(PAIR, "1m")
    assert frozen <= datetime.now(UTC)
    assert opened(public=True).last_candle_at(PAIR, "1m") == frozen


@pytest.mark.parametrize("seconds", [40.0, -40.0])
def test_a_clock_that_differs_is_measured_and_signed_questions_fail_with_the_reason(
    opened: Callable[..., CcxtAccount], exchange: Running, clock: QuickClock, seconds: float
) -> None:
    exchange.control.disturb(FaultKind.CLOCK_SKEW, seconds=seconds)
    account = opened()
    assert account.clock_ahead_seconds() == pytest.approx(seconds, abs=5)
    with pytest.raises(ToolFailed, match="its clock and the device's differ") as caught:
        account.free("USDT")
    assert "set-ntp" in caught.value.hint
    assert clock.slept == [], "asking again would not help"


def test_a_slow_exchange_is_waited_for_and_its_clock_measured_all_the_same(
    opened: Callable[..., CcxtAccount], exchange: Running
) -> None:
    account = opened()
    before = exchange.control.calls().get("GET /api/v3/time", 0)
    exchange.control.disturb(FaultKind.LATENCY, path="/api/v3/time", seconds=1.5, times=1)
    assert abs(account.clock_ahead_seconds()) < 5
    assert exchange.control.calls()["GET /api/v3/time"] - before > 1, "a slow answer says little about the time"
    exchange.control.disturb(FaultKind.LATENCY, path="/api/v3/account", seconds=1, times=1)
    assert account.free("USDT") == Decimal(10_000)


def test_an_exchange_that_hangs_is_given_up(
    opened: Callable[..., CcxtAccount], exchange: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange_account, "TIMEOUT_SECONDS", 0.3)
    account = opened()
    exchange.control.disturb(FaultKind.HANG_BEFORE, path="/api/v3/account")
    with pytest.raises(ToolFailed, match="did not answer in time"):
        account.free("USDT")


@pytest.mark.parametrize("status", [500, 502, 503, 504, 429, 418])
def test_a_passing_fault_is_asked_again_and_a_lasting_one_is_told(
    opened: Callable[..., CcxtAccount], exchange: Running, clock: QuickClock, status: int
) -> None:
    account = opened()
    exchange.control.disturb(FaultKind.STATUS, path="/api/v3/account", status=status, times=ATTEMPTS - 1)
    assert account.free("USDT") == Decimal(10_000)
    assert len(clock.slept) == ATTEMPTS - 1
    before = exchange.control.calls()["GET /api/v3/account"]
    exchange.control.disturb(FaultKind.STATUS, path="/api/v3/account", status=status)
    with pytest.raises(ToolFailed) as caught:
        account.free("USDT")
    assert caught.value.hint
    assert exchange.control.calls()["GET /api/v3/account"] - before == ATTEMPTS
    assert sum(clock.slept) <= 2 * PATIENCE_SECONDS


@pytest.mark.parametrize("status", [418, 429])
def test_who_is_told_to_wait_waits_so_long_but_not_for_ever(
    opened: Callable[..., CcxtAccount], exchange: Running, clock: QuickClock, status: int
) -> None:
    account = opened()
    asked = {"path": "/api/v3/account", "status": status, "code": -1003, "message": "Too many requests."}
    exchange.control.disturb(FaultKind.STATUS, **asked, retry_after=7, times=2)
    assert account.free("USDT") == Decimal(10_000)
    assert clock.slept == [7.0, 7.0]
    clock.slept.clear()
    exchange.control.disturb(FaultKind.STATUS, **asked, retry_after=20)
    with pytest.raises(ToolFailed, match="left alone for 20 s"):
        account.free("USDT")
    assert clock.slept == [20.0], "a second wait would be longer than our patience"
    clock.slept.clear()
    exchange.control.lift()
    exchange.control.disturb(FaultKind.STATUS, **asked, retry_after=7200)
    with pytest.raises(ToolFailed, match=r"left alone for 7200 s.*-1003 Too many requests") as caught:
        account.free("USDT")
    assert clock.slept == []
    assert "wait" in caught.value.hint


def test_a_lost_answer_is_asked_for_again(opened: Callable[..., CcxtAccount], exchange: Running) -> None:
    account = opened()
    exchange.control.disturb(FaultKind.LOST_ANSWER, path="/api/v3/openOrders", times=1)
    exchange.control.disturb(FaultKind.LOST_ANSWER, path="/api/v3/exchangeInfo", times=1)
    assert account.open_orders((PAIR,)) == ()


def test_an_exchange_that_is_down_is_told(clock: QuickClock) -> None:
    account = CcxtAccount("binance", Secrets(), ccxt_settings("http://127.0.0.1:9"), clock)
    with pytest.raises(ToolFailed, match="binance could not be reached") as caught:
        account.clock_ahead_seconds()
    assert "network" in caught.value.hint
    account.close()


@pytest.mark.parametrize("wrong", [{"key": "nobody-s-key"}, {"secret": "guessed-secret"}])
def test_a_wrong_key_is_refused_at_once_by_every_signed_question(
    opened: Callable[..., CcxtAccount], clock: QuickClock, wrong: dict[str, str]
) -> None:
    account = opened(**wrong)
    order = AccountOrder("1", "", PAIR, "buy", Decimal(1), Decimal(0), Decimal(1), LONG_AGO)
    questions: tuple[Callable[[], object], ...] = (
        account.rights,
        lambda: account.free("USDT"),
        lambda: account.open_orders((PAIR,)),
        lambda: account.fills((PAIR,), LONG_AGO),
        lambda: account.cancel(order),
    )
    for question in questions:
        with pytest.raises(Refused, match="does not accept the key") as caught:
            question()
        assert "compare key and secret" in caught.value.hint
    assert clock.slept == []
    assert account.last_candle_at(PAIR, "1m"), "what is public needs no key"


def test_a_key_that_was_withdrawn_after_it_had_worked_is_refused_too(
    opened: Callable[..., CcxtAccount], exchange: Running
) -> None:
    account = opened()
    account.open_orders((PAIR,))
    exchange.control.disturb(FaultKind.WRONG_KEY, account=FIRST.name)
    with pytest.raises(Refused, match="-2015"):
        account.open_orders((PAIR,))


def test_a_key_without_the_right_to_trade_cannot_cancel(opened: Callable[..., CcxtAccount], exchange: Running) -> None:
    order = AccountOrder("1", "", PAIR, "buy", Decimal(1), Decimal(0), Decimal(1), LONG_AGO)
    opened(READ_ONLY).cancel(order)  # there is none of that id
    exchange.control.disturb(
        FaultKind.STATUS,
        method="DELETE",
        status=401,
        code=-2015,
        message="Invalid API-key, IP, or permissions for action.",
    )
    with pytest.raises(Refused, match="permissions"):
        opened(READ_ONLY).cancel(order)


def test_pairs_and_candles_that_the_exchange_does_not_have_are_refused(opened: Callable[..., CcxtAccount]) -> None:
    account = opened()
    for question in (
        lambda: account.last_candle_at("NO/COIN", "1m"),
        lambda: account.least_order("NO/COIN"),
        lambda: account.open_orders(("NO/COIN",)),
        lambda: account.last_candle_at(PAIR, "7m"),
    ):
        with pytest.raises(Refused) as caught:
            question()
        assert caught.value.hint
    with pytest.raises(Refused, match="knows no exchange 'mtgox'"):
        CcxtAccount("mtgox", Secrets())


@pytest.mark.parametrize("code", [-1, 0, 200])
@pytest.mark.parametrize("warm", [False, True])
def test_nonsense_is_never_taken_for_an_empty_list_or_an_unknown_pair(
    opened: Callable[..., CcxtAccount], exchange: Running, code: int, warm: bool
) -> None:
    account = opened()
    if warm:
        account.open_orders((PAIR,))
    exchange.control.disturb(FaultKind.STATUS, status=200, code=code, message="<html>hello</html>")
    for question in (
        account.clock_ahead_seconds,
        account.rights,
        lambda: account.last_candle_at(PAIR, "1m"),
        lambda: account.open_orders((PAIR,)),
        lambda: account.fills((PAIR,), LONG_AGO),
        lambda: account.free("USDT"),
    ):
        with pytest.raises(ToolFailed) as caught:
            question()
        assert caught.value.hint


def test_no_secret_and_no_signature_is_in_any_message(
    opened: Callable[..., CcxtAccount], exchange: Running, own: Account
) -> None:
    told: list[str] = []
    account = opened(own)
    account.open_orders((PAIR,))
    echo = f"you sent {own.key} and {own.secret}"
    faults: list[dict[str, object]] = [
        {"kind": FaultKind.WRONG_KEY},
        {"kind": FaultKind.CLOCK_SKEW, "seconds": 60},
        {"kind": FaultKind.LOST_ANSWER},
        {"kind": FaultKind.STATUS, "status": 503, "message": echo},
        {"kind": FaultKind.STATUS, "status": 400, "code": -1102, "message": echo},
        {"kind": FaultKind.STATUS, "status": 200, "message": echo},
        {"kind": FaultKind.STATUS, "status": 418, "message": echo, "retry_after": 900},
    ]
    for fault in faults:
        number = exchange.control.disturb(**fault)  # type: ignore[arg-type]
        for question in (
            account.rights,
            lambda: account.open_orders((PAIR,)),
            lambda: account.fills((PAIR,), LONG_AGO),
        ):
            with pytest.raises(FreqtrainError) as caught:
                question()
            assert caught.value.__cause__ is None
            assert caught.value.__suppress_context__
            told += [caught.value.message, caught.value.hint, repr(caught.value)]
        exchange.control.lift(number)
    told += [repr(account), str(account), str(vars(account))]
    assert len(told) > 20
    for text in told:
        for hidden in (own.key, own.secret, "signature=", "http"):
            assert hidden not in text
