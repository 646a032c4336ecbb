"""A strategy to test with, in a folder of its own; `populate` and `extra` put faults into it."""

from pathlib import Path
from textwrap import indent

NAME = "Example"


def write_example(
    folder: Path, *, populate: str = "", extra: str = "", test: str = "", timeframe: str = "1h", startup: int = 50
) -> Path:
    """Write strategy.py, strategy.yml and test_strategy.py; returns the folder.

    `populate` is code at the end of populate_indicators, `extra` code in the class.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = f'''
import numpy as np
import talib.abstract as ta
from freqtrade.strategy import IStrategy, informative


class {NAME}(IStrategy):
    INTERFACE_VERSION = 3
    timeframe = "{timeframe}"
    startup_candle_count = {startup}
    stoploss = -0.10
    trailing_stop = True
    trailing_stop_positive = 0.02
    trailing_stop_positive_offset = 0.05
    minimal_roi = {{"0": 0.20, "120": 0.03}}

    def populate_indicators(self, dataframe, metadata):
        dataframe["fast"] = ta.SMA(dataframe, timeperiod=10)
        dataframe["slow"] = ta.SMA(dataframe, timeperiod=50)
{indent(populate, " " * 8)}
        return dataframe

    def populate_entry_trend(self, dataframe, metadata):
        up = (dataframe["fast"] > dataframe["slow"] * 1.003) & (dataframe["volume"] > 0)
        dataframe.loc[up, ["enter_long", "enter_tag"]] = (1, "up")
        return dataframe

    def populate_exit_trend(self, dataframe, metadata):
        dataframe.loc[(dataframe["fast"] < dataframe["slow"] * 0.997) & (dataframe["volume"] > 0), "exit_long"] = 1
        return dataframe

{indent(extra, " " * 4)}
'''
    (folder / "strategy.py").write_text(text, encoding="utf-8")
    (folder / "strategy.yml").write_text(f"class: {NAME}\n", encoding="utf-8")
    (folder / "test_strategy.py").write_text(test, encoding="utf-8")
    return folder
