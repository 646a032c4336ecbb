"""Compaction: whatever was seen, the metrics of what is kept are the metrics of what was."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.metrics import measure_curves
from pipeline.domain.statistics.bootstrap import seeded
from pipeline.domain.train import samples
from pipeline.domain.train.samples import BUCKET

BUCKET_MS = BUCKET // timedelta(milliseconds=1)
BEGAN = int(datetime(2025, 1, 1, tzinfo=UTC).timestamp() * 1000)


def kept(at: np.ndarray, equity: np.ndarray, states: np.ndarray, bucket_ms: int) -> np.ndarray:
    return np.array(samples.kept(at.tolist(), equity.tolist(), states.tolist(), bucket_ms), dtype=bool)


def curve(at: np.ndarray, equity: np.ndarray) -> pd.Series:
    index = pd.DatetimeIndex(at.astype("datetime64[ms]"), tz="UTC")
    return pd.Series(equity, index=index).dropna()


def assert_same(at: np.ndarray, equity: np.ndarray, stay: np.ndarray) -> None:
    whole, thin = measure_curves([curve(at, equity)]), measure_curves([curve(at[stay], equity[stay])])
    assert whole == pytest.approx(thin, rel=1e-12, abs=0, nan_ok=True)


@settings(max_examples=300)
@given(
    st.lists(
        st.tuples(st.integers(1, BUCKET_MS // 2), st.one_of(st.just(float("nan")), st.floats(1, 1000))),
        min_size=1,
        max_size=120,
    ),
    st.integers(0, BUCKET_MS),
)
def test_no_metric_of_an_equity_curve_changes(steps: list[tuple[int, float]], offset: int) -> None:
    at = BEGAN + offset + np.cumsum([step for step, _ in steps])
    equity = np.array([value for _, value in steps])
    if not np.isfinite(equity).any():
        return
    stay = kept(at, equity, np.zeros(len(at), dtype=np.int64), BUCKET_MS)
    assert_same(at, equity, stay)


@given(st.integers(0, 10_000))
def test_no_metric_of_days_of_minutes_changes_and_little_is_left(seed: int) -> None:
    dice = seeded(f"minutes {seed}")
    at = BEGAN + 60_000 * np.arange(3 * 1440, dtype=np.int64)
    equity = 1000 * np.exp(np.cumsum(dice.standard_normal(len(at)) * 0.001))
    stay = kept(at, equity, np.zeros(len(at), dtype=np.int64), BUCKET_MS)
    assert_same(at, equity, stay)
    assert stay.sum() <= 6 * (3 * 24 + 1)
    again = kept(at[stay], equity[stay], np.zeros(stay.sum(), dtype=np.int64), BUCKET_MS)
    assert again.all()


def test_open_high_low_and_close_of_a_bucket_stay() -> None:
    equity = np.array([5.0, 6, 5.5, 9, 8.9, 2, 3, 4, 4.5, 4.4])
    at = BEGAN + 60_000 * np.arange(1, 11, dtype=np.int64)
    stay = kept(at, equity, np.zeros(10, dtype=np.int64), BUCKET_MS)
    assert list(equity[stay]) == [5.0, 9, 2, 4.4]


def test_a_fall_before_the_high_of_a_bucket_stays_where_it_is_the_largest() -> None:
    equity = np.array([5.0, 8, 4, 20, 19, 18, 19])
    at = BEGAN + 60_000 * np.arange(1, 8, dtype=np.int64)
    stay = kept(at, equity, np.zeros(7, dtype=np.int64), BUCKET_MS)
    assert list(equity[stay]) == [5.0, 8, 4, 20, 19]


def test_changes_of_state_stay() -> None:
    at = BEGAN + 60_000 * np.arange(1, 11, dtype=np.int64)
    states = np.array([1, 1, 1, 2, 2, 2, 1, 1, 1, 1])
    stay = kept(at, np.full(10, np.nan), states, BUCKET_MS)
    assert list(np.flatnonzero(stay)) == [0, 3, 6, 9]


def test_a_sample_at_midnight_belongs_to_the_day_before() -> None:
    at = BEGAN + np.array([-60_000, 0, 60_000], dtype=np.int64)
    stay = kept(at, np.array([1.0, 2, 3]), np.zeros(3, dtype=np.int64), BUCKET_MS)
    assert list(stay) == [True, True, True]
    assert list(kept(at, np.array([1.0, 1, 1]), np.zeros(3, dtype=np.int64), 24 * BUCKET_MS)) == [True, True, True]


def test_nothing_is_kept_of_nothing() -> None:
    assert not len(kept(np.array([], dtype=np.int64), np.array([]), np.array([], dtype=np.int64), BUCKET_MS))


def test_what_is_not_known_may_be_none_as_well() -> None:
    at = [BEGAN + 60_000 * minute for minute in range(1, 6)]
    assert samples.kept(at, [None, 5.0, 4.0, 6.0, None], [0] * 5, BUCKET_MS) == [True] * 5
    assert samples.kept(at, [5.0, None, 5.0, None, 5.0], [0] * 5, BUCKET_MS) == [True, False, False, False, True]
