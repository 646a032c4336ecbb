"""Our metrics beside freqtrade's own: equal to 1e-9 where the definitions agree, and really different where docs/metrics.md says so."""

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from freqtrade.data.metrics import (
    calculate_cagr,
    calculate_calmar_from_balance,
    calculate_market_change,
    calculate_max_drawdown,
    calculate_max_drawdown_from_balance,
    calculate_sharpe_from_balance,
    calculate_sortino_from_balance,
)
from freqtrade.optimize.optimize_reports.optimize_reports import generate_pair_metrics

from pipeline.domain.curves import market_curve
from pipeline.domain.metrics import ACCOUNT_METRICS, CURVE_METRICS, METRICS, measure, measure_curves
from pipeline.domain.trades import ClosedTrade

START = datetime(2024, 3, 1, tzinfo=UTC)
DAYS = 90
BALANCE = 1000.0
SAME = pytest.approx


def made(profits: list[float]) -> list[ClosedTrade]:
    """Trades of 100 each, closed at the end of successive hours."""
    trades = []
    for index, profit in enumerate(profits):
        opened = START + timedelta(hours=12 * index)
        closed = opened + timedelta(hours=11)
        trades.append(ClosedTrade("A/B", opened, closed, 1, 1, 100, 100, 0, 0, profit, profit / 100, "", "roi"))
    return trades


def closed_curve(trades: list[ClosedTrade], days: int = DAYS) -> pd.Series:
    """The account as freqtrade's trade-based figures see it: it changes only when a trade closes."""
    hours = pd.date_range(START, periods=days * 24 + 1, freq="h")
    steps = pd.Series(
        [t.profit for t in trades], index=pd.DatetimeIndex([t.closed_at for t in trades], tz="UTC"), dtype=float
    )
    return BALANCE + steps.reindex(hours, fill_value=0.0).cumsum()


def theirs(trades: list[ClosedTrade], days: int = DAYS) -> dict[str, float]:
    """The line TOTAL of freqtrade's report."""
    frame = pd.DataFrame(
        {
            "pair": [t.pair for t in trades],
            "profit_abs": [t.profit for t in trades],
            "profit_ratio": [t.profit_ratio for t in trades],
            "close_date": [t.closed_at for t in trades],
            "trade_duration": 660,
        }
    )
    lines = generate_pair_metrics(["A/B"], "B", BALANCE, frame, START, START + timedelta(days=days))
    return next(line for line in lines if line["key"] == "TOTAL")


def as_wallet(curve: pd.Series) -> pd.DataFrame:
    """A balance history as freqtrade wants it; a millisecond earlier, so that a value at midnight ends its day there too."""
    return pd.DataFrame({"date": curve.index - pd.Timedelta(1, "ms"), "total_quote": curve.to_numpy()})


@pytest.fixture(scope="module")
def profits() -> list[float]:
    return np.random.default_rng(11).normal(0.4, 6.0, 170).round(4).tolist()


@pytest.fixture(scope="module")
def equity() -> pd.Series:
    hours = pd.date_range(START, periods=DAYS * 24 + 1, freq="h")
    steps = np.random.default_rng(12).normal(0.0001, 0.004, len(hours) - 1)
    return pd.Series(BALANCE * np.exp(np.concatenate(([0.0], np.cumsum(steps)))), index=hours)


def test_what_is_counted_from_trades_is_equal(profits: list[float]) -> None:
    trades = made(profits)
    ours, them = measure(trades, [closed_curve(trades)]), theirs(trades)
    for name, key in (
        ("trades", "trades"),
        ("profit_mean_ratio", "profit_mean"),
        ("win_rate_ratio", "winrate"),
        ("profit_factor", "profit_factor"),
        ("expectancy", "expectancy"),
        ("expectancy_ratio", "expectancy_ratio"),
        ("profit_total_ratio", "profit_total"),
    ):
        assert ours[name] == SAME(them[key], rel=1e-9), name


def test_the_drawdown_of_closed_trades_is_equal_where_freqtrade_looks_for_the_relative_one(
    profits: list[float],
) -> None:
    trades = made(profits)
    frame = pd.DataFrame({"profit_abs": profits, "close_date": [t.closed_at for t in trades]})
    them = calculate_max_drawdown(frame, starting_balance=BALANCE, relative=True)
    assert measure(trades, [closed_curve(trades)])["drawdown_max_ratio"] == SAME(
        them.relative_account_drawdown, rel=1e-9
    )


def test_the_drawdown_of_an_account_is_equal_where_freqtrade_looks_for_the_relative_one(equity: pd.Series) -> None:
    them = calculate_max_drawdown_from_balance(as_wallet(equity), relative=True)
    assert measure_curves([equity])["drawdown_max_ratio"] == SAME(them.relative_account_drawdown, rel=1e-9)


def test_sharpe_is_freqtrade_s_wallet_sharpe_but_for_the_sample_deviation(equity: pd.Series) -> None:
    them = calculate_sharpe_from_balance(as_wallet(equity))
    assert measure_curves([equity])["sharpe"] == SAME(them * math.sqrt((DAYS - 1) / DAYS), rel=1e-9)
    assert measure_curves([equity])["sharpe"] != SAME(them, rel=1e-3)


def test_freqtrade_gives_midnight_to_the_day_that_begins_and_leaves_out_the_first(equity: pd.Series) -> None:
    history = pd.DataFrame({"date": equity.index, "total_quote": equity.to_numpy()})
    ours, them = measure_curves([equity])["sharpe"], calculate_sharpe_from_balance(history)
    assert ours != SAME(them * math.sqrt((DAYS - 1) / DAYS), rel=1e-3)


