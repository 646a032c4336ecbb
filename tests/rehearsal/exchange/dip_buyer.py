"""A strategy for a story: buys when the last closed candle fell by two percent, and takes five percent of profit."""

from freqtrade.strategy import IStrategy
from pandas import DataFrame


class DipBuyer(IStrategy):
    INTERFACE_VERSION = 3
    timeframe = "1m"
    startup_candle_count = 5
    minimal_roi = {"0": 0.05}  # noqa: RUF012 (freqtrade's way)
    stoploss = -0.5

    def populate_indicators(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        return dataframe

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe.loc[dataframe["close"] < dataframe["open"] * 0.98, "enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        return dataframe
