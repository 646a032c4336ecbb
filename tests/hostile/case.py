"""What a hostile strategy is, and how many of them are carried into one child of the engine."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain.strategy import DESCRIPTION_FILE, STRATEGY_FILE, TEST_FILE, Candidate, StrategySpec
from tests.planted import TESTS

CANARY = "canary-5e1f"
"""Stands in everything that must not be found: variables, files beside the strategy, files of the user."""


@dataclass(frozen=True)
class Hostile:
    """One attack.

    `code` runs while freqtrade imports the strategy (`at_import`) or in `populate_indicators`, where `dataframe` and `self` are known. `reason`
    is a regular expression that the verdict's reason matches. `alone`: it takes the whole child with it. `waits`: it ends with the
    child's deadline. `linted`: our own rules see it as well, and would not even run it.
    """

    name: str
    code: str
    reason: str
    at_import: bool = False
    alone: bool = False
    waits: bool = False
    seconds: float = 60.0
    memory_mib: int = 4096
    linted: bool = True


HEAD = '''\
"""Carries attacks, one a window; it knows by the frames below it which one is to be tried."""

import sys

from freqtrade.strategy import IStrategy
from pandas import DataFrame

AT_IMPORT = {at_import}
IN_INDICATORS = {in_indicators}


def wanted(codes):
    frame = sys._getframe()
    while frame is not None:
        name = getattr(frame.f_locals.get("window"), "name", "")
        if name in codes:
            return codes[name]
        frame = frame.f_back
    return ""


exec(wanted(AT_IMPORT))


class Hostile(IStrategy):
    INTERFACE_VERSION = 3
    timeframe = "1h"
    stoploss = -0.05
    minimal_roi = {{"0": 0.03}}
    startup_candle_count = 24

    def populate_indicators(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe["mean"] = dataframe["close"].rolling(24).mean()
        exec(wanted(IN_INDICATORS), {{**globals(), "self": self, "dataframe": dataframe, "metadata": metadata}})
        return dataframe

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe.loc[(dataframe["close"] > dataframe["mean"]) & (dataframe["volume"] > 0), ["enter_long", "enter_tag"]] = (
            1, getattr(self, "tag", ""))
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe.loc[dataframe["close"] < dataframe["mean"], "exit_long"] = 1
        return dataframe

    def confirm_trade_entry(self, pair, order_type, amount, rate, time_in_force, current_time, entry_tag, side, **kwargs):
        return self.wanted(rate, current_time) if hasattr(self, "wanted") else True
'''

ALONE = '''\
"""One attack as a trader could propose it."""

{at_import}

from freqtrade.strategy import IStrategy
from pandas import DataFrame


class Hostile(IStrategy):
    INTERFACE_VERSION = 3
    timeframe = "1h"
    stoploss = -0.05
    minimal_roi = {{"0": 0.03}}
    startup_candle_count = 24

    def populate_indicators(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe["mean"] = dataframe["close"].rolling(24).mean()
{in_indicators}
        return dataframe

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe.loc[(dataframe["close"] > dataframe["mean"]) & (dataframe["volume"] > 0), "enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe.loc[dataframe["close"] < dataframe["mean"], "exit_long"] = 1
        return dataframe
'''


def carrier(attacks: Sequence[Hostile]) -> str:
    """A strategy.py that tries each attack in the window of its name, and trades honestly in every other."""
    at_import = {attack.name: attack.code for attack in attacks if attack.at_import}
    in_indicators = {attack.name: attack.code for attack in attacks if not attack.at_import}
    return HEAD.format(at_import=json.dumps(at_import), in_indicators=json.dumps(in_indicators))


def strategy(attack: Hostile) -> str:
    """A strategy.py with one attack in plain sight, as lint would read it."""
    code = attack.code.strip().splitlines()
    inside = "\n".join(f"        {line}" for line in code)
    return ALONE.format(
        at_import=attack.code if attack.at_import else "", in_indicators="" if attack.at_import else inside
    )


def candidate(attack: Hostile) -> Candidate:
    """The same with everything else that a strategy needs, so that lint has nothing to say but of the attack."""
    files = {STRATEGY_FILE: strategy(attack).encode(), DESCRIPTION_FILE: b"class: Hostile\n", TEST_FILE: TESTS.encode()}
    return Candidate(StrategySpec("hostile", "Hostile"), files)
