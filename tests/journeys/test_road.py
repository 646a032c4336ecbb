"""The road with real things: real bots under supervisord trade on the loopback exchange, and its own order log is the judge."""

import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

import psutil
import pytest

from pipeline.adapters.bot_databases import BotDatabases
from pipeline.adapters.bot_homes import BotHomes
from pipeline.adapters.clock import SystemClock
from pipeline.adapters.exchange_account import CcxtAccount
from pipeline.adapters.ledger_file import LedgerFile
from pipeline.adapters.supervisor.runtime import SupervisorRuntime
from pipeline.domain.bundle import Bundle
from pipeline.domain.bundle_manifest import BundleManifest, StoredBundle
from pipeline.domain.canonical import Plain
from pipeline.domain.trading import Secret, Secrets
from pipeline.domain.train.decisions import Soaked
from pipeline.domain.train.fact_words import say
from pipeline.domain.train.facts import recorded
from pipeline.domain.train.plan import Order
from pipeline.errors import Undone, UsageError
from pipeline.flows.converge import converge
from pipeline.flows.deploy import deploy
from pipeline.flows.road import Road
from pipeline.flows.roll_back import roll_back
from pipeline.flows.stop import stop
from pipeline.rehearsal.exchange import RemoteControl, ccxt_settings
from tests.adapters.bot_device import stored
from tests.adapters.freqtrade.test_bot_of_home import loopback
from tests.bot_ground import EAGER, SECRET, account, free_port, until
from tests.fakes import FakeNarrator

pytestmark = [pytest.mark.processes, pytest.mark.sockets]

STRATEGY = "eager"
OLD = stored(files={"strategy.py": EAGER.encode()}, simulated=True)
NEW = stored(files={"strategy.py": (EAGER + "\n# a new version\n").encode()}, simulated=True)
SICK = stored(files={"strategy.py": EAGER.replace("stoploss = -0.5", "stoploss = 1 / 0").encode()}, simulated=True)


@dataclass
class FewBundles:
    """Three bundles, in memory."""

    held: Mapping[str, StoredBundle] = field(default_factory=lambda: {one.digest: one for one in (OLD, NEW, SICK)})

    def get(self, digest: str) -> StoredBundle:
        if digest not in self.held:
            raise UsageError(f"there is no bundle {digest}")
        return self.held[digest]

    def put(
        self, bundle: Bundle, manifest: BundleManifest, evidence: Mapping[str, Plain]
    ) -> tuple[BundleManifest, bool]:
        raise AssertionError

    def evidence(self, manifest: BundleManifest) -> Mapping[str, Plain]:
        raise AssertionError

    def digests(self) -> tuple[str, ...]:
        return tuple(self.held)


@dataclass
class Place:
    """A device, its exchange, and the road of one live environment on it."""

    road: Road
    runtime: SupervisorRuntime
    exchange: RemoteControl
    name: str

    def entering(self) -> list[str]:
        """The bundles that enter; what happened is printed for whoever looks into a failure."""
        told = (say(record.fact) for record in recorded(self.road.ledger.entries()))
        sys.stdout.write("".join(f"{line}\n" for line in told))
        return [bot.bundle for bot in self.road.seen() if bot.entering]

    def unexplained(self) -> set[str]:
        """Orders of the exchange's log that reached its book and that no database knows."""
        placed = {str(order["id"]) for order in self.exchange.orders(self.name)}
        return placed - self.road.databases.known_orders(STRATEGY).ids

    def deploy(self, bundle: StoredBundle) -> None:
        (Path(self.road.homes.spec(STRATEGY, "a", bundle.digest, 0).home).parents[1] / "lease").touch()
        deploy(Order(STRATEGY, bundle.digest, "operator"), self.road)

    def kill_everything(self) -> None:
        """As when the device loses power: supervisord and every bot, at once."""
        pids = [bot.pid for bot in self.runtime.running() if bot.pid]
        parents = {psutil.Process(pid).ppid() for pid in pids}
        for pid in (*parents, *pids):
            os.kill(pid, signal.SIGKILL)
        until(lambda: not any(psutil.pid_exists(pid) for pid in pids), lambda: "bots outlive their end")


@pytest.fixture
def place(tmp_path: Path, exchange_address: str, exchange: RemoteControl) -> Iterator[Place]:
    name = "road"
    exchange.open_account(account(name))
    own = replace(loopback("prod"), approval=replace(loopback("prod").approval, required=False))
    clock, narrator, home = SystemClock(), FakeNarrator(), tmp_path / "device"
    (home / own.name).mkdir(parents=True)
    secrets = Secrets(access_key=Secret(f"key-of-{name}"), access_secret=Secret(SECRET))
    config = ccxt_settings(exchange_address)
    runtime = SupervisorRuntime(home, clock)
    homes = BotHomes(
        home, own, clock, secrets, first_port=free_port(), throttle_seconds=1, ccxt_config=config, rehearsal=True
    )
    road = Road(
        own, LedgerFile(home / own.name / "ledger.jsonl", clock, narrator), runtime, FewBundles(), homes, BotDatabases(home, own, clock),
        CcxtAccount(own.exchange, secrets, config), clock, narrator, lambda _: nullcontext(), lambda _: (), rehearsal=True,
    )  # fmt: skip
    try:
        yield Place(road, runtime, exchange, name)
    finally:
        runtime.shutdown()


def test_a_bundle_is_deployed_replaced_taken_back_rolled_back_and_stopped(place: Place) -> None:
    place.deploy(OLD)
    assert place.entering() == [OLD.digest]
    until(lambda: place.exchange.orders(place.name), lambda: "it never bought")
    place.road.record(Soaked(place.road.environment.name, STRATEGY, OLD.digest, 30.0, 5))

    place.deploy(NEW)
    assert place.entering() == [NEW.digest]
    assert place.unexplained() == set()
    (deployed,) = [e for e in place.road.ledger.entries() if e.kind == "deployed" and e.body["bundle"] == NEW.digest]
    assert 0 < float(str(deployed.body["down_seconds"])) < 120

    with pytest.raises(Undone, match="what ran before runs again"):
        place.deploy(SICK)
    assert place.entering() == [NEW.digest]
    assert place.unexplained() == set()

    assert "runs again" in roll_back(STRATEGY, place.road, "operator", "it lost")
    assert place.entering() == [OLD.digest]

    place.kill_everything()
    converge(place.road, "boot")
    assert place.entering() == [OLD.digest]
    assert place.unexplained() == set()

    stop((STRATEGY,), place.road, "operator", "enough", exits=True)
    assert place.entering() == []
    (bot,) = place.road.seen()
    assert bot.says is not None
    assert bot.says.open_trades == 0
    assert place.unexplained() == set()
    assert place.road.account is not None
    assert place.road.account.open_orders(place.road.environment.pairs) == ()
    assert place.road.ledger.entries()[-1].kind == "converged"
    assert Decimal(0) < place.road.account.free("USDT")
