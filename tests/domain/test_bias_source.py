import pytest

from pipeline.domain.bias_source import Origins
from pipeline.domain.timeframes import TIMEFRAMES
from pipeline.domain.verdict import Place

SOURCE = """\
class S:
    def populate_indicators(self, dataframe, metadata):
        dataframe["plain"] = 1
        dataframe["fast"], dataframe["slow"] = a(), b()
        dataframe[["up", "down"]] = bands()
        dataframe[f"mean_{length}"] = c()
        dataframe = dataframe.assign(given=d())
        dataframe.insert(0, "put", e())
        dataframe["zero"] = 0
        dataframe.loc[dataframe["zero"] > 1, "zero"] = 1
        dataframe["zero"] += 2
        candles = candles.rename(columns={"close": "btc_close"})
        dataframe = merge_informative_pair(dataframe, candles, "1h", "4h")
        return dataframe

    def populate_indicators_4h(self, dataframe, metadata):
        dataframe["rsi"] = ta.RSI(dataframe)
        return dataframe

    def populate_entry_trend(self, dataframe, metadata):
        dataframe.loc[dataframe["fast"] > 1, ["enter_long", "enter_tag"]] = (1, "x")
        return dataframe

    def custom_exit(self, pair, trade, current_time, current_rate, current_profit):
        return candles["slow"] > candles.given
"""


@pytest.mark.parametrize(
    ("column", "line"),
    [
        ("plain", 3),
        ("fast", 4),
        ("slow", 4),
        ("up", 5),
        ("mean_24", 6),
        ("given", 7),
        ("put", 8),
        ("zero", 10),
        ("btc_close", 12),
        ("close_4h", 13),
        ("rsi_4h", 17),
        ("btc_usdt_rsi_4h", 17),
        ("enter_long", 21),
        ("enter_tag", 21),
    ],
)
def test_the_line_that_made_a_column_is_found(column: str, line: int) -> None:
    place = Origins({"strategy.py": SOURCE}).of(column, tuple(TIMEFRAMES))
    assert place is not None
    assert (place.file, place.line) == ("strategy.py", line)


def test_a_column_that_no_line_names_has_no_place() -> None:
    assert Origins({"strategy.py": SOURCE}).of("SUPERT_10_2.0", tuple(TIMEFRAMES)) is None
    assert Origins({}).of("a") is None


def test_other_files_are_searched_and_broken_ones_left_out() -> None:
    origins = Origins({"strategy.py": "def (", "own/bands.py": 'def f(df):\n    df["a"] = df["b"].sum()\n'})
    assert origins.of("a") == Place("own/bands.py", 2, 5)


def test_what_callbacks_name_is_told_from_what_only_populate_methods_name() -> None:
    origins = Origins({"strategy.py": SOURCE})
    assert [origins.read_by_callbacks(column) for column in ("slow", "given", "fast", "plain")] == [
        True,
        True,
        False,
        False,
    ]


def test_names_that_callbacks_put_together_may_be_any() -> None:
    origins = Origins({"strategy.py": 'def custom_exit(self):\n    return frame[f"{self.name}"]\n'})
    assert origins.read_by_callbacks("anything")
