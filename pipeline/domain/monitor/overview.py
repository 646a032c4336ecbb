"""A device at one moment, as a page shows it: environments in the order of the train, and what runs in each."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pipeline.domain.monitor.curve import Curve, Latest, Span
from pipeline.domain.monitor.expectation import Expectation
from pipeline.domain.monitor.story import Happened
from pipeline.domain.train.decisions import DecisionMade, Observed
from pipeline.domain.train.state import Hold
from pipeline.domain.train.status import WatchLine


class Condition(StrEnum):
    """How a strategy stands in an environment, the worst that is known of it."""

    TRADING = "trading"
    """Its bot runs, tells so, and nothing holds its entries."""
    HELD = "held"
    """Its bot runs and may not enter; exits go on."""
    PAUSED = "paused"
    """It enters nothing, and the ledger knows no reason."""
    DEPLOYING = "on its way"
    UNSEEN = "not seen"
    """It runs, and nobody has looked at it lately, or it does not answer."""
    ELSEWHERE = "elsewhere"
    """The ledger lets it run, and its bot and observations are those of another user of the device."""
    DOWN = "down"
    NOTHING = "nothing runs"


@dataclass(frozen=True, slots=True)
class Position:
    """A trade that is open, by the bot's database: prices and stake in the quote currency, `amount` in coins."""

    pair: str
    opened_at: datetime
    open_rate: float | None
    stake: float | None
    amount: float | None
    short: bool = False
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Ran:
    """One bundle's time in the charts: its curve, and what its backtest lets expect (None: nothing is known of it)."""

    curve: Curve
    expectation: Expectation | None


@dataclass(frozen=True, slots=True)
class StrategyView:
    """One strategy in one environment. `bundle` is what should run there, "" where nothing should; `positions` None where they are not known."""

    strategy: str
    condition: Condition
    told: str
    """What its process does, and what its bot said last, in a sentence."""
    bundle: str = ""
    since_at: datetime | None = None
    by: str = ""
    reason: str = ""
    evidence: str = ""
    soaked_at: datetime | None = None
    observed: Observed | None = None
    holds: tuple[Hold, ...] = ()
    latest: Latest | None = None
    currency: str = ""
    expectation: Expectation | None = None
    positions: tuple[Position, ...] | None = None
    decided: DecisionMade | None = None
    decided_at: datetime | None = None
    ran: tuple[Ran, ...] = ()
    marks: tuple[Happened, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def wants_a_look(self) -> bool:
        """Whether a person should look; holds were recorded and told when they began."""
        return bool(self.problems) or self.condition in (Condition.DOWN, Condition.UNSEEN, Condition.PAUSED)


@dataclass(frozen=True, slots=True)
class BundleView:
    """A bundle in the device's store, by its newest manifest."""

    strategy: str
    bundle: str
    cut_at: datetime
    commit: str
    title: str
    owner: str
    evidence: str
    simulated: bool


@dataclass(frozen=True, slots=True)
class EnvironmentView:
    """One environment. `mode` is "" where its file is not known; `problems` say what cannot be shown, a sentence each."""

    name: str
    mode: str
    after: str
    rehearsal: bool = False
    """Whether it only trades on an exchange of the loopback."""
    watch: WatchLine | None = None
    strategies: tuple[StrategyView, ...] = ()
    told: tuple[Happened, ...] = ()
    cut: tuple[BundleView, ...] = ()
    """Where strategies are judged on history: what passed, the newest first."""
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeviceView:
    """All of it: `since` is where the charts begin."""

    at: datetime
    span: Span
    since: datetime
    environments: tuple[EnvironmentView, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def well(self) -> bool:
        """Whether nothing of it wants a look."""
        return not self.problems and all(
            not place.problems
            and (place.watch is None or place.watch.well)
            and not any(one.wants_a_look for one in place.strategies)
            for place in self.environments
        )
