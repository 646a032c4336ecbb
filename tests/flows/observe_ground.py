"""A sandbox whose watch kept what a bundle earned, and a prod behind it; the store is a real one."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from pipeline.adapters.observations.reader import ObservationReader
from pipeline.adapters.observations.store import ObservationStore
from pipeline.domain.bundle_manifest import BundleManifest
from pipeline.domain.canonical import Plain
from pipeline.domain.policy import Scope, Span, Threshold
from pipeline.domain.trading import Boarding, Brake, BrakeAction, Brakes, RollBack
from pipeline.domain.train.boarding import Demands
from pipeline.domain.train.decide import Decided
from pipeline.domain.train.decisions import Observed
from pipeline.domain.train.promotion import Promotion
from pipeline.flows.decide import decisions
from pipeline.flows.observe import shown
from pipeline.flows.promote import planned
from pipeline.flows.promote_decide import Wish, before_of
from pipeline.flows.road import Road
from pipeline.flows.watch import watch
from pipeline.ports import PastObservations
from tests.domain.trading.samples import LIVE
from tests.domain.train.test_edge import trades
from tests.flows.promote_ground import DIP, DIP_1, DIP_2, FIRST, SECOND, THIRD, KeptBundles, Town, stored
from tests.flows.road_ground import Device
from tests.flows.watch_ground import Bank, with_new

LOOSE = Brake(0.99, BrakeAction.STOP_ENTRIES)
SANDBOX = replace(LIVE, brakes=Brakes(LOOSE, LOOSE, Brake(1e9, BrakeAction.STOP_ENTRIES)))
AUTOMATIC = replace(SANDBOX, roll_back=RollBack.AUTOMATIC)
EDGE = Threshold("edge_low_ratio", Scope(Span.ALL_TOGETHER), above=0.0)
DEMANDED = Boarding(336.0, 30, (EDGE,))
PROMISED = {"day_mean_ratio": 0.008, "day_spread_ratio": 0.028, "day_trades": 1.0, "trades": 500.0}


@dataclass
class Evident(KeptBundles):
    """Bundles whose evidence is `numbers` of their candidate, in all windows."""

    numbers: Mapping[str, float] | None = None

    def evidence(self, manifest: BundleManifest) -> Mapping[str, Plain]:
        told: list[Plain] = [
            {"subject": "candidate", "window": "all together", "metric": name, "value": value}
            for name, value in (PROMISED if self.numbers is None else self.numbers).items()
        ]
        return {"simulated": False, "measurements": told}


@dataclass
class Sandbox:
    """The new bundle runs in it, after the old one, which is known to be good."""

    bank: Bank
    bundles: Evident

    @property
    def file(self) -> Path:
        return self.bank.root / "observations.sqlite"

    def road(self) -> Road:
        return replace(self.bank.road(), bundles=self.bundles)

    def past(self) -> PastObservations | None:
        return ObservationReader(self.file) if self.file.exists() else None

    def earns(self, mean: float, count: int, *, hours: float = 400.0, counted: int | None = None) -> None:
        """The new bundle closed a trade a day, of that mean profit ratio."""
        began = self.bank.clock.now() + timedelta(hours=1)
        made = trades(mean, count)
        shift = began - made[0].opened_at if made else timedelta(0)
        moved = [replace(one, opened_at=one.opened_at + shift, closed_at=one.closed_at + shift) for one in made]
        self.bank.closed += [replace(one, profit=one.profit / 10, pair="BTC/USDT") for one in moved]
        self.bank.wait((count + 1) * 86400.0)
        environment = self.bank.environment.name
        self.bank.road().record(Observed(environment, DIP, DIP_2, hours, count if counted is None else counted))

    def is_watched(self) -> None:
        """For two rounds."""
        for _ in range(2):
            post = replace(self.bank.post(), observe=self._writing)
            done = watch(post, once=True)
            assert done is not None
            assert done.problems == ()
            self.bank.wait(60)

    def decided(self, demanded: Boarding = DEMANDED) -> Decided:
        demands = Demands(demanded.healthy_hours, demanded.closed_trades, demanded.thresholds)
        (found,) = decisions(self.road(), self.past(), demands)
        return found

    def boards(self, demanded: Boarding = DEMANDED) -> Promotion:
        """Who would board for prod."""
        prod = Device(self.bank.root / "prod", replace(LIVE, name="prod", after="sandbox", boarding=demanded))
        town = Town(prod, bundles=self.bundles)
        town.tags.name("v1", THIRD)
        before = before_of(self.bank.entries(), "sandbox")
        if (past := self.past()) is not None:
            road = self.road()
            before = replace(before, shown=lambda strategy, bundle: shown(strategy, bundle, road, past))
        return planned(Wish("owner", tag="v1"), replace(town.ground(), before=before))

    def _writing(self) -> "closing[ObservationStore]":
        return closing(ObservationStore(self.file, self.bank.clock, self.bank.narrator))


def sandbox(tmp_path: Path, environment: object = SANDBOX) -> Sandbox:
    assert isinstance(environment, type(SANDBOX))
    kept = {DIP_1: stored(DIP_1, DIP, 1, FIRST), DIP_2: stored(DIP_2, DIP, 2, SECOND)}
    return Sandbox(with_new(tmp_path, environment), Evident(kept))
