"""What is drawn over time ends where the metrics are, and is not drawn where nobody looked."""

import math
from dataclasses import replace
from datetime import timedelta

import pandas as pd
import pytest

from pipeline.domain.bot_report import BotHealth
from pipeline.domain.metrics import max_drawdown, measure
from pipeline.domain.trades import ClosedTrade, Fill
from pipeline.domain.train.edge import edge_measurements, promise_of
from pipeline.domain.train.over_time import (
    balance_over_time,
    drawdown_over_time,
    edge_over_time,
    equity_over_time,
    mean_over_time,
    win_rate_over_time,
    with_holes,
)
from pipeline.domain.train.samples import Gap, Sample, fees_of, sample_of
from tests.domain.train.test_edge import BEGAN, trade, trades

DAY = timedelta(days=1)
EQUITY = pd.Series([100.0, 120.0, 90.0, 110.0], index=pd.date_range(BEGAN, periods=4, freq="D"), name="equity")
MADE = trades(0.004, 120)


def gap(since: float, until: float) -> Gap:
    return Gap("", "", BEGAN + since * DAY, BEGAN + until * DAY, "nobody looked")


def test_lines_end_at_the_metrics() -> None:
    values = measure(MADE, [EQUITY])
    assert win_rate_over_time(MADE).values.iloc[-1] == pytest.approx(values["win_rate_ratio"])
    assert mean_over_time(MADE).values.iloc[-1] == pytest.approx(values["profit_mean_ratio"])
    assert drawdown_over_time(EQUITY).values.max() == pytest.approx(max_drawdown([EQUITY]))
    balance = balance_over_time(MADE, 1000.0, BEGAN - DAY).values
    assert (balance.iloc[0], balance.index[0]) == (1000.0, pd.Timestamp(BEGAN - DAY))
    assert balance.iloc[-1] == pytest.approx(1000 + sum(one.profit for one in MADE))
    promise = promise_of(trades(0.004, 400, "past"))
    low, high = edge_over_time(MADE, promise)
    told = {m.metric: m.value for m in edge_measurements(MADE, (), promise)[:2]}
    assert (low.values.iloc[-1], high.values.iloc[-1]) == (told["edge_low_ratio"], told["edge_high_ratio"])
    assert low.values.dropna().is_monotonic_increasing
    assert high.values.dropna().is_monotonic_decreasing
    assert math.isnan(low.values.iloc[0])


def test_without_trades_there_is_nothing_to_draw_but_the_capital() -> None:
    assert list(balance_over_time([], 50.0, BEGAN).values) == [50.0]
    for line in (win_rate_over_time([]), mean_over_time([]), *edge_over_time([], None)):
        assert len(line.values) == 0


def test_trades_count_when_they_were_closed() -> None:
    long = ClosedTrade("B/USDT", BEGAN, BEGAN + 9 * DAY, 1, 1, 1, 1, 0, 0, 5.0, 0.5, "", "")
    line = balance_over_time([long, trade(0.01, BEGAN + DAY)], 10.0, BEGAN).values
    assert list(line) == [10.0, 11.0, 16.0]
    assert line.index.is_monotonic_increasing


def test_nothing_is_drawn_across_a_gap() -> None:
    line = equity_over_time(EQUITY, [gap(1, 2), gap(-9, -8), gap(50, 60)]).values
    assert [round(value) if value == value else None for value in line] == [100, 120, None, 90, 110]
    assert line.index[2] == pd.Timestamp(BEGAN + 1.5 * DAY)
    assert with_holes(EQUITY, [gap(-5, -1)]).equals(EQUITY)
    assert len(with_holes(EQUITY.iloc[:0], [gap(0, 1)])) == 0
    assert len(with_holes(EQUITY, [gap(1, 2), gap(1, 2)])) == 5


def test_a_look_is_kept_with_its_totals() -> None:
    won, lost = trade(0.01, BEGAN), trade(-0.02, BEGAN + DAY)
    whole = replace(won, amount=2.0, open_rate=10.0, close_rate=11.0, fee_open_ratio=0.001, fee_close_ratio=0.002)
    health = BotHealth(BEGAN, None)
    of = ("trend", "b1", "USDT")
    found = sample_of(
        of, BEGAN, "running", capital=100.0, equity=98.5, closed=[whole, lost], open_trades=1, health=health, errors=2
    )
    assert found == Sample(
        "trend", "b1", "USDT", BEGAN, "running", 99.0, 98.5, 1, 2, 1, pytest.approx(0.064), None, BEGAN, 2
    )
    nothing = sample_of(of, BEGAN, "down", capital=100.0, equity=None, closed=None, open_trades=None, health=None)
    assert nothing == Sample("trend", "b1", "USDT", BEGAN, "down")


def test_fees_are_those_of_every_fill() -> None:
    fills = (Fill("buy", BEGAN, 10, 1), Fill("buy", BEGAN, 12, 1), Fill("sell", BEGAN, 13, 2))
    made = ClosedTrade("A", BEGAN, BEGAN, 11, 13, 2, 22, 0.001, 0.002, 1, 0.1, "", "", fills)
    assert fees_of(made) == pytest.approx(0.022 + 0.052)
    assert fees_of(replace(made, fills=())) == pytest.approx(0.022 + 0.052)
