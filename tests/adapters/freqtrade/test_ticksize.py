"""The vectorised tick size is freqtrade's, price by price."""

import numpy as np
import pandas as pd
import pytest
from freqtrade.data.btanalysis.historic_precision import get_tick_size_over_time as loop
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.adapters.freqtrade import ticksize
from tests import needs


def candles(prices: list[float]) -> pd.DataFrame:
    columns = {name: np.array(prices, dtype=float) for name in ("open", "high", "low", "close")}
    return pd.DataFrame({"date": pd.date_range("2025-01-01", periods=len(prices), freq="6h", tz="UTC"), **columns})


def assert_same(prices: list[float]) -> None:
    ours, theirs = candles(prices), candles(prices)
    pd.testing.assert_series_equal(ticksize.get_tick_size_over_time(ours), loop(theirs))
    for name in ("open_count", "max_count"):
        np.testing.assert_array_equal(ours[name].to_numpy(dtype=float), theirs[name].to_numpy(dtype=float))


@given(st.lists(st.decimals(min_value="0.00000001", max_value="150000", places=8).map(float), min_size=1, max_size=40))
@settings(deadline=None, max_examples=60)
def test_prices_on_a_tick_count_as_in_freqtrade(prices: list[float]) -> None:
    assert_same(prices)


@given(st.lists(st.floats(), min_size=1, max_size=40))
@settings(deadline=None, max_examples=100)
def test_any_double_counts_as_in_freqtrade(prices: list[float]) -> None:
    assert_same(prices)


@pytest.mark.parametrize(
    "price",
    [
        0.0,
        1.0,
        10.0,
        1e-8,
        1e-9,
        1e22,
        0.1 + 0.2,
        1 / 3,
        99999.99999999999,
        123456.789012345678,
        0.000012345678901234567,
        -1.25,
    ],
)
def test_awkward_prices_count_as_in_freqtrade(price: float) -> None:
    assert_same([price, 1.5])


def test_real_candles_count_as_in_freqtrade() -> None:
    for file in sorted(needs.real_candles().glob("*-1h.feather")):
        frame = pd.read_feather(file).tail(2000).reset_index(drop=True)
        ours, theirs = frame.copy(), frame.copy()
        pd.testing.assert_series_equal(ticksize.get_tick_size_over_time(ours), loop(theirs))
