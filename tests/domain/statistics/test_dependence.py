"""Blocks, and how many independent trades a list is worth."""

import numpy as np
import pytest
from scipy import signal

from pipeline.domain.statistics.bootstrap import resampled_means, seeded
from pipeline.domain.statistics.dependence import (
    autocovariances,
    block_length,
    open_at_once,
    variance_inflation,
)


def autoregression(memory: float, count: int, seed: int = 1) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal(count + 200)
    return signal.lfilter([1.0], [1.0, -memory], noise)[200:]


def test_autocovariances_are_the_sums_that_define_them() -> None:
    values = autoregression(0.5, 40)
    centred = values - values.mean()
    expected = [float((centred[: 40 - lag] * centred[lag:]).sum()) / 40 for lag in range(40)]
    assert autocovariances(values) == pytest.approx(expected)


def test_independent_values_need_short_blocks_and_dependent_ones_longer() -> None:
    found = [np.mean([block_length(autoregression(m, 1000, seed)) for seed in range(20)]) for m in (0.0, 0.4, 0.8)]
    assert found[0] < 6 < found[1] < found[2]


def test_the_block_length_is_near_the_theory_for_an_autoregression() -> None:
    """Patton, Politis & White: (2 G^2 / D)^(1/3) n^(1/3) with G = 2 m / (1 - m)^2 / (1 - m^2) and g(0) = 1 / (1 - m)^2 for noise of variance 1."""
    memory, count = 0.6, 4000
    curvature, spectrum = 2 * memory / (1 - memory) ** 2 / (1 - memory**2), 1 / (1 - memory) ** 2
    theory = (curvature**2 / spectrum**2) ** (1 / 3) * count ** (1 / 3)
    found = np.mean([block_length(autoregression(memory, count, seed)) for seed in range(30)])
    assert found == pytest.approx(theory, rel=0.2)


def test_the_inflation_is_what_the_bootstrap_shows_but_for_its_correction() -> None:
    values, length = autoregression(0.5, 300), 8.0
    means = resampled_means(values[:, None], length, seeded("inflation"), 20_000)
    shown = means.var() / (values.var() / len(values))
    assert variance_inflation(values, length) * (1 - 15 / 300) == pytest.approx(shown, rel=0.04)


def test_the_inflation_is_near_the_truth_for_an_autoregression() -> None:
    lists = [autoregression(0.5, 600, seed) for seed in range(100)]
    assert np.mean([variance_inflation(v, block_length(v)) for v in lists]) == pytest.approx(3.0, rel=0.2)


def test_alternating_values_are_not_worth_more_than_they_are_many() -> None:
    assert variance_inflation(np.array([1.0, -1.0] * 50), 5.0) == 1.0


def test_blocks_hold_trades_that_are_open_together() -> None:
    values = np.random.default_rng(3).standard_normal(300)
    assert block_length(values, 5.0) >= 13.0
    assert block_length(values[:12], 50.0) <= 4.0


def test_trades_that_are_open_together_are_counted() -> None:
    opened, closed = np.array([0, 0, 5, 20]), np.array([10, 10, 8, 30])
    assert open_at_once(opened, closed) == pytest.approx((2 + 2 + 3 + 1) / 4)
    assert open_at_once(np.array([0, 10]), np.array([10, 20])) == 1.0
    assert open_at_once(np.array([]), np.array([])) == 1.0


@pytest.mark.parametrize("values", [[1.0], [0.5] * 40, [1.0, 2.0]])
def test_few_or_equal_values_have_blocks_of_one(values: list[float]) -> None:
    assert block_length(np.array(values)) == 1.0
    assert variance_inflation(np.array(values[:1]), 1.0) == 1.0
