import numpy as np
import pandas as pd
import pytest

from pipeline.domain.bias import aligned, choose_rows, choose_stretch, compare, relative_gaps, signalled, unready
from pipeline.domain.bias_words import Seen, depends_on_history, listed, looks_ahead, shown

DATES = pd.Series(pd.date_range("2025-01-01", periods=6, freq="1h", tz="UTC"))
AT = DATES.iloc[5].to_pydatetime()


def frame(**columns: object) -> pd.DataFrame:
    return pd.DataFrame({"date": DATES, **columns})


def differing(known: pd.DataFrame, alone: pd.DataFrame) -> list[str]:
    return [difference.column for difference in compare(known, alone)]


def test_equal_frames_do_not_differ() -> None:
    one = frame(a=[1.0, np.nan, 3.0, 4.0, 5.0, 6.0], b=list("abcdef"), c=[None] * 6, d=DATES)
    assert compare(one, one.copy()) == ()


def test_the_candle_of_the_decision_is_shown_before_any_other() -> None:
    (found,) = compare(frame(a=[0, 1, 2, 3, 4, 5]), frame(a=[0, 9, 2, 3, 4, np.nan]))
    assert (found.row, found.known, found.at_decision, found.rows) == (5, 5, True, 2)
    assert np.isnan(found.alone)  # type: ignore[call-overload]


def test_a_value_that_was_overtaken_is_told_from_one_that_decided() -> None:
    (found,) = compare(frame(a=[0, 1, 2, 3, 4, 5]), frame(a=[0, 9, 2, 3, 4, 5]))
    assert (found.row, found.at_decision) == (1, False)


def test_start_up_candles_do_not_count() -> None:
    known, alone = frame(a=[0.0, 1, 2, 3, 4, 5]), frame(a=[9.0, 9, 2, 3, 4, 5])
    assert compare(known, alone, first=2) == ()
    assert len(compare(known, alone, first=1)) == 1


def test_rounding_is_no_difference_and_a_small_drift_is_one() -> None:
    base = np.array([60000.0, 61000, 62000, 61500, 60500, 60100])
    assert compare(frame(a=base), frame(a=base * (1 + 1e-9))) == ()
    assert differing(frame(a=base), frame(a=base * (1 + 1e-5))) == ["a"]
    # A difference of large numbers that is nearly zero carries their rounding.
    assert compare(frame(a=base - base[0]), frame(a=base - base[0] + 1e-9)) == ()


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ([True, False] * 3, [1, 0] * 3),
        ([True, None] * 3, [1.0, np.nan] * 3),
        ([None] * 6, [np.nan] * 6),
        (pd.Series([1, None] * 3, dtype="Int64"), [1.0, np.nan] * 3),
        (pd.Series(list("aabbaa"), dtype="category"), list("aabbaa")),
        (DATES, DATES.dt.as_unit("s")),
        ([np.inf] * 6, [np.inf] * 6),
    ],
)
def test_the_same_values_of_another_type_are_the_same(left: object, right: object) -> None:
    assert compare(frame(a=left), frame(a=right)) == ()


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (list("abcdef"), list("abcdeg")),
        ([True] * 6, [True] * 5 + [None]),
        (DATES, DATES + pd.Timedelta(hours=1)),
        ([np.inf] * 6, [-np.inf] * 6),
        ([[1]] * 6, [[1]] * 5 + [[2]]),
        (list("abcdef"), [1.0] * 6),
    ],
)
def test_other_values_of_any_type_differ(left: object, right: object) -> None:
    assert differing(frame(a=left), frame(a=right)) == ["a"]


def test_a_column_that_is_not_there_has_no_values() -> None:
    assert compare(frame(a=[np.nan] * 6), frame()) == ()
    assert differing(frame(a=[1.0] * 6), frame()) == ["a"]


def test_signals_are_read_as_the_engine_reads_them() -> None:
    assert compare(frame(enter_long=[0, np.nan, 1, 0, 0, 0]), frame(enter_long=[np.nan, 0, 1.0, 0, 2, 0])) == ()
    assert compare(frame(enter_long=[0] * 6), frame()) == ()
    assert differing(frame(enter_long=[0, 0, 0, 0, 0, 1]), frame()) == ["enter_long"]
    assert signalled(frame(), "enter_long").tolist() == [False] * 6


def test_a_tag_counts_only_where_there_is_a_signal() -> None:
    signals = {"enter_long": [0, 0, 0, 1, 0, 0]}
    assert compare(frame(**signals, enter_tag=list("abcdef")), frame(**signals, enter_tag=list("xxxdxx"))) == ()
    assert differing(frame(**signals, enter_tag=list("abcdef")), frame(**signals, enter_tag=list("abcxef"))) == [
        "enter_tag"
    ]


