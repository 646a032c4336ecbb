"""The real things behind what is told of roll-backs: the ledgers of this device."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from pipeline.adapters.clock import SystemClock
from pipeline.domain.train.roll_backs import RollBack, roll_backs
from pipeline.errors import FreqtrainError, UsageError
from pipeline.flows.rolled_back import Listed, listed
from pipeline.ports import Narrator
from pipeline.wiring.road import ledger, on_device

LEDGERS_TICK = timedelta(milliseconds=1)
"""Times in a ledger are cut to it."""


def of_device(environments: Sequence[str], home: Path, days: int, narrator: Narrator) -> Listed:
    """The roll-backs of these environments, of all that are here where none is named.

    Raises:
        UsageError: one of them is not here.
    """
    here = on_device(home)
    if strange := [name for name in environments if name not in here]:
        raise UsageError(
            f"nothing was ever deployed to '{strange[0]}' here", hint=f"there are: {', '.join(here) or 'none'}"
        )
    return listed({name: ledger(name, home, narrator) for name in environments or here}, SystemClock(), days)


def from_now_on(environment: str, strategy: str, home: Path, narrator: Narrator) -> Callable[[], tuple[RollBack, ...]]:
    """What will have become of a roll-back that is asked for now; nothing where the ledger cannot be read."""
    since = SystemClock().now() - LEDGERS_TICK

    def found() -> tuple[RollBack, ...]:
        try:
            told = roll_backs(ledger(environment, home, narrator).entries(), environment, since, asked=strategy)
        except (FreqtrainError, OSError):
            return ()
        return tuple(one for one in told if one.strategy == strategy)

    return found
