"""A strategy's trading facts, read by the engine's child with the real freqtrade; and answers that are none."""

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.adapters import sandbox
from pipeline.adapters.engine import FreqtradeChild
from pipeline.adapters.engine_answer import read_answer
from pipeline.domain.canonical import plain
from pipeline.domain.job import FACTS, Account, Failure, Job, Limits
from pipeline.domain.trading_facts import CALLBACKS, TradingFacts
from pipeline.errors import ToolFailed
from tests.bundle_samples import FACTS as SAMPLE

STRATEGY = """\
from freqtrade.strategy import IStrategy
from pandas import DataFrame


class Parent(IStrategy):
    INTERFACE_VERSION = 3
    timeframe = "5m"
    stoploss = -0.2
    minimal_roi = {"60": 0.01, "0": 0.04}
    startup_candle_count = 50

    def populate_indicators(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        return dataframe

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        return dataframe

    def custom_exit(self, pair, trade, current_time, current_rate, current_profit, **kwargs):
        return None
"""
CHILD = """\


class Sample(Parent):
    timeframe = "1h"
    use_exit_signal = False
    exit_profit_only = True
    exit_profit_offset = 0.01
    position_adjustment_enable = True
    max_entry_position_adjustment = 3
    order_types = {"entry": "market", "exit": "limit", "stoploss": "market", "stoploss_on_exchange": True}

    def adjust_trade_position(self, trade, *args, **kwargs):
        return None
"""
PARAMETERS = {
    "strategy_name": "Sample",
    "params": {
        "roi": {"0": 0.05, "30": 0.02},
        "stoploss": {"stoploss": -0.07},
        "trailing": {
            "trailing_stop": True,
            "trailing_stop_positive": 0.01,
            "trailing_stop_positive_offset": 0.03,
            "trailing_only_offset_is_reached": True,
        },
    },
}


def job(folder: Path, code: str = STRATEGY + CHILD, *, parameters: object = None, **changes: Any) -> Job:
    (folder / "strategy").mkdir()
    (folder / "data").mkdir()
    (folder / "strategy" / "strategy.py").write_text(code)
    if parameters is not None:
        (folder / "strategy" / "strategy.json").write_text(json.dumps(parameters))
    (folder / "markets.json").write_text("{}")
    fields: dict[str, Any] = {
        "strategy_dir": str(folder / "strategy"),
        "class_name": "Sample",
        "exchange": "binance",
        "data_dir": str(folder / "data"),
        "markets": str(folder / "markets.json"),
        "pairs": (),
        "timeframe": "",
        "windows": (),
        "account": Account("USDT", 1000.0, None, 2),
        "tasks": (FACTS,),
        "limits": Limits(seconds=60.0),
    }
    return Job(**{**fields, **changes})


def facts_of(one: Job) -> TradingFacts:
    facts = FreqtradeChild().measure(one).facts
    assert isinstance(facts, TradingFacts), facts
    return facts


@pytest.mark.processes
def test_class_parent_and_defaults_together_make_the_facts(tmp_path: Path) -> None:
    facts = facts_of(job(tmp_path))
    assert (facts.timeframe, facts.startup_candle_count, facts.stoploss_ratio) == ("1h", 50, -0.2)
    assert facts.minimal_roi == {0: 0.04, 60: 0.01}
    assert (facts.use_exit_signal, facts.exit_profit_only, facts.exit_profit_offset_ratio) == (False, True, 0.01)
    assert (facts.position_adjustment_enable, facts.max_entry_position_adjustment) == (True, 3)
    assert facts.order_types == {"entry": "market", "exit": "limit", "stoploss": "market", "stoploss_on_exchange": True}
    assert facts.order_time_in_force == {"entry": "GTC", "exit": "GTC"}
    assert (facts.trailing_stop, facts.trailing_stop_positive_ratio, facts.can_short) == (False, None, False)
    assert facts.callbacks == ("adjust_trade_position", "custom_exit")


