"""Where pair lists choose the pairs, an account is compared on all that its bot is known to trade, and on what waits elsewhere in its currency."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.adapters.exchange_account import CcxtAccount
from pipeline.domain.account_report import AccountFill, AccountOrder, KnownOrders
from pipeline.domain.trading import OwnKeys, Secret, Secrets
from pipeline.domain.train.decisions import EntriesStopped
from pipeline.domain.train.plan import Order
from pipeline.domain.train.terms import BookedTrade, Terms
from pipeline.errors import Refused
from pipeline.flows.account_pairs import explained
from pipeline.flows.compare import compare
from pipeline.flows.deploy import deploy
from pipeline.flows.road import Road
from pipeline.rehearsal.exchange import ExchangeInThread, Settings, ccxt_settings
from tests.domain.trading.samples import LIVE
from tests.flows.road_ground import NEW, OLD, STRATEGY, Device, FakeDatabases, running
from tests.rehearsal.exchange.clients import FIRST, PAIR, sync_client

LISTS = replace(LIVE, pairs=(), freqtrade={"pairlists": [{"method": "VolumePairList", "number_assets": 20}]})
ORDER = Order(STRATEGY, NEW, "operator")
ONE = Decimal(1)


@pytest.fixture
def device(tmp_path: Path) -> Device:
    """Its database knows trades of ADA, and its list holds SOL by now."""
    device = running(tmp_path, LISTS, trades=0)
    device.traded, device.whitelist = {"ADA/USDT"}, ["SOL/USDT"]
    return device


def order(device: Device, pair: str, id: str = "orphan", ago: timedelta = timedelta(minutes=5)) -> AccountOrder:
    return AccountOrder(id, "", pair, "buy", ONE, Decimal(0), ONE, device.clock.now() - ago)


def fill(device: Device, pair: str, order_id: str = "orphan") -> AccountFill:
    return AccountFill("f", order_id, pair, "buy", ONE, ONE, device.clock.now() - timedelta(minutes=5))


def told(device: Device, road: Road | None = None) -> str:
    (found,) = compare(road or device.road())
    assert device.cancelled == [], "a comparison changes nothing"
    return found.told


@pytest.mark.parametrize("pair", ["ADA/USDT", "SOL/USDT"])
def test_fills_on_pairs_of_the_database_and_of_the_bot_s_list_want_an_explanation(device: Device, pair: str) -> None:
    assert told(device) == ""
    device.fills.append(fill(device, pair))
    assert "the order orphan was filled" in told(device)
    device.known.add("orphan")
    assert told(device) == ""


@pytest.mark.parametrize("pair", ["ADA/USDT", "SOL/USDT", "DOGE/USDT"])
def test_so_do_orders_that_wait_anywhere_in_the_stake_currency(device: Device, pair: str) -> None:
    device.orders.append(order(device, pair))
    assert f"the order orphan waits (buy 1 {pair} at 1" in told(device)


def test_what_waits_in_another_currency_is_no_mismatch(device: Device) -> None:
    device.orders.append(order(device, "ADA/BTC"))
    assert told(device) == ""


def test_an_exchange_that_wants_to_know_the_pair_is_asked_for_those_that_are_known(device: Device) -> None:
    device.tells_all_orders = False
    device.orders.append(order(device, "DOGE/USDT"))
    assert told(device) == ""
    device.orders.append(order(device, "SOL/USDT", "another"))
    assert "the order another waits" in told(device)


def test_a_bot_that_does_not_answer_leaves_the_pairs_of_its_database(device: Device) -> None:
    device.silent.add(f"{LISTS.name}-{STRATEGY}-a")
    device.fills += [fill(device, "SOL/USDT", "of the list"), fill(device, "ADA/USDT", "of the book")]
    assert "of the book" in told(device)
    assert "of the list" not in told(device)


def test_a_pair_that_is_no_longer_traded_keeps_nothing_from_being_compared(device: Device) -> None:
    device.traded.add("LUNA/USDT")
    device.delisted.add("LUNA/USDT")
    device.fills.append(fill(device, "ADA/USDT"))
    assert "the order orphan was filled" in told(device)


def test_before_a_release_lost_orders_on_known_pairs_are_cancelled_and_those_elsewhere_are_a_person_s_business(
    device: Device,
) -> None:
    device.orders += [order(device, "SOL/USDT", "lost"), order(device, "DOGE/USDT", "elsewhere")]
    deploy(ORDER, device.road())
    assert (device.cancelled, device.entering()) == (["lost"], [])
    (hold,) = device.road().state().holds(STRATEGY, NEW)
    assert "the order elsewhere waits" in hold.reason


def test_where_account_and_database_agree_the_bot_is_released(device: Device) -> None:
    device.known |= {"mine", "done"}
    device.orders.append(order(device, "SOL/USDT", "mine"))
    device.fills.append(fill(device, "ADA/USDT", "done"))
    deploy(ORDER, device.road())
    assert (device.cancelled, device.entering()) == ([], [NEW])


def test_a_doubt_about_an_order_can_settle_on_its_own_pair(device: Device) -> None:
    device.doubt, device.doubted_pair = ("no answer to an order", device.clock.now()), "XRP/USDT"
    device.clock.sleep(120)
    device.fills.append(fill(device, "XRP/USDT", "doubted"))
    assert "the order doubted was filled" in told(device)
    device.known.add("doubted")
    deploy(ORDER, device.road())
    assert (device.doubt, device.entering()) == (None, [NEW])


class Two(FakeDatabases):
    """Another strategy had the same account before, and knows what it ordered."""

    def known_orders(self, strategy: str) -> KnownOrders:
        mine = super().known_orders(strategy)
        return mine if strategy == STRATEGY else replace(mine, ids=frozenset({"of the other"}))


def test_orders_of_other_bots_that_had_the_account_are_explained(device: Device) -> None:
    road = replace(device.road(), databases=Two(device))
    device.fills.append(fill(device, "ADA/USDT", "of the other"))
    assert "the order of the other was filled" in told(device, road)
    road.record(EntriesStopped(LISTS.name, "former", "operator"))
    assert told(device, road) == ""
    own = replace(LISTS, own_keys=(OwnKeys("former", "KEY", "SECRET"),))
    assert explained(STRATEGY, replace(road, environment=own)).ids == frozenset(), "that one has an account of its own"
    fixed = replace(road, environment=LIVE)
    assert explained(STRATEGY, fixed).ids == frozenset(), "bots with fixed pairs have none in common"


def test_trades_in_an_earlier_currency_are_compared_while_the_bot_goes_on_with_them(tmp_path: Path) -> None:
    device = running(tmp_path, LIVE)
    changed = replace(LIVE, stake_currency="BTC", pairs=("ETH/BTC",))
    device.fills.append(fill(device, "BTC/USDT"))
    assert "the order orphan was filled" in told(device, device.road(changed))
    device.open_trades[STRATEGY] = 0
    assert told(device, device.road(changed)) == ""


def test_a_bundle_without_a_pair_left_is_told_unless_trades_of_it_are(tmp_path: Path) -> None:
    device = running(tmp_path, LIVE, trades=0)
    none = replace(LIVE, pairs=())
    with pytest.raises(Refused, match="names no pairs"):
        compare(device.road(none))
    device.booked.append(BookedTrade("BTC/EUR", device.clock.now(), Terms("binance", "EUR")))
    device.fills.append(fill(device, "BTC/EUR"))
    assert "the order orphan was filled" in told(device, device.road(none))
    assert device.alive() == [OLD]


@pytest.mark.sockets
def test_a_real_exchange_tells_what_the_book_and_the_list_lead_to_and_what_waits_beside_them(device: Device) -> None:
    pairs = (PAIR, "ETH/USDT", "SOL/USDT")
    with ExchangeInThread(Settings(accounts=(FIRST,), pairs=pairs, swing_ratio=0.0), device.clock) as running:
        now = {"milliseconds": lambda: round(device.clock.now().timestamp() * 1000)}
        account = CcxtAccount(
            "binance",
            Secrets(Secret(FIRST.key), Secret(FIRST.secret)),
            ccxt_settings(running.address) | now,
            device.clock,
        )
        trader = sync_client(running.address, **now)
        road = replace(device.road(), account=account)
        device.traded, device.whitelist = {PAIR, "GONE/USDT"}, ["SOL/USDT"]
        try:
            assert told(device, road) == ""
            bought = trader.create_order(PAIR, "market", "buy", 0.01)
            device.known.add(str(bought["id"]))
            listed = trader.create_order("SOL/USDT", "market", "buy", 1)
            waits = trader.create_order("ETH/USDT", "limit", "buy", 0.1, 1_000)
            device.clock.sleep(120)
            found = told(device, road)
        finally:
            trader.close()
            account.close()
    assert f"the order {listed['id']} was filled (buy 1" in found
    assert f"the order {waits['id']} waits (buy 0.1" in found
    assert f"order {bought['id']} " not in found
