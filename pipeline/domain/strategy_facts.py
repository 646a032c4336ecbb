"""What a strategy does to a trade that is open, as far as its settings tell: what a report about a swap of versions needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class StrategyFacts:
    """Settings as freqtrade resolves them, hyperopt's parameters included.

    `stoploss_ratio` is negative, as freqtrade has it: -0.1 is 10 % below the entry price. `minimal_roi` maps minutes since the entry to the
    profit ratio above which freqtrade sells. `trailing_stop_positive_ratio` is None where the trailing stop keeps the stop loss's distance.
    `callbacks` are the names of freqtrade's callbacks that the strategy has.
    """

    timeframe: str
    stoploss_ratio: float
    minimal_roi: Mapping[int, float]
    trailing_stop: bool = False
    trailing_stop_positive_ratio: float | None = None
    trailing_stop_positive_offset_ratio: float = 0.0
    trailing_only_offset_is_reached: bool = False
    use_custom_stoploss: bool = False
    use_exit_signal: bool = True
    can_short: bool = False
    position_adjustment_enable: bool = False
    order_types: Mapping[str, str | bool | int | float] = field(default_factory=dict)
    callbacks: tuple[str, ...] = ()
