"""What a new version would do to open trades: the sentences, how bad it is, and what is recommended."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.trading_facts import TradingFacts
from pipeline.domain.train.movements import TradePolicy
from pipeline.domain.train.open_trades import OpenTrade, Severity, Side, recommended, report

NOW = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)
FACTS = TradingFacts("5m", -0.1, {0: 0.1})
TRADE = OpenTrade("BTC/USDT", Side.LONG, NOW - timedelta(minutes=90), 100.0, 95.0, -0.052, 90.0)
SHORT = replace(TRADE, side=Side.SHORT, current_rate=105.0, stop_rate=110.0)


def told(new: TradingFacts, trade: OpenTrade = TRADE, old: TradingFacts | None = FACTS) -> list[str]:
    (one,) = report(old, new, [trade], NOW)
    return [effect.sentence for effect in one.effects]


def severity(new: TradingFacts, trade: OpenTrade = TRADE, old: TradingFacts | None = FACTS) -> Severity:
    return report(old, new, [trade], NOW)[0].severity


def test_the_same_settings_change_nothing() -> None:
    assert told(FACTS) == []
    assert severity(FACTS) is Severity.SAME
    assert recommended(report(FACTS, FACTS, [TRADE], NOW)) is TradePolicy.CARRY


def test_a_nearer_stop_that_is_reached_sells_at_once() -> None:
    tight = replace(FACTS, stoploss_ratio=-0.03)
    assert told(tight) == ["stop moved from -10 % to -3 %: would sell at once"]
    assert severity(tight) is Severity.SELLS
    assert recommended(report(FACTS, tight, [TRADE], NOW)) is TradePolicy.DRAIN


def test_a_nearer_stop_that_is_not_reached_is_a_change() -> None:
    assert told(replace(FACTS, stoploss_ratio=-0.06)) == ["stop moved from -10 % to -6 %"]
    assert severity(replace(FACTS, stoploss_ratio=-0.06)) is Severity.CHANGES


def test_a_wider_stop_is_said_as_well() -> None:
    assert told(replace(FACTS, stoploss_ratio=-0.255)) == ["stop moved from -10 % to -25.5 %"]


def test_a_stop_that_trailed_already_stays_where_it_is() -> None:
    moved = replace(TRADE, stop_rate=94.0, stop_moved=True)
    assert told(replace(FACTS, stoploss_ratio=-0.03), moved) == []


def test_a_short_trade_stops_above_its_entry() -> None:
    shorting = replace(FACTS, can_short=True)
    assert told(replace(shorting, stoploss_ratio=-0.03), SHORT, shorting) == [
        "stop moved from -10 % to -3 %: would sell at once"
    ]
    assert told(replace(shorting, stoploss_ratio=-0.06), SHORT, shorting) == ["stop moved from -10 % to -6 %"]


def test_the_stop_of_a_leveraged_trade_is_counted_on_its_profit() -> None:
    leveraged = replace(TRADE, leverage=2.0, stop_rate=95.0, current_rate=97.0)
    assert told(FACTS, leveraged) == []
    assert told(replace(FACTS, stoploss_ratio=-0.04), leveraged) == [
        "stop moved from -10 % to -4 %: would sell at once"
    ]


def test_a_side_that_the_new_version_cannot_handle_is_the_worst() -> None:
    assert told(FACTS, SHORT) == ["side it cannot handle: the trade is short, and the new version only goes long"]
    assert severity(FACTS, SHORT) is Severity.CANNOT


def test_roi_that_is_exceeded_fires_at_once() -> None:
    winning = replace(TRADE, current_rate=105.0, profit_ratio=0.048)
    assert told(replace(FACTS, minimal_roi={0: 0.1, 60: 0.04, 120: 0.0}), winning)[0] == (
        "ROI fires at once: +4.8 % is above +4 % after 60 minutes"
    )


@pytest.mark.parametrize(("profit", "minutes"), [(0.04, 90), (0.048, 59)])
def test_roi_that_is_not_exceeded_or_not_old_enough_does_not_fire(profit: float, minutes: int) -> None:
    young = replace(TRADE, profit_ratio=profit, opened_at=NOW - timedelta(minutes=minutes))
    assert not any("fires" in sentence for sentence in told(replace(FACTS, minimal_roi={60: 0.04}), young))


def test_a_trailing_stop_moves_up_to_the_present_price() -> None:
    winning = replace(TRADE, current_rate=120.0, profit_ratio=0.09)
    assert told(replace(FACTS, trailing_stop=True), winning) == ["the trailing stop would move from -10 % to +8 %"]
    positive = replace(
        FACTS, trailing_stop=True, trailing_stop_positive_ratio=0.01, trailing_stop_positive_offset_ratio=0.05
    )
    assert told(positive, winning) == ["the trailing stop would move from -10 % to +18.8 %"]


def test_a_trailing_stop_waits_for_its_offset() -> None:
    waiting = replace(
        FACTS, trailing_stop=True, trailing_only_offset_is_reached=True, trailing_stop_positive_offset_ratio=0.2
    )
    assert told(waiting, replace(TRADE, current_rate=112.0, profit_ratio=0.09)) == []


@pytest.mark.parametrize("missing", ["current_rate", "profit_ratio", "stop_rate"])
def test_what_nobody_says_is_never_harmless(missing: str) -> None:
    assert severity(FACTS, replace(TRADE, **{missing: None})) is Severity.UNKNOWN
    assert recommended(report(FACTS, FACTS, [replace(TRADE, **{missing: None})], NOW)) is TradePolicy.DRAIN


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"timeframe": "1h"}, "exits follow 1h candles instead of 5m"),
        ({"use_exit_signal": False}, "exit signals no longer sell it"),
        ({"position_adjustment_enable": True}, "the position may be increased, which it was not before"),
        ({"minimal_roi": {}}, "ROI is off instead of +10 % after 0 min"),
        (
            {"order_types": {"stoploss_on_exchange": True}},
            "order type 'stoploss_on_exchange' is True instead of freqtrade's default",
        ),
    ],
)
def test_other_rules_are_told(change: dict[str, object], sentence: str) -> None:
    assert told(replace(FACTS, **change)) == [sentence]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"use_exit_signal": False}, "exit signals may sell it, which they did not before"),
        ({"position_adjustment_enable": True}, "the position is no longer adjusted"),
        ({"trailing_stop": True}, "the stop no longer trails"),
        ({"callbacks": ("custom_exit",)}, "custom_exit of the old version decides no more"),
    ],
)
def test_rules_that_go_are_told(change: dict[str, object], sentence: str) -> None:
    assert told(FACTS, old=replace(FACTS, **change)) == [sentence]  # type: ignore[arg-type]


def test_a_callback_that_is_new_cannot_be_told_beforehand() -> None:
    new = replace(FACTS, callbacks=("custom_exit", "custom_stoploss"), use_custom_stoploss=True)
    assert severity(new) is Severity.UNKNOWN
    assert severity(new, old=new) is Severity.CHANGES
    assert severity(new, old=None) is Severity.UNKNOWN


def test_the_worst_comes_first() -> None:
    tight = replace(FACTS, stoploss_ratio=-0.03)
    safe = replace(TRADE, pair="ADA/USDT", current_rate=99.0)
    assert [one.trade.pair for one in report(FACTS, tight, [safe, TRADE], NOW)] == ["BTC/USDT", "ADA/USDT"]


def test_without_trades_there_is_nothing_to_drain() -> None:
    assert recommended(()) is TradePolicy.CARRY


@given(st.floats(50, 150), st.floats(-0.9, -0.001), st.sampled_from(Side))
def test_it_sells_at_once_exactly_where_freqtrades_stop_is_hit(rate: float, stoploss: float, side: Side) -> None:
    new = replace(FACTS, stoploss_ratio=stoploss, minimal_roi={}, can_short=True)
    trade = replace(TRADE, side=side, current_rate=rate, profit_ratio=0.0)
    hit = rate <= 100 * (1 - abs(stoploss)) if side is Side.LONG else rate >= 100 * (1 + abs(stoploss))
    assert (severity(new, trade) is Severity.SELLS) == hit
