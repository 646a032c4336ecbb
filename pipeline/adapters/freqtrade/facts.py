"""A strategy's trading facts, read from the object that freqtrade makes of it: class, parents and parameters file together."""

from freqtrade.strategy.interface import IStrategy

from pipeline.domain.trading_facts import CALLBACKS, TradingFacts


def trading_facts(strategy: IStrategy) -> TradingFacts:
    """The facts of a strategy that the loader made."""
    positive = strategy.trailing_stop_positive
    return TradingFacts(
        timeframe=str(strategy.timeframe),
        stoploss_ratio=float(strategy.stoploss),
        minimal_roi={int(minutes): float(ratio) for minutes, ratio in strategy.minimal_roi.items()},
        startup_candle_count=int(strategy.startup_candle_count),
        use_custom_stoploss=bool(strategy.use_custom_stoploss),
        trailing_stop=bool(strategy.trailing_stop),
        trailing_stop_positive_ratio=None if positive is None else float(positive),
        trailing_stop_positive_offset_ratio=float(strategy.trailing_stop_positive_offset),
        trailing_only_offset_is_reached=bool(strategy.trailing_only_offset_is_reached),
        use_exit_signal=bool(strategy.use_exit_signal),
        exit_profit_only=bool(strategy.exit_profit_only),
        exit_profit_offset_ratio=float(strategy.exit_profit_offset),
        ignore_roi_if_entry_signal=bool(strategy.ignore_roi_if_entry_signal),
        can_short=bool(strategy.can_short),
        position_adjustment_enable=bool(strategy.position_adjustment_enable),
        max_entry_position_adjustment=int(strategy.max_entry_position_adjustment),
        order_types=dict(strategy.order_types),
        order_time_in_force={str(side): str(kind) for side, kind in strategy.order_time_in_force.items()},
        callbacks=tuple(name for name in CALLBACKS if getattr(type(strategy), name) is not getattr(IStrategy, name)),
    )
