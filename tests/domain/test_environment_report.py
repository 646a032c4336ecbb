"""What a bundle did within a window: what lies outside of it counts for nothing, and what nobody can add up is not added up."""

import math
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from pipeline.domain.environment_report import BundleReport, bundle_report, earned, together, unseen
from pipeline.domain.trades import ClosedTrade
from pipeline.domain.train.samples import Gap

DAY = timedelta(days=1)
SINCE = datetime(2026, 3, 1, tzinfo=UTC)
WINDOW = (SINCE, SINCE + 7 * DAY)


def trade(closed_at: datetime, profit: float) -> ClosedTrade:
    return ClosedTrade(
        *("BTC/USDT", closed_at - DAY, closed_at, 100.0, 101.0, 1.0, 100.0, 0.001, 0.001, profit, profit / 100),
        *("dip", "roi"),
    )


def curve(*values: float, since: datetime = SINCE) -> pd.Series:
    return pd.Series(values, index=pd.to_datetime([since + n * DAY for n in range(len(values))], utc=True), dtype=float)


def one(
    trades: tuple[ClosedTrade, ...] = (),
    equity: pd.Series | None = None,
    currency: str = "USDT",
    gaps: tuple[Gap, ...] = (),
) -> BundleReport | None:
    return bundle_report("sha256:1", currency, trades, curve() if equity is None else equity, gaps, WINDOW)


def test_only_trades_that_were_closed_within_the_window_count() -> None:
    trades = (
        trade(SINCE - timedelta(seconds=1), 50.0),
        trade(SINCE, 3.0),
        trade(WINDOW[1], -1.0),
        trade(WINDOW[1] + DAY, 9.0),
    )
    made = one(trades)
    assert made is not None
    assert (made.earned.trades, made.earned.profit, made.earned.measured["win_rate_ratio"]) == (2, 2.0, 0.5)
    assert made.earned.fees == pytest.approx(2 * (0.1 + 0.101))
    assert made.began_at == SINCE


def test_a_fall_before_the_window_is_no_drawdown_of_it() -> None:
    made = one(equity=curve(2000.0, 1000.0, 1100.0, 990.0, 1050.0, since=SINCE - DAY))
    assert made is not None
    assert made.earned.measured["drawdown_max_ratio"] == pytest.approx(0.1)
    assert (made.earned.equity_first, made.earned.equity_last) == (1000.0, 1050.0)


def test_a_bundle_of_which_nothing_falls_into_the_window_is_not_in_the_report() -> None:
    assert one((trade(SINCE - DAY, 1.0),), curve(1.0, since=SINCE - DAY)) is None


def test_without_an_equity_there_is_no_drawdown_and_the_trades_still_count() -> None:
    made = one((trade(SINCE + DAY, 1.0),))
    assert made is not None
    assert math.isnan(made.earned.measured["drawdown_max_ratio"])
    assert (made.earned.trades, made.earned.equity_last) == (1, None)


def test_an_account_that_began_with_nothing_is_measured_by_its_trades() -> None:
    assert math.isnan(earned((trade(SINCE + DAY, 1.0),), [curve(0.0, 1.0)]).measured["drawdown_max_ratio"])


def test_bundles_are_linked_where_they_traded_with_the_same_currency_and_not_otherwise() -> None:
    first, second = one((trade(SINCE + DAY, 5.0),), curve(1000.0, 900.0)), one(equity=curve(500.0, 400.0))
    assert first is not None
    assert second is not None
    both = together((first, second))
    assert both is not None
    assert both.measured["drawdown_max_ratio"] == pytest.approx(1 - 0.9 * 0.8)
    other = one(equity=curve(1.0), currency="EUR")
    assert other is not None
    assert together((first, other)) is None
    assert together(()) is None


def test_gaps_are_cut_to_the_window_and_what_overlaps_counts_once() -> None:
    gaps = (
        Gap("", "", SINCE - DAY, SINCE + DAY, "nobody looked"),
        Gap("a", "b", SINCE + DAY / 2, SINCE + 2 * DAY, "down"),
        Gap("a", "b", SINCE + 3 * DAY, SINCE + 3 * DAY + timedelta(hours=1), "x"),
        Gap("a", "b", SINCE - 3 * DAY, SINCE, "before"),
    )
    made = one(equity=curve(1.0), gaps=gaps)
    assert made is not None
    assert [gap.reason for gap in made.gaps] == ["nobody looked", "down", "x"]
    assert made.gaps[0].since == SINCE
    assert unseen(made.gaps) == 2 * DAY + timedelta(hours=1)
    assert unseen(()) == timedelta()
