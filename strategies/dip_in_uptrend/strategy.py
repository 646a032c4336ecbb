"""Buys pullbacks on the one-hour chart while the four-hour chart rises."""

import talib.abstract as ta
from freqtrade.strategy import IntParameter, IStrategy, informative
from pandas import DataFrame

LONG_MEAN = 100


class DipInUptrend(IStrategy):
    """The longer chart says which way the market goes, the shorter one when to get in.

    The pullback is L. Connors' "RSI(2)": the relative strength index of two candles is nearly 0 after a few falling candles in a row, and nearly 100 soon
    after they are over. Its levels are parameters, 10 and 70 by default. `strategy.json` beside this file has the stricter 5 that Connors names too; freqtrade
    loads that file by itself, so what is traded is what it says.
    """

    INTERFACE_VERSION = 3

    timeframe = "1h"
    can_short = False
    # freqtrade loads as many candles of the four-hour chart: enough for its averages to settle.
    startup_candle_count = LONG_MEAN

    stoploss = -0.08
    minimal_roi = {}

    buy_rsi = IntParameter(2, 20, default=10, space="buy")
    sell_rsi = IntParameter(60, 90, default=70, space="sell")

    @informative("4h")
    def populate_indicators_4h(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        # The averages that MACD is made of: where the fast one is above, MACD is positive.
        dataframe["fast"] = ta.EMA(dataframe, timeperiod=12)
        dataframe["slow"] = ta.EMA(dataframe, timeperiod=26)
        return dataframe

    def populate_indicators(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe["rsi"] = ta.RSI(dataframe, timeperiod=2)
        dataframe["long_mean"] = ta.SMA(dataframe, timeperiod=LONG_MEAN)
        return dataframe

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        rising = dataframe["fast_4h"] > dataframe["slow_4h"]
        # A pullback that has gone below the long mean is a turn.
        above_the_mean = dataframe["close"] > dataframe["long_mean"]
        pulled_back = dataframe["rsi"] < self.buy_rsi.value
        traded = dataframe["volume"] > 0
        dataframe.loc[rising & above_the_mean & pulled_back & traded, ["enter_long", "enter_tag"]] = (1, "pullback")
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        strong = dataframe["rsi"] > self.sell_rsi.value
        falling = dataframe["fast_4h"] < dataframe["slow_4h"]
        traded = dataframe["volume"] > 0
        dataframe.loc[strong & traded, ["exit_long", "exit_tag"]] = (1, "strength")
        dataframe.loc[falling & traded, ["exit_long", "exit_tag"]] = (1, "uptrend is over")
        return dataframe
