"""Honest strategies that trade in as many ways as freqtrade knows, look-ahead of five kinds, and forgers; each is one file."""

from pathlib import Path

_FRAME = """\
from datetime import datetime, timedelta

import numpy as np
import talib.abstract as ta
from freqtrade.persistence import Trade
from freqtrade.strategy import IStrategy, informative, merge_informative_pair, stoploss_from_absolute, stoploss_from_open
from pandas import DataFrame


class Styled(IStrategy):
    INTERFACE_VERSION = 3
    timeframe = "{timeframe}"
    startup_candle_count = 30
{attributes}

    def populate_indicators(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe["rsi"] = ta.RSI(dataframe, timeperiod=7)
        dataframe["mean"] = dataframe["close"].rolling(24).mean()
        dataframe["atr"] = ta.ATR(dataframe, timeperiod=14)
{indicators}
        return dataframe

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe.loc[({enter}) & (dataframe["volume"] > 0), ["enter_long", "enter_tag"]] = (1, "in")
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe.loc[({leave}) & (dataframe["volume"] > 0), ["exit_long", "exit_tag"]] = (1, "out")
        return dataframe
{callbacks}
"""
_NONE = "dataframe['close'] < 0"
_DIP = "(dataframe['rsi'] < 35)"
_DEFAULTS = {
    "timeframe": "1h",
    "attributes": "stoploss = -0.05\nminimal_roi = {}",
    "indicators": "",
    "enter": _DIP,
    "leave": "dataframe['rsi'] > 60",
    "callbacks": "",
}

