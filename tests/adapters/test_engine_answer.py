"""The child's word on trades: believed as far as its shape, field by field."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline.adapters.engine_answer import read_answer
from pipeline.domain.job import BACKTEST, Account, Job
from pipeline.domain.trades import ClosedTrade, Fill
from pipeline.domain.windows import Window
from pipeline.errors import ToolFailed

START, END = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 2, 1, tzinfo=UTC)
JOB = Job(
    "strategy", "Sample", "binance", "data", "markets.json", ("BTC/USDT",), "1h", (Window("w", START, END),),
    Account("USDT", 1000.0, None, 2), tasks=(BACKTEST,),
)  # fmt: skip
BUY: dict[str, Any] = {"side": "buy", "at": "2025-01-02T00:00:00Z", "price": 100, "amount": 1.5}
SELL: dict[str, Any] = {"side": "sell", "at": "2025-01-03T02:00:00+02:00", "price": 110.5, "amount": 1.5}
TRADE: dict[str, Any] = {
    "pair": "BTC/USDT",
    "opened_at": "2025-01-02T00:00:00Z",
    "closed_at": "2025-01-03T00:00:00Z",
    "open_rate": 100.0,
    "close_rate": 110.5,
    "amount": 1.5,
    "stake": 150.0,
    "fee_open_ratio": 0.001,
    "fee_close_ratio": 0.001,
    "profit": 15.4,
    "profit_ratio": 0.1,
    "enter_tag": "",
    "exit_reason": "roi",
    "fills": [BUY, SELL],
}


def answered(*trades: object) -> tuple[ClosedTrade, ...]:
    result = {"window": "w", "trades": trades, "ending_balance": 1000.0, "started_at": None, "failure": None}
    rest = {"versions": {}, "peak_memory_mib": 1.0, "started_at": "", "seconds": 1.0}
    text = json.dumps({"tasks": {f"{BACKTEST}:w": result}, **rest})
    (backtest,) = read_answer(text.encode(), JOB, "test").backtests
    return backtest.trades


def test_a_trade_is_read_with_its_fills_and_all_times_in_utc():
    (trade,) = answered({**TRADE, "fills": [BUY, {**SELL, "asked": None}]})
    fills = (Fill("buy", START.replace(day=2), 100.0, 1.5), Fill("sell", START.replace(day=3), 110.5, 1.5))
    numbers = (100.0, 110.5, 1.5, 150.0, 0.001, 0.001, 15.4, 0.1)
    assert trade == ClosedTrade("BTC/USDT", START.replace(day=2), START.replace(day=3), *numbers, "", "roi", fills)
    assert {fill.at.tzinfo for fill in trade.fills} == {UTC}
    assert isinstance(trade.fills[0].price, float)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"more": 1}, "more"),
        ({"profit": "15.4"}, "profit"),
        ({"profit": None}, "profit"),
        ({"amount": True}, "amount"),
        ({"stake": float("inf")}, "stake"),
        ({"pair": "x" * 256}, "pair"),
        ({"opened_at": "2025-01-02T00:00:00"}, "no time zone"),
        ({"closed_at": "yesterday"}, "yesterday"),
        ({"fills": [BUY, {**SELL, "side": "steal"}]}, "side"),
        ({"fills": [BUY, {**SELL, "fee": 0}]}, "fee"),
        ({"fills": [BUY, {**SELL, "asked": 100.0}]}, "asked"),
        ({"fills": [{"side": "buy"}]}, "at"),
        ({"fills": [BUY] * 10_001}, "fills"),
        ({"fills": {"0": BUY}}, "fills"),
    ],
)
def test_a_trade_of_another_shape_is_refused(change: dict[str, Any], complaint: str):
    with pytest.raises(ToolFailed, match=complaint):
        answered({**TRADE, **change})


@pytest.mark.parametrize("field", sorted(TRADE))
def test_a_trade_that_lacks_a_field_is_refused(field: str):
    with pytest.raises(ToolFailed, match=field):
        answered({name: value for name, value in TRADE.items() if name != field})
