"""The real things behind `freqtrain decide`."""

from collections.abc import Sequence
from pathlib import Path

from pipeline.adapters.observations.reader import ObservationReader
from pipeline.domain.trading import TradingEnvironment
from pipeline.domain.train.boarding import Demands
from pipeline.errors import UsageError
from pipeline.flows.road import Road
from pipeline.ports import Narrator
from pipeline.wiring.environments import following
from pipeline.wiring.observations import past
from pipeline.wiring.road import on_device, road


def ground(
    environment: str, home: Path, narrator: Narrator, *, applies: bool
) -> tuple[Road, ObservationReader | None, Demands | None]:
    """The environment, what was observed of it, and what the one after it demands (None where none follows).

    Raises:
        UsageError: nothing was ever deployed there on this device.
    """
    here = road(environment, home, narrator, starts=False, trades=applies)
    if here.environment.name not in on_device(home):
        there = ", ".join(on_device(home)) or "none"
        raise UsageError(f"nothing was ever deployed to '{here.environment.name}' here", hint=f"there are: {there}")
    return here, past(home, here.environment.name), demands_of(following(here.environment.name, home))


def demand_known(strategies: Sequence[str], road: Road) -> None:
    """Raises UsageError where one of the strategies never ran in the environment."""
    known = road.state().strategies
    if unknown := [name for name in strategies if name not in known]:
        raise UsageError(
            f"nothing was ever deployed of {', '.join(map(repr, unknown))} in '{road.environment.name}'",
            hint=f"there are: {', '.join(sorted(known)) or 'none'}",
        )


def demands_of(after: TradingEnvironment | None) -> Demands | None:
    """What an environment demands of whoever boards there; None where there is none."""
    asked = after.boarding if after else None
    demands = Demands(asked.healthy_hours, asked.closed_trades, asked.thresholds) if asked else Demands()
    return demands if after else None
