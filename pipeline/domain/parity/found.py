"""What a comparison of a bot with its backtest found: a score, and every mismatch with its class."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pipeline.domain.parity.position import Position
from pipeline.domain.train.decisions import ParityMeasured
from pipeline.domain.windows import Window


class Class(StrEnum):
    """What a mismatch looks like."""

    PAIR_LIST = "pair_list"
    """Only one of the two could trade that pair."""
    MISSED_ENTRY = "missed_entry"
    """The backtest entered and the bot did not."""
    EXTRA_ENTRY = "extra_entry"
    """The bot entered and the backtest did not."""
    LATE_FILL = "late_fill"
    """Both entered; one of them later, or at another price."""
    DATA_REVISED = "data_revised"
    """The bot traded at a price, or at a time, that the candles do not hold: it saw others."""
    CALLBACK = "callback"
    """Both entered alike; then the position was tagged, increased or left otherwise."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A trade that the two did not make alike; None where one of them did not make it.

    `told` says in words what differs. `excused` says why it speaks neither for nor against the bot, and does not count; "" where it counts.
    """

    kind: Class
    bot: Position | None
    backtest: Position | None
    told: str
    excused: str = ""

    @property
    def pair(self) -> str:
        return self._either.pair

    @property
    def at(self) -> datetime:
        """When the backtest entered, or else the bot."""
        return self._either.opened_at

    @property
    def _either(self) -> Position:
        found = self.backtest or self.bot
        assert found is not None
        return found


@dataclass(frozen=True, slots=True)
class Parity:
    """`alike` trades that both made, and every one that they did not."""

    alike: int = 0
    mismatches: tuple[Mismatch, ...] = ()

    @property
    def compared(self) -> int:
        """Trades that count: those of both as one, and those of either alone."""
        return self.alike + sum(not one.excused for one in self.mismatches)

    @property
    def ratio(self) -> float:
        """The share of trades that both made alike, 0..1; NaN where nothing was compared."""
        return self.alike / self.compared if self.compared else math.nan

    @property
    def counts(self) -> Mapping[Class, int]:
        """How many mismatches of each class count."""
        return Counter(one.kind for one in self.mismatches if not one.excused)


def together(parts: Iterable[Parity]) -> Parity:
    """Several stretches of time as one."""
    found = tuple(parts)
    return Parity(sum(one.alike for one in found), tuple(mismatch for one in found for mismatch in one.mismatches))


@dataclass(frozen=True, slots=True)
class Compared:
    """What a comparison found, in which stretches of time, on which candles (the digest of the data set); `notes` are sentences about its limits."""

    environment: str
    strategy: str
    bundle: str
    windows: tuple[Window, ...]
    dataset: str
    parity: Parity
    notes: tuple[str, ...] = ()

    def fact(self, by: str) -> ParityMeasured:
        """As the ledger keeps it."""
        counts = tuple(f"{kind.value}: {count}" for kind, count in sorted(self.parity.counts.items()))
        span = self.windows[0].start, self.windows[-1].end
        found = self.parity.alike, self.parity.compared
        return ParityMeasured(self.environment, self.strategy, self.bundle, *span, self.dataset, *found, counts, by)
