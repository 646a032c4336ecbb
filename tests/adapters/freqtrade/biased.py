"""Strategies that look ahead, repaint or never settle, each in its own way, written as people write them."""

from pathlib import Path

HEAD = '''\
"""A strategy."""

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import talib.abstract as ta
from freqtrade.persistence import Trade
from freqtrade.strategy import IStrategy, informative, merge_informative_pair, stoploss_from_absolute
from pandas import DataFrame
{imports}


class Sample(IStrategy):
    INTERFACE_VERSION = 3
    timeframe = "1h"
    stoploss = -0.10
    minimal_roi = {{"0": 0.10}}
    startup_candle_count = {startup}
{body}'''
INDICATORS = """
    def populate_indicators(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        {lines}
        return dataframe
"""
SIGNALS = """
    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe.loc[({enter}) & (dataframe["volume"] > 0), "enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe.loc[({leave}) & (dataframe["volume"] > 0), "exit_long"] = 1
        return dataframe
"""
CROSS = 'dataframe["fast"] = ta.SMA(dataframe, timeperiod=8)\ndataframe["slow"] = ta.SMA(dataframe, timeperiod=24)'
OVER, UNDER = 'dataframe["fast"] > dataframe["slow"]', 'dataframe["fast"] < dataframe["slow"]'


def source(
    *,
    lines: str = CROSS,
    enter: str = OVER,
    leave: str = UNDER,
    more: str = "",
    imports: str = "",
    startup: int = 30,
) -> str:
    """The text of a strategy.py: `lines` of populate_indicators, conditions for signals, and further members of the class."""
    body = INDICATORS.format(lines="\n".join(lines.strip("\n").splitlines()).replace("\n", "\n        "))
    return HEAD.format(imports=imports, startup=startup, body=f"{body}{SIGNALS.format(enter=enter, leave=leave)}{more}")


def write(folder: Path, text: str, **files: str) -> Path:
    """Put a strategy into a folder, with further Python files by their stem."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "strategy.py").write_text(text)
    for stem, content in files.items():
        (folder / f"{stem}.py").write_text(content)
    return folder


FIVE = {
    "shift": source(
        lines='dataframe["next"] = dataframe["close"].shift(-1)',
        enter='dataframe["next"] > dataframe["close"] * 1.002',
        leave='dataframe["next"] < dataframe["close"]',
    ),
    "whole column": source(
        lines='dataframe["level"] = dataframe["close"].mean()',
        enter='dataframe["close"] < dataframe["level"] * 0.98',
        leave='dataframe["close"] > dataframe["level"]',
    ),
    "aliased shift": source(
        lines='ahead = -int(self.startup_candle_count > 0)\nmove = getattr(dataframe["close"], "sh" + "ift")\n'
        'dataframe["pull"] = move(ahead) / dataframe["close"]',
        enter='dataframe["pull"] > 1.002',
        leave='dataframe["pull"] < 0.998',
    ),
    "uncut informative": source(
        lines="""
btc = self.dp.get_pair_dataframe("BTC/USDT", "4h")
btc = btc[["date", "close"]].rename(columns={"close": "btc_close"})
dataframe = dataframe.merge(btc, on="date", how="left")
dataframe["btc_close"] = dataframe["btc_close"].ffill()
dataframe["btc_rises"] = dataframe["btc_close"].diff() > 0
""",
        enter='dataframe["btc_rises"]',
        leave='~dataframe["btc_rises"]',
    ),
    "frame on self": source(
        lines=CROSS
        + '\nself.seen = getattr(self, "seen", {})\nself.seen[metadata["pair"]] = dataframe.set_index("date")["close"]',
        more="""
    def custom_exit(self, pair, trade, current_time, current_rate, current_profit, **kwargs):
        later = self.seen[pair].loc[current_time:]
        return "falls" if len(later) > 3 and later.iloc[3] < current_rate else None
