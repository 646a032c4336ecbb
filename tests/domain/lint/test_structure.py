"""The strategy class: that there is one, and that what freqtrade reads from it makes sense."""

import pytest

from pipeline.domain.lint import lint
from pipeline.domain.verdict import Finding, Outcome
from tests.domain.lint.sources import IN_CLASS, PINNED, candidate, errors, linted, strategy, warnings

CLASS = """\
from freqtrade.strategy import IStrategy


class Sample(IStrategy):
    INTERFACE_VERSION = 3
    timeframe = "1h"
    stoploss = -0.1
"""


def _lint(source: str, class_name: str = "Sample", timeframe: str = "", **others: bytes) -> tuple[Finding, ...]:
    return lint(candidate(source, class_name, timeframe, **others), PINNED)


@pytest.mark.parametrize(
    "head",
    [
        "import freqtrade.strategy\nBase = freqtrade.strategy.IStrategy",
        "import freqtrade.strategy as fs\nBase = fs.IStrategy",
        "from freqtrade import strategy\nBase = strategy.IStrategy",
        "from freqtrade.strategy import IStrategy as Base",
        "from freqtrade.strategy.interface import IStrategy as Base",
        "from freqtrade.strategy import *\nBase = IStrategy",
    ],
)
def test_a_strategy_class_is_known_under_every_name(head: str):
    body = CLASS.partition("\n\n\n")[2].replace("(IStrategy)", "(Base)")
    assert errors(_lint(f"{head}\n\n\n{body}")) == []


def test_a_base_in_the_local_package_is_known():
    package = {
        "sample_lib/__init__.py": b"",
        "sample_lib/base.py": CLASS.replace("Sample", "Shared").encode(),
    }
    source = "from sample_lib.base import Shared\n\n\nclass Sample(Shared):\n    stoploss = -0.2\n"
    assert _lint(source, **package) == ()


def test_no_strategy_class_is_an_error_that_says_what_to_write():
    (found,) = _lint("x = 1\n")
    assert found == Finding(
        "lint", "FT101", Outcome.FAIL, "There is no strategy class: write `class Sample(IStrategy):`.", found.place
    )


def test_another_class_than_the_described_one_is_an_error():
    (found,) = _lint(CLASS, "Other")
    assert (found.rule, str(found.place)) == ("FT101", "strategy.py:4:1")
    assert "strategy.yml names the class Other, but strategy.py has Sample" in found.reason


def test_two_strategy_classes_are_an_error_at_the_second():
    (found,) = _lint(CLASS + "\n\nclass Second(Sample):\n    pass\n")
    assert (found.rule, str(found.place)) == ("FT101", "strategy.py:10:1")
    assert "Second is one of 2 strategy classes" in found.reason


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("INTERFACE_VERSION = 2", "FT102"),
        ("INTERFACE_VERSION = metadata", "FT102"),
        ("use_sell_signal = True", "FT102"),
        ("stoploss = 0", "FT103"),
        ("stoploss = -1", "FT103"),
        ("stoploss = -10", "FT103"),
        ('stoploss = "-0.1"', "FT103"),
        ("stoploss = True", "FT103"),
        ("stoploss = compute()", "FT103"),
        ('timeframe = "7m"', "FT104"),
        ('timeframe = "1H"', "FT104"),
        ("timeframe = 60", "FT104"),
        ("startup_candle_count = -1", "FT105"),
        ("startup_candle_count = 1.5", "FT105"),
        ('startup_candle_count = "30"', "FT105"),
        ("startup_candle_count = 10 * 1000", "FT105"),
        ("can_short = True", "FT106"),
        ("can_short: bool = not False", "FT106"),
        ("can_short = compute()", "FT106"),
        ("def leverage(self, **kwargs): return 3.0", "FT106"),
        ("def set_freqai_targets(self, dataframe, **kwargs): return dataframe", "FT107"),
    ],
)
def test_what_freqtrade_reads_from_the_class_is_checked(line: str, code: str):
    assert errors(linted(f"{IN_CLASS}\n{line}")) == [code]


