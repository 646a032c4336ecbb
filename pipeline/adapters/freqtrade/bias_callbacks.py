"""A strategy's callbacks, asked the same questions twice: where later candles are known, and where they are not."""

import copy
import inspect
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from freqtrade.persistence import CustomDataWrapper, LocalTrade, PairLocks
from freqtrade.strategy.interface import IStrategy

from pipeline.adapters.freqtrade.bias_frames import World, disk_ends
from pipeline.adapters.freqtrade.bias_questions import ENTRY, TRADE, Moment, trades
from pipeline.domain.verdict import Place

SWITCHES = {
    "custom_stoploss": "use_custom_stoploss",
    "custom_roi": "use_custom_roi",
    "adjust_trade_position": "position_adjustment_enable",
}
"""Callbacks that freqtrade calls only where the strategy has switched them on."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a callback gave back for a trade, or the exception that it raised."""

    callback: str
    question: str
    value: object


def callbacks(strategy: IStrategy) -> tuple[str, ...]:
    """The callbacks of the strategy's own that freqtrade would call, in the order in which it does."""
    return tuple(
        name
        for name in (*ENTRY, *TRADE)
        if getattr(type(strategy), name, None) is not getattr(IStrategy, name, None)
        and bool(getattr(strategy, SWITCHES[name], False) if name in SWITCHES else True)
    )


def ask(world: World, moment: Moment, frame: pd.DataFrame) -> tuple[Answer, ...]:
    """What the callbacks answer at a moment, each asked in turn, by a copy of the strategy that is as it was after its analysis.

    Args:
        world: what is known; a backtest shows callbacks only candles that have closed, whatever the strategy has kept besides.
        moment: when.
        frame: the pair's candles up to the moment, to open trades at prices that there were.
    """
    names = callbacks(world.strategy)
    if not names:
        return ()
    for pair, analysed in world.frames.items():
        closed = int((analysed["date"] < moment.now).sum()) if "date" in analysed else moment.row + 1
        world.provider._set_dataframe_max_index(pair, closed)
    world.provider._set_dataframe_max_date(moment.now)
    strategy = _as_analysed(world.strategy)
    with disk_ends(world.span.end):
        answers = [_answer(strategy, name, "an entry", ENTRY[name](moment)) for name in names if name in ENTRY]
        for question, trade in trades(strategy, moment, frame):
            _forget_trades()
            LocalTrade.add_bt_trade(trade)
            answers += [
                _answer(strategy, name, question, TRADE[name](moment, trade)) for name in names if name in TRADE
            ]
    _forget_trades()
    world.provider._set_dataframe_max_date(None)
    return tuple(answers)


def same(left: object, right: object) -> bool:
    """Whether two answers would be acted upon alike."""
    if isinstance(left, tuple) and isinstance(right, tuple):
        return len(left) == len(right) and all(same(a, b) for a, b in zip(left, right, strict=True))
    if isinstance(left, str) or isinstance(right, str) or left is None or right is None:
        return type(left) is type(right) and left == right
    try:
        a, b = float(left), float(right)  # type: ignore[arg-type]  # numpy's numbers and booleans too
    except (TypeError, ValueError):
        return str(left) == str(right)
    return (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=1e-7, abs_tol=1e-12)


def place_of(strategy: IStrategy, callback: str, folder: Path) -> Place | None:
    """Where the callback is defined, if that is in the strategy's folder."""
    code = getattr(inspect.unwrap(getattr(type(strategy), callback)), "__code__", None)
    if code is None or not Path(code.co_filename).is_relative_to(folder):
        return None
    return Place(str(Path(code.co_filename).relative_to(folder)), code.co_firstlineno)


def _forget_trades() -> None:
    LocalTrade.reset_trades()
    PairLocks.reset_locks()
    CustomDataWrapper.reset_custom_data()


def _as_analysed(strategy: IStrategy) -> IStrategy:
    """A copy whose own state can change without the original's; what hangs on the class becomes the copy's own."""
    shared = (strategy.dp, strategy.wallets, strategy.config)
    memo: dict[int, Any] = {id(thing): thing for thing in shared}
    twin = copy.deepcopy(strategy, memo)
    for cls in type(strategy).__mro__:
        if cls.__module__.startswith("freqtrade."):
            continue
        for name, value in vars(cls).items():
            if isinstance(value, dict | list | set) and not name.startswith("__") and name not in vars(twin):
                setattr(twin, name, copy.deepcopy(value, memo))
    return twin


def _answer(strategy: IStrategy, name: str, question: str, arguments: dict[str, Any]) -> Answer:
    try:
        return Answer(name, question, getattr(strategy, name)(**arguments))
    except Exception as error:
        return Answer(name, question, f"{type(error).__name__} was raised")