def test_a_column_that_is_there_twice_is_compared_once() -> None:
    twice = pd.concat([frame(a=[1.0] * 6), frame(a=[2.0] * 6)[["a"]]], axis=1)
    assert compare(twice, frame(a=[2.0] * 6)) == ()


def test_dropped_candles_become_rows_without_values() -> None:
    got = aligned(frame(a=range(6)).iloc[2:], DATES)
    assert got["date"].tolist() == DATES.tolist()
    assert got["a"].isna().tolist() == [True, True, False, False, False, False]
    with pytest.raises(ValueError, match="5 rows without dates came back for 6 candles"):
        aligned(frame(a=range(6)).drop(columns="date").iloc[1:], DATES)


def test_the_stretch_with_most_signals_is_chosen_and_of_equal_ones_the_latest() -> None:
    signals = np.array([0, 1, 1, 0, 0, 0, 0, 1, 1, 0], dtype=np.int64)
    assert choose_stretch(signals, 3) == 7
    assert choose_stretch(signals[:5], 3) == 1
    assert choose_stretch(signals, 10) == 0


def test_signal_candles_are_among_the_chosen_and_the_choice_is_the_same_each_time() -> None:
    entries, exits = np.zeros(500, dtype=bool), np.zeros(500, dtype=bool)
    entries[[100, 200, 300, 499]] = True
    exits[[150, 250]] = True
    rows = choose_rows((entries, exits), 50, 499, 10, seed=3)
    assert (
        rows == choose_rows((entries, exits), 50, 499, 10, seed=3) != choose_rows((entries, exits), 50, 499, 10, seed=4)
    )
    assert {100, 200, 300, 150, 250} <= set(rows)
    assert len(rows) == 10
    assert all(50 <= row < 499 for row in rows)
    assert list(rows) == sorted(set(rows))


def test_no_more_candles_are_chosen_than_there_are() -> None:
    assert choose_rows((np.ones(5, dtype=bool),), 2, 5, 10, seed=1) == (2, 3, 4)
    assert choose_rows((np.zeros(5, dtype=bool),), 5, 5, 10, seed=1) == ()


def test_gaps_are_shares_of_the_size_of_the_values() -> None:
    known = frame(
        a=[100.0] * 6, zero=[10.0, -10, 10, -10, 10, 0.001], gone=[1.0] * 6, text=list("abcdef"), enter_long=1
    )
    short = frame(a=[99.0] * 6, zero=[10.0, -10, 10, -10, 10, -0.001], gone=[np.nan] * 6, text=list("abcdef"))
    assert relative_gaps(known, short, 5) == {"a": 0.01, "zero": 0.0002, "gone": np.inf}


def test_a_candle_is_not_ready_where_an_indicator_still_lacks_its_value() -> None:
    known, short = frame(a=[1.0] * 6, b=[np.nan] * 6), frame(a=[np.nan] * 2 + [1.0] * 4, b=[np.nan] * 6)
    assert unready(known, short).tolist() == [True, True, False, False, False, False]


def test_values_are_shown_as_a_person_reads_them() -> None:
    assert [shown("a", value) for value in (1.5, np.float64(2), np.nan, None, pd.NaT, "tag", True)] == [
        "1.5",
        "2",
        "nothing",
        "nothing",
        "nothing",
        "'tag'",
        "True",
    ]
    assert (shown("enter_long", True), shown("enter_long", False)) == ("set", "not set")


def test_sentences_say_where_and_what() -> None:
    seen = Seen("BTC/USDT", AT, 2.0, np.nan, 30, 4)
    assert looks_ahead("rsi", seen) == (
        "`rsi` looks ahead: on BTC/USDT at 2025-01-01 05:00 it is 2 when later candles are known and nothing when they are not "
        "(4 of 30 comparisons)"
    )
    assert depends_on_history("enter_long", 20, Seen("BTC/USDT", AT, True, False, 12, 5), ("ema", 0.034)) == (
        "signals depend on how many candles came before: 5 of 12 stretches have other signals after 20 start-up candles than after a longer "
        "history; on BTC/USDT at 2025-01-01 05:00 `enter_long` is set with the longer one and not set without (`ema` is 3.4% apart where the "
        "history begins); raise startup_candle_count, or use indicators that forget"
    )
    assert listed(list("abcdefg")) == "a, b, c, d, e and 2 more"
