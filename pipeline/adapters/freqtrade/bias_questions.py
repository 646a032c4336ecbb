"""What freqtrade would ask a strategy's callbacks at a moment, and the trades that it would ask about."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
from freqtrade.persistence import LocalTrade, Order
from freqtrade.strategy.interface import IStrategy

STAKE = 100.0
FEE_RATIO = 0.001
CANDLES_HELD = (1, 8, 40)
"""How long trades are held that were opened at the price of their time."""
PROFITS = (0.04, -0.04)
"""Profits of trades that were opened eight candles ago at whatever price gives them, so that both halves of a strategy's exits are asked."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When callbacks are asked: the `row` of the last closed candle of a pair, the price at which the next one opens, the latest entry's tag."""

    pair: str
    row: int
    now: datetime
    rate: float
    tag: str | None = None


def trades(strategy: IStrategy, moment: Moment, frame: pd.DataFrame) -> Iterator[tuple[str, LocalTrade]]:
    """Open trades as a strategy may find them at a moment, each with its description.

    Args:
        strategy: whose stop loss they have.
        moment: when.
        frame: the pair's candles up to it, for prices that there were.
    """
    dates, closes = frame["date"], frame["close"]
    for number, held in enumerate(CANDLES_HELD, 1):
        row = max(0, moment.row + 1 - held)
        question = f"a trade of {held} {'candle' if held == 1 else 'candles'}"
        yield question, _trade(strategy, moment, number, dates.iloc[row].to_pydatetime(), float(closes.iloc[row]))
    opened = dates.iloc[max(0, moment.row - 7)].to_pydatetime()
    for number, profit in enumerate(PROFITS, len(CANDLES_HELD) + 1):
        yield f"a trade at {profit:+.0%}", _trade(strategy, moment, number, opened, moment.rate / (1 + profit))


def _trade(strategy: IStrategy, moment: Moment, number: int, opened_at: datetime, price: float) -> LocalTrade:
    base, _, quote = moment.pair.partition("/")
    trade = LocalTrade(
        id=number,
        pair=moment.pair,
        base_currency=base,
        stake_currency=quote,
        exchange=strategy.config["exchange"]["name"],
        is_open=True,
        is_short=False,
        leverage=1.0,
        open_rate=price,
        open_rate_requested=price,
        open_date=opened_at,
        amount=STAKE / price,
        amount_requested=STAKE / price,
        stake_amount=STAKE,
        max_stake_amount=STAKE,
        fee_open=FEE_RATIO,
        fee_close=FEE_RATIO,
        enter_tag=moment.tag,
        timeframe=strategy.timeframe,
        orders=[],
    )
    order = Order(
        id=number,
        ft_trade_id=number,
        ft_is_open=False,
        ft_pair=moment.pair,
        order_id=str(number),
        symbol=moment.pair,
        ft_order_side="buy",
        side="buy",
        order_type="limit",
        status="closed",
        order_date=opened_at,
        order_filled_date=opened_at,
        order_update_date=opened_at,
        ft_price=price,
        price=price,
        average=price,
        amount=STAKE / price,
        filled=STAKE / price,
        remaining=0.0,
        cost=STAKE,
    )
    order._trade_bt = trade
    trade.orders.append(order)
    trade.adjust_min_max_rates(max(price, moment.rate), min(price, moment.rate))
    trade.adjust_stop_loss(price, strategy.stoploss, initial=True)
    return trade


def _common(moment: Moment, trade: LocalTrade) -> dict[str, Any]:
    return {"pair": moment.pair, "trade": trade, "current_time": moment.now}


def _profit(moment: Moment, trade: LocalTrade) -> float:
    return float(trade.calc_profit_ratio(moment.rate))


def _exit(moment: Moment, trade: LocalTrade) -> dict[str, Any]:
    return {
        **_common(moment, trade),
        "order_type": "limit",
        "amount": trade.amount,
        "rate": moment.rate,
        "time_in_force": "GTC",
        "exit_reason": "exit_signal",
        "sell_reason": "exit_signal",
    }


def _valued(moment: Moment, trade: LocalTrade) -> dict[str, Any]:
    return {**_common(moment, trade), "current_rate": moment.rate, "current_profit": _profit(moment, trade)}


def _adjusted(moment: Moment, trade: LocalTrade) -> dict[str, Any]:
    profit = _profit(moment, trade)
    return {
        "trade": trade,
        "current_time": moment.now,
        "current_rate": moment.rate,
        "current_profit": profit,
        "min_stake": 5.0,
        "max_stake": 10 * STAKE,
        "current_entry_rate": moment.rate,
        "current_exit_rate": moment.rate,
        "current_entry_profit": profit,
        "current_exit_profit": profit,
    }


def _repriced(moment: Moment, trade: LocalTrade) -> dict[str, Any]:
    return {
        **_common(moment, trade),
        "order": trade.orders[0],
        "proposed_rate": moment.rate,
        "current_order_rate": trade.open_rate,
        "entry_tag": trade.enter_tag,
        "side": "long",
    }


ENTRY: dict[str, Callable[[Moment], dict[str, Any]]] = {
    "bot_loop_start": lambda moment: {"current_time": moment.now},
    "custom_entry_price": lambda moment: {
        "pair": moment.pair,
        "trade": None,
        "current_time": moment.now,
        "proposed_rate": moment.rate,
        "entry_tag": moment.tag,
        "side": "long",
    },
    "custom_stake_amount": lambda moment: {
        "pair": moment.pair,
        "current_time": moment.now,
        "current_rate": moment.rate,
        "proposed_stake": STAKE,
        "min_stake": 5.0,
        "max_stake": 10 * STAKE,
        "leverage": 1.0,
        "entry_tag": moment.tag,
        "side": "long",
    },
    "confirm_trade_entry": lambda moment: {
        "pair": moment.pair,
        "order_type": "limit",
        "amount": STAKE / moment.rate,
        "rate": moment.rate,
        "time_in_force": "GTC",
        "current_time": moment.now,
        "entry_tag": moment.tag,
        "side": "long",
    },
}
"""Callbacks before there is a trade, and what freqtrade would give them."""

TRADE: dict[str, Callable[[Moment, LocalTrade], dict[str, Any]]] = {
    "order_filled": lambda moment, trade: {**_common(moment, trade), "order": trade.orders[0]},
    "check_entry_timeout": lambda moment, trade: {**_common(moment, trade), "order": trade.orders[0]},
    "check_exit_timeout": lambda moment, trade: {**_common(moment, trade), "order": trade.orders[0]},
    "adjust_order_price": lambda moment, trade: {**_repriced(moment, trade), "is_entry": True},
    "adjust_entry_price": _repriced,
    "adjust_exit_price": _repriced,
    "adjust_trade_position": _adjusted,
    "custom_stoploss": lambda moment, trade: {**_valued(moment, trade), "after_fill": False},
    "custom_roi": lambda moment, trade: {
        **_common(moment, trade),
        "trade_duration": int((moment.now - trade.open_date_utc).total_seconds() // 60),
        "entry_tag": trade.enter_tag,
        "side": "long",
    },
    "custom_exit": _valued,
    "custom_exit_price": lambda moment, trade: {
        **_common(moment, trade),
        "proposed_rate": moment.rate,
        "current_profit": _profit(moment, trade),
        "exit_tag": "exit_signal",
    },
    "confirm_trade_exit": _exit,
}
"""Callbacks about a trade that is open."""
