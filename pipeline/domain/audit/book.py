"""The candles of one window, looked up by pair and opening time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from math import inf

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.domain.candles import PRICES, guessed_unit, milliseconds
from pipeline.domain.windows import Window

OPEN, HIGH, LOW = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Candle:
    """What an exchange lets one buy and sell at while a candle lasts, in the quote currency."""

    open: float
    high: float
    low: float


class Book:
    """Every candle of a window on its grid; where the exchange has none, a flat one at the last close, as freqtrade fills gaps."""

    def __init__(self, frames: Mapping[str, pd.DataFrame], window: Window, timeframe: timedelta) -> None:
        self.timeframe = timeframe
        self._first = _first_opening(frames, window, timeframe)
        self._rows = -((self._first - window.end) // timeframe)
        self._prices = {pair: self._on_the_grid(frame) for pair, frame in frames.items()}
        self._tick = cache(self._finest)
        self._known = cache(self._candle)

    @property
    def first_entry_at(self) -> datetime:
        """The opening of the first candle in which freqtrade trades: a signal needs one candle before it."""
        return self._first + self.timeframe

    @property
    def last_at(self) -> datetime:
        """The opening of the window's last candle, in which nothing is opened and everything is closed."""
        return self._at(self._rows - 1)

    def candle(self, pair: str, at: datetime) -> Candle | None:
        """The candle that opens at a moment; None where no candle does."""
        return self._known(pair, at)

    def _candle(self, pair: str, at: datetime) -> Candle | None:
        prices, row = self._prices.get(pair), self._row(at)
        if prices is None or row is None or np.isnan(prices[OPEN, row]):
            return None
        return Candle(float(prices[OPEN, row]), float(prices[HIGH, row]), float(prices[LOW, row]))

    def highest(self, pair: str, first: datetime, last: datetime) -> float:
        """The highest price between two openings, both candles included; infinite where they are not on the grid."""
        begin, end = self._row(first), self._row(last)
        if begin is None or end is None:
            return inf
        return float(np.nanmax(self._prices[pair][HIGH, begin : end + 1]))

    def opens_before(self, pair: str, first: datetime, last: datetime) -> list[Candle]:
        """The candles from `first` on that open before `last`, the latest first."""
        begin, end = self._row(first), self._row(last)
        if begin is None or end is None:
            return []
        found = [self.candle(pair, self._at(row)) for row in range(end - 1, begin - 1, -1)]
        return [candle for candle in found if candle is not None]

    def tick_at(self, pair: str, at: datetime) -> float:
        """What freqtrade rounds prices to that it sets at a moment: the finest digit among the prices of its month.

        Candles before the window may have finer ones; then freqtrade rounds more finely than this says, never more coarsely.
        """
        return self._tick(pair, at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0))

    def _finest(self, pair: str, month: datetime) -> float:
        following = (month + timedelta(days=32)).replace(day=1)
        begin, end = (max(0, -((self._first - at) // self.timeframe)) for at in (month, following))
        prices = self._prices[pair][:, begin:end]
        known = prices[:, ~np.isnan(prices[OPEN])]
        if not known.size:
            return 0.0
        return float(guessed_unit(list(known)))

    def _on_the_grid(self, frame: pd.DataFrame) -> npt.NDArray[np.float64]:
        """float (4, rows): opening, high, low and closing prices, gaps filled; NaN before the first candle."""
        step = self.timeframe // timedelta(milliseconds=1)
        places = (milliseconds(frame) - round(self._first.timestamp() * 1000)) // step
        values = frame[list(PRICES)].to_numpy(dtype=float).T
        prices = np.full((len(PRICES), self._rows), np.nan)
        inside = (places >= 0) & (places < self._rows)
        prices[:, places[inside]] = values[:, inside]
        before = values[-1][places < 0]
        closes = pd.Series(np.concatenate(([before[-1] if len(before) else np.nan], prices[-1]))).ffill().to_numpy()[1:]
        return np.where(np.isnan(prices), closes, prices)

    def _row(self, at: datetime) -> int | None:
        row, rest = divmod(at - self._first, self.timeframe)
        return row if not rest and 0 <= row < self._rows else None

    def _at(self, row: int) -> datetime:
        return self._first + row * self.timeframe


def _first_opening(frames: Mapping[str, pd.DataFrame], window: Window, timeframe: timedelta) -> datetime:
    """The window's first candle, on the grid that the candles themselves are on (weeks begin on Mondays, the epoch did not)."""
    anchor = next((frame["date"].iloc[0].to_pydatetime() for frame in frames.values() if len(frame)), window.start)
    late: timedelta = (anchor - window.start) % timeframe
    return window.start + late
