"""What a new version would do to each trade that is open, before it does it: freqtrade hands trades over without a word."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

from pipeline.domain.trading_facts import TradingFacts
from pipeline.domain.train.movements import TradePolicy


class Side(StrEnum):
    """Which way a trade bets."""

    LONG = "long"
    SHORT = "short"


@dataclass(frozen=True, slots=True)
class OpenTrade:
    """A trade as the bot that holds it tells it.

    Rates are prices in the quote currency, `profit_ratio` is after fees and times the leverage; both are None where nobody says. `stop_rate` is
    where freqtrade would sell now, `stop_moved` whether a trailing or custom stop has moved it since the entry.
    """

    pair: str
    side: Side
    opened_at: datetime
    open_rate: float
    current_rate: float | None
    profit_ratio: float | None
    stop_rate: float | None
    stop_moved: bool = False
    leverage: float = 1.0


class Severity(IntEnum):
    """How much a new version would do to a trade, in ascending order."""

    SAME = 0
    CHANGES = 1
    """It is managed by other rules from then on."""
    UNKNOWN = 2
    """Nobody can tell beforehand."""
    SELLS = 3
    """It is sold at once."""
    CANNOT = 4
    """The new version cannot handle it."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that would happen to a trade, in a sentence."""

    severity: Severity
    sentence: str


@dataclass(frozen=True, slots=True)
class TradeReport:
    """All that would happen to one trade; no effect at all: nothing would change."""

    trade: OpenTrade
    effects: tuple[Effect, ...]

    @property
    def severity(self) -> Severity:
        return max((effect.severity for effect in self.effects), default=Severity.SAME)


def report(
    old: TradingFacts | None, new: TradingFacts, trades: Sequence[OpenTrade], now: datetime
) -> tuple[TradeReport, ...]:
    """What the new version would do to each trade, the worst first.

    It follows what freqtrade does at its start (`Trade.stoploss_reinitialization`) and in its first loop (`should_exit`). Without `old`, as for
    a database that is taken over, the two versions' other settings are not compared.
    """
    made = [TradeReport(trade, tuple(_effects(old, new, trade, now))) for trade in trades]
    return tuple(sorted(made, key=lambda one: (-one.severity, one.trade.pair, one.trade.opened_at)))


def recommended(reports: Sequence[TradeReport]) -> TradePolicy:
    """The policy that loses nothing by surprise: carry where trades are managed on, drain where one would be sold, or nobody can tell."""
    worst = max((one.severity for one in reports), default=Severity.SAME)
    return TradePolicy.DRAIN if worst >= Severity.UNKNOWN else TradePolicy.CARRY


def _effects(old: TradingFacts | None, new: TradingFacts, trade: OpenTrade, now: datetime) -> Iterator[Effect]:
    if trade.side is Side.SHORT and not new.can_short:
        yield Effect(Severity.CANNOT, "side it cannot handle: the trade is short, and the new version only goes long")
    yield from _stop(new, trade)
    yield from _roi(new, trade, now)
    yield from _callbacks(old, new)
    if old is not None:
        yield from _settings(old, new)


def _stop(new: TradingFacts, trade: OpenTrade) -> Iterator[Effect]:
    """Where the stop would be after the first loop, and whether it is hit there."""
    if trade.current_rate is None or trade.stop_rate is None:
        yield Effect(Severity.UNKNOWN, "where the stop would be cannot be told: there is no current price or stop")
        return
    at = trade.stop_rate if trade.stop_moved else _at_distance(trade, trade.open_rate, new.stoploss_ratio)
    moved = not _close(at, trade.stop_rate)
    told = f"stop moved from {_from_entry(trade, trade.stop_rate)} to {_from_entry(trade, at)}"
    if _is_hit(trade, at):
        yield Effect(Severity.SELLS, f"{told if moved else 'the stop is reached'}: would sell at once")
        return
    if moved:
        yield Effect(Severity.CHANGES, told)
    trailed = _trailed(new, trade, at)
    if trailed is not None:
        told = f"the trailing stop would move from {_from_entry(trade, at)} to {_from_entry(trade, trailed)}"
        yield Effect(Severity.SELLS if _is_hit(trade, trailed) else Severity.CHANGES, told)


def _trailed(new: TradingFacts, trade: OpenTrade, stop: float) -> float | None:
    """Where the first loop would trail the stop to, or None where it stays (freqtrade's `ft_stoploss_adjust`)."""
    profit, rate = trade.profit_ratio, trade.current_rate
    if not new.trailing_stop or profit is None or rate is None:
        return None
    offset = new.trailing_stop_positive_offset_ratio
    if new.trailing_only_offset_is_reached and profit < offset:
        return None
    positive = new.trailing_stop_positive_ratio
    distance = positive if positive is not None and profit > offset else new.stoploss_ratio
    trailed = _at_distance(trade, rate, distance)
    nearer = trailed < stop if trade.side is Side.SHORT else trailed > stop
    return trailed if nearer and not _close(trailed, stop) else None


