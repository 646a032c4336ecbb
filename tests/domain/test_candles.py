"""Candles in whole units, their digest, and longer ones made of shorter ones."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from pipeline.domain.candles import (
    Units,
    counted,
    decimals_of,
    digest_candles,
    guessed_units,
    milliseconds,
    off_grid,
    resample,
)

UNITS = Units.of("0.01", "0.001")
FIVE, HOUR = timedelta(minutes=5), timedelta(hours=1)
START = datetime(2025, 1, 1, tzinfo=UTC)


def candles(
    count: int, start: datetime = START, length: timedelta = FIVE, volumes: Sequence[float] = ()
) -> pd.DataFrame:
    closes = [100 + 0.01 * index for index in range(count)]
    return pd.DataFrame(
        {
            "date": pd.to_datetime([start + length * index for index in range(count)], utc=True).as_unit("ms"),
            "open": closes,
            "high": [close + 0.5 for close in closes],
            "low": [close - 0.5 for close in closes],
            "close": closes,
            "volume": list(volumes) or [1.001] * count,
        }
    )


def test_units_read_what_ccxt_writes() -> None:
    assert Units.of(1e-05, 1) == Units(Decimal("0.00001"), Decimal(1))
    assert decimals_of(Decimal("0.00001")) == 5
    assert decimals_of(Decimal(10)) == 0
    assert decimals_of(Decimal("0.50")) == 1


@pytest.mark.parametrize("wrong", [None, "x", 0, -0.1, float("nan"), float("inf"), True])
def test_units_refuse_what_is_no_positive_number(wrong: object) -> None:
    with pytest.raises(ValueError, match="number"):
        Units.of(wrong, 1)


def test_counted_numbers_are_the_doubles_nearest_to_their_decimals() -> None:
    assert counted(np.array([1, 3, 29, 6000001]), Decimal("0.01")).tolist() == [0.01, 0.03, 0.29, 60000.01]
    assert counted(np.array([1, 3]), Decimal("0.5")).tolist() == [0.5, 1.5]
    assert counted(np.array([7]), Decimal(10)).tolist() == [70.0]


def test_a_number_between_two_ticks_is_off_the_grid() -> None:
    assert off_grid(np.array([0.29, 60000.01, 0.295, 1.0]), Decimal("0.01")).tolist() == [False, False, True, False]
    assert off_grid(np.array([0.75, 0.5]), Decimal("0.5")).tolist() == [True, False]


def test_the_digest_does_not_depend_on_time_unit_or_the_last_bits_of_a_double() -> None:
    frame = candles(20)
    other = frame.copy()
    other["date"] = other["date"].dt.as_unit("ns")
    other["close"] = other["close"] * (1 + 2**-52)
    assert not other["close"].equals(frame["close"])
    assert digest_candles(other, UNITS) == digest_candles(frame, UNITS)


@pytest.mark.parametrize("column", ["open", "high", "low", "close", "volume"])
def test_the_digest_changes_with_every_number(column: str) -> None:
    frame = candles(20)
    other = frame.copy()
    other.loc[7, column] += 0.001
    assert digest_candles(other, UNITS) != digest_candles(frame, UNITS)


def test_the_digest_changes_with_order_and_time() -> None:
    frame = candles(20)
    assert digest_candles(frame.iloc[::-1], UNITS) != digest_candles(frame, UNITS)
    assert digest_candles(candles(20, START + FIVE), UNITS) != digest_candles(frame, UNITS)
    assert digest_candles(frame.iloc[:-1], UNITS) != digest_candles(frame, UNITS)


def test_digits_finer_than_the_tick_count_too() -> None:
    frame, other = candles(3), candles(3)
    frame.loc[1, "volume"], other.loc[1, "volume"] = 1.0000001, 1.0000002
    assert digest_candles(frame, UNITS) != digest_candles(other, UNITS)


def test_an_hour_is_first_highest_lowest_last_and_sum() -> None:
    made = resample(candles(24), FIVE, HOUR, UNITS)
    assert milliseconds(made).tolist() == [int(START.timestamp() * 1000), int((START + HOUR).timestamp() * 1000)]
    assert made.iloc[0][["open", "high", "low", "close", "volume"]].tolist() == [100.0, 100.61, 99.5, 100.11, 12.012]


def test_an_hour_that_the_data_do_not_cover_is_left_out_at_either_end() -> None:
    made = resample(candles(24, START + FIVE), FIVE, HOUR, UNITS)
    assert made["date"].tolist() == [pd.Timestamp(START + HOUR)]
    assert resample(candles(5, START + FIVE), FIVE, HOUR, UNITS).empty
    assert resample(candles(0), FIVE, HOUR, UNITS).empty


def test_an_hour_with_a_gap_inside_stays() -> None:
    made = resample(candles(24).drop(index=[3, 4]), FIVE, HOUR, UNITS)
    assert made["volume"].tolist() == [10.01, 12.012]


def test_adding_up_in_two_steps_gives_the_same_as_in_one() -> None:
    frame = candles(288, volumes=[0.001 * (index * 7919 % 1000 + 1) for index in range(288)])
    twice = resample(resample(frame, FIVE, HOUR, UNITS), HOUR, timedelta(hours=4), UNITS)
    pd.testing.assert_frame_equal(twice, resample(frame, FIVE, timedelta(hours=4), UNITS), check_exact=True)


def test_units_are_guessed_from_the_digits() -> None:
    assert guessed_units([candles(5)]) == Units(Decimal("0.01"), Decimal("0.001"))
    whole = candles(3, volumes=[1, 20, 300])
    assert guessed_units([whole]).step == 1