def test_annual_growth_behind_calmar_is_freqtrade_s(equity: pd.Series) -> None:
    ours = measure_curves([equity])
    them = calculate_cagr(DAYS, float(equity.iloc[0]), float(equity.iloc[-1]))
    assert ours["calmar"] * ours["drawdown_max_ratio"] == SAME(them, rel=1e-9)


def test_the_market_is_freqtrade_s_where_the_first_candle_opens_as_it_closes() -> None:
    rng = np.random.default_rng(5)
    dates = pd.date_range(START, periods=200, freq="h")
    closes = pd.DataFrame({pair: rng.uniform(50, 150, 200) for pair in ("A/B", "C/B", "D/B")}, index=dates)
    frames = {str(pair): pd.DataFrame({"date": dates, "close": column.to_numpy()}) for pair, column in closes.items()}
    them = calculate_market_change(frames)
    first = market_curve(closes, closes.iloc[0], starting_balance=BALANCE, timeframe=timedelta(hours=1))
    assert measure_curves([first])["profit_total_ratio"] == SAME(them, rel=1e-9)
    opened = market_curve(closes, closes.iloc[0] * 1.02, starting_balance=BALANCE, timeframe=timedelta(hours=1))
    assert measure_curves([opened])["profit_total_ratio"] != SAME(them, rel=1e-3)


def test_without_a_loss_freqtrade_answers_with_sentinels() -> None:
    trades = made([5.0, 6.0] * 10)
    ours, them = measure(trades, [closed_curve(trades)]), theirs(trades)
    assert (them["profit_factor"], them["expectancy_ratio"], them["sortino"], them["calmar"]) == (
        0.0,
        100.0,
        -100.0,
        -100.0,
    )
    assert (ours["profit_factor"], ours["sortino"], ours["calmar"]) == (math.inf, math.inf, math.inf)
    assert math.isnan(ours["expectancy_ratio"])


def test_without_trades_freqtrade_answers_zero_and_we_answer_nothing() -> None:
    ours, them = measure([], [closed_curve([])]), theirs([])
    for name, key in (
        ("profit_mean_ratio", "profit_mean"),
        ("win_rate_ratio", "winrate"),
        ("profit_factor", "profit_factor"),
    ):
        assert them[key] == 0.0
        assert math.isnan(ours[name])


def test_without_variance_freqtrade_s_sharpe_is_a_sentinel() -> None:
    flat = pd.Series(BALANCE, index=pd.date_range(START, periods=240, freq="h"))
    assert calculate_sharpe_from_balance(as_wallet(flat)) == -100.0
    assert math.isnan(measure_curves([flat])["sharpe"])


def test_a_trade_that_ends_at_zero_changes_freqtrade_s_expectancy_ratio() -> None:
    trades = made([30.0, -10.0, 0.0, 0.0])
    assert measure(trades, [])["expectancy_ratio"] == SAME(0.5)
    assert theirs(trades)["expectancy_ratio"] == SAME(0.0)


def test_freqtrade_s_sharpe_of_trades_is_another_number(profits: list[float]) -> None:
    trades = made(profits)
    assert measure(trades, [closed_curve(trades)])["sharpe"] != SAME(theirs(trades)["sharpe"], rel=0.01)


def test_freqtrade_s_sortino_measures_the_spread_of_losses_not_their_size(equity: pd.Series) -> None:
    assert measure_curves([equity])["sortino"] != SAME(calculate_sortino_from_balance(as_wallet(equity)), rel=0.01)
    steady = pd.Series([100.0, 103.0, 101.97, 105.0291, 103.978809], index=pd.date_range(START, periods=5, freq="D"))
    losing_alike = calculate_sortino_from_balance(as_wallet(steady))
    assert abs(losing_alike) > 1e6 or losing_alike == -100.0
    assert measure_curves([steady])["sortino"] == SAME(0.01 / math.sqrt(0.0002 / 4) * math.sqrt(365), rel=1e-6)


def test_freqtrade_s_calmar_is_no_annual_growth_over_drawdown(equity: pd.Series, profits: list[float]) -> None:
    trades = made(profits)
    assert measure_curves([equity])["calmar"] != SAME(calculate_calmar_from_balance(as_wallet(equity)), rel=0.01)
    assert measure(trades, [closed_curve(trades)])["calmar"] != SAME(theirs(trades)["calmar"], rel=0.01)


def test_freqtrade_reports_the_drawdown_that_cost_most_money_not_the_deepest() -> None:
    trades = made([-300.0, 2000.0, -500.0])
    assert measure(trades, [closed_curve(trades)])["drawdown_max_ratio"] == SAME(0.3)
    assert theirs(trades)["max_drawdown_account"] == SAME(500 / 2700)


def test_freqtrade_s_drawdown_of_trades_does_not_see_open_positions() -> None:
    trades = made([50.0])
    dipped = closed_curve(trades)
    dipped.iloc[5] = 600.0
    assert measure(trades, [dipped])["drawdown_max_ratio"] == SAME(0.4)
    assert theirs(trades)["max_drawdown_account"] == 0.0


def test_the_page_tells_every_metric_by_its_name_and_title() -> None:
    page = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8")
    for metric in METRICS.values():
        assert f"`{metric.name}`" in page
        assert metric.title.lower() in page.lower()


def test_what_is_measured_is_known_by_name_without_measuring() -> None:
    assert (tuple(measure((), ())), tuple(measure_curves(()))) == (ACCOUNT_METRICS[:7] + CURVE_METRICS, CURVE_METRICS)
