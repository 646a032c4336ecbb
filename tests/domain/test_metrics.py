import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from pipeline.domain.metrics import (
    METRICS,
    calmar,
    daily_returns,
    expectancy_ratio,
    exposure,
    max_drawdown,
    measure,
    measure_curves,
    profit_factor,
    sharpe,
    sortino,
)
from pipeline.domain.trades import ClosedTrade

START = datetime(2024, 1, 1, tzinfo=UTC)


def curve(*values: float, start: datetime = START, step: timedelta = timedelta(days=1)) -> pd.Series:
    return pd.Series(values, index=pd.DatetimeIndex([start + i * step for i in range(len(values))]), dtype=float)


def trade(profit: float, *, opened: float = 0, closed: float = 1, paid: float = 100) -> ClosedTrade:
    at = [START + timedelta(hours=hours) for hours in (opened, closed)]
    return ClosedTrade("A/B", at[0], at[1], 1.0, 1.0, 1.0, paid, 0.0, 0.0, profit, profit / paid, "", "roi")


def test_what_is_measured_can_be_named_in_a_policy() -> None:
    measured = measure([trade(1)], [curve(100, 101)])
    assert measured.keys() <= METRICS.keys()
    assert {"market_change_ratio", "excess_ratio"} <= METRICS.keys() - measured.keys()


def test_trades_are_counted_and_averaged() -> None:
    measured = measure([trade(30), trade(-10), trade(0), trade(10, paid=200)], [curve(100, 130)])
    assert measured["trades"] == 4
    assert measured["win_rate_ratio"] == 0.5
    assert measured["expectancy"] == 7.5
    assert measured["profit_mean_ratio"] == pytest.approx((0.3 - 0.1 + 0 + 0.05) / 4)
    assert measured["profit_factor"] == 4.0


def test_without_trades_nothing_is_claimed_about_them() -> None:
    measured = measure([], [curve(100, 100)])
    assert measured["trades"] == 0
    for name in (
        "win_rate_ratio",
        "expectancy",
        "expectancy_ratio",
        "profit_mean_ratio",
        "profit_factor",
        "sharpe",
        "sortino",
        "calmar",
    ):
        assert math.isnan(measured[name])
    assert (measured["profit_total_ratio"], measured["drawdown_max_ratio"], measured["exposure_ratio"]) == (0, 0, 0)


def test_without_curves_and_trades_only_the_count_is_known() -> None:
    measured = measure([], [])
    assert measured.pop("trades") == 0
    assert all(math.isnan(value) for value in measured.values())


def test_the_profit_factor_is_infinite_without_a_loss_and_zero_without_a_gain() -> None:
    assert profit_factor(np.array([3.0, 1.0])) == math.inf
    assert profit_factor(np.array([-3.0])) == 0.0
    assert math.isnan(profit_factor(np.array([0.0])))


def test_the_expectancy_ratio_counts_in_average_losses() -> None:
    assert expectancy_ratio(np.array([30.0, -10.0, -20.0])) == pytest.approx(0.0)
    assert expectancy_ratio(np.array([60.0, -10.0, -20.0])) == pytest.approx(10 / 15)
    assert math.isnan(expectancy_ratio(np.array([30.0])))


def test_windows_are_linked_by_growth() -> None:
    first, second = curve(100, 150), curve(1000, 500, start=START + timedelta(days=50))
    assert measure_curves([first, second])["profit_total_ratio"] == pytest.approx(-0.25)


def test_a_day_ends_at_midnight_utc_and_the_first_is_measured_against_the_start() -> None:
    hours = curve(*[100 + i for i in range(49)], step=timedelta(hours=1))
    assert daily_returns(hours) == pytest.approx([0.24, 24 / 124])
    late = curve(100, 110, 121, start=START + timedelta(hours=23), step=timedelta(hours=1))
    assert daily_returns(late) == pytest.approx([0.1, 0.1])


def test_sharpe_is_the_mean_over_the_sample_deviation_per_year() -> None:
    assert sharpe(np.array([0.01, 0.03])) == pytest.approx(0.02 / math.sqrt(0.0002) * math.sqrt(365))
    assert math.isnan(sharpe(np.array([0.01])))
    assert math.isnan(sharpe(np.array([0.01, 0.01, 0.01])))


def test_sortino_counts_shortfalls_over_all_days() -> None:
    assert sortino(np.array([0.03, -0.01, 0.01, 0.0])) == pytest.approx(0.0075 / 0.005 * math.sqrt(365))
    assert sortino(np.array([0.01, 0.02])) == math.inf
    assert math.isnan(sortino(np.array([0.0, 0.0])))
    assert math.isnan(sortino(np.array([-0.01])))


def test_calmar_is_annual_growth_over_the_drawdown() -> None:
    assert calmar(0.21, 0.1, timedelta(days=730)) == pytest.approx(1.0)
    assert calmar(-0.1, 0.2, timedelta(days=365)) == pytest.approx(-0.5)
    assert calmar(0.1, 0.0, timedelta(days=365)) == math.inf
    for answer in (
        calmar(0.0, 0.0, timedelta(days=9)),
        calmar(0.1, 0.1, timedelta()),
        calmar(-1.0, 1.0, timedelta(days=9)),
    ):
        assert math.isnan(answer)
    assert calmar(1e6, 0.1, timedelta(minutes=5)) == math.inf


def test_the_drawdown_is_relative_to_the_highest_value_before_it() -> None:
    assert max_drawdown([curve(100, 200, 150, 400, 320)]) == pytest.approx(0.25)
    assert max_drawdown([curve(100, 90)]) == pytest.approx(0.1)
    assert max_drawdown([curve(100, 120)]) == 0.0


def test_a_drawdown_goes_on_over_linked_windows() -> None:
    assert max_drawdown([curve(100, 90), curve(500, 400)]) == pytest.approx(1 - 0.9 * 0.8)


def test_overlapping_trades_are_exposed_once() -> None:
    day = [curve(100, 100)]
    assert (
        exposure([trade(0, opened=0, closed=6), trade(0, opened=3, closed=9), trade(0, opened=4, closed=5)], day)
        == 9 / 24
    )
    assert exposure([trade(0, opened=10, closed=12), trade(0, opened=0, closed=2)], day) == 4 / 24
    assert math.isnan(exposure([], []))
