"""No order stays unknown: the account is compared with the database before anything is released."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.domain.account_report import AccountFill, AccountOrder
from pipeline.domain.trading import OwnKeys
from pipeline.domain.train.decisions import Doubted, Observed
from pipeline.domain.train.plan import Order
from pipeline.errors import ToolFailed, Undone
from pipeline.flows.converge import bring_back
from pipeline.flows.deploy import deploy
from pipeline.flows.reconcile import reconcile
from pipeline.flows.stop import release, stop
from tests.domain.trading.samples import LIVE
from tests.flows.road_ground import NEW, OLD, STRATEGY, Device, FakeAccount, running

ONE = Decimal(1)
ORDER = Order(STRATEGY, NEW, "operator")


def order(device: Device, id: str, pair: str = "BTC/USDT", ago: timedelta = timedelta(minutes=1)) -> AccountOrder:
    return AccountOrder(id, "", pair, "buy", ONE, Decimal(0), Decimal(100), device.clock.now() - ago)


def fill(device: Device, order_id: str, pair: str = "BTC/USDT") -> AccountFill:
    return AccountFill("f", order_id, pair, "buy", ONE, Decimal(100), device.clock.now() - timedelta(minutes=1))


def test_an_order_of_ours_that_no_database_knows_is_cancelled(tmp_path: Path) -> None:
    device = running(tmp_path, LIVE)
    device.orders.append(order(device, "orphan"))
    deploy(ORDER, device.road())
    assert device.cancelled == ["orphan"]
    assert device.entering() == [NEW]


def test_a_database_that_was_begun_anew_holds_entries_until_a_person_has_looked(tmp_path: Path) -> None:
    """Its bot would know nothing of what it bought before: neither sell it nor count it."""
    device = running(tmp_path, LIVE)
    device.begun_anew = True
    deploy(ORDER, device.road())
    assert device.entering() == [NEW], "nothing was ever traded here"
    device.road().record(Observed(LIVE.name, STRATEGY, NEW, 3.0, 7))
    stop((STRATEGY,), device.road(), "operator", "", exits=False)
    for _ in range(2):
        device.clock.sleep(1)
        release((STRATEGY,), device.road(), "operator", "go on")
        if device.entering():
            break
        (hold,) = device.road().state().holds(STRATEGY, NEW)
        assert "the database holds no order, and 7 trades had been counted here" in hold.reason
    assert device.entering() == [NEW], "a person has looked"
    assert device.kinds().count("doubted") == 1


def test_an_order_that_the_database_knows_is_left_alone(tmp_path: Path) -> None:
    device = running(tmp_path, LIVE)
    device.orders.append(order(device, "mine"))
    device.known.add("mine")
    deploy(ORDER, device.road())
    assert (device.cancelled, device.entering()) == ([], [NEW])


def test_a_fill_that_no_database_explains_keeps_the_bot_paused_until_a_person_has_looked(tmp_path: Path) -> None:
    device = running(tmp_path, LIVE)
    device.fills.append(fill(device, "orphan"))
    deploy(ORDER, device.road())
    assert (device.entering(), device.alive()) == ([], [NEW])
    (hold,) = device.road().state().holds(STRATEGY, NEW)
    assert "the order orphan was filled (buy 1 BTC/USDT at 100" in hold.reason
    device.known.add("orphan")
    release((STRATEGY,), device.road(), "operator", "bought by hand")
    assert device.entering() == [NEW]


def test_an_order_that_is_filled_while_it_is_cancelled_is_a_fill(tmp_path: Path) -> None:
    device = running(tmp_path, LIVE)
    late = order(device, "late")
    device.orders.append(late)

    class Racing(list[AccountOrder]):
        def remove(self, what: AccountOrder) -> None:
            super().remove(what)
            device.fills.append(fill(device, what.id))

    device.orders = Racing(device.orders)
    deploy(ORDER, device.road())
    assert device.entering() == []
    assert "the order late was filled" in device.road().state().holds(STRATEGY, NEW)[0].reason


def test_an_order_that_is_older_than_the_database_is_not_ours_to_cancel(tmp_path: Path) -> None:
    device = running(tmp_path, LIVE)
    device.orders.append(order(device, "strange", ago=timedelta(days=3)))
    deploy(ORDER, device.road())
    assert (device.cancelled, device.entering()) == ([], [])
    assert "the order strange waits" in device.road().state().holds(STRATEGY, NEW)[0].reason


def test_other_pairs_of_the_account_are_no_mismatch(tmp_path: Path) -> None:
    device = running(tmp_path, LIVE)
    device.orders.append(order(device, "other", "DOGE/USDT"))
    device.fills.append(fill(device, "another", "DOGE/USDT"))
    deploy(ORDER, device.road())
    assert (device.cancelled, device.entering()) == ([], [NEW])


def test_what_the_exchange_does_not_say_is_no_agreement(tmp_path: Path) -> None:
    device = running(tmp_path, LIVE)
    road = device.road()
    assert road.account is not None
    failures = iter([ToolFailed("the exchange does not answer")])

    class Hanging(type(road.account)):  # type: ignore[misc]
        def open_orders(self, pairs: object) -> tuple[AccountOrder, ...]:
            if error := next(failures, None):
                raise error
            return ()

    with pytest.raises(Undone, match="does not answer"):
        deploy(ORDER, replace(road, account=Hanging(device)))
    assert device.entering() == [OLD]


def test_a_strategy_with_keys_of_its_own_is_compared_with_its_own_account(tmp_path: Path) -> None:
    """The shared account's orders are not its own: they are neither cancelled nor a doubt."""
    device = running(tmp_path, LIVE)
    own = Device(tmp_path, clock=device.clock)
    device.orders.append(order(device, "of-the-others"))
    device.fills.append(fill(device, "of-the-others"))
    own.orders.append(order(device, "orphan"))
    environment = replace(LIVE, own_keys=(OwnKeys(STRATEGY, "K", "S"),))
    deploy(ORDER, replace(device.road(environment), own_accounts={STRATEGY: FakeAccount(own)}))
    assert (device.cancelled, own.cancelled, device.entering()) == ([], ["orphan"], [NEW])
    own.fills.append(fill(device, "stranger"))
    deploy(replace(ORDER, bundle=OLD), replace(device.road(environment), own_accounts={STRATEGY: FakeAccount(own)}))
    (hold,) = device.road().state().holds(STRATEGY, OLD)
    assert "stranger" in hold.reason
    assert "of-the-others" not in hold.reason


