"""A claim about where signals are, and the words for one that does not hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from pipeline.domain.scenarios import Scenario, Span
from pipeline.testing.candle_table import candle_table


@dataclass(frozen=True, slots=True)
class Signal:
    """One entry or exit signal: given at the close of candle number `candle` of the market (from 0), acted on at the next one's open."""

    candle: int
    at: datetime
    segment: str
    tag: str

    def __str__(self) -> str:
        return f"candle {self.candle} ({self.segment}{', ' + self.tag if self.tag else ''})"


@dataclass(frozen=True, slots=True)
class Region:
    """Where signals are expected: words that continue "an entry ...", and the ranges of candles that are meant."""

    words: str
    ranges: tuple[range, ...]

    def __contains__(self, signal: Signal) -> bool:
        return any(signal.candle in candles for candles in self.ranges)


@dataclass(frozen=True, slots=True)
class Ground:
    """The market that claims are about: its candles with indicators, and where each segment lies in them."""

    market: Scenario
    candles: pd.DataFrame
    spans: tuple[Span, ...]

    @property
    def segments(self) -> list[str]:
        """Each candle's segment."""
        return [span.name for span in self.spans for _ in range(span.first, span.end)]

    def everywhere(self) -> Region:
        """The whole market."""
        return Region("anywhere", (range(len(self.candles)),))

    def during(self, segment: str) -> Region:
        """Every segment of that name."""
        __tracebackhide__ = True
        spans = self._named(segment)
        ranges = tuple(range(span.first, span.end) for span in spans)
        return Region(f"during {segment} ({_candles(ranges)})", ranges)

    def after(self, segment: str, within: int) -> Region:
        """The first `within` candles from the beginning of a segment of that name."""
        __tracebackhide__ = True
        spans = self._named(segment)
        ranges = tuple(range(span.first, min(span.first + within, len(self.candles))) for span in spans)
        return Region(f"within {within} candles from the start of {segment} ({_candles(ranges)})", ranges)

    def _named(self, segment: str) -> list[Span]:
        __tracebackhide__ = True
        spans = [span for span in self.spans if span.name == segment]
        if not spans:
            names = ", ".join(dict.fromkeys(span.name for span in self.spans))
            raise LookupError(f"the market has no segment {segment!r}; its segments are {names}")
        return spans


def claim(kind: str, signals: Sequence[Signal], region: Region, ground: Ground) -> None:
    """There is a signal in the region.

    Raises:
        AssertionError: there is none.
    """
    __tracebackhide__ = True
    if not any(signal in region for signal in signals):
        edges = [position for candles in region.ranges for position in (candles.start, candles.stop - 1)]
        happened = f"the {_counted(kind, signals)} elsewhere: {_listed(signals)}" if signals else "there is none at all"
        raise AssertionError(_told(f"expected an {kind} {region.words}, but {happened}", edges, ground))


def deny(kind: str, signals: Sequence[Signal], region: Region, ground: Ground) -> None:
    """There is no signal in the region.

    Raises:
        AssertionError: there is one.
    """
    __tracebackhide__ = True
    there = [signal for signal in signals if signal in region]
    if there:
        happened = f"the strategy gives {len(there)}: {_listed(there)}"
        raise AssertionError(_told(f"expected no {kind} {region.words}, but {happened}", [there[0].candle], ground))


def _told(what: str, around: Sequence[int], ground: Ground) -> str:
    return f"{what}\nmarket: {ground.market}\n\n{candle_table(ground.candles, ground.segments, around)}"


def _counted(kind: str, signals: Sequence[Signal]) -> str:
    """ "only entry is" or "3 exits are"."""
    return f"only {kind} is" if len(signals) == 1 else f"{len(signals)} {'entries' if kind == 'entry' else 'exits'} are"


def _listed(signals: Sequence[Signal]) -> str:
    return ", ".join(map(str, signals[:3])) + (", ..." if len(signals) > 3 else "")


def _candles(ranges: tuple[range, ...]) -> str:
    """ "candles 50 to 249", and so for each."""
    parts = [f"{candles.start} to {candles.stop - 1}" if len(candles) > 1 else f"{candles.start}" for candles in ranges]
    return "candles " + " and ".join(parts)
