"""Buys whatever is traded, and sells half a percent higher."""

from freqtrade.strategy import IStrategy
from pandas import DataFrame


class Tide(IStrategy):
    INTERFACE_VERSION = 3
    timeframe = "1m"
    can_short = False
    startup_candle_count = 5
    minimal_roi = {"0": 0.005}
    stoploss = -0.02
    order_types = {"entry": "market", "exit": "market", "stoploss": "limit", "stoploss_on_exchange": True}

    def populate_indicators(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        return dataframe

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        traded = dataframe["volume"].rolling(5).min() > 0
        dataframe.loc[traded, ["enter_long", "enter_tag"]] = (1, "traded")
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        return dataframe
