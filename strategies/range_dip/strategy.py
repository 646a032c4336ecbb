"""Buys dips in a market that goes nowhere, and sells when the price is back at its mean."""

from datetime import datetime, timedelta

import talib.abstract as ta
from freqtrade.persistence import Trade
from freqtrade.strategy import IStrategy
from pandas import DataFrame

from range_dip_indicators import choppiness

LONGEST = timedelta(hours=24)


class RangeDip(IStrategy):
    """Bollinger's bands (20 candles, 2 standard deviations) with a filter for the regime.

    The signal is not that the price falls out of the bands, but that it comes back: who buys falling prices buys crashes too. And it is only taken
    where the Choppiness Index of the last day says that the market goes back and forth (50 is the middle between trend and range).
    """

    INTERFACE_VERSION = 3

    timeframe = "1h"
    can_short = False
    # The longest window is a day.
    startup_candle_count = 30

    stoploss = -0.05
    minimal_roi = {}

    @property
    def protections(self) -> list[dict]:
        """Two stops within a day mean that the range is over: nothing is bought for half a day."""
        return [
            {
                "method": "StoplossGuard",
                "lookback_period_candles": 24,
                "trade_limit": 2,
                "stop_duration_candles": 12,
                "only_per_pair": False,
            }
        ]

    def populate_indicators(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        bands = ta.BBANDS(dataframe, timeperiod=20, nbdevup=2.0, nbdevdn=2.0)
        dataframe["lower"] = bands["lowerband"]
        dataframe["middle"] = bands["middleband"]
        dataframe["choppiness"] = choppiness(dataframe, 24)
        return dataframe

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        was_below = dataframe["close"].shift(1) < dataframe["lower"].shift(1)
        is_back = dataframe["close"] >= dataframe["lower"]
        goes_nowhere = dataframe["choppiness"] > 50
        traded = dataframe["volume"] > 0
        dataframe.loc[was_below & is_back & goes_nowhere & traded, ["enter_long", "enter_tag"]] = (1, "back in the bands")
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        back_at_the_mean = dataframe["close"] > dataframe["middle"]
        traded = dataframe["volume"] > 0
        dataframe.loc[back_at_the_mean & traded, ["exit_long", "exit_tag"]] = (1, "back at the mean")
        return dataframe

    def custom_exit(
        self, pair: str, trade: Trade, current_time: datetime, current_rate: float, current_profit: float, **kwargs
    ) -> str | None:
        """A dip that has not come back within a day is no dip."""
        return "took too long" if current_time - trade.open_date_utc >= LONGEST else None
