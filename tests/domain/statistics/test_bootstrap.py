"""The stationary bootstrap: reproducible, and right about means."""

import numpy as np
import pytest
from scipy import signal, stats

from pipeline.domain.statistics.bootstrap import interval, resampled_means, seeded


def test_the_same_seed_draws_the_same_and_another_one_differently() -> None:
    values = np.random.default_rng(1).standard_normal((50, 2))
    one, same, other = (resampled_means(values, 3.0, seeded(seed)) for seed in ("a", "a", "b"))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_independent_draws_have_the_spread_of_a_mean() -> None:
    values = np.random.default_rng(2).standard_normal((80, 1))
    means = resampled_means(values, 1.0, seeded("spread"), 20_000)
    assert means.mean() == pytest.approx(values.mean(), abs=0.005)
    assert means.std() == pytest.approx(values.std() / np.sqrt(80), rel=0.03)


def test_an_endless_block_only_turns_the_values_round() -> None:
    values = np.arange(10.0)[:, None]
    assert resampled_means(values, 1e9, seeded("round"), 100) == pytest.approx(np.full((100, 1), 4.5))


def test_columns_are_drawn_together() -> None:
    values = np.random.default_rng(4).standard_normal(60)
    means = resampled_means(np.column_stack((values, 3 * values)), 4.0, seeded("together"))
    assert means[:, 1] == pytest.approx(3 * means[:, 0])


def test_the_interval_is_the_one_that_scipy_finds_for_independent_values() -> None:
    values = np.random.default_rng(5).standard_t(5, 200)
    low, high = interval(resampled_means(values[:, None], 1.0, seeded("scipy"), 9999), 0.95)
    theirs = stats.bootstrap(
        (values,), np.mean, method="percentile", n_resamples=9999, rng=np.random.default_rng(6)
    ).confidence_interval
    assert (low[0], high[0]) == pytest.approx((theirs.low, theirs.high), abs=0.02)


def test_the_interval_is_wider_where_values_follow_each_other() -> None:
    noise = np.random.default_rng(8).standard_normal(600)
    values = signal.lfilter([1.0], [1.0, -0.7], noise)[100:, None]
    widths = [np.diff(interval(resampled_means(values, length, seeded("w")), 0.95), axis=0)[0, 0] for length in (1, 20)]
    assert widths[1] > 1.7 * widths[0]
