"""What follows from an environment: its digest, its pairs, its largest stake, what boarding demands."""

from dataclasses import replace
from decimal import Decimal

import pytest

from pipeline.domain.policy import Scope, Span, Threshold
from pipeline.domain.trading import Boarding, Freeze, SecretNames, TradingLimits, WallTimeSpan
from pipeline.domain.trading.environment import pairs_for
from tests.domain.trading.samples import DRY, LIVE


def test_the_digest_follows_what_is_asked_for_and_not_how_things_are_called() -> None:
    same = replace(LIVE, name="other", secrets=SecretNames(access_key="MY_KEY"))
    assert same.digest == LIVE.digest
    for other in (
        replace(LIVE, stake=Decimal(21)),
        replace(LIVE, limits=TradingLimits(Decimal(100), Decimal(301), 3)),
        replace(LIVE, freeze=Freeze("UTC", (WallTimeSpan("night", 0, 60, daily=True),))),
        replace(LIVE, freeze=Freeze("Europe/Vienna")),
        replace(LIVE, freqtrade={"a": 1}),
        replace(LIVE, boarding=Boarding(25.0, 1)),
        replace(LIVE, stoploss_on_exchange=True),
        DRY,
    ):
        assert other.digest != LIVE.digest


def test_the_digest_does_not_follow_how_an_amount_is_written() -> None:
    assert replace(LIVE, stake=Decimal("20.00")).digest == LIVE.digest


def test_the_policys_digest_follows_boarding_and_brakes_alone() -> None:
    assert replace(LIVE, stake=Decimal(1)).policy_digest == LIVE.policy_digest
    assert replace(LIVE, boarding=Boarding(24.0, 2)).policy_digest != LIVE.policy_digest


@pytest.mark.parametrize(
    ("per_bot", "in_all", "bots"), [(100, 300, 3), (100, 299, 2), (100, 100, 1), (Decimal("0.1"), Decimal("0.3"), 3)]
)
def test_as_many_bots_fit_as_the_limit_in_all_holds_full_bots(per_bot: Decimal, in_all: Decimal, bots: int) -> None:
    assert TradingLimits(Decimal(per_bot), Decimal(in_all), 1).bots_at_most == bots


def test_simulated_money_has_no_limit_in_all() -> None:
    assert DRY.limits.bots_at_most is None


def test_the_largest_stake_is_the_stake_or_a_slots_share_of_the_capital() -> None:
    assert LIVE.largest_stake == 20
    assert DRY.largest_stake == 200


def test_a_strategy_trades_its_own_pairs_as_far_as_the_environment_lets_them_be_traded() -> None:
    assert pairs_for(LIVE, ("ETH/USDT", "XRP/USDT")) == ("ETH/USDT",)
    assert pairs_for(LIVE, ()) == ("BTC/USDT", "ETH/USDT")
    assert pairs_for(replace(LIVE, pairs=()), ("XRP/USDT",)) == ("XRP/USDT",)


def test_where_nothing_is_left_to_trade_it_is_said() -> None:
    with pytest.raises(ValueError, match="sandbox lets none of the strategy's pairs be traded: XRP/USDT"):
        pairs_for(LIVE, ("XRP/USDT",))
    with pytest.raises(ValueError, match="sandbox names no pairs, and neither does the strategy"):
        pairs_for(replace(LIVE, pairs=()), ())


def test_pair_lists_choose_pairs_themselves() -> None:
    dynamic = replace(LIVE, pairs=(), freqtrade={"pairlists": [{"method": "VolumePairList"}]})
    assert dynamic.dynamic_pairs
    assert pairs_for(dynamic, ("BTC/USDT",)) == ()
    assert not replace(LIVE, freqtrade={"pairlists": [{"method": "StaticPairList"}]}).dynamic_pairs
    assert not LIVE.dynamic_pairs


def test_boarding_demands_closed_trades_in_the_policys_language() -> None:
    together = Scope(Span.ALL_TOGETHER)
    drawdown = Threshold("drawdown_max_ratio", together, at_most=0.2)
    assert Boarding(24.0, 30, (drawdown,)).demands == (Threshold("trades", together, at_least=30.0), drawdown)
    assert Boarding(24.0, 0, (drawdown,)).demands == (drawdown,)


def test_hours_are_lengths_of_time() -> None:
    assert Boarding(0.005).healthy_for.total_seconds() == 18
    assert LIVE.approval.valid_for.total_seconds() == 24 * 3600


def test_only_brakes_that_are_there_are_named() -> None:
    assert [name for name, _ in LIVE.brakes.named()] == [
        "drawdown_max_ratio",
        "daily_loss_max_ratio",
        "heartbeat_seconds",
    ]
