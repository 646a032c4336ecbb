"""One pair's price at any moment: the market model's path, a model step a minute, with planned moves on top."""

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import numpy.typing as npt

from pipeline.domain.market import PairCandles

MINUTE = 60_000
"""In milliseconds, as all times in this file are: since the epoch, or as a length."""

TURNS = (0, 15_000, 45_000, 60_000)
"""When, within a minute, a candle's open, first extreme, second extreme and close lie; the price goes straight from one to the next."""

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Move:
    """A planned movement: from `at` (aware UTC) on, within `seconds`, the price changes by `ratio` (-0.03: falls by 3 %), and stays there."""

    pair: str
    at: datetime
    ratio: float
    seconds: float = 60.0

    def __post_init__(self) -> None:
        if self.at.tzinfo is None or self.ratio <= -1 or self.seconds <= 0:
            raise ValueError("a move needs a time with its zone, a ratio above -1 and a length above 0 s")

    @property
    def starts(self) -> int:
        return round(self.at.timestamp() * 1000)

    @property
    def ends(self) -> int:
        return self.starts + max(1, round(self.seconds * 1000))


@dataclass(frozen=True, slots=True)
class Candles:
    """int (n,) each: opening times, prices in ticks, amounts in steps."""

    opens_at: Integers
    opening: Integers
    high: Integers
    low: Integers
    closing: Integers
    steps: Integers


@dataclass
class PricePath:
    """The path of one pair, for all times: where the model ends, it goes back the way that it came.

    `swing_ratio` is how much of the model's movement is kept: 1 all of it, 0 none.
    """

    model_prices: tuple[Integers, Integers, Integers, Integers]
    """int (n,) each: the prices at TURNS, in ticks."""
    steps: Integers
    swing_ratio: float = 1.0
    moves: list[Move] = field(default_factory=list)

    @staticmethod
    def of(candles: PairCandles, swing_ratio: float) -> "PricePath":
        frame, tick = candles.fine, float(candles.model.tick)
        opening, high, low, closing = (
            np.rint(frame[name].to_numpy() / tick).astype(np.int64) for name in ("open", "high", "low", "close")
        )
        rises = closing >= opening
        turns = (opening, np.where(rises, low, high), np.where(rises, high, low), closing)
        steps = np.rint(frame["volume"].to_numpy() / float(candles.model.step)).astype(np.int64)
        return PricePath(turns, steps, swing_ratio)

    def price(self, at: int) -> int:
        """The last price at a moment, in ticks."""
        times, prices = self._turns(at // MINUTE)
        return round(float(np.interp(at, times, prices)))

    def turns(self, after: int, until: int) -> list[int]:
        """The moments in (after, until) at which the price may turn: whoever looks at all of them has seen every extreme."""
        found = {minute * MINUTE + turn for minute in range(after // MINUTE, until // MINUTE + 1) for turn in TURNS} | {
            edge for move in self.moves for edge in (move.starts, move.ends)
        }
        return sorted(moment for moment in found if after < moment < until)

    def minutes(self, first: int, last: int, now: int) -> Candles:
        """The candles of the minutes `first` to `last` (inclusive, counted since the epoch); that of `now` is as far as it has come."""
        last = min(last, now // MINUTE)
        minutes = np.arange(first, last + 1, dtype=np.int64)
        index, backwards = self._index(minutes)
        knots = [
            self._moved(
                np.where(backwards, self.model_prices[3 - turn][index], self.model_prices[turn][index]),
                minutes * MINUTE + time,
            )
            for turn, time in enumerate(TURNS)
        ]
        candles = Candles(
            minutes * MINUTE,
            knots[0],
            np.maximum.reduce(knots),
            np.minimum.reduce(knots),
            knots[3],
            self.steps[index].copy(),
        )
        uneven = {edge // MINUTE for move in self.moves for edge in (move.starts, move.ends)} | {now // MINUTE}
        for minute in uneven:
            if first <= minute <= last:
                self._correct(candles, minute, minute - first, now)
        return candles

    def _correct(self, candles: Candles, minute: int, row: int, now: int) -> None:
        """A candle that is not closed yet, or in which a move begins or ends."""
        times, prices = self._turns(minute)
        end = min(now, minute * MINUTE + MINUTE)
        closing = round(float(np.interp(end, times, prices)))
        seen = [price for time, price in zip(times, prices, strict=True) if time <= end] + [closing]
        candles.opening[row], candles.closing[row] = seen[0], closing
        candles.high[row], candles.low[row] = max(seen), min(seen)
        candles.steps[row] = max(1, candles.steps[row] * (end - minute * MINUTE) // MINUTE)

    def _turns(self, minute: int) -> tuple[list[int], list[int]]:
        """Times and prices (in ticks) between which the price goes straight, from the minute's first moment to its last."""
        start = minute * MINUTE
        edges = {edge for move in self.moves for edge in (move.starts, move.ends) if start < edge < start + MINUTE}
        times = np.array(sorted({start + turn for turn in TURNS} | edges), dtype=np.int64)
        index, backwards = self._index(np.array([minute], dtype=np.int64))
        own = [int(turn[index[0]]) for turn in (self.model_prices[::-1] if backwards[0] else self.model_prices)]
        straight = np.interp(times, [start + turn for turn in TURNS], own)
        return times.tolist(), self._moved(straight, times).tolist()

    def _index(self, minutes: Integers) -> tuple[Integers, npt.NDArray[np.bool_]]:
        count = len(self.steps)
        place = minutes % (2 * count)
        return np.where(place < count, place, 2 * count - 1 - place), place >= count

    def _moved(self, prices: Integers | Floats, times: Integers) -> Integers:
        calm = float(self.model_prices[0][0])
        moved = calm + (prices - calm) * self.swing_ratio
        for move in self.moves:
            moved = moved * (1 + move.ratio * np.clip((times - move.starts) / (move.ends - move.starts), 0.0, 1.0))
        ticks: Integers = np.maximum(np.rint(moved), 1).astype(np.int64)
        return ticks