HONEST: dict[str, dict[str, str]] = {
    "signals": {},
    "roi": {"attributes": 'stoploss = -0.04\nminimal_roi = {"120": 0.004, "60": 0.008, "0": 0.015}', "leave": _NONE},
    "roi_at_once": {"attributes": 'stoploss = -0.03\nminimal_roi = {"0": 0.001}', "leave": _NONE},
    "roi_forced_out": {"attributes": 'stoploss = -0.5\nminimal_roi = {"360": -1, "0": 0.05}', "leave": _NONE},
    "trailing": {
        "attributes": "stoploss = -0.04\nminimal_roi = {}\ntrailing_stop = True",
        "leave": _NONE,
    },
    "trailing_positive": {
        "attributes": (
            "stoploss = -0.05\nminimal_roi = {}\ntrailing_stop = True\ntrailing_stop_positive = 0.01\n"
            "trailing_stop_positive_offset = 0.02\ntrailing_only_offset_is_reached = True"
        ),
        "leave": _NONE,
    },
    "custom_stoploss": {
        "attributes": "stoploss = -0.2\nminimal_roi = {}\nuse_custom_stoploss = True",
        "leave": _NONE,
        "callbacks": """
def custom_stoploss(self, pair, trade, current_time, current_rate, current_profit, after_fill, **kwargs):
    candles, _ = self.dp.get_analyzed_dataframe(pair, self.timeframe)
    return stoploss_from_absolute(current_rate - 2 * candles["atr"].iloc[-1], current_rate, is_short=False)
""",
    },
    "averaging_down": {
        "attributes": (
            "stoploss = -0.15\nminimal_roi = {'0': 0.02}\nposition_adjustment_enable = True\nmax_entry_position_adjustment = 3"
        ),
        "callbacks": """
def custom_stake_amount(self, pair, current_time, current_rate, proposed_stake, min_stake, max_stake, leverage, entry_tag, side, **kwargs):
    return proposed_stake / 4

def adjust_trade_position(self, trade, current_time, current_rate, current_profit, min_stake, max_stake, **kwargs):
    if current_profit > 0.01 and trade.nr_of_successful_exits == 0:
        return -(trade.stake_amount / 2)
    if current_profit < -0.02 * trade.nr_of_successful_entries:
        return trade.stake_amount / trade.nr_of_successful_entries
    return None
""",
    },
    "own_prices": {
        "attributes": "stoploss = -0.05\nminimal_roi = {'0': 0.03}",
        "callbacks": """
def custom_entry_price(self, pair, trade, current_time, proposed_rate, entry_tag, side, **kwargs):
    return proposed_rate * 0.996

def custom_exit_price(self, pair, trade, current_time, proposed_rate, current_profit, exit_tag, **kwargs):
    return proposed_rate * 1.004
""",
    },
    "waiting_orders": {
        "attributes": (
            "stoploss = -0.05\nminimal_roi = {'0': 0.03}\nunfilledtimeout = {'entry': 240, 'exit': 240, 'unit': 'minutes'}"
        ),
        "callbacks": """
def custom_entry_price(self, pair, trade, current_time, proposed_rate, entry_tag, side, **kwargs):
    return proposed_rate * 0.985

def adjust_order_price(self, trade, order, pair, current_time, proposed_rate, current_order_rate, entry_tag, side, is_entry, **kwargs):
    return proposed_rate * 0.99 if is_entry else current_order_rate
""",
    },
    "protections": {
        "callbacks": """
@property
def protections(self):
    return [
        {"method": "CooldownPeriod", "stop_duration_candles": 4},
        {"method": "StoplossGuard", "lookback_period_candles": 48, "trade_limit": 1, "stop_duration_candles": 24, "only_per_pair": False},
    ]
""",
    },
    "custom_exit_and_confirmation": {
        "leave": _NONE,
        "callbacks": """
def custom_exit(self, pair, trade, current_time, current_rate, current_profit, **kwargs):
    candles, _ = self.dp.get_analyzed_dataframe(pair, self.timeframe)
    if current_time - trade.open_date_utc > timedelta(hours=12):
        return "old"
    return "above the mean" if candles["close"].iloc[-1] > candles["mean"].iloc[-1] else None

def confirm_trade_entry(self, pair, order_type, amount, rate, time_in_force, current_time, entry_tag, side, **kwargs):
    return current_time.hour % 4 != 0

def confirm_trade_exit(self, pair, trade, order_type, amount, rate, time_in_force, exit_reason, current_time, **kwargs):
    return current_time.hour % 3 != 0
""",
    },
    "longer_chart": {
        "enter": f"{_DIP} & (dataframe['close'] > dataframe['slow_4h'])",
        "callbacks": """
@informative("4h")
def populate_indicators_4h(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
    dataframe["slow"] = ta.EMA(dataframe, timeperiod=10)
    return dataframe
""",
    },
    "market_leader": {
        "indicators": """
leader = self.dp.get_pair_dataframe("BTC/USDT", "4h")
leader["up"] = (leader["close"] > leader["close"].shift(2)).astype(int)
dataframe = merge_informative_pair(dataframe, leader[["date", "up"]], self.timeframe, "4h", ffill=True)
""",
        "enter": f"{_DIP} & (dataframe['up_4h'] == 1)",
    },
    "remembers": {
        "attributes": "stoploss = -0.05\nminimal_roi = {}\nhighest = {}",
        "leave": _NONE,
        "callbacks": """
def custom_exit(self, pair, trade, current_time, current_rate, current_profit, **kwargs):
    best = max(self.highest.get(trade.id, -1.0), current_profit)
    self.highest[trade.id] = best
    return "gave back" if best > 0.01 and current_profit < best / 2 else None
""",
    },
    "own_ladder": {
        "attributes": "stoploss = -0.08\nminimal_roi = {}\nuse_custom_stoploss = True",
        "leave": _NONE,
        "callbacks": """
def custom_stoploss(self, pair, trade, current_time, current_rate, current_profit, after_fill, **kwargs):
    if current_profit > 0.02:
        return stoploss_from_open(0.01, current_profit, is_short=False, leverage=1.0)
    return None
""",
    },
}
"""Name -> parts of the file that differ."""

LOOKAHEAD: dict[str, dict[str, str]] = {
    "shifted": {
        "indicators": 'dataframe["next"] = dataframe["close"].shift(-1)',
        "enter": 'dataframe["next"] > dataframe["close"] * 1.003',
        "leave": 'dataframe["next"] < dataframe["close"]',
    },
    "whole_column_mean": {
        "enter": 'dataframe["close"] < dataframe["close"].mean() * 0.99',
        "leave": 'dataframe["close"] > dataframe["close"].mean()',
    },
    "aliased_shift": {
        "indicators": 'move = getattr(dataframe["close"], "sh" + "ift")\ndataframe["next"] = move(periods=-(2 - 1))',
        "enter": 'dataframe["next"] > dataframe["close"] * 1.003',
        "leave": 'dataframe["next"] < dataframe["close"]',
    },
    "uncut_informative": {
        "indicators": """
longer = self.dp.get_pair_dataframe(metadata["pair"], "4h")[["date", "close"]].rename(columns={"close": "close_4h"})
dataframe = dataframe.merge(longer, on="date", how="left")
dataframe["close_4h"] = dataframe["close_4h"].ffill()
""",
        "enter": 'dataframe["close_4h"] > dataframe["close"] * 1.004',
        "leave": 'dataframe["close_4h"] < dataframe["close"]',
    },
    "kept_frame": {
        "attributes": "stoploss = -0.05\nminimal_roi = {}\nkept = {}",
        "indicators": 'self.kept[metadata["pair"]] = dataframe.set_index("date")["close"].copy()',
        "leave": _NONE,
        "callbacks": """
def custom_exit(self, pair, trade, current_time, current_rate, current_profit, **kwargs):
    closes = self.kept[pair]
    after = closes[closes.index >= current_time]
    return "knows" if len(after) and after.iloc[0] < current_rate else None
""",
    },
}
"""The same for strategies that use what they cannot know."""

