"""One environment on a device's disk, for whoever looks for disagreements and mends them."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from pipeline.adapters.bot_databases import DATABASES
from pipeline.adapters.device_files import exposed
from pipeline.adapters.doctor import leftovers as left
from pipeline.adapters.doctor.databases import database_facts, replace_database
from pipeline.adapters.doctor.homes import home_facts
from pipeline.adapters.doctor.ledger import ledger_facts, rebuild_head
from pipeline.adapters.doctor.observed import observation_facts, put_aside
from pipeline.adapters.environment_lock import EnvironmentLock
from pipeline.adapters.ledger_file import LedgerFile
from pipeline.domain.doctor.facts import DatabaseFacts, HomeFacts, LedgerFacts, Leftover, ObservationFacts
from pipeline.domain.preflight_device import Exposed
from pipeline.domain.trading import TradingEnvironment
from pipeline.ports import Clock

ASIDE = "set-aside"
"""Below the device's home: what was taken away, one folder each time."""


class EnvironmentDisk:
    """See `ports.doctor.Disk` and `ports.doctor.DiskMends`.

    Args:
        home: the device's home.
        ledger, observations: the files of the environment.
    """

    def __init__(
        self,
        home: Path,
        environment: TradingEnvironment,
        ledger: Path,
        observations: Path,
        kept: LedgerFile,
        clock: Clock,
    ) -> None:
        self._home = home.resolve()
        self._environment = environment
        self._ledger = ledger
        self._observations = observations
        self._kept = kept
        self._clock = clock
        self._began_at: datetime | None = None

    def ledger(self) -> LedgerFacts:
        """See `ports.doctor.Disk`."""
        return ledger_facts(self._ledger, self._kept, expected=bool(self.strategies()))

    def homes(self) -> tuple[HomeFacts, ...]:
        """See `ports.doctor.Disk`."""
        return home_facts(self._home, self._environment.name)

    def database(self, strategy: str) -> DatabaseFacts:
        """See `ports.doctor.Disk`."""
        return database_facts(self._home, self._environment, strategy)

    def strategies(self) -> frozenset[str]:
        """See `ports.doctor.Disk`."""
        ending = f".{self._environment.mode.value}.sqlite"
        files = (self._own / DATABASES).glob(f"[a-z]*{ending}")
        return frozenset({one.name.removesuffix(ending) for one in files} | {one.strategy for one in self.homes()})

    def observations(self) -> ObservationFacts | None:
        """See `ports.doctor.Disk`."""
        return observation_facts(self._observations)

    def exposed(self) -> tuple[Exposed, ...]:
        """See `ports.doctor.Disk`."""
        return exposed(self._home, self._environment.name)

    def leftovers(self) -> tuple[Leftover, ...]:
        """See `ports.doctor.Disk`."""
        return left.leftovers(self._home, self._environment.name)

    def at_work(self) -> str:
        """See `ports.doctor.Disk`."""
        return EnvironmentLock(self._own / "lock", "", self._clock).holder()

    def rebuild_head(self) -> str:
        """See `ports.doctor.DiskMends`."""
        return rebuild_head(self._ledger, self._aside())

    def replace_database(self, strategy: str) -> str:
        """See `ports.doctor.DiskMends`."""
        return replace_database(self._home, self._environment, strategy, self._aside())

    def set_observations_aside(self) -> str:
        """See `ports.doctor.DiskMends`."""
        return put_aside(self._observations, self._clock.now())

    def clear_leftovers(self, paths: Sequence[str]) -> str:
        """See `ports.doctor.DiskMends`."""
        return left.clear(self._home, paths, self._aside())

    @property
    def _own(self) -> Path:
        return self._home / self._environment.name

    def _aside(self) -> Path:
        """One folder for all that this caller takes away."""
        self._began_at = self._began_at or self._clock.now()
        return self._home / ASIDE / f"{self._environment.name}-{self._began_at:%Y%m%dT%H%M%S.%fZ}"
