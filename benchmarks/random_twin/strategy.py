"""The random twin of a strategy: as many entries, held as long, but at times that a die chose.

What the twin earns is what the market gives to anybody who holds that much of it for that long. A strategy that earns no more has found nothing.
"""

import hashlib
from typing import ClassVar

import pandas as pd
from freqtrade.strategy import IStrategy


class RandomTwin(IStrategy):
    """Whenever it holds nothing of a pair, it enters with the probability `chance` and holds for one of the `holding_candles`.

    These and the `salt` come from the setting `twin`. The die is a hash of salt, pair and time, so that a run can be repeated. There is neither
    a stop nor a target: the strategy's own are part of how long it held.
    """

    INTERFACE_VERSION = 3
    stoploss = -0.99
    minimal_roi: ClassVar[dict[str, float]] = {}
    startup_candle_count = 0

    def populate_indicators(self, dataframe: pd.DataFrame, metadata: dict) -> pd.DataFrame:
        entries, exits = self._signals(dataframe["date"], metadata["pair"])
        dataframe["enters"] = dataframe.index.isin(entries)
        dataframe["exits"] = dataframe.index.isin(exits)
        return dataframe

    def populate_entry_trend(self, dataframe: pd.DataFrame, metadata: dict) -> pd.DataFrame:
        dataframe["enter_long"] = dataframe["enters"].astype(int)
        return dataframe

    def populate_exit_trend(self, dataframe: pd.DataFrame, metadata: dict) -> pd.DataFrame:
        dataframe["exit_long"] = dataframe["exits"].astype(int)
        return dataframe

    def _signals(self, dates: pd.Series, pair: str) -> tuple[list[int], list[int]]:
        """The candles whose close gives an entry, and those whose close gives the exit that belongs to it."""
        twin = self.config["twin"]
        entries, exits, candle = [], [], 0
        while candle < len(dates):
            if self._die("entry", pair, dates[candle]) < twin["chance"]:
                holding = twin["holding_candles"]
                entries.append(candle)
                candle += max(1, holding[int(self._die("holding", pair, dates[candle]) * len(holding))])
                exits.append(candle)
            candle += 1
        return entries, exits

    def _die(self, purpose: str, pair: str, date: pd.Timestamp) -> float:
        """A number in [0, 1) that depends on nothing but these."""
        text = f"{self.config['twin']['salt']} {purpose} {pair} {date.value}"
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest(), "big") / 2**48