def _roi(new: TradingFacts, trade: OpenTrade, now: datetime) -> Iterator[Effect]:
    """Whether the profit is above the latest step of the ROI table that the trade is old enough for."""
    minutes = int((now - trade.opened_at).total_seconds() // 60)
    reached = [step for step in new.minimal_roi if step <= minutes]
    if not reached:
        return
    threshold = new.minimal_roi[max(reached)]
    if trade.profit_ratio is None:
        yield Effect(Severity.UNKNOWN, "whether ROI fires cannot be told: there is no current profit")
    elif trade.profit_ratio > threshold:
        yield Effect(
            Severity.SELLS,
            f"ROI fires at once: {_percent(trade.profit_ratio)} is above {_percent(threshold)} after {max(reached)} minutes",
        )


def _callbacks(old: TradingFacts | None, new: TradingFacts) -> Iterator[Effect]:
    """Code that decides candle by candle: it cannot be told beforehand."""
    had = set(old.callbacks) if old else set()
    deciding = {"custom_exit": "sell it", "custom_roi": "sell it", "custom_stoploss": "move its stop"}
    for name, does in deciding.items():
        uses = name != "custom_stoploss" or new.use_custom_stoploss
        if name in new.callbacks and uses and (old is None or name not in had):
            yield Effect(Severity.UNKNOWN, f"{name} is new and may {does}: nobody can tell beforehand")
        elif name in new.callbacks and uses:
            yield Effect(Severity.CHANGES, f"{name} of the new version decides, and may {does}")
        elif name in had:
            yield Effect(Severity.CHANGES, f"{name} of the old version decides no more")


def _settings(old: TradingFacts, new: TradingFacts) -> Iterator[Effect]:
    if old.timeframe != new.timeframe:
        yield Effect(Severity.CHANGES, f"exits follow {new.timeframe} candles instead of {old.timeframe}")
    if old.use_exit_signal and not new.use_exit_signal:
        yield Effect(Severity.CHANGES, "exit signals no longer sell it")
    if new.use_exit_signal and not old.use_exit_signal:
        yield Effect(Severity.CHANGES, "exit signals may sell it, which they did not before")
    if dict(old.minimal_roi) != dict(new.minimal_roi):
        yield Effect(Severity.CHANGES, f"ROI is {_table(new)} instead of {_table(old)}")
    if new.position_adjustment_enable and not old.position_adjustment_enable:
        yield Effect(Severity.CHANGES, "the position may be increased, which it was not before")
    if old.position_adjustment_enable and not new.position_adjustment_enable:
        yield Effect(Severity.CHANGES, "the position is no longer adjusted")
    if old.trailing_stop and not new.trailing_stop:
        yield Effect(Severity.CHANGES, "the stop no longer trails")
    for name in sorted({*old.order_types, *new.order_types}):
        before, then = old.order_types.get(name), new.order_types.get(name)
        if before != then:
            yield Effect(Severity.CHANGES, f"order type '{name}' is {_set(then)} instead of {_set(before)}")


def _at_distance(trade: OpenTrade, rate: float, distance: float) -> float:
    share = abs(distance) / (trade.leverage or 1.0)
    return rate * (1 + share) if trade.side is Side.SHORT else rate * (1 - share)


def _is_hit(trade: OpenTrade, stop: float) -> bool:
    assert trade.current_rate is not None
    return stop <= trade.current_rate if trade.side is Side.SHORT else stop >= trade.current_rate


def _close(one: float, other: float) -> bool:
    """Equal but for the rounding to the exchange's tick."""
    return abs(one - other) <= 1e-4 * max(abs(one), abs(other))


def _from_entry(trade: OpenTrade, stop: float) -> str:
    """The stop's distance from the entry: negative where it would lose."""
    ratio = (stop / trade.open_rate - 1) * (trade.leverage or 1.0)
    return _percent(-ratio if trade.side is Side.SHORT else ratio)


def _percent(ratio: float) -> str:
    text = f"{ratio * 100:+.2f}".rstrip("0").rstrip(".")
    return f"{'0' if text in ('+0', '-0') else text} %"


def _table(facts: TradingFacts) -> str:
    if not facts.minimal_roi:
        return "off"
    return ", ".join(f"{_percent(ratio)} after {minutes} min" for minutes, ratio in sorted(facts.minimal_roi.items()))


def _set(value: object) -> str:
    return "freqtrade's default" if value is None else str(value)
