"""Sharpe ratios and what they are worth, against the papers' examples and an independent computation."""

import math

import numpy as np
import pytest
from scipy import optimize, stats

from pipeline.domain.statistics.sharpe import (
    Shape,
    estimation_spread,
    expected_maximum,
    luck,
    luck_variance,
    observations_needed,
    probabilistic,
    shape,
)

PUBLISHED = Shape(1250, 2.5 / math.sqrt(250), -3.0, 10.0)
"""Bailey & Lopez de Prado (2014): five years of daily returns, annual Sharpe ratio 2.5, the best of 100 trials whose variance is 1/2 a year."""


def test_the_published_example_of_the_deflated_sharpe_ratio_comes_out() -> None:
    benchmark = luck(100, 0.5 / 250)
    assert round(benchmark, 4) == 0.1132
    assert probabilistic(PUBLISHED, benchmark) == pytest.approx(0.9004, abs=5e-5)


@pytest.mark.parametrize(("periods", "years"), [(250, 2.73), (52, 2.83), (12, 3.24)])
def test_the_published_examples_of_the_track_record_come_out(periods: int, years: float) -> None:
    """Bailey & Lopez de Prado (2012): normal returns of an annual ratio of 2, above 1 with 95 % confidence."""
    root = math.sqrt(periods)
    needed = observations_needed(Shape(0, 2 / root, 0.0, 3.0), 1, 0.95, benchmark=1 / root)
    assert needed / periods == pytest.approx(years, abs=0.01)


def test_the_shape_is_the_one_that_scipy_finds() -> None:
    returns = stats.skewnorm.rvs(4, size=500, random_state=3) * 0.01
    found = shape(returns)
    assert found.sharpe == pytest.approx(returns.mean() / returns.std(ddof=1))
    assert found.skewness == pytest.approx(stats.skew(returns))
    assert found.kurtosis == pytest.approx(stats.kurtosis(returns, fisher=False))


def test_the_probability_is_the_one_that_scipy_finds() -> None:
    of = Shape(120, 0.17, -0.8, 5.5)
    spread = math.sqrt(1 + 0.8 * 0.17 + 4.5 / 4 * 0.17**2)
    assert estimation_spread(of) == pytest.approx(spread)
    assert probabilistic(of, 0.05) == pytest.approx(stats.norm.cdf(0.12 * math.sqrt(119) / spread))


@pytest.mark.parametrize("attempts", [10, 100, 1000])
def test_the_expected_maximum_is_that_of_normal_numbers(attempts: int) -> None:
    best = stats.norm.rvs(size=(20_000_000 // attempts // 10, attempts), random_state=5).max(axis=1)
    assert expected_maximum(attempts) == pytest.approx(best.mean(), rel=0.03)


def test_one_attempt_has_no_luck_and_more_have_more() -> None:
    assert expected_maximum(1) == 0.0
    found = [expected_maximum(attempts) for attempts in (1, 2, 3, 10, 500)]
    assert found == sorted(found)
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("attempts", [1, 7, 300])
def test_with_as_many_trades_as_needed_the_deflated_ratio_reaches_the_confidence(attempts: int) -> None:
    of = Shape(0, 0.12, -0.5, 6.0)

    def short_by(count: float) -> float:
        return probabilistic(of, luck(attempts, luck_variance(count)), count) - 0.98

    assert observations_needed(of, attempts) == pytest.approx(optimize.brentq(short_by, 2.1, 1e6), rel=1e-6)


def test_the_variance_of_a_ratio_without_an_edge_is_one_over_n_minus_1() -> None:
    ratios = [shape(row).sharpe for row in stats.norm.rvs(size=(4000, 60), random_state=7)]
    assert np.var(ratios) == pytest.approx(luck_variance(60), rel=0.08)


@pytest.mark.parametrize(
    "returns", [[], [0.01], [0.01] * 50, [0.1 + 0.2, 0.3], [0.01, math.nan, 0.02], [0.01, math.inf]]
)
def test_too_few_equal_or_unknown_returns_have_no_shape(returns: list[float]) -> None:
    found = shape(np.array(returns, dtype=float))
    assert math.isnan(found.sharpe)
    assert math.isnan(probabilistic(found, 0.0))
    assert math.isnan(observations_needed(found, 3))


def test_a_loss_needs_infinitely_many_trades() -> None:
    assert observations_needed(Shape(50, -0.1, 0.0, 3.0), 1) == math.inf


def test_one_independent_observation_proves_nothing() -> None:
    assert math.isnan(probabilistic(PUBLISHED, 0.0, 1.0))
    assert math.isnan(luck_variance(1.0))
