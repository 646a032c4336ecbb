"""What an account holds beside what its database knows: told, and left as it is."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from pipeline.domain.account_report import AccountFill, AccountOrder
from pipeline.domain.train.decisions import Doubted
from pipeline.flows.compare import compare
from pipeline.flows.stop import release
from tests.domain.trading.samples import LIVE
from tests.flows.road_ground import OLD, STRATEGY, Device, running

ONE = Decimal(1)


def order(device: Device, id: str, ago: timedelta, pair: str = "BTC/USDT") -> AccountOrder:
    return AccountOrder(id, "", pair, "buy", ONE, Decimal(0), Decimal(100), device.clock.now() - ago)


def fill(device: Device, order_id: str, ago: timedelta) -> AccountFill:
    return AccountFill("f", order_id, "BTC/USDT", "buy", ONE, Decimal(100), device.clock.now() - ago)


def told(device: Device) -> str:
    before = (list(device.lines), device.entering())
    (found,) = compare(device.road())
    assert (found.strategy, found.bundle) == (STRATEGY, OLD)
    assert (device.lines, device.entering(), device.cancelled) == (*before, []), "nothing is changed"
    return found.told


def test_orders_and_fills_of_the_database_are_explained(tmp_path: Path) -> None:
    device = running(tmp_path, LIVE)
    device.known |= {"a", "b"}
    device.orders.append(order(device, "a", timedelta(minutes=5)))
    device.fills.append(fill(device, "b", timedelta(minutes=5)))
    assert told(device) == ""


def test_what_no_database_knows_is_named(tmp_path: Path) -> None:
    device = running(tmp_path, LIVE)
    device.orders.append(order(device, "waits", timedelta(minutes=5)))
    device.fills.append(fill(device, "filled", timedelta(minutes=5)))
    assert "the order waits waits" in told(device)
    assert "the order filled was filled" in told(device)


def test_what_the_bot_may_just_be_writing_down_is_left_out(tmp_path: Path) -> None:
    device = running(tmp_path, LIVE)
    device.orders.append(order(device, "waits", timedelta(seconds=30)))
    device.fills.append(fill(device, "filled", timedelta(seconds=30)))
    assert told(device) == ""
    device.clock.sleep(31)
    assert told(device) != ""


def test_what_is_older_than_the_book_other_pairs_and_what_a_person_accepted_is_left_out(tmp_path: Path) -> None:
    device = running(tmp_path, LIVE)
    device.clock.sleep(7200)
    device.orders.append(order(device, "old", timedelta(hours=1, minutes=1)))
    device.orders.append(order(device, "other", timedelta(minutes=5), "ADA/BTC"))
    assert told(device) == ""
    device.fills.append(fill(device, "filled", timedelta(minutes=5)))
    assert told(device) != ""
    device.road().record(Doubted(LIVE.name, STRATEGY, "look at it"))
    release((STRATEGY,), device.road(), "operator", "bought by hand")
    device.clock.sleep(120)
    assert told(device) == ""


def test_a_dry_run_has_no_account_and_an_environment_may_be_empty(tmp_path: Path) -> None:
    device = running(tmp_path / "a")
    assert told(device) == ""
    assert compare(Device(tmp_path / "b", replace(LIVE)).road()) == ()
