"""A moment up to which candles are shown, and what is shown there.

In a fresh process the strategy meets the window's candles up to the cut, then two flat ones at the opening price of that moment: an order needs a
candle to be filled in, and the engine opens nothing in a window's last one. The opening is what whoever trades at that moment sees; nothing else
of the candle is shown, but for the prices at which the full run filled entries that named a price of their own.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd

from pipeline.domain.candles import COLUMNS
from pipeline.domain.canonical import digest
from pipeline.domain.windows import Window


@dataclass(frozen=True, slots=True)
class Cut:
    """A moment up to which candles are shown.

    `window` is the full run's; `at` the opening of the first candle that is not shown. `deciding` are the pairs whose fills in that candle, at its
    opening or at a price in `reached`, must come out as in the full run; `reached` are (pair, price) at which orders of the full run were filled
    there. Where `complete`, what all pairs do or leave undone there must come out the same.
    """

    window: Window
    at: datetime
    timeframe: timedelta
    deciding: tuple[str, ...] = ()
    reached: tuple[tuple[str, float], ...] = ()
    complete: bool = True

    def decides(self, pair: str) -> bool:
        """Whether what a pair does in the candle of the cut must come out as in the full run."""
        return self.complete or pair in self.deciding

    def identity(self, of: str) -> str:
        """Names by content the replay of a run that `of` names."""
        shown = (self.window, self.at, self.timeframe.total_seconds(), self.reached)
        return digest({"replay of": of, "shown": shown})

    @property
    def replayed(self) -> Window:
        """The window of the replay: two candles longer than what is shown."""
        return Window(self.window.name, self.window.start, self.at + 2 * self.timeframe)


def cut_candles(frame: pd.DataFrame, timeframe: timedelta, cut: Cut, pair: str) -> pd.DataFrame:
    """The candles of one file as a strategy may know them at the cut.

    Args:
        frame: candles of `pair` of length `timeframe`, any that the strategy is given.

    Returns:
        The candles that were closed by then; at the strategy's own timeframe, two flat ones follow. Empty where the pair did not trade yet.
    """
    past = frame[frame["date"] + timeframe <= pd.Timestamp(cut.at)]
    if timeframe != cut.timeframe or past.empty:
        return past[list(COLUMNS)].reset_index(drop=True)
    there = frame[frame["date"] == pd.Timestamp(cut.at)]
    opening = float(there["open"].iloc[0]) if len(there) else float(past["close"].iloc[-1])
    prices = [opening, *(price for of, price in cut.reached if of == pair)]
    flat = pd.DataFrame(
        {
            "date": pd.DatetimeIndex([cut.at, cut.at + cut.timeframe]).as_unit(past["date"].dt.unit),
            "open": opening,
            "high": [max(prices), opening],
            "low": [min(prices), opening],
            "close": opening,
            "volume": float(past["volume"].iloc[-1]),
        }
    )
    return pd.concat([past[list(COLUMNS)], flat[list(COLUMNS)]], ignore_index=True)
