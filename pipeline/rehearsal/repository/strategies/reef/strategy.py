"""Buys when the price comes back after a steep fall."""

from freqtrade.strategy import IStrategy
from pandas import DataFrame


class Reef(IStrategy):
    INTERFACE_VERSION = 3
    timeframe = "1m"
    can_short = False
    startup_candle_count = 60
    minimal_roi = {"0": 0.02, "120": 0}
    stoploss = -0.05
    order_types = {"entry": "market", "exit": "market", "stoploss": "limit", "stoploss_on_exchange": True}

    def populate_indicators(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe["fall"] = dataframe["close"] / dataframe["close"].rolling(60).max() - 1
        return dataframe

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        returning = (dataframe["fall"].shift(1) < -0.04) & (dataframe["close"] > dataframe["open"])
        dataframe.loc[returning & (dataframe["volume"] > 0), ["enter_long", "enter_tag"]] = (1, "after a fall")
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        return dataframe
