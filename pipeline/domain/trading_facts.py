"""What a strategy would do to a trade that is open, as freqtrade resolves it: what a report about a swap of versions needs."""

from dataclasses import dataclass, field

CALLBACKS = (
    "adjust_entry_price",
    "adjust_exit_price",
    "adjust_order_price",
    "adjust_trade_position",
    "check_entry_timeout",
    "check_exit_timeout",
    "confirm_trade_entry",
    "confirm_trade_exit",
    "custom_entry_price",
    "custom_exit",
    "custom_exit_price",
    "custom_roi",
    "custom_stake_amount",
    "custom_stoploss",
    "leverage",
    "order_filled",
)
"""freqtrade's callbacks that decide about a trade candle by candle: what a strategy with one will do cannot be told beforehand."""


@dataclass(frozen=True, slots=True)
class TradingFacts:
    """A strategy's own settings, hyperopt's parameters file included, an environment's freqtrade settings not.

    `stoploss_ratio` is negative, as freqtrade has it: -0.1 is 10 % below the entry price. `minimal_roi` maps minutes since the entry to the
    profit ratio at which freqtrade sells. `trailing_stop_positive_ratio` is None where the trailing stop keeps the stop loss's distance.
    `max_entry_position_adjustment` of -1 is without a limit. `callbacks` are those that the strategy has, in alphabetical order.
    """

    timeframe: str
    stoploss_ratio: float
    minimal_roi: dict[int, float]
    startup_candle_count: int = 0
    use_custom_stoploss: bool = False
    trailing_stop: bool = False
    trailing_stop_positive_ratio: float | None = None
    trailing_stop_positive_offset_ratio: float = 0.0
    trailing_only_offset_is_reached: bool = False
    use_exit_signal: bool = True
    exit_profit_only: bool = False
    exit_profit_offset_ratio: float = 0.0
    ignore_roi_if_entry_signal: bool = False
    can_short: bool = False
    position_adjustment_enable: bool = False
    max_entry_position_adjustment: int = -1
    order_types: dict[str, str | bool | int | float] = field(default_factory=dict)
    order_time_in_force: dict[str, str] = field(default_factory=dict)
    callbacks: tuple[str, ...] = ()
