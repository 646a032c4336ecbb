from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from pipeline.render.curves import drawdown, histogram, linked, monthly, thin


def series(values: list[float], start: str = "2024-01-01", freq: str = "D") -> pd.Series:
    return pd.Series(values, index=pd.date_range(start, periods=len(values), freq=freq, tz="UTC"), dtype=float)


def test_a_short_curve_is_not_thinned() -> None:
    curve = series([1.0, 2.0, 3.0])
    assert thin(curve, 4) is curve


@pytest.mark.parametrize("length", [101, 999, 20_000])
def test_thinning_keeps_both_ends_the_peak_and_the_trough(length: int) -> None:
    values = np.sin(np.arange(length) / 7) * 10 + 100
    values[length // 3], values[length // 2] = 500.0, -500.0
    curve = series(values.tolist(), freq="min")
    thinned = thin(curve, 100)
    assert len(thinned) <= 100
    assert thinned.max() == 500.0
    assert thinned.min() == -500.0
    assert (thinned.index[0], thinned.index[-1]) == (curve.index[0], curve.index[-1])
    assert thinned.index.is_monotonic_increasing
    assert thinned.index.is_unique


@pytest.mark.parametrize("length", [9, 101, 1_203, 5_000])
@pytest.mark.parametrize("limit", [4, 7, 100, 1_200])
def test_thinning_keeps_the_lowest_and_the_highest_of_each_stretch(length: int, limit: int) -> None:
    """The same points as looking at one stretch after the other, ties included: of equal values the first one stays."""
    values = np.random.default_rng(length).integers(0, 20, length).astype(float)
    kept = {0, length - 1}
    edges = np.linspace(1, length - 1, (limit - 2) // 2 + 1).astype(int).tolist()
    for start, end in pairwise(edges if length > limit else []):
        kept |= {start + int(np.argmin(values[start:end])), start + int(np.argmax(values[start:end]))}
    curve = series(values.tolist(), freq="min")
    expected = curve.iloc[sorted(kept)] if length > limit else curve
    assert thin(curve, limit).equals(expected)


def test_a_drawdown_is_the_share_below_the_highest_value_so_far() -> None:
    assert drawdown(series([100.0, 120.0, 90.0, 126.0])).tolist() == pytest.approx([0.0, 0.0, -0.25, 0.0])


def test_linked_curves_go_on_where_the_one_before_ended() -> None:
    assert linked([series([100.0, 150.0]), series([1000.0, 500.0, 2000.0])]).tolist() == pytest.approx(
        [1, 1.5, 0.75, 3.0]
    )


def test_a_month_ends_at_midnight_of_the_next() -> None:
    curve = series([100.0, 110.0, 121.0], start="2024-01-31")
    assert curve.index[1] == datetime(2024, 2, 1, tzinfo=UTC)
    assert monthly([curve]) == pytest.approx({(2024, 1): 0.1, (2024, 2): 0.1})


def test_a_curve_of_one_point_has_no_month() -> None:
    assert monthly([series([100.0])]) == {}


def test_a_month_in_two_stretches_is_compounded() -> None:
    first, second = series([100.0, 120.0]), series([50.0, 60.0], start="2024-01-20")
    assert monthly([first, second]) == pytest.approx({(2024, 1): 0.44})


def test_no_bar_of_a_histogram_mixes_gains_and_losses() -> None:
    values = [-0.031, -0.001, 0.0, 0.002, 0.049]
    bars = histogram(values, bins=8)
    assert sum(count for _, _, count in bars) == len(values)
    assert all(low >= -1e-12 or high <= 1e-12 for low, high, _ in bars)
    assert sum(count for low, _, count in bars if low < -1e-12) == 2


def test_a_histogram_of_nothing_or_of_one_value_is_drawn_too() -> None:
    assert histogram([]) == []
    assert sum(count for _, _, count in histogram([0.0])) == 1
    assert sum(count for _, _, count in histogram([-0.02])) == 1