@pytest.mark.parametrize("name", ["INTERFACE_VERSION", "timeframe", "stoploss"])
def test_what_is_missing_is_told_at_the_class(name: str):
    source = "\n".join(line for line in CLASS.splitlines() if name not in line)
    (found,) = _lint(source)
    assert f"{name} is missing" in found.reason
    assert str(found.place) == "strategy.py:4:1"


@pytest.mark.parametrize(
    "line",
    [
        "stoploss = -0.35",
        "stoploss = -(10 / 100)",
        "DEPTH = 20\nstartup_candle_count = DEPTH * 12",
        "startup_candle_count: int = 0",
        "can_short = False",
        "minimal_roi = {'0': 1}",
    ],
)
def test_what_makes_sense_passes(line: str):
    assert errors(linted(f"{IN_CLASS}\n{line}")) == []


def test_a_wide_stop_loss_is_a_warning():
    found = linted(f"{IN_CLASS}\nstoploss = -0.99")
    assert (errors(found), warnings(found)) == ([], ["FT103"])


def test_the_timeframe_may_stand_in_the_description_but_not_differ():
    without = CLASS.replace('    timeframe = "1h"\n', "")
    assert _lint(without, timeframe="1h") == ()
    (found,) = _lint(CLASS, timeframe="4h")
    assert "strategy.py says timeframe '1h' and strategy.yml '4h'" in found.reason


@pytest.mark.parametrize(
    "line",
    [
        'x = dataframe["close"].rolling(300).mean()',
        'x = dataframe["close"].rolling(window=300).mean()',
        'x = dataframe["close"].shift(300)',
        "import talib.abstract as ta\nx = ta.EMA(dataframe, timeperiod=300)",
        'import talib.abstract as ta\nx = ta.SMA(dataframe["close"], 300)',
        "LONG = 100 * 3\nx = dataframe['close'].ewm(span=LONG).mean()",
        "from freqtrade.strategy import IntParameter\nlong = IntParameter(5, 300, default=9)\nx = dataframe['close'].rolling(long.value)",
    ],
)
def test_a_window_longer_than_the_start_up_candles_is_named(line: str):
    found = [finding for finding in linted(line) if finding.rule == "FT105"]
    assert len(found) == 1
    assert found[0].warning
    assert "looks back 300 candles: write `startup_candle_count = 300` or more" in found[0].reason


def test_hyperopts_parameters_are_checked():
    def told(text: bytes) -> list[str]:
        return [f"{f.place}: {f.reason}" for f in _lint(CLASS, **{"strategy.json": text})]

    assert told(b'{"strategy_name": "Sample", "params": {"stoploss": {"stoploss": -0.2}}}') == []
    assert told(b'{"strategy_name": "Sample",\n "params": }') == [
        "strategy.json:2:12: This is not valid JSON: Expecting value."
    ]
    assert "not what hyperopt writes" in told(b"[]")[0]
    assert "strategy_name is Other, but the class is Sample" in told(b'{"strategy_name": "Other", "params": {}}')[0]
    assert "between -1 and 0" in told(b'{"strategy_name": "Sample", "params": {"stoploss": {"stoploss": 0.2}}}')[0]
    assert "not JSON in UTF-8" in told(b"\xff")[0]
    assert "not JSON in UTF-8" in told(b"[" * 100_000)[0]


def test_findings_come_in_the_order_of_the_text():
    found = linted('import os\nx = dataframe["close"].shift(-1)\ny = dataframe["close"].mean()')
    assert [finding.rule for finding in found] == ["FT406", "FT201", "FT203"]


def test_many_findings_of_one_rule_are_counted():
    found = lint(candidate(strategy("\n".join(f'x{i} = dataframe["close"].shift(-1)' for i in range(40)))), PINNED)
    assert len(found) == 26
    assert "15 more of the same kind" in found[0].reason