_OWN_STAKES = """
def custom_stake_amount(self, pair, current_time, current_rate, proposed_stake, min_stake, max_stake, leverage, entry_tag, side, **kwargs):
    return 100.0
"""
_PATCHED = """
def bot_start(self, **kwargs):
    import dataclasses
    import pipeline.adapters.freqtrade.backtest as engine

{body}
"""

FORGERS: dict[str, dict[str, str]] = {
    "better_prices": {
        "callbacks": _PATCHED.format(
            body="""
    real = engine.closed_trade

    def better(trade):
        made = real(trade)
        frame, _ = self.dp.get_analyzed_dataframe(made.pair, self.timeframe)
        high = float(frame.loc[frame["date"] == made.closed_at, "high"].iloc[0])
        fills = (*made.fills[:-1], dataclasses.replace(made.fills[-1], price=high))
        back = made.amount * high * (1 - made.fee_close_ratio)
        paid = made.stake * (1 + made.fee_open_ratio)
        return dataclasses.replace(made, fills=fills, close_rate=high, profit=back - paid, profit_ratio=back / paid - 1)

    engine.closed_trade = better
"""
        ),
    },
    "losers_left_out": {
        "enter": "dataframe['rsi'] > 60",
        "leave": "dataframe['rsi'] < 40",
        "callbacks": _PATCHED.format(
            body="""
    class Winners:
        @property
        def bt_trades(self):
            return [t for t in engine_trades.bt_trades if t.close_profit > 0 or t.exit_reason == "force_exit"]

    engine_trades = engine.LocalTrade
    engine.LocalTrade = Winners()
"""
        ),
    },
    "invented_winners": {
        "callbacks": _PATCHED.format(
            body="""
    from pipeline.domain.trades import ClosedTrade, Fill

    strategy = self

    class Invented:
        @property
        def bt_trades(self):
            candles = strategy.dp.get_pair_dataframe("SOL/USDT", strategy.timeframe).iloc[40:-3]
            times, opens = list(candles["date"].dt.to_pydatetime()), candles["open"].to_numpy()
            found, last = [], -1
            for number in range(len(opens) - 6):
                if number > last and opens[number + 5] > opens[number] * 1.01:
                    found.append((times[number], opens[number], times[number + 5], opens[number + 5]))
                    last = number + 5
            return found

    def trade(made):
        bought_at, price, sold_at, sold_for = made
        fee, amount = 0.001, 1.0
        paid, back = amount * price * (1 + fee), amount * sold_for * (1 - fee)
        fills = (Fill("buy", bought_at, price, amount), Fill("sell", sold_at, sold_for, amount))
        return ClosedTrade(
            "SOL/USDT", bought_at, sold_at, price, sold_for, amount, amount * price, fee, fee, back - paid, back / paid - 1, "in", "out", fills
        )

    engine.LocalTrade, engine.closed_trade = Invented(), trade
"""
        ),
    },
}
FORGERS |= {
    f"{name}_with_stakes_of_its_own": {**FORGERS[name], "callbacks": FORGERS[name]["callbacks"] + _OWN_STAKES}
    for name in ("invented_winners", "losers_left_out")
}
"""Strategies that forge the list of trades in the engine's own process, with sums that fit."""


def write_style(folder: Path, parts: dict[str, str], **changes: str) -> Path:
    """Write `strategy.py` with the class `Styled` into a folder."""
    values = {**_DEFAULTS, **parts, **changes}
    indented = {
        name: "\n".join(
            " " * depth + line if line else "" for line in values[name].replace("\\n", "\n").strip("\n").splitlines()
        )
        for name, depth in (("attributes", 4), ("indicators", 8), ("callbacks", 4))
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "strategy.py").write_text(_FRAME.format(**{**values, **indented}))
    return folder