def test_an_account_without_a_key_is_never_taken_for_one_that_agrees(tmp_path: Path) -> None:
    device = running(tmp_path, LIVE)
    environment = replace(LIVE, own_keys=(OwnKeys(STRATEGY, "K", "S"),))
    with pytest.raises(ToolFailed, match="there is no key to its account"):
        deploy(ORDER, device.road(environment))
    assert device.entering() == []
    with pytest.raises(ToolFailed, match="there is no key to its account"):
        bring_back(replace(device.road(), account=None), "timer")
    assert device.entering() == []


def doubtful(tmp_path: Path, seconds_ago: float = 120.0) -> Device:
    """A device whose bot does not know what became of an order."""
    device = running(tmp_path, LIVE)
    device.doubt = ("an order to buy BTC/USDT was sent", device.clock.now() - timedelta(seconds=seconds_ago))
    return device


def test_the_bots_own_doubt_is_over_when_account_and_database_agree(tmp_path: Path) -> None:
    device = doubtful(tmp_path)
    deploy(ORDER, device.road())
    assert (device.doubt, device.entering()) == (None, [NEW])
    told = [entry.body["note"] for entry in device.entries() if "no longer doubted" in str(entry.body.get("note"))]
    assert told == [
        "the account and the database agree; 0 unknown orders were cancelled; no longer doubted: an order to buy BTC/USDT was sent"
    ]


