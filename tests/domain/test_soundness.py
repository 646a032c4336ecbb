"""What is wrong with candles, each with its place."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from pipeline.domain.candles import Units
from pipeline.domain.dataset import DataProblem, Gap, Severity
from pipeline.domain.soundness import candle_problems, column_problems, disagreement, gaps_in, off_grid_problems
from tests.domain.test_candles import FIVE, HOUR, START, candles

FILE = "BTC_USDT-5m.feather"
UNITS = Units.of("0.01", "0.001")


def texts(frame: pd.DataFrame, **more: object) -> list[str]:
    return [str(problem) for problem in candle_problems(FILE, frame, "5m", **more)]  # type: ignore[arg-type]


def put(row: int, **values: float) -> pd.DataFrame:
    frame = candles(30)
    for column, value in values.items():
        frame.loc[row, column] = value
    return frame


def test_sound_candles_have_no_problem() -> None:
    assert texts(candles(30), taken_at=START + 30 * FIVE) == []


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"close": np.nan}, "close is not a finite number"),
        ({"volume": np.inf}, "volume is not a finite number"),
        ({"low": 0.0}, "low is not positive"),
        ({"low": -3.0}, "low is not positive"),
        ({"volume": -1.0}, "volume is negative"),
        ({"high": 90.0}, "high is below low"),
        ({"open": 101.0}, "open lies outside of low to high"),
        ({"close": 99.0}, "close lies outside of low to high"),
    ],
)
def test_an_impossible_number_is_named_with_its_row_and_time(values: dict[str, float], said: str) -> None:
    assert texts(put(7, **values)) == [f"{FILE} row 7 (2025-01-01 00:35 UTC): {said}"]


def test_many_of_one_kind_are_counted_and_the_first_three_are_named() -> None:
    frame = candles(30)
    frame["volume"] = -1.0
    said = texts(frame)
    assert [line.split(":")[0] for line in said[:3]] == [f"{FILE} row {row} (2025-01-01 00" for row in range(3)]
    assert said[3] == f"{FILE}: and 27 more: negative volume"


def test_a_gap_is_named_with_its_start_end_and_count() -> None:
    assert texts(candles(30).drop(index=[4, 5]).reset_index(drop=True)) == [
        f"{FILE} row 4 (2025-01-01 00:30 UTC): 2 candles missing before this one: 2025-01-01 00:20 to 2025-01-01 00:25"
    ]


def test_a_known_gap_is_a_warning_and_any_other_an_error() -> None:
    frame = candles(30).drop(index=[4, 5, 20]).reset_index(drop=True)
    known = gaps_in(frame, "5m")[:1]
    assert known == (Gap(START + 4 * FIVE, START + 5 * FIVE, 2),)
    severities = [problem.severity for problem in candle_problems(FILE, frame, "5m", known)]
    assert severities == [Severity.WARNING, Severity.ERROR]


def test_unknown_gaps_beyond_the_third_are_counted() -> None:
    frame = candles(30).drop(index=[2, 5, 8, 11, 14]).reset_index(drop=True)
    assert texts(frame)[-1] == f"{FILE}: and 2 further gaps"


def test_duplicates_and_disorder_are_named() -> None:
    twice = candles(30).iloc[[0, 1, 1, *range(2, 30)]].reset_index(drop=True)
    assert texts(twice) == [f"{FILE} row 2 (2025-01-01 00:05 UTC): has the same time as the candle before it"]
    swapped = candles(30).iloc[[0, 2, 1, *range(3, 30)]].reset_index(drop=True)
    assert f"{FILE} row 2 (2025-01-01 00:05 UTC): is older than the candle before it" in texts(swapped)


def test_a_candle_off_the_grid_is_named() -> None:
    frame = candles(30)
    frame.loc[29, "date"] += timedelta(minutes=1)
    assert texts(frame) == [f"{FILE} row 29 (2025-01-01 02:26 UTC): does not open on the grid of 5m"]


def test_a_long_run_without_volume_is_a_warning_and_a_short_one_is_nothing() -> None:
    frame = candles(30)
    frame.loc[5:15, "volume"] = 0.0
    assert candle_problems(FILE, frame, "5m") == ()
    frame.loc[16, "volume"] = 0.0
    message = "12 candles in a row without any volume start here"
    assert candle_problems(FILE, frame, "5m") == (DataProblem(FILE, message, Severity.WARNING, 5, START + 5 * FIVE),)


def test_a_candle_that_was_not_closed_when_the_set_was_taken_is_an_error() -> None:
    said = texts(candles(30), taken_at=START + 29 * FIVE + timedelta(minutes=4))
    assert said == [
        f"{FILE} row 29 (2025-01-01 02:25 UTC): the candle was not closed when the set was taken, at 2025-01-01 02:29 UTC"
    ]


def test_everything_is_said_at_once() -> None:
    frame = put(7, close=np.nan).drop(index=[20]).reset_index(drop=True)
    frame.loc[3, "high"] = 1.0
    assert len(texts(frame)) == 3


def test_tables_that_are_no_candles_are_described() -> None:
    frame = candles(3)
    assert column_problems(FILE, frame) == ()
    assert "lacks volume" in str(column_problems(FILE, frame.drop(columns="volume"))[0])
    assert "not numbers" in str(column_problems(FILE, frame.assign(open="1"))[0])
    assert "time zone" in str(column_problems(FILE, frame.assign(date=[1, 2, 3]))[0])
    assert "no candles" in str(column_problems(FILE, frame.iloc[:0])[0])
    undated = frame.copy()
    undated.loc[1, "date"] = pd.NaT
    assert "row 1: the candle has no opening time" in str(column_problems(FILE, undated)[0])


def test_numbers_finer_than_the_exchange_counts_are_a_warning() -> None:
    frame = put(9, close=100.095, volume=1.00001)
    said = [str(problem) for problem in off_grid_problems(FILE, frame, UNITS)]
    assert said == [
        f"{FILE} row 9 (2025-01-01 00:45 UTC): 1 candle whose prices are finer than the tick 0.01; this is the first",
        f"{FILE} row 9 (2025-01-01 00:45 UTC): 1 candle whose volumes are finer than the step 0.001; this is the first",
    ]


def test_hours_that_their_five_minutes_contradict_are_a_warning() -> None:
    short = candles(48)
    long = candles(4, length=HOUR)
    problems = disagreement("BTC_USDT-1h.feather", long, "1h", FILE, short, "5m", UNITS)
    assert [problem.severity for problem in problems] == [Severity.WARNING]
    assert "4 candles of 4 differ from what BTC_USDT-5m.feather adds up to" in problems[0].message
    assert problems[0].at == datetime(2025, 1, 1, tzinfo=UTC)
