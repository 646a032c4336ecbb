"""The real things behind `freqtrain environment export|import`."""

from collections.abc import Callable
from pathlib import Path

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.environment_arrival import ArrivalsOnDevice
from pipeline.adapters.environment_packing import EnvironmentPacking
from pipeline.domain.moving import About
from pipeline.domain.trading import TradingEnvironment
from pipeline.flows.road import Road
from pipeline.ports import Narrator
from pipeline.wiring.bundle import bundles
from pipeline.wiring.environments import environment_file, examine_other
from pipeline.wiring.homes import outside
from pipeline.wiring.road import caller, ledger
from pipeline.wiring.secrets import lacking_here


def packing(road: Road, home: Path, narrator: Narrator) -> EnvironmentPacking:
    """What packs an environment of this device."""
    name = road.environment.name
    return EnvironmentPacking(home, road.environment, ledger(name, home, narrator), bundles(home), narrator)


def arrivals(home: Path, narrator: Narrator) -> ArrivalsOnDevice:
    """Where this device unpacks archives; refuses a home in a checkout."""
    outside(home)
    return ArrivalsOnDevice(home, bundles(home), SystemClock(), narrator, caller())


def suits(home: Path, narrator: Narrator, named: str = "") -> Callable[[About], tuple[str, ...]]:
    """Compares an archive with the file that the environment has here.

    Args:
        named: the environment that it must be, if somebody says.

    Another mode, exchange or stake currency would have other databases, or none of the open trades could be sold.
    """

    def compare(about: About) -> tuple[str, ...]:
        if named and named != about.environment:
            return (f"the archive is of '{about.environment}', not of '{named}'",)
        file = environment_file(about.environment)
        own = examine_other(file, home).environment
        if not isinstance(own, TradingEnvironment):
            narrator.say(
                f"{file} has problems, so nothing was compared with it; `freqtrain environment check` tells them"
            )
            return ()
        sides = (
            ("mode", about.mode, own.mode.value),
            ("exchange", about.exchange, own.exchange),
            ("stake currency", about.stake_currency, own.stake_currency),
        )
        return tuple(
            f"its {what} was {packed}, and {file} says {here}" for what, packed, here in sides if packed != here
        )

    return compare


def lacking(environment: str, home: Path) -> str:
    """Which of its secrets and variables are not here, in a sentence; "" where none is missing, or its file does not say."""
    return lacking_here(environment_file(environment), home)
