"""An environment moves with real bots: the positions that one device opened are managed by the other, and no order stays unknown."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.adapters.bundle_store import BundleStore
from pipeline.adapters.clock import SystemClock
from pipeline.adapters.environment_arrival import ArrivalsOnDevice
from pipeline.adapters.environment_packing import EnvironmentPacking
from pipeline.adapters.ledger_file import LedgerFile
from pipeline.adapters.supervisor.runtime import SupervisorRuntime
from pipeline.domain.trading_facts import TradingFacts
from pipeline.errors import Refused
from pipeline.flows.converge import bring_back
from pipeline.flows.environment_export import export
from pipeline.flows.environment_import import bring_in
from pipeline.rehearsal.exchange import Account, RemoteControl
from tests.bot_ground import SECRET, until
from tests.bundle_samples import evidence_of, manifest
from tests.fakes import FakeNarrator
from tests.journeys.ground import OLD, STRATEGY, Place, road
from tests.ports import free_port

pytestmark = [pytest.mark.processes, pytest.mark.sockets]


def store(device: Path) -> BundleStore:
    return BundleStore(device / "store")


@pytest.fixture
def devices(tmp_path: Path, exchange_address: str, exchange: RemoteControl) -> Iterator[tuple[Place, Place]]:
    """Two devices with one account; on the second there is nothing yet."""
    account = f"move-{tmp_path.name[-20:]}"
    exchange.open_account(Account(account, f"key-of-{account}", SECRET, {"USDT": Decimal(10_000)}))
    places = []
    for name in ("left", "new"):
        device, port = tmp_path / name, free_port(neighbours=3)
        own = replace(road(tmp_path / "aside", exchange_address, port, account))
        places.append(
            Place(own, device, exchange_address, port, account, SupervisorRuntime(device, SystemClock()), exchange)
        )
    try:
        yield places[0], places[1]
    finally:
        for place in places:
            place.runtime.shutdown()


def arrive(place: Place) -> None:
    """The road of the device, as it is from now on."""
    made = road(place.device, place.address, place.first_port, place.account)
    place.road = replace(made, bundles=store(place.device))


def trades(place: Place) -> set[tuple[int, str, Decimal]]:
    """The positions that the one bot of a device manages: number, pair, amount."""
    (bot,) = place.road.runtime.running()
    return {(one.id, one.pair, one.amount) for one in place.road.homes.bot(bot.spec).open_trades()}


def booked(place: Place) -> bool:
    """Whether every position is what its fill left of it: a bot takes the fee off later than it writes the trade down."""
    coins = place.exchange.state()["accounts"][place.account]
    held = {asset: Decimal(coin["free"]) + Decimal(coin["locked"]) for asset, coin in coins.items()}
    return all(amount <= held.get(pair.split("/")[0], Decimal(0)) for _, pair, amount in trades(place))


def test_open_trades_go_on_on_another_device(devices: tuple[Place, Place], tmp_path: Path) -> None:
    left, new = devices
    evidence = evidence_of(OLD.bundle, simulated=True, class_name="Eager")
    told = manifest(OLD.bundle, evidence, facts=TradingFacts("1m", -0.5, {0: 10.0}, 1))
    store(left.device).put(OLD.bundle, told, evidence.document)
    arrive(left)
    left.deploy(OLD)
    until(lambda: len(trades(left)) == 3 and booked(left), lambda: "it never bought")

    before = trades(left)
    narrator, own = FakeNarrator(), left.road.environment
    ledger = LedgerFile(left.device / own.name / "ledger.jsonl", SystemClock(), narrator)
    packing = EnvironmentPacking(left.device, own, ledger, store(left.device), narrator)
    file = tmp_path / "prod.tar"
    with pytest.raises(Refused, match="still runs"):
        export(left.road, packing, file, "ada")
    export(left.road, packing, file, "ada", stop=True)
    bring_back(left.road, "timer")
    assert left.entering() == []
    orders = left.exchange.orders(left.account)

    arrivals = ArrivalsOnDevice(new.device, store(new.device), SystemClock(), narrator, "bob")
    bring_in(file, arrivals, lambda _: (), narrator, "bob")
    arrive(new)
    bring_back(new.road, "bob")
    assert new.entering() == [OLD.digest]
    assert trades(new) == before
    assert new.unexplained() == set()
    assert new.exchange.orders(new.account)[: len(orders)] == orders
    assert new.road.databases.known_orders(STRATEGY).ids >= {str(order["id"]) for order in orders}
