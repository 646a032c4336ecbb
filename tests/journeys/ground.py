"""A device with real bots on the loopback exchange, whose own order log is the judge; also the verb that is killed in the middle.

    python -m tests.journeys.ground DEVICE ADDRESS FIRST_PORT ACCOUNT BUNDLE STEP

deploys a bundle and kills itself, as `kill -9` would, when it is about to do that step.
"""

import os
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil

from pipeline.adapters.bot_databases import BotDatabases
from pipeline.adapters.bot_homes import BotHomes
from pipeline.adapters.clock import SystemClock
from pipeline.adapters.exchange_account import CcxtAccount
from pipeline.adapters.ledger_file import LedgerFile
from pipeline.adapters.supervisor.runtime import SupervisorRuntime
from pipeline.domain.bundle import Bundle
from pipeline.domain.bundle_manifest import BundleManifest, StoredBundle
from pipeline.domain.canonical import Plain
from pipeline.domain.ledger import Entry
from pipeline.domain.trading import Secret, Secrets
from pipeline.domain.train.fact_words import say
from pipeline.domain.train.facts import recorded
from pipeline.domain.train.plan import Order
from pipeline.errors import UsageError
from pipeline.flows.deploy import deploy
from pipeline.flows.road import Road
from pipeline.ports import Images, Runtime
from pipeline.rehearsal.exchange import RemoteControl, ccxt_settings
from tests.adapters.bot_device import stored
from tests.adapters.freqtrade.test_bot_of_home import loopback
from tests.bot_ground import EAGER, PATIENCE_SECONDS, SECRET, until
from tests.fakes import FakeNarrator

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
    device: Path
    address: str
    first_port: int
    account: str
    runtime: Runtime
    exchange: RemoteControl

    def another(self, **changed: Any) -> Road:
        """The road of the environment after its file was changed."""
        return road(self.device, self.address, self.first_port, self.account, **changed)

    def entering(self) -> list[str]:
        """The bundles that enter; what happened is printed for whoever looks into a failure."""
        told = (say(record.fact) for record in recorded(self.road.ledger.entries()))
        sys.stdout.write("".join(f"{line}\n" for line in told))
        return [bot.bundle for bot in self.road.seen() if bot.entering]

    def unexplained(self) -> set[str]:
        """Orders of the exchange's log that reached its book and that no database comes to know; a bot writes an order down once it is answered."""
        ends = time.monotonic() + PATIENCE_SECONDS
        while (left := self._unknown()) and time.monotonic() < ends:
            time.sleep(0.2)
        return left

    def _unknown(self) -> set[str]:
        placed = {str(order["id"]) for order in self.exchange.orders(self.account)}
        return placed - self.road.databases.known_orders(STRATEGY).ids

    def deploy(self, bundle: StoredBundle) -> None:
        deploy(Order(STRATEGY, bundle.digest, "operator"), self.road)

    def kill_everything(self) -> None:
        """As when the device loses power: supervisord and every bot, at once."""
        pids = [bot.pid for bot in self.runtime.running() if bot.pid]
        parents = {psutil.Process(pid).ppid() for pid in pids}
        for pid in (*parents, *pids):
            os.kill(pid, signal.SIGKILL)
        until(lambda: not any(psutil.pid_exists(pid) for pid in pids), lambda: "bots outlive their end")


class DyingLedger(LedgerFile):
    """Its process is killed when a step is about to be done, after the intent was recorded."""

    dies_at = ""

    def append(self, kind: str, body: Mapping[str, object]) -> Entry:
        if self.dies_at == kind:
            os.kill(os.getpid(), signal.SIGKILL)
        entry = super().append(kind, body)
        step = entry.body.get("step")
        if kind == "step_began" and isinstance(step, dict) and step["kind"] == self.dies_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return entry


def road(
    device: Path,
    address: str,
    first_port: int,
    account: str,
    dies_at: str = "",
    *,
    throttle_seconds: int = 1,
    images: Images | None = None,
    **changed: Any,
) -> Road:
    """One live environment of the device, but for what is `changed` of it."""
    own = replace(loopback("prod"), approval=replace(loopback("prod").approval, required=False), **changed)
    clock, narrator = SystemClock(), FakeNarrator()
    folder = device / own.name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "lease").touch()
    ledger = DyingLedger(folder / "ledger.jsonl", clock, narrator)
    ledger.dies_at = dies_at
    secrets = Secrets(access_key=Secret(f"key-of-{account}"), access_secret=Secret(SECRET))
    config = ccxt_settings(address)
    homes = BotHomes(
        device,
        own,
        clock,
        secrets,
        first_port=first_port,
        throttle_seconds=throttle_seconds,
        ccxt_config=config,
        rehearsal=True,
        images=images,
    )
    return Road(
        own, ledger, SupervisorRuntime(device, clock), FewBundles(), homes, BotDatabases(device, own, clock),
        CcxtAccount(own.exchange, secrets, config), clock, narrator, lambda _: nullcontext(), lambda _: (), rehearsal=True,
    )  # fmt: skip


def main() -> None:
    device, address, first_port, account, bundle, dies_at = sys.argv[1:]
    deploy(Order(STRATEGY, bundle, "operator"), road(Path(device), address, int(first_port), account, dies_at))


if __name__ == "__main__":
    main()
