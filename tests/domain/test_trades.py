from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from pipeline.domain.curves import equity_curve, market_curve
from pipeline.domain.trades import ClosedTrade, Fill, trades_digest

START = datetime(2024, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def closes(**columns: list[float]) -> pd.DataFrame:
    length = len(next(iter(columns.values())))
    frame = pd.DataFrame(columns, index=pd.date_range(START, periods=length, freq="h"))
    return frame.rename(columns=lambda name: f"{name}/USDT")


def trade(pair: str, *fills: tuple[str, float, float, float], fee: float = 0.001, profit: float = 0.0) -> ClosedTrade:
    """Fills as (side, hours after the start, price, amount)."""
    made = tuple(Fill(side, START + hours * HOUR, price, amount) for side, hours, price, amount in fills)
    bought = sum(fill.amount for fill in made if fill.side == "buy")
    return ClosedTrade(
        pair, made[0].at, made[-1].at, made[0].price, made[-1].price, bought, 100, fee, fee, profit, profit / 100, "tag", "roi", made
    )  # fmt: skip


def curve(trades: list[ClosedTrade], frame: pd.DataFrame) -> pd.Series:
    return equity_curve(trades, frame, starting_balance=1000.0, timeframe=HOUR)


def test_without_trades_the_account_stays_as_it_was() -> None:
    equity = curve([], closes(A=[1.0, 2.0]))
    assert equity.tolist() == [1000.0] * 3
    assert list(equity.index) == [START, START + HOUR, START + 2 * HOUR]


def test_an_open_position_counts_at_the_closing_price_and_fees_are_paid_when_they_fall_due() -> None:
    bought = trade("A/USDT", ("buy", 1, 100.0, 2.0), ("sell", 3, 120.0, 2.0))
    equity = curve([bought], closes(A=[100.0, 105.0, 90.0, 125.0, 200.0]))
    paid, got = 200 * 1.001, 240 * 0.999
    assert equity.tolist() == pytest.approx(
        [1000, 1000, 1000 - paid + 210, 1000 - paid + 180, 1000 - paid + got, 1000 - paid + got]
    )


def test_a_fill_within_a_candle_counts_at_its_close() -> None:
    bought = trade("A/USDT", ("buy", 0.5, 100.0, 1.0), ("sell", 1.99, 110.0, 1.0), fee=0.0)
    assert curve([bought], closes(A=[104.0, 999.0, 999.0])).tolist() == pytest.approx([1000, 1004, 1010, 1010])


def test_positions_may_grow_and_shrink_in_steps() -> None:
    steps = trade(
        "A/USDT",
        ("buy", 0, 100.0, 1.0),
        ("buy", 1, 80.0, 1.0),
        ("sell", 2, 100.0, 1.5),
        ("sell", 3, 90.0, 0.5),
        fee=0.0,
    )
    assert curve([steps], closes(A=[100.0, 80.0, 100.0, 90.0])).tolist() == pytest.approx([1000, 1000, 980, 1020, 1015])


def test_a_sale_at_the_very_end_counts_in_the_last_candle() -> None:
    forced = trade("A/USDT", ("buy", 0, 100.0, 1.0), ("sell", 2, 110.0, 1.0), fee=0.0)
    assert curve([forced], closes(A=[100.0, 105.0])).iloc[-1] == pytest.approx(1010)


def test_pairs_add_up_and_a_missing_candle_keeps_the_last_price() -> None:
    trades = [
        trade("A/USDT", ("buy", 0, 100.0, 1.0), ("sell", 3, 130.0, 1.0), fee=0.0),
        trade("B/USDT", ("buy", 1, 10.0, 5.0), ("sell", 3, 8.0, 5.0), fee=0.0),
    ]
    equity = curve(trades, closes(A=[100.0, np.nan, 120.0, 130.0], B=[10.0, 11.0, np.nan, 8.0]))
    assert equity.tolist() == pytest.approx([1000, 1000, 1005, 1025, 1020])


def test_the_account_ends_with_the_balance_and_all_profits() -> None:
    rng = np.random.default_rng(3)
    prices = rng.uniform(50, 150, 48)
    trades = []
    for start in range(0, 46, 3):
        amount = 100 / prices[start]
        profit = amount * (prices[start + 2] * 0.999 - prices[start] * 1.001)
        trades.append(
            trade(
                "A/USDT",
                ("buy", start, prices[start], amount),
                ("sell", start + 2, prices[start + 2], amount),
                profit=profit,
            )
        )
    equity = curve(trades, closes(A=prices.tolist()))
    assert equity.iloc[-1] == pytest.approx(1000 + sum(t.profit for t in trades), rel=1e-12)


def test_the_market_is_bought_in_equal_parts_at_the_first_opening() -> None:
    frame = closes(A=[110.0, 200.0], B=[10.0, 5.0])
    market = market_curve(frame, pd.Series({"A/USDT": 100.0, "B/USDT": 10.0}), starting_balance=1000.0, timeframe=HOUR)
    assert market.tolist() == pytest.approx([1000, 550 + 500, 1000 + 250])
    assert list(market.index) == [START, START + HOUR, START + 2 * HOUR]


def test_the_market_keeps_the_last_price_of_a_pair_without_a_candle() -> None:
    frame = closes(A=[100.0, np.nan], B=[np.nan, 20.0])
    market = market_curve(frame, pd.Series({"A/USDT": 100.0, "B/USDT": 10.0}), starting_balance=1000.0, timeframe=HOUR)
    assert market.tolist() == pytest.approx([1000, 1500, 1500])


def test_trades_are_named_by_what_happened_not_by_order_or_last_bits() -> None:
    first = trade("A/USDT", ("buy", 0, 100.0, 1.0), ("sell", 1, 110.0, 1.0))
    second = trade("B/USDT", ("buy", 0, 0.1 + 0.2, 3.0), ("sell", 2, 8.0, 3.0))
    named = trades_digest([first, second])
    assert trades_digest([second, first]) == named
    assert trades_digest([first, replace(second, open_rate=0.3)]) == named
    others = [
        {"open_rate": 0.3001},
        {"pair": "C/USDT"},
        {"exit_reason": "stop"},
        {"closed_at": START + 3 * HOUR},
        {"amount": 3.1},
    ]
    for changed in others:
        assert trades_digest([first, replace(second, **changed)]) != named  # type: ignore[arg-type]
    assert trades_digest([first]) != named
