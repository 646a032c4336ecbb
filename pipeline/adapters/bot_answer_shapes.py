"""The shapes of what a bot's API may answer, strictly: a strategy runs in the same process as the API."""

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

_Text = Annotated[str, Field(max_length=500)]
_Line = Annotated[str, AfterValidator(lambda text: text[:20_000])]
"""Cut and not refused: what a strategy writes into the log must not keep anybody from reading on."""
_Number = Annotated[float, Field(allow_inf_nan=False)]
_Money = Annotated[Decimal, Field(allow_inf_nan=False), BeforeValidator(lambda value: _as_decimal(value))]
_Milliseconds = Annotated[int, Field(ge=0, le=32_503_680_000_000)]


def _no_time(value: object) -> object:
    """Binance tells the time -1 for a stop order that is not triggered, and freqtrade passes on what came of it."""
    return None if type(value) is int and -86_400_000 < value < 0 else value


_MaybeMilliseconds = Annotated[_Milliseconds | None, BeforeValidator(_no_time)]


def _as_decimal(value: object) -> object:
    """The number as it was written: freqtrade writes the shortest text that gives the same float."""
    return value if isinstance(value, bool) or not isinstance(value, int | float) else Decimal(str(value))


class _Answer(BaseModel):
    """Fields that we do not use may be there; those that we use are of exactly their type."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class Config(_Answer):
    bot_name: _Text
    strategy_version: _Text | None = None
    strategy: _Text
    dry_run: bool
    state: _Text
    exchange: _Text
    stake_currency: _Text
    available_capital: _Money | None = None
    version: _Text
    timeframe: _Text | None = None


class Pairs(_Answer):
    whitelist: Annotated[list[_Text], Field(max_length=5000)]


class Candles(_Answer):
    """`data_stop_ts` is when the newest candle began; 0 where there is none."""

    timeframe_ms: Annotated[int, Field(gt=0)]
    data_stop_ts: _Milliseconds


class Health(_Answer):
    last_process: AwareDatetime | None
    bot_startup: AwareDatetime | None


class Order(_Answer):
    order_id: _Text
    ft_order_side: _Text
    amount: _Money
    filled: _Money | None = None
    safe_price: _Money
    ft_price: _Money | None = None
    """The price for which it was sent, which our entry point tells beside what freqtrade does; a stop's is the price that sets it off."""
    is_open: bool
    order_timestamp: _MaybeMilliseconds = None
    order_filled_timestamp: _MaybeMilliseconds = None


class Trade(_Answer):
    trade_id: int
    pair: _Text
    is_short: bool
    amount: _Money
    stake_amount: _Money
    open_rate: _Money
    open_timestamp: _Milliseconds
    enter_tag: _Text | None = None
    orders: Annotated[list[Order], Field(max_length=5000)]


class Open(Trade):
    current_rate: _Money | None
    total_profit_abs: _Money | None
    stop_loss_abs: _Money | None = None
    stop_loss_ratio: _Number | None = None


class Closed(Trade):
    close_timestamp: _Milliseconds
    close_rate: _Number
    close_profit: _Number
    close_profit_abs: _Number
    fee_open: _Number | None = None
    fee_close: _Number | None = None
    exit_reason: _Text | None = None


class Trades(_Answer):
    trades: Annotated[list[Closed], Field(max_length=500)]
    total_trades: Annotated[int, Field(ge=0)]


class Coin(_Answer):
    currency: _Text
    free: _Money
    used: _Money
    balance: _Money


class Balances(_Answer):
    currencies: Annotated[list[Coin], Field(max_length=5000)]
    stake: _Text
    total: _Money
    total_bot: _Money
    starting_capital: _Money


class Profit(_Answer):
    profit_closed_coin: _Money
    profit_all_coin: _Money | None
    trade_count: Annotated[int, Field(ge=0)]
    closed_trade_count: Annotated[int, Field(ge=0)]


class Logs(_Answer):
    logs: Annotated[list[tuple[_Line, _Number, _Line, _Line, _Line]], Field(max_length=5000)]
