"""What was read of a device for its metrics; None and empty wherever it is not known."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.domain.bot import RunningBot
from pipeline.domain.monitor.story import Story
from pipeline.domain.notices import Reached
from pipeline.domain.train.status import WatchLine


@dataclass(frozen=True, slots=True)
class Latest:
    """A bundle's last look, and the last numbers that it told; money in `currency`. `peak` is the highest equity since the asked time."""

    at: datetime
    state: str
    currency: str
    balance: float | None = None
    equity: float | None = None
    peak: float | None = None
    open_trades: float | None = None
    closed_trades: float | None = None
    wins: float | None = None
    slippage_ratio: float | None = None
    looped_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """What all bundles of a strategy have done together; money by currency."""

    closed_trades: int = 0
    wins: int = 0
    errors: int = 0
    profit: Mapping[str, float] = field(default_factory=dict)
    fees: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Written:
    """What an environment's file says: its mode, the limits of its brakes by name, and what keeps its bots running ("": it does not say)."""

    mode: str = ""
    limits: Mapping[str, float] = field(default_factory=dict)
    runtime: str = ""

    @property
    def supervised(self) -> bool:
        """Whether its bots are plain processes, of which supervisord tells."""
        return self.runtime in ("", "process")


@dataclass(frozen=True, slots=True)
class Disk:
    """Bytes of a file system."""

    free: int
    size: int


@dataclass(frozen=True, slots=True)
class Place:
    """One environment.

    `bots` is None where no runtime told of them: then the last look counts. `latest` is of the bundles that should run, by strategy. `elsewhere`:
    it is another user's, and only its ledger was read.
    """

    name: str
    written: Written | None = None
    story: Story | None = None
    bots: tuple[RunningBot, ...] | None = None
    watch: WatchLine | None = None
    latest: Mapping[str, Latest] = field(default_factory=dict)
    totals: Mapping[str, Totals] = field(default_factory=dict)
    observations_bytes: int | None = None
    reached: Reached | None = None
    """Whether people elsewhere can be told; None where nobody ever told."""
    problems: frozenset[str] = frozenset()
    """Those of `catalogue.PARTS` that could not be read."""
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Device:
    """All of it at one moment; `problems` are those of `catalogue.DEVICE_PARTS`."""

    at: datetime
    version: str
    places: tuple[Place, ...] = ()
    disk: Disk | None = None
    problems: frozenset[str] = frozenset()
    seconds: float = 0.0
    """How long it took to read."""
