"""How long a bundle has been healthy: only time between two looks that both found it healthy counts, and nothing that nobody saw."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pipeline.domain.train.decisions import Observed, Soaked
from pipeline.domain.train.state import EnvironmentState

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a bot: when (aware UTC), whether every brake was read and none reached, and the trades that its bundle has closed so far."""

    at: datetime
    healthy: bool
    closed_trades: int


@dataclass(frozen=True, slots=True)
class Soaking:
    """What a bundle has shown up to the last look; the ledger keeps it from time to time, and a watch that starts goes on from there."""

    healthy: timedelta = timedelta(0)
    closed_trades: int = 0
    last: Look | None = None

    @property
    def healthy_hours(self) -> float:
        return self.healthy / HOUR


def resumed(state: EnvironmentState, strategy: str, bundle: str) -> Soaking:
    """Where the ledger says that the bundle was; the time since then was seen by nobody."""
    known = state.of(strategy).observed.get(bundle)
    return Soaking(timedelta(hours=known.healthy_hours), known.closed_trades) if known else Soaking()


def looked(soaking: Soaking, look: Look, longest_gap: timedelta) -> Soaking:
    """After one more look.

    A gap longer than `longest_gap` does not count, nor does time on a clock that was set back. Closed trades never become fewer: a
    database that was exchanged takes nothing back.
    """
    last, healthy = soaking.last, soaking.healthy
    if last is not None and last.healthy and look.healthy and timedelta(0) < look.at - last.at <= longest_gap:
        healthy += look.at - last.at
    return replace(soaking, healthy=healthy, closed_trades=max(soaking.closed_trades, look.closed_trades), last=look)


def to_record(
    soaking: Soaking,
    state: EnvironmentState,
    strategy: str,
    *,
    healthy_hours: float,
    closed_trades: int = 0,
    every: timedelta = HOUR,
    evidence: str = "",
) -> tuple[Observed | Soaked, ...]:
    """What the ledger has to be told of the standing bundle.

    `observed` after each further stretch of healthy time (`every`), when it has become enough, and after each closed trade; `soaked` once for a
    deployment, when the bundle has been healthy for `healthy_hours` and has closed `closed_trades`, and nothing holds its entries: a bundle that
    is braked is not known to be good.
    """
    known = state.of(strategy)
    if known.standing is None or known.progress is not None:
        return ()
    bundle, hours = known.standing.bundle, soaking.healthy_hours
    before, facts = known.observed.get(bundle), []
    soaks = hours >= healthy_hours and soaking.closed_trades >= closed_trades and not state.holds(strategy, bundle)
    soaks = soaks and bool(known.deployments) and known.deployments[-1].soaked_at is None
    further = hours - (before.healthy_hours if before else 0.0)
    more = soaking.closed_trades - (before.closed_trades if before else 0)
    enough = hours >= healthy_hours > (before.healthy_hours if before else 0.0)
    if further * HOUR >= every or more > 0 or (further > 0 and (soaks or enough)):
        facts.append(Observed(state.environment, strategy, bundle, hours, soaking.closed_trades, evidence))
    if soaks:
        return (*facts, Soaked(state.environment, strategy, bundle, hours, soaking.closed_trades, evidence))
    return tuple(facts)