""",
    ),
}
"""The five forms of looking ahead that must fail whatever lint says."""

MORE = {
    "a signal without a column": source(
        enter='dataframe["close"].shift(-2) > dataframe["close"] * 1.01', leave='dataframe["fast"] < dataframe["slow"]'
    ),
    "filled backwards": source(
        lines='dataframe["top"] = dataframe["high"].where(dataframe["high"] == dataframe["high"].rolling(12).max()).bfill()',
        enter='dataframe["top"] > dataframe["close"] * 1.02',
        leave='dataframe["top"] < dataframe["close"] * 1.01',
    ),
    "centred window": source(
        lines='dataframe["smooth"] = dataframe["close"].rolling(9, center=True).mean()',
        enter='dataframe["smooth"] > dataframe["smooth"].shift(1)',
        leave='dataframe["smooth"] < dataframe["smooth"].shift(1)',
    ),
    "reversed window": source(
        lines='dataframe["best"] = dataframe["high"][::-1].rolling(6).max()[::-1]',
        enter='dataframe["best"] > dataframe["close"] * 1.02',
        leave='dataframe["best"] < dataframe["close"] * 1.002',
    ),
    "the whole day": source(
        lines='dataframe["day_high"] = dataframe.groupby(dataframe["date"].dt.date)["high"].transform("max")',
        enter='dataframe["close"] < dataframe["day_high"] * 0.98',
        leave='dataframe["close"] > dataframe["day_high"] * 0.999',
    ),
    "standardised over all": source(
        lines='price = dataframe["close"]\ndataframe["z"] = (price - price.to_numpy().mean()) / price.to_numpy().std()',
        enter='dataframe["z"] < -0.5',
        leave='dataframe["z"] > 0.5',
    ),
    "resampled without waiting": source(
        lines="""
longer = dataframe.set_index("date")["close"].resample("4h").last()
dataframe["close_of_four"] = longer.reindex(dataframe["date"], method="ffill").to_numpy()
""",
        enter='dataframe["close_of_four"] > dataframe["close"] * 1.003',
        leave='dataframe["close_of_four"] < dataframe["close"]',
    ),
    "the nearest candle of four hours": source(
        lines="""
longer = self.dp.get_pair_dataframe(metadata["pair"], "4h")[["date", "close"]].rename(columns={"close": "long_close"})
dataframe = pd.merge_asof(dataframe, longer, on="date", direction="nearest")
""",
        enter='dataframe["long_close"] > dataframe["close"] * 1.003',
        leave='dataframe["long_close"] < dataframe["close"]',
    ),
    "the last row for every row": source(
        lines='dataframe["now"] = dataframe["close"].iloc[-1]',
        enter='dataframe["close"] < dataframe["now"]',
        leave='dataframe["close"] > dataframe["now"] * 1.05',
    ),
    "files read past the provider": source(
        imports="from freqtrade.data.history import load_pair_history",
        lines="""
candles = load_pair_history(pair="BTC/USDT", timeframe="4h", datadir=self.config["datadir"])[["date", "close"]]
dataframe["btc"] = candles.set_index("date")["close"].reindex(dataframe["date"], method="ffill").to_numpy()
""",
        enter='dataframe["btc"] > dataframe["btc"].shift(1)',
        leave='dataframe["btc"] < dataframe["btc"].shift(1)',
    ),
    "the end on self": source(
        lines=CROSS + "\nself.atr = ta.ATR(dataframe, timeperiod=14).iloc[-1]",
        more="""
    use_custom_stoploss = True

    def custom_stoploss(self, pair, trade, current_time, current_rate, current_profit, after_fill, **kwargs):
        return -3 * self.atr / current_rate
""",
    ),
    "a frame on the class": source(
        lines=CROSS + '\nSample.frames[metadata["pair"]] = dataframe',
        more="""
    frames: dict = {}

    def confirm_trade_entry(self, pair, order_type, amount, rate, time_in_force, current_time, entry_tag, side, **kwargs):
        frame = self.frames[pair]
        return bool((frame.loc[frame["date"] > current_time, "close"].head(5) > rate).any())
""",
    ),
    "another pair's frame on self": source(
        lines=CROSS + '\nself.frames = getattr(self, "frames", {})\nself.frames[metadata["pair"]] = dataframe',
        enter='self.frames["BTC/USDT"]["close"].shift(-1) > self.frames["BTC/USDT"]["close"]',
    ),
}
"""Further ways of looking ahead."""

UNSETTLED = {
    "too short a start-up": source(
        lines='dataframe["slow"] = dataframe["close"].ewm(span=300, adjust=False).mean()',
        enter='dataframe["close"] > dataframe["slow"]',
        leave='dataframe["close"] < dataframe["slow"]',
        startup=10,
    ),
    "counted from the first candle": source(
        lines='dataframe["sum"] = np.sign(dataframe["close"].diff()).cumsum()',
        enter='dataframe["sum"] % 5 == 0',
        leave='dataframe["sum"] % 5 == 2',
    ),
}
"""Strategies whose signals depend on where the history begins."""
