"""Strategies with a known fault each, written into a folder of strategies."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.domain.metrics import LUCK_METRICS

ROOT = Path(__file__).resolve().parent.parent

HEAD = '''\
"""A planted strategy."""

import talib.abstract as ta
from freqtrade.strategy import IStrategy
from pandas import DataFrame


class Planted(IStrategy):
    INTERFACE_VERSION = 3
    timeframe = "1h"
    stoploss = -0.20
    minimal_roi = {{"0": {roi}}}
    startup_candle_count = 100

    def populate_indicators(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        {indicators}
        return dataframe

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe.loc[{enter} & (dataframe["volume"] > 0), "enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe.loc[{leave} & (dataframe["volume"] > 0), "exit_long"] = 1
        return dataframe
'''
TESTS = """\
from pipeline.testing import flat


def test_a_market_without_movement_is_survived(strategy):
    strategy.on(flat(300))
"""
RSI = 'dataframe["rsi"] = ta.RSI(dataframe, timeperiod=14)'
KINDS = {
    "shifted": {
        "roi": "10",
        "indicators": 'dataframe["next"] = dataframe["close"].shift(-1)',
        "enter": '(dataframe["next"] > dataframe["close"] * 1.002)',
        "leave": '(dataframe["next"] < dataframe["close"])',
    },
    "loser": {
        "roi": "10",
        "indicators": 'dataframe["hour"] = dataframe["date"].dt.hour',
        "enter": '(dataframe["hour"] % 2 == 0)',
        "leave": '(dataframe["hour"] % 2 == 1)',
    },
    "rare": {
        "roi": "10",
        "indicators": 'dataframe["day"] = dataframe["date"].dt.dayofyear',
        "enter": '(dataframe["day"] % 40 == 3)',
        "leave": '(dataframe["day"] % 40 == 5)',
    },
    "crasher": {
        "roi": "0.02",
        "indicators": RSI,
        "enter": '(dataframe["rzi"] < 30)',
        "leave": '(dataframe["rsi"] > 70)',
    },
}
"""Looks ahead; loses by trading all the time; trades too seldom; raises."""


def plant(folder: Path, id: str, kind: str = "", **files: str) -> Path:
    """Write `<folder>/<id>` as the planted strategy of that kind; `files` (suffixes as `_`: `strategy_yml`) replace or add files."""
    here = folder / id
    here.mkdir(parents=True)
    (here / "strategy.py").write_text(HEAD.format(**KINDS[kind or id]))
    (here / "strategy.yml").write_text("class: Planted\n")
    (here / "test_strategy.py").write_text(TESTS)
    for name, text in files.items():
        stem, _, suffix = name.rpartition("_")
        (here / f"{stem}.{suffix}").write_text(text)
    return here


def write_waves(folder: Path) -> Path:
    """Candle files of 300 days and four pairs that swing by five percent every ten days and go nowhere; freqtrade's layout, no manifest."""
    folder.mkdir(parents=True)
    hours = np.arange(300 * 24 + 1)
    dates = pd.date_range("2025-01-01", periods=len(hours) - 1, freq="1h", tz="UTC").as_unit("ms")
    for number, pair in enumerate(("BTC_USDT", "ETH_USDT", "SOL_USDT", "ADA_USDT")):
        price = np.round(100 * (1 + 0.05 * np.sin(2 * np.pi * (hours / 240 + number / 4))), 2)
        opens, closes = price[:-1], price[1:]
        columns = {"open": opens, "high": np.maximum(opens, closes), "low": np.minimum(opens, closes), "close": closes}
        frame = pd.DataFrame({"date": dates, **columns, "volume": 1000.0})
        frame.to_feather(folder / f"{pair}-1h.feather")
    return folder


def quick_policy(file: Path) -> Path:
    """The policy of ci without the checks that run a strategy many times more, and without demands on luck, which want hundreds of trades."""
    text = (ROOT / "environments" / "ci.yml").read_text()
    assert "checks: [lint, behaviour, backtest, bias, audit, robustness]" in text
    text = text.replace(", bias, audit, robustness]", "]")
    luck = [line for line in text.splitlines() if any(f"metric: {metric}," in line for metric in LUCK_METRICS)]
    assert len(luck) > 5
    file.write_text("".join(line + "\n" for line in text.splitlines() if line not in luck))
    return file


def reasons(document: dict[str, Any], id: str) -> str:
    (one,) = [strategy for strategy in document["strategies"] if strategy["id"] == id]
    return " ".join(reason["reason"] for reason in one["reasons"])
