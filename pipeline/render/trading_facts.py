"""A strategy's trading facts in words: what it does to an open trade."""

from collections.abc import Iterator

from pipeline.domain.trading_facts import TradingFacts
from pipeline.render.plain import NAME_LIMIT, plain_text


def fact_rows(facts: TradingFacts) -> tuple[tuple[str, str], ...]:
    """What each fact is called and what it is, for people."""
    return (
        ("timeframe", f"{plain_text(facts.timeframe, NAME_LIMIT)}, {facts.startup_candle_count} start-up candles"),
        ("sides", "long and short" if facts.can_short else "long"),
        ("stop loss", stop_loss(facts)),
        ("trailing stop", trailing_stop(facts)),
        ("minimal ROI", minimal_roi(facts)),
        ("exit signals", ", ".join(_exit_signals(facts))),
        ("orders", _orders(facts)),
        ("adjusts positions", _adjusts(facts)),
        ("callbacks", plain_text(", ".join(facts.callbacks)) or "none"),
    )


def stop_loss(facts: TradingFacts) -> str:
    """ "-8.00 % from the entry price", and whether the strategy moves it."""
    moved = ", moved by custom_stoploss" if facts.use_custom_stoploss else ""
    return f"{_percent(facts.stoploss_ratio)} from the entry price{moved}"


def trailing_stop(facts: TradingFacts) -> str:
    """ "none", or how far below the highest price and from when on."""
    if not facts.trailing_stop:
        return "none"
    wide, offset = _percent(-abs(facts.stoploss_ratio)), facts.trailing_stop_positive_offset_ratio
    if facts.trailing_stop_positive_ratio is None:
        when = f", once the profit is {_percent(offset)}" if facts.trailing_only_offset_is_reached else ""
        return f"{wide} from the highest price{when}"
    close = f"{_percent(-abs(facts.trailing_stop_positive_ratio))} from the highest price once the profit is {_percent(offset)}"
    return close if facts.trailing_only_offset_is_reached else f"{close}, {wide} before"


def minimal_roi(facts: TradingFacts) -> str:
    """ "4.00 % at once, 1.00 % after 60 min", or "none"."""
    steps = sorted(facts.minimal_roi.items())
    said = [f"{_percent(ratio)} {f'after {minutes} min' if minutes else 'at once'}" for minutes, ratio in steps]
    return ", ".join(said) or "none"


def _exit_signals(facts: TradingFacts) -> Iterator[str]:
    if not facts.use_exit_signal:
        yield "not used"
        return
    yield "used"
    if facts.exit_profit_only:
        yield f"in profit above {_percent(facts.exit_profit_offset_ratio)} only"
    if facts.ignore_roi_if_entry_signal:
        yield "no ROI while there is an entry signal"


def _orders(facts: TradingFacts) -> str:
    kinds = facts.order_types
    said = [
        f"{side} {kinds[side]}"
        for side in ("entry", "exit", "stoploss", "emergency_exit", "force_exit")
        if side in kinds
    ]
    said.append(f"stop loss {'' if kinds.get('stoploss_on_exchange') else 'not '}on the exchange")
    return plain_text(", ".join(said))


def _adjusts(facts: TradingFacts) -> str:
    if not facts.position_adjustment_enable:
        return "no"
    most = facts.max_entry_position_adjustment
    return "yes, without a limit" if most < 0 else f"yes, {most} further entries at the most"


def _percent(ratio: float) -> str:
    return f"{ratio * 100:.2f} %"
