"""What a bot's API answers, in the domain's words."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from pipeline.adapters import bot_answer_shapes as shapes
from pipeline.domain.bot_report import (
    Balance,
    BotHealth,
    BotIdentity,
    Candle,
    CoinBalance,
    LogLine,
    OpenOrder,
    OpenTrade,
    Profit,
    Trading,
)
from pipeline.domain.trades import ClosedTrade, Fill

_Shape = TypeVar("_Shape")
_ADAPTERS: dict[object, TypeAdapter[Any]] = {}
"""Made once a shape: making one costs more than reading an answer."""


def _read(shape: type[_Shape], text: bytes) -> _Shape:
    try:
        if shape not in _ADAPTERS:
            _ADAPTERS[shape] = TypeAdapter(shape)
        value: _Shape = _ADAPTERS[shape].validate_json(text)
        return value
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise ValueError(f"{where}: {first['msg']}") from None


def identity(text: bytes) -> BotIdentity:
    """All readers here raise ValueError where the answer is not one, with the place."""
    said = _read(shapes.Config, text)
    if said.state not in set(Trading):
        raise ValueError(f"state: {said.state!r} is none")
    return BotIdentity(
        name=said.bot_name,
        bundle=said.strategy_version or "",
        class_name=said.strategy,
        dry_run=said.dry_run,
        state=Trading(said.state),
        exchange=said.exchange,
        stake_currency=said.stake_currency,
        capital=said.available_capital,
        engine=said.version,
        timeframe=said.timeframe or "",
    )


def pairs(text: bytes) -> tuple[str, ...]:
    """The pairs that it trades at present."""
    return tuple(_read(shapes.Pairs, text).whitelist)


def candle(text: bytes) -> Candle | None:
    """The newest candle of a pair; None where there is none."""
    said = _read(shapes.Candles, text)
    if not said.data_stop_ts:
        return None
    return Candle(_moment(said.data_stop_ts), timedelta(milliseconds=said.timeframe_ms))


def health(text: bytes) -> BotHealth:
    """When it last finished a loop."""
    said = _read(shapes.Health, text)
    return BotHealth(_utc(said.last_process), _utc(said.bot_startup))


def open_trades(text: bytes) -> tuple[OpenTrade, ...]:
    """The open trades, the oldest first."""
    said = sorted(_read(list[shapes.Open], text), key=lambda trade: trade.trade_id)
    return tuple(
        OpenTrade(
            id=trade.trade_id,
            pair=trade.pair,
            is_short=trade.is_short,
            opened_at=_moment(trade.open_timestamp),
            amount=trade.amount,
            stake=trade.stake_amount,
            open_rate=trade.open_rate,
            current_rate=trade.current_rate,
            profit=trade.total_profit_abs,
            stop_rate=trade.stop_loss_abs,
            stop_ratio=trade.stop_loss_ratio,
            enter_tag=trade.enter_tag or "",
            orders=tuple(_open_order(order) for order in trade.orders if order.is_open),
        )
        for trade in said
    )


def closed_trades(text: bytes) -> tuple[tuple[ClosedTrade, ...], int]:
    """One page of closed trades, and how many trades there are in all."""
    said = _read(shapes.Trades, text)
    return tuple(_closed(trade) for trade in said.trades), said.total_trades


def balance(text: bytes) -> Balance:
    """The account."""
    said = _read(shapes.Balances, text)
    coins = tuple(CoinBalance(coin.currency, coin.free, coin.used, coin.balance) for coin in said.currencies)
    return Balance(coins, said.stake, said.total, said.total_bot, said.starting_capital)


def profit(text: bytes) -> Profit:
    """What the trades earned."""
    said = _read(shapes.Profit, text)
    return Profit(
        closed=said.profit_closed_coin,
        with_open=said.profit_all_coin,
        closed_trades=said.closed_trade_count,
        open_trades=said.trade_count - said.closed_trade_count,
    )


def logs(text: bytes) -> tuple[LogLine, ...]:
    """The log's lines, the oldest first."""
    said = _read(shapes.Logs, text)
    return tuple(LogLine(_moment(at), logger, level, line) for _, at, logger, level, line in said.logs)


def _open_order(order: shapes.Order) -> OpenOrder:
    placed_at = _moment(order.order_timestamp) if order.order_timestamp is not None else None
    filled = order.filled or Decimal(0)
    return OpenOrder(order.order_id, order.ft_order_side, order.amount, filled, order.safe_price, placed_at)


def _closed(trade: shapes.Closed) -> ClosedTrade:
    if trade.is_short:
        raise ValueError(f"trade {trade.trade_id} is short, and only long spot trades are measured")
    return ClosedTrade(
        pair=trade.pair,
        opened_at=_moment(trade.open_timestamp),
        closed_at=_moment(trade.close_timestamp),
        open_rate=float(trade.open_rate),
        close_rate=trade.close_rate,
        amount=float(trade.amount),
        stake=float(trade.stake_amount),
        fee_open_ratio=trade.fee_open or 0.0,
        fee_close_ratio=trade.fee_close or 0.0,
        profit=trade.close_profit_abs,
        profit_ratio=trade.close_profit,
        enter_tag=trade.enter_tag or "",
        exit_reason=trade.exit_reason or "",
        fills=tuple(_fill(order, trade) for order in trade.orders if order.filled),
    )


def _fill(order: shapes.Order, trade: shapes.Closed) -> Fill:
    at = order.order_filled_timestamp or order.order_timestamp or trade.open_timestamp
    side = "buy" if order.ft_order_side == "buy" else "sell"
    asked = float(order.ft_price) if order.ft_price else None  # freqtrade keeps 0 for orders of long ago
    return Fill(side, _moment(at), float(order.safe_price), float(order.filled or 0), asked)


def _moment(milliseconds: float) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _utc(at: datetime | None) -> datetime | None:
    return at.astimezone(UTC) if at is not None else None
