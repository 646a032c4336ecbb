"""Trades priced anew, against sums done by hand."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from pipeline.domain.costs import (
    Pair,
    fills_of,
    pair_costs,
    profits,
    profits_with_fees,
    profits_with_late_entry,
    profits_with_spread,
    profits_with_ticks,
)
from pipeline.domain.trades import ClosedTrade, Fill
from tests.domain.trade_lists import FEE, HOUR, START, flat, trade

PAIR = Pair(0.5, 0.01, pd.date_range(START, periods=200, freq="1h"), np.arange(100.0, 300.0))
PAIRS = {"A/USDT": PAIR}


def bought(*fills: Fill) -> ClosedTrade:
    return replace(trade(0.0, 0), fills=fills, opened_at=fills[0].at, closed_at=fills[-1].at)


SIMPLE = bought(Fill("buy", START, 100.0, 2.0), Fill("sell", START + 5 * HOUR, 110.0, 2.0))


def test_the_profit_is_that_of_the_trade() -> None:
    made = [trade(0.03, 0), trade(-0.02, 5, "B/USDT"), trade(0.0, 9)]
    assert profits(fills_of(made, PAIRS)) == pytest.approx([t.profit for t in made])


def test_doubled_fees_cost_the_fees_once_more() -> None:
    fills = fills_of([SIMPLE], PAIRS)
    assert profits_with_fees(fills, 2.0)[0] == pytest.approx(profits(fills)[0] - FEE * (200.0 + 220.0))


def test_slipped_ticks_are_paid_at_both_ends() -> None:
    assert profits_with_ticks(fills_of([SIMPLE], PAIRS), 2)[0] == pytest.approx(2 * (109 * (1 - FEE) - 101 * (1 + FEE)))


def test_half_a_spread_is_paid_at_both_ends() -> None:
    expected = 2 * (110 * 0.995 * (1 - FEE) - 100 * 1.005 * (1 + FEE))
    assert profits_with_spread(fills_of([SIMPLE], PAIRS))[0] == pytest.approx(expected)


def test_a_measured_slippage_counts_where_it_is_more_than_half_the_spread() -> None:
    frame = pd.DataFrame({"date": PAIR.opened_at, "open": 100.0, "high": 100.5, "low": 99.5})
    estimated = pair_costs(frame, 0.01).spread_ratio
    assert 0 < estimated < 0.02
    assert pair_costs(frame, 0.01, estimated / 4).spread_ratio == estimated
    assert pair_costs(frame, 0.01, 0.015).spread_ratio == 0.03
    expected = 2 * (110 * 0.985 * (1 - FEE) - 100 * 1.015 * (1 + FEE))
    slipped = {"A/USDT": replace(PAIR, spread_ratio=pair_costs(frame, 0.01, 0.015).spread_ratio)}
    assert profits_with_spread(fills_of([SIMPLE], slipped))[0] == pytest.approx(expected)


def test_a_late_entry_buys_at_the_next_candle_s_opening_for_the_same_money() -> None:
    amount = 2 * 100 / 101
    expected = amount * (110 * (1 - FEE) - 101 * (1 + FEE))
    assert profits_with_late_entry(fills_of([SIMPLE], PAIRS))[0] == pytest.approx(expected)


def test_what_is_bought_in_steps_is_late_in_every_step_and_sold_in_proportion() -> None:
    steps = bought(
        Fill("buy", START, 100.0, 1.0),
        Fill("buy", START + HOUR, 90.0, 1.0),
        Fill("sell", START + 3 * HOUR, 95.0, 1.0),
        Fill("sell", START + 4 * HOUR, 120.0, 1.0),
    )
    first, second = 100 / 101, 90 / 102
    sold = (first + second) / 2 * (95 + 120) * (1 - FEE)
    expected = sold - (first * 101 + second * 102) * (1 + FEE)
    assert profits_with_late_entry(fills_of([steps], PAIRS))[0] == pytest.approx(expected)


@pytest.mark.parametrize("after", [HOUR, timedelta(minutes=20), timedelta(0)])
def test_a_trade_that_was_over_before_the_next_candle_is_not_made(after: timedelta) -> None:
    quick = bought(Fill("buy", START, 100.0, 1.0), Fill("sell", START + after, 120.0, 1.0))
    assert profits_with_late_entry(fills_of([quick], PAIRS))[0] == 0.0


def test_a_trade_at_the_end_of_the_candles_is_not_made_late() -> None:
    last = START + 199 * HOUR
    trade_at_end = bought(Fill("buy", last, 100.0, 1.0), Fill("sell", last + 2 * HOUR, 120.0, 1.0))
    assert profits_with_late_entry(fills_of([trade_at_end], PAIRS))[0] == 0.0


def test_a_pair_without_candles_is_not_known_but_for_its_fees() -> None:
    fills = fills_of([SIMPLE], {})
    assert np.isfinite(profits_with_fees(fills, 2.0)).all()
    for made in (profits_with_ticks(fills), profits_with_spread(fills), profits_with_late_entry(fills)):
        assert np.isnan(made).all()


def test_a_trade_without_orders_was_bought_and_sold_at_once() -> None:
    bare = replace(trade(0.05, 1), fills=())
    assert profits(fills_of([bare], PAIRS))[0] == pytest.approx(bare.profit)


def test_no_trades_make_nothing() -> None:
    none = fills_of([], PAIRS)
    for made in (profits(none), profits_with_ticks(none), profits_with_late_entry(none)):
        assert made.shape == (0,)


def test_no_spread_is_narrower_than_a_tick() -> None:
    frame = flat(500)
    assert pair_costs(frame, 1.0).spread_ratio == pytest.approx(1.0 / 100.25, rel=1e-3)
    assert pair_costs(frame, 1.0).tick == 1.0
    assert np.isnan(pair_costs(frame.head(0), 1.0).spread_ratio)
