"""The signals of a strategy on a market, and what a test may claim about them; a claim that does not hold shows the candles."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.adapters.freqtrade.analysis import signalled
from pipeline.domain.scenarios import Drawn, Scenario, Span
from pipeline.testing.claims import Ground, Region, Signal, claim, deny
from pipeline.testing.position import Position


class Hold(Protocol):
    """Makes the position that `Signals.holding` returns."""

    def __call__(self, *, at: float, candles: int, tag: str) -> Position:
        """A trade opened so many candles ago at this price."""
        ...


class Signals:
    """What a strategy signalled on a market. Every claim returns the signals again, so that claims can be chained.

    `entry_signals` and `exit_signals` are those that freqtrade would act on (where both are set on one candle it acts on neither).
    `candles` has the market's candles with indicators and signals, without the quiet ones before it.
    """

    def __init__(self, market: Scenario, drawn: Drawn, analysed: pd.DataFrame, hold: Hold) -> None:
        self.candles = analysed.iloc[drawn.startup :].reset_index(drop=True)
        spans = tuple(Span(span.name, span.first - drawn.startup, span.end - drawn.startup) for span in drawn.spans)
        self._ground, self._hold = Ground(market, self.candles, spans), hold
        enter, leave = signalled(self.candles, "enter_long"), signalled(self.candles, "exit_long")
        self.entry_signals = self._signals(enter & ~leave, "enter_tag")
        self.exit_signals = self._signals(leave & ~enter, "exit_tag")

    def __repr__(self) -> str:
        return f"<{len(self.entry_signals)} entries and {len(self.exit_signals)} exits on {self._ground.market}>"

    def enters(self) -> Signals:
        """There is an entry somewhere."""
        __tracebackhide__ = True
        return self._has_entry(self._ground.everywhere())

    def enters_during(self, segment: str) -> Signals:
        """There is an entry on a candle of the segment."""
        __tracebackhide__ = True
        return self._has_entry(self._ground.during(segment))

    def enters_after(self, segment: str, *, within: int) -> Signals:
        """There is an entry on one of the first `within` candles, counted from the segment's first one."""
        __tracebackhide__ = True
        return self._has_entry(self._ground.after(segment, within))

    def never_enters(self) -> Signals:
        """There is no entry anywhere."""
        __tracebackhide__ = True
        return self._has_no_entry(self._ground.everywhere())

    def never_enters_during(self, segment: str) -> Signals:
        """There is no entry on any candle of the segment."""
        __tracebackhide__ = True
        return self._has_no_entry(self._ground.during(segment))

    def exits(self) -> Signals:
        """There is an exit somewhere."""
        __tracebackhide__ = True
        return self._has_exit(self._ground.everywhere())

    def exits_during(self, segment: str) -> Signals:
        """There is an exit on a candle of the segment."""
        __tracebackhide__ = True
        return self._has_exit(self._ground.during(segment))

    def exits_after(self, segment: str, *, within: int) -> Signals:
        """There is an exit on one of the first `within` candles, counted from the segment's first one."""
        __tracebackhide__ = True
        return self._has_exit(self._ground.after(segment, within))

    def never_exits(self) -> Signals:
        """There is no exit anywhere."""
        __tracebackhide__ = True
        return self._has_no_exit(self._ground.everywhere())

    def never_exits_during(self, segment: str) -> Signals:
        """There is no exit on any candle of the segment."""
        __tracebackhide__ = True
        return self._has_no_exit(self._ground.during(segment))

    def during(self, segment: str) -> pd.DataFrame:
        """The candles of a segment with their indicators: `signals.during("crash")["rsi"].min() < 30`."""
        return self.candles.iloc[[row for rows in self._ground.during(segment).ranges for row in rows]]

    def holding(self, at: float | None = None, *, candles: int = 1, tag: str = "") -> Position:
        """A trade opened `candles` candles before the market's end, at the price `at` (default: what the market opened at then)."""
        if not 1 <= candles <= len(self.candles):
            raise ValueError(f"the market has {len(self.candles)} candles; a trade cannot be {candles} candles old")
        opened = float(self.candles["open"].iloc[-candles]) if at is None else at
        return self._hold(at=opened, candles=candles, tag=tag)

    def _has_entry(self, region: Region) -> Signals:
        __tracebackhide__ = True
        claim("entry", self.entry_signals, region, self._ground)
        return self

    def _has_no_entry(self, region: Region) -> Signals:
        __tracebackhide__ = True
        deny("entry", self.entry_signals, region, self._ground)
        return self

    def _has_exit(self, region: Region) -> Signals:
        __tracebackhide__ = True
        claim("exit", self.exit_signals, region, self._ground)
        return self

    def _has_no_exit(self, region: Region) -> Signals:
        __tracebackhide__ = True
        deny("exit", self.exit_signals, region, self._ground)
        return self

    def _signals(self, is_set: npt.NDArray[np.bool_], tag_column: str) -> tuple[Signal, ...]:
        segments, found = self._ground.segments, []
        for row in np.flatnonzero(is_set):
            candle = self.candles.iloc[row]
            tag = candle.get(tag_column)
            found.append(
                Signal(int(row), candle["date"].to_pydatetime(), segments[row], tag if isinstance(tag, str) else "")
            )
        return tuple(found)
