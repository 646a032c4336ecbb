"""Bets against a claim: true claims are seldom refuted however often somebody looks, false ones are, and clusters fool nobody."""

import math

import numpy as np
import pytest

from pipeline.domain.statistics.betting import (
    Floats,
    Scale,
    against_high,
    against_low,
    highest_mean,
    location,
    lowest_mean,
    observations_until,
    scale_of,
    stakes,
)
from pipeline.domain.statistics.bootstrap import seeded

ALONE = Scale(0.02, 1.0)


def normal(mean: float, count: int, name: str = "x") -> tuple[Floats, Floats]:
    return mean + ALONE.group * seeded(name).standard_normal(count), np.ones(count)


@pytest.mark.parametrize("error", [0.02, 0.1, 0.3])
def test_wealth_is_a_supermartingale_so_a_true_claim_is_seldom_ever_refuted(error: float) -> None:
    sums = ALONE.group * seeded("true").standard_normal((2000, 1500))
    for of, found in (
        (stakes(ALONE, error), against_high(sums, np.ones_like(sums), 0.0, stakes(ALONE, error))),
        (stakes(ALONE, error, low=True), against_low(sums, np.ones_like(sums), 0.0, stakes(ALONE, error, low=True))),
    ):
        assert np.exp(found[:, :50]).mean(axis=0) == pytest.approx(1.0, abs=0.1)
        refuted = (found >= of.target).any(axis=1).mean()
        assert 0 < refuted <= error


def test_evidence_by_hand() -> None:
    of = stakes(ALONE, 0.05)
    one, two = of.bets
    expected = 0.8 * (1 - one * 0.01) * (1 + one * 0.02) + 0.2 * (1 - two * 0.01) * (1 + two * 0.02)
    path = against_high(np.array([0.02, -0.01]), np.ones(2), 0.01, of)
    assert math.exp(path[1]) == pytest.approx(expected)


def test_gains_count_no_further_than_the_clip_and_neither_do_losses_against_a_promise() -> None:
    of = stakes(ALONE, 0.05)
    for far in (1.0, 1e9, math.inf):
        assert against_high(np.array([far]), np.ones(1), 0.0, of) == against_high(
            np.array([of.clip]), np.ones(1), 0.0, of
        )
        assert against_high(np.array([-far]), np.ones(1), 0.0, of) == against_high(
            np.array([-of.clip]), np.ones(1), 0.0, of
        )


def test_a_loss_beyond_what_was_assumed_ends_the_evidence_for_an_edge_for_good() -> None:
    sums = np.concatenate(([-1.0], np.full(1000, 0.02)))
    assert against_low(sums, np.ones(1001), 0.0, stakes(ALONE, 0.05, low=True))[-1] == -math.inf
    assert lowest_mean(sums, np.ones(1001), stakes(ALONE, 0.05, low=True)) < -0.8


def test_the_ends_of_the_sequence_are_where_evidence_reaches_its_target() -> None:
    sums, counts = normal(0.004, 300)
    high, low = stakes(ALONE, 0.025), stakes(ALONE, 0.05, low=True)
    top, bottom = highest_mean(sums, counts, high), lowest_mean(sums, counts, low)
    assert bottom < 0.004 < top
    assert against_high(sums, counts, top, high).max() == pytest.approx(high.target, abs=1e-6)
    assert against_low(sums, counts, bottom, low).max() == pytest.approx(low.target, abs=1e-6)


def test_what_was_refuted_once_stays_refuted() -> None:
    sums, counts = normal(0.0, 400)
    sums[200:] += 0.05
    of = stakes(ALONE, 0.025)
    tops = [highest_mean(sums[:n], counts[:n], of) for n in (50, 100, 200, 300, 400)]
    assert tops == sorted(tops, reverse=True)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_without_evidence_every_mean_is_possible(count: int) -> None:
    sums, counts = normal(0.0, count)
    assert highest_mean(sums, counts, stakes(ALONE, 0.025)) == math.inf
    assert lowest_mean(sums, counts, stakes(ALONE, 0.05, low=True)) == -math.inf


def test_groups_are_believed_once_and_not_once_a_member() -> None:
    """Three trades that are one and the same count as one bet: told apart, they would be refuted all the time."""
    sums = 3 * ALONE.group * seeded("groups").standard_normal((2000, 100))
    scale = Scale(3 * ALONE.group, 3.0)
    together = against_high(sums, np.full_like(sums, 3.0), 0.0, stakes(scale, 0.025))
    assert (together >= math.log(1 / 0.025)).any(axis=1).mean() <= 0.025
    apart = np.repeat(sums / 3, 3, axis=1)
    found = against_high(apart, np.ones_like(apart), 0.0, stakes(ALONE, 0.025))
    assert (found >= math.log(1 / 0.025)).any(axis=1).mean() > 0.1


def test_the_location_is_the_mean_where_nothing_is_clipped_and_the_middle_where_everything_is() -> None:
    sums, counts = np.array([0.01, 0.04, -0.02]), np.array([1.0, 2.0, 1.0])
    assert location(sums, counts, 1.0) == pytest.approx(0.03 / 4)
    assert location(np.array([0.0, 0.01, 5.0]), np.ones(3), 1e-9) == pytest.approx(0.01, abs=1e-6)


def test_a_scale_is_told_from_enough_groups_that_differ() -> None:
    sums, counts = normal(0.01, 4000)
    found = scale_of(sums, counts)
    assert found is not None
    assert found.group == pytest.approx(0.02, rel=0.05)
    assert found.single == found.group
    assert scale_of(sums[:7], counts[:7]) is None
    assert scale_of(np.full(20, 0.01), np.ones(20)) is None
    assert Scale(0.04, 4.0).single == 0.02


@pytest.mark.parametrize("difference", [0.003, 0.006])
def test_about_half_are_told_by_the_number_of_observations_that_is_said(difference: float) -> None:
    count = int(observations_until(difference, ALONE, 0.025))
    of = stakes(ALONE, 0.025)
    sums = -difference + ALONE.group * seeded("power").standard_normal((1000, count))
    told = (against_high(sums, np.ones_like(sums), 0.0, of) >= of.target).any(axis=1).mean()
    assert 0.4 < told < 0.65


def test_nothing_tells_what_is_no_difference() -> None:
    assert observations_until(0.0, ALONE, 0.05) == math.inf
    assert observations_until(-0.01, ALONE, 0.05) == math.inf
    assert observations_until(math.nan, ALONE, 0.05) == math.inf
    assert observations_until(1e-7, ALONE, 0.05) == math.inf
