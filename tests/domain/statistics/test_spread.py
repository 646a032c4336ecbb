"""The spread hidden in candles."""

import math

import numpy as np
import pandas as pd
import pytest

from pipeline.domain.statistics.spread import covariance_spread, high_low_spread


def candles(spread: float, *, steps: int = 400, count: int = 4000, volatility: float = 0.01) -> pd.DataFrame:
    """A random walk that is seen at the bid or at the ask."""
    dice = np.random.default_rng(11)
    path = np.cumsum(dice.standard_normal((count, steps)).ravel() * volatility / math.sqrt(steps))
    seen = np.exp(path + np.where(dice.random(path.shape) < 0.5, 1, -1) * spread / 2).reshape(count, steps)
    return pd.DataFrame({"high": seen.max(axis=1), "low": seen.min(axis=1), "close": seen[:, -1]})


@pytest.mark.parametrize("spread", [0.005, 0.01])
def test_the_spread_between_bid_and_ask_is_found(spread: float) -> None:
    frame = candles(spread)
    assert high_low_spread(frame) == pytest.approx(spread, rel=0.25)
    assert covariance_spread(frame) == pytest.approx(spread, rel=0.35)


def test_without_a_spread_hardly_any_is_found() -> None:
    assert high_low_spread(candles(0.0)) < 0.0008


def test_a_trend_has_no_spread() -> None:
    prices = 100.0 * 1.01 ** np.arange(50)
    frame = pd.DataFrame({"high": prices * 1.01, "low": prices, "close": prices})
    assert high_low_spread(frame) == 0.0
    assert covariance_spread(frame) == pytest.approx(0.0, abs=1e-7)


@pytest.mark.parametrize("prices", [[], [1.0], [math.nan] * 5, [0.0] * 5])
def test_too_few_candles_show_nothing(prices: list[float]) -> None:
    frame = pd.DataFrame({"high": prices, "low": prices, "close": prices}, dtype=float)
    assert math.isnan(high_low_spread(frame))
    assert math.isnan(covariance_spread(frame))


def test_still_prices_have_no_spread() -> None:
    assert high_low_spread(pd.DataFrame({"high": [1.0] * 9, "low": [1.0] * 9})) == 0.0
