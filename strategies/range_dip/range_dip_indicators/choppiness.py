"""The Choppiness Index of E. W. Dreiss: does the market go somewhere, or back and forth?"""

import numpy as np
import talib.abstract as ta
from pandas import DataFrame, Series


def choppiness(candles: DataFrame, length: int = 14) -> Series:
    """How much of its way the price went back and forth within the last `length` candles, 0 to 100.

    It is 100 log(sum of true ranges / (highest high - lowest low)) / log(length): 0 for a straight line, 100 where the price covered the same
    ground with every candle; usually between 38.2 (a trend) and 61.8 (a range). NaN where the price did not move at all.
    """
    way = ta.TRANGE(candles).rolling(length).sum()
    span = candles["high"].rolling(length).max() - candles["low"].rolling(length).min()
    moved = way.where((way > 0) & (span > 0)) / span.where(span > 0)
    return 100 * np.log10(moved) / np.log10(length)
