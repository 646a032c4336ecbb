"""What a strategy says of itself."""

from pipeline.domain.lint import StrategyFacts, facts
from tests.domain.lint.sources import candidate

SOURCE = '''"""The file."""
import freqtrade.strategy as fs

LONG = "1d"


class Mixin:
    can_short = False


class Sample(Mixin, fs.IStrategy):
    """Rides trends.

    And gets off."""

    INTERFACE_VERSION = 3
    timeframe = "15m"
    startup_candle_count: int = 4 * 24

    def informative_pairs(self):
        return [("BTC/USDT", "1h"), (self.pair(), LONG)]

    @fs.informative("4h")
    def slow(self, dataframe, metadata):
        return dataframe
'''


def test_facts_are_read_without_running_the_strategy():
    assert facts(candidate(SOURCE)) == StrategyFacts(
        class_names=("Sample",),
        timeframe="15m",
        startup_candle_count=96,
        can_short=False,
        interface_version=3,
        timeframes=frozenset({"15m", "1h", "4h", "1d"}),
        title="Rides trends.",
    )


def test_what_is_computed_is_left_open():
    source = SOURCE.replace('timeframe = "15m"', "timeframe = choose()").replace("4 * 24", "count()")
    told = facts(candidate(source))
    assert (told.timeframe, told.startup_candle_count) == (None, None)


def test_without_a_docstring_the_files_is_the_title():
    assert facts(candidate(SOURCE.replace('"""Rides trends.\n\n    And gets off."""', ""))).title == "The file."


def test_of_two_classes_the_described_one_is_told():
    two = SOURCE + '\n\nclass Second(Sample):\n    timeframe = "1h"\n'
    told = facts(candidate(two, "Second"))
    assert told.class_names == ("Sample", "Second")
    assert (told.timeframe, told.startup_candle_count) == ("1h", 96)
    assert facts(candidate(two, "Third")).timeframe is None


def test_parameters_of_hyperopt_are_no_facts():
    source = SOURCE.replace("4 * 24", "fs.IntParameter(1, 9, default=3).value")
    assert facts(candidate(source)).startup_candle_count is None