def test_a_doubt_whose_order_may_still_turn_up_stays(tmp_path: Path) -> None:
    device = doubtful(tmp_path, seconds_ago=20.0)
    deploy(ORDER, device.road())
    assert device.doubt is not None


def test_a_doubt_about_a_pair_that_was_not_compared_stays(tmp_path: Path) -> None:
    device = doubtful(tmp_path)
    device.doubted_pair = "DOGE/USDT"
    deploy(ORDER, device.road())
    assert device.doubt is not None


def test_a_doubt_stays_where_the_bot_may_send_another_order_meanwhile(tmp_path: Path) -> None:
    device = doubtful(tmp_path)
    road = device.road()
    (bot,) = road.runtime.running()
    assert device.entering() == [OLD]
    reconcile(STRATEGY, bot.spec, road)
    assert device.doubt is not None
    road.homes.hold(bot.spec, "it is swapped")
    reconcile(STRATEGY, bot.spec, road)
    assert device.doubt is None


def test_a_doubt_whose_order_was_filled_stays_until_a_person_has_looked_and_then_goes(tmp_path: Path) -> None:
    """Nobody can put the fill into the database: the release is the word that somebody has looked."""
    device = doubtful(tmp_path)
    device.fills.append(fill(device, "orphan"))
    deploy(ORDER, device.road())
    assert (device.doubt is not None, device.entering()) == (True, [])
    device.clock.sleep(60)
    release((STRATEGY,), device.road(), "operator", "sold by hand")
    assert (device.doubt, device.entering()) == (None, [NEW])
    device.fills.append(replace(fill(device, "later"), at=device.clock.now()))
    deploy(replace(ORDER, bundle=OLD), device.road())
    (hold,) = device.road().state().holds(STRATEGY, OLD)
    assert "later" in hold.reason
    assert "orphan" not in hold.reason


def test_an_order_is_named_though_the_doubt_was_recorded_before_its_bot_died(tmp_path: Path) -> None:
    """The watch says after a minute that an order is unaccounted for; which one it was, only the account tells."""
    device = doubtful(tmp_path)
    road = device.road()
    (bot,) = road.runtime.running()
    road.record(Doubted("sandbox", STRATEGY, "an order to buy BTC/USDT was sent"))
    bring_back(road, "timer")
    device.fills.append(fill(device, "orphan"))
    device.clock.sleep(30)
    device.processes[bot.spec.name].since = device.clock.now()  # Its runtime was quicker than whoever converges.
    device.clock.sleep(5)
    bring_back(road, "operator")
    bring_back(road, "operator")
    device.processes[bot.spec.name].since = device.clock.now() + timedelta(seconds=1)
    bring_back(road, "operator")
    named = [entry for entry in device.entries() if entry.kind == "doubted" and "orphan" in str(entry.body)]
    assert len(named) == 1
    assert (device.entering(), device.violations) == ([], [])


def test_an_entry_that_was_lost_before_the_database_kept_book_is_found_by_its_doubt(tmp_path: Path) -> None:
    device = doubtful(tmp_path)
    device.databases.clear()
    device.fills.append(replace(fill(device, "orphan"), at=device.clock.now() - timedelta(seconds=119)))
    road = device.road()
    (bot,) = road.runtime.running()
    road.homes.hold(bot.spec, "it is swapped")
    assert "the order orphan was filled" in reconcile(STRATEGY, bot.spec, road)
    assert device.doubt is not None


def test_a_release_from_a_mere_stop_accepts_no_fill(tmp_path: Path) -> None:
    device = running(tmp_path, LIVE)
    stop((STRATEGY,), device.road(), "operator", "", exits=False)
    device.fills.append(fill(device, "orphan"))
    release((STRATEGY,), device.road(), "operator", "I am back")
    assert device.entering() == []
    assert "orphan" in device.road().state().holds(STRATEGY, OLD)[0].reason
