"""Small markets that behave in a known way, put together from segments, as candles in freqtrade's layout."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipeline.domain.timeframes import TIMEFRAMES

COLUMNS = ("date", "open", "high", "low", "close", "volume")
"""freqtrade's columns of candles."""

STARTS_AT = datetime(2024, 1, 1, tzinfo=UTC)
"""When the first candle after the start-up opens: midnight on a Monday, so that candles of every timeframe begin with it."""

STARTUP = "start-up"
"""The name of the quiet candles before a scenario, in which indicators settle."""

START_PRICE = 100.0
LOWEST_PRICE, HIGHEST_PRICE = 1e-8, 1e6
USUAL_VOLUME = 1000.0
WICK_RATIO = 0.0005


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a scenario.

    `closes`: closing prices as multiples of the price before the segment. `volume`: a multiple of the usual volume; 0 is a market in which
    nobody trades. `jumps`: the first candle opens where it closes, away from the price before. `wick`: how far a candle reaches above its
    body, a ratio. `missing`: the exchange delivers no candles for it.
    """

    name: str
    words: str
    closes: tuple[float, ...]
    volume: float = 1.0
    jumps: bool = False
    wick: float = WICK_RATIO
    missing: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Scenario:
    """Segments one after the other: `trend(0.2, 100) + crash(0.3, 20)`; `* 3` repeats, `.called("rally")` gives a name to refer to."""

    segments: tuple[Segment, ...]

    def __add__(self, other: Scenario) -> Scenario:
        return Scenario(self.segments + other.segments)

    def __mul__(self, times: int) -> Scenario:
        return Scenario(self.segments * times)

    def called(self, name: str) -> Scenario:
        """The same candles under a name of your own."""
        return Scenario(tuple(replace(segment, name=name) for segment in self.segments))

    def __repr__(self) -> str:
        return " + ".join(segment.words for segment in self.segments)


@dataclass(frozen=True, slots=True)
class Span:
    """Where a segment lies in a frame: positions of its rows, `first` included, `end` excluded."""

    name: str
    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """A scenario as candles: `frame` has freqtrade's columns and one row a candle, `startup` rows of them before the scenario begins."""

    frame: pd.DataFrame
    startup: int
    spans: tuple[Span, ...]


def flat(candles: int = 50, *, wiggle: float = 0.001, volume: float = 1.0) -> Scenario:
    """A market that goes nowhere: the price wiggles around where it was by `wiggle` (a ratio; 0 for a price that stands still)."""
    return _one("flat", f"flat({candles})", _wiggling(np.ones(_positive(candles)), wiggle), volume)


def trend(up: float = 0.20, candles: int = 100, *, wiggle: float = 0.001, volume: float = 1.0) -> Scenario:
    """A steady rise by the ratio `up` within so many candles; negative falls."""
    _above(up, -1.0, "up")
    return _one("trend", f"trend({up:+g}, {candles})", _wiggling(_path(1.0 + up, candles), wiggle), volume)


def crash(drop: float = 0.30, candles: int = 20, *, volume: float = 3.0) -> Scenario:
    """A fall by the ratio `drop` (0.3: to 70 %) within so many candles, at high volume."""
    return _one("crash", f"crash({drop:g}, {candles})", _path(1.0 - _share(drop), candles), volume)


def gap(change: float = -0.10, candles: int = 10, *, volume: float = 1.0) -> Scenario:
    """The price jumps by the ratio `change` between two candles and stays there."""
    _above(change, -1.0, "change")
    closes = (1.0 + change) * _wiggling(np.ones(_positive(candles)), WICK_RATIO)
    return _one("gap", f"gap({change:+g}, {candles})", closes, volume, jumps=True)


def spike(height: float = 0.20, candles: int = 2, *, volume: float = 5.0) -> Scenario:
    """The price shoots up by the ratio `height` (negative: down) and is back at the last candle; a single candle shows it as a wick."""
    _above(height, -1.0, "height")
    closes = 1.0 + height * np.linspace(1.0, 0.0, _positive(candles))
    if candles == 1:
        closes = np.ones(1)
    return _one("spike", f"spike({height:+g}, {candles})", closes, volume, wick=height if candles == 1 else WICK_RATIO)


