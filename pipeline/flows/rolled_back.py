"""`freqtrain rolled-back`: every roll-back of the last days on this device, whoever began it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from pipeline.domain.train.roll_backs import RollBack, roll_backs
from pipeline.errors import FreqtrainError
from pipeline.ports import Clock, Ledger

AT_WORK = timedelta(minutes=30)
"""One that began so lately and has not ended may still be at work: it is told the next time."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The roll-backs, the oldest first in each environment, and why some ledger could not be read."""

    roll_backs: tuple[RollBack, ...]
    problems: tuple[FreqtrainError, ...] = ()


def listed(ledgers: Mapping[str, Ledger], clock: Clock, days: int) -> Listed:
    """What the ledgers say, by environment. One that cannot be read hides none of the others'."""
    now = clock.now()
    found: list[RollBack] = []
    problems: list[FreqtrainError] = []
    for environment, ledger in ledgers.items():
        try:
            found += roll_backs(ledger.entries(), environment, now - timedelta(days=days))
        except FreqtrainError as error:
            problems.append(error)
    told = (one for one in found if one.ended_at is not None or one.began_at <= now - AT_WORK)
    return Listed(tuple(told), tuple(problems))