@pytest.mark.processes
def test_the_parameters_file_beside_the_strategy_counts_as_it_does_for_a_bot(tmp_path: Path) -> None:
    facts = facts_of(job(tmp_path, parameters=PARAMETERS))
    assert facts.stoploss_ratio == -0.07
    assert facts.minimal_roi == {0: 0.05, 30: 0.02}
    assert (facts.trailing_stop, facts.trailing_stop_positive_ratio) == (True, 0.01)
    assert (facts.trailing_stop_positive_offset_ratio, facts.trailing_only_offset_is_reached) == (0.03, True)


@pytest.mark.processes
def test_the_timeframe_of_the_description_counts_before_the_class(tmp_path: Path) -> None:
    assert facts_of(job(tmp_path, timeframe="4h")).timeframe == "4h"


@pytest.mark.processes
def test_a_strategy_that_cannot_be_loaded_says_why_and_where(tmp_path: Path) -> None:
    failed = FreqtradeChild().measure(job(tmp_path, STRATEGY + "\nimport nowhere\n")).facts
    assert isinstance(failed, Failure)
    assert (failed.kind, failed.file) == ("ModuleNotFoundError", "strategy.py")
    assert failed.line == len(STRATEGY.splitlines()) + 2


@pytest.mark.processes
def test_a_strategy_that_ends_the_process_has_no_facts(tmp_path: Path) -> None:
    failed = FreqtradeChild().measure(job(tmp_path, STRATEGY + CHILD + "\nimport os\nos._exit(0)\n")).facts
    assert isinstance(failed, Failure)
    assert "ended itself" in failed.message


@pytest.mark.processes
def test_the_facts_are_the_same_inside_a_sandbox(tmp_path: Path) -> None:
    choice = sandbox.best()
    if choice.sandbox is None:
        pytest.skip(f"no sandbox works here: {'; '.join(choice.reasons)}")
    one = job(tmp_path, parameters=PARAMETERS)
    assert FreqtradeChild(choice.sandbox).measure(one).facts == facts_of(one)


@pytest.mark.processes
def test_every_callback_that_is_looked_for_is_one_of_freqtrade(tmp_path: Path) -> None:
    methods = "".join(f"\n    def {name}(self, *args, **kwargs):\n        return None\n" for name in CALLBACKS)
    methods = methods.replace("adjust_order_price", "adjust_order_price_")  # freqtrade allows it alone or the other two
    assert facts_of(job(tmp_path, STRATEGY + CHILD + methods)).callbacks == tuple(
        name for name in CALLBACKS if name != "adjust_order_price"
    )


def answer(facts: object) -> bytes:
    whole = {"tasks": {"facts": facts}, "versions": {}, "peak_memory_mib": 1.0, "started_at": "", "seconds": 1.0}
    return json.dumps(whole).encode()


def test_facts_that_come_over_the_pipe_are_read_back(tmp_path: Path) -> None:
    assert read_answer(answer(plain(SAMPLE)), job(tmp_path), "test").facts == SAMPLE


@pytest.mark.parametrize(
    "change",
    [
        {"stoploss_ratio": "nan"},
        {"stoploss_ratio": None},
        {"minimal_roi": {"soon": 0.1}},
        {"minimal_roi": {str(number): 0.1 for number in range(1001)}},
        {"startup_candle_count": -1},
        {"can_short": 1},
        {"timeframe": "h" * 81},
        {"order_types": {"entry": ["limit"]}},
        {"callbacks": ["custom_exit"] * (len(CALLBACKS) + 1)},
        {"more": 1},
    ],
)
def test_facts_of_another_shape_are_refused(tmp_path: Path, change: dict[str, object]) -> None:
    told = plain(SAMPLE)
    assert isinstance(told, dict)
    with pytest.raises(ToolFailed, match="not one"):
        read_answer(answer({**told, **change}), job(tmp_path), "test")