def v_shape(drop: float = 0.20, candles: int = 40, *, volume: float = 1.5) -> Scenario:
    """A fall by the ratio `drop` in the first half and the way back in the second."""
    if candles < 2:
        raise ValueError(f"a v_shape has at least two candles, not {candles}")
    down = _path(1.0 - _share(drop), candles // 2)
    up = down[-1] * _path(1.0 / down[-1], candles - len(down))
    return _one("v_shape", f"v_shape({drop:g}, {candles})", np.concatenate([down, up]), volume)


def noise(seed: int, candles: int = 200, *, volatility: float = 0.005, volume: float = 1.0) -> Scenario:
    """A random walk without direction: each candle moves by about `volatility` (a ratio); the same seed gives the same walk."""
    steps = np.random.default_rng(seed).standard_normal(_positive(candles)) * volatility
    return _one("noise", f"noise({seed}, {candles})", np.exp(np.cumsum(steps)), volume)


def silent(candles: int = 20) -> Scenario:
    """Nobody trades: the price stands still and the volume is zero."""
    return _one("silent", f"silent({candles})", np.ones(_positive(candles)), 0.0, wick=0.0)


def outage(candles: int = 5) -> Scenario:
    """The exchange delivers no candles at all for so long."""
    return _one("outage", f"outage({candles})", np.ones(_positive(candles)), 0.0, missing=True)


def draw(scenario: Scenario, timeframe: str, *, startup: int = 0, price: float = START_PRICE) -> Drawn:
    """The scenario as candles, after `startup` quiet candles that end at `price`.

    Prices are kept between 1e-8 and 1e6. The same arguments give the same candles.

    Raises:
        ValueError: nothing but missing candles, or a timeframe that is not known.
    """
    if timeframe not in TIMEFRAMES:
        raise ValueError(f"timeframe {timeframe!r} is not known; there are {', '.join(TIMEFRAMES)}")
    before = (_startup(startup),) if startup else ()
    segments = before + scenario.segments
    if all(segment.missing for segment in segments):
        raise ValueError("a scenario needs at least one candle")
    rows = _rows(segments, price)
    opens_at = pd.Timestamp(STARTS_AT) + (np.arange(len(rows)) - startup) * pd.Timedelta(TIMEFRAMES[timeframe])
    rows.insert(0, "date", pd.DatetimeIndex(opens_at).as_unit("ms"))
    there = ~np.concatenate([np.full(len(s.closes), s.missing) for s in segments])
    return Drawn(rows[there].reset_index(drop=True), startup, _spans(segments, startup))


def _rows(segments: tuple[Segment, ...], price: float) -> pd.DataFrame:
    level, closes, jumps = price, [], []
    for segment in segments:
        closes.append(level * np.asarray(segment.closes))
        jumps.append(np.arange(len(segment.closes)) == (0 if segment.jumps else -1))
        level = float(closes[-1][-1])
    close = np.clip(np.concatenate(closes), LOWEST_PRICE, HIGHEST_PRICE)
    before = np.concatenate([[min(max(price, LOWEST_PRICE), HIGHEST_PRICE)], close[:-1]])
    open_ = np.where(np.concatenate(jumps), close, before)
    wick = np.concatenate([np.full(len(s.closes), s.wick) for s in segments])
    shade = np.where(wick == 0.0, 0.0, WICK_RATIO)
    high = np.maximum(open_, close) * (1.0 + np.maximum(wick, shade))
    low = np.minimum(open_, close) * (1.0 - np.maximum(-wick, shade))
    moved = np.abs(close / before - 1.0)
    times = np.concatenate([np.full(len(s.closes), s.volume) for s in segments])
    uneven = np.random.default_rng(len(close)).uniform(0.8, 1.2, len(close))
    volume = USUAL_VOLUME * times * uneven * (1.0 + 20.0 * np.minimum(moved, 0.5))
    return pd.DataFrame({"open": open_, "high": high, "low": low, "close": close, "volume": volume})


def _spans(segments: tuple[Segment, ...], startup: int) -> tuple[Span, ...]:
    spans, at = [], 0
    for segment in segments:
        end = at if segment.missing else at + len(segment.closes)
        spans.append(Span(segment.name, at, end))
        at = end
    return tuple(spans[1:] if startup else spans)


def _startup(candles: int) -> Segment:
    return replace(flat(candles).segments[0], name=STARTUP)


def _one(
    name: str,
    words: str,
    closes: NDArray[np.float64],
    volume: float,
    *,
    jumps: bool = False,
    wick: float = WICK_RATIO,
    missing: bool = False,
) -> Scenario:
    if volume < 0:
        raise ValueError(f"{words}: volume is a multiple of the usual one and cannot be negative")
    return Scenario((Segment(name, words, tuple(map(float, closes)), volume, jumps, wick, missing),))


def _path(to: float, candles: int) -> NDArray[np.float64]:
    """Equal steps in percent, from just after 1 to exactly `to`."""
    steps: NDArray[np.float64] = to ** (np.arange(1, _positive(candles) + 1) / candles)
    return steps


def _wiggling(closes: NDArray[np.float64], wiggle: float) -> NDArray[np.float64]:
    """A little deterministic unrest on every candle but the last, which stays where the segment has to end."""
    unrest = np.random.default_rng(len(closes)).uniform(-1.0, 1.0, len(closes)) * wiggle
    unrest[-1] = 0.0
    return closes * (1.0 + unrest)


def _positive(candles: int) -> int:
    if candles < 1:
        raise ValueError(f"a segment has at least one candle, not {candles}")
    return candles


def _share(drop: float) -> float:
    if not 0.0 < drop < 1.0:
        raise ValueError(f"drop is the share of the price that is lost, between 0 and 1, not {drop:g}")
    return drop


def _above(value: float, bound: float, name: str) -> None:
    if value <= bound:
        raise ValueError(f"{name} is a ratio above {bound:g}, not {value:g}: no price falls by 100 %")
