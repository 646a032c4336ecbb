"""Forged trades are refused, each with the sentence that says why; honest ones are not."""

from dataclasses import replace
from datetime import timedelta, timezone

import pytest

from pipeline.domain.audit import MOST_NAMED, Terms
from pipeline.domain.job import Account
from pipeline.domain.trades import ClosedTrade, Fill
from pipeline.domain.verdict import Outcome
from tests.domain.audit.forging import FREE, HONEST, HOUR, PAIRS, STRICT, at, look, made, opening, said, summed

BTC = "BTC/USDT"


def test_honest_trades_give_no_finding() -> None:
    assert look(*HONEST) == ()
    assert look() == ()


def test_a_better_exit_price_than_a_signal_can_have_is_refused() -> None:
    forged = made(BTC, 5, 9, exit_price=opening(BTC, 9) + 0.5)
    assert "Trade 1 (BTC/USDT, 2025-03-01 05:00) sells at" in said(forged)
    assert "a sale by 'exit_signal' is made at the opening" in said(forged)


def test_a_strategy_with_exit_prices_of_its_own_may_sell_within_the_candle() -> None:
    assert said(made(BTC, 5, 9, exit_price=opening(BTC, 9) + 0.5), terms=FREE) == ""


def test_a_price_outside_of_the_candle_is_refused_whoever_names_it() -> None:
    assert "but the price was between" in said(made(BTC, 5, 9, exit_price=opening(BTC, 9) + 5), terms=FREE)
    assert "but the price was between" in said(made(BTC, 5, 9, price=opening(BTC, 5) - 5), terms=FREE)


def test_a_better_entry_price_without_a_callback_that_names_one_is_refused() -> None:
    assert "it had no way to name another price" in said(made(BTC, 5, 9, price=opening(BTC, 5) - 0.5))


def test_an_invented_winner_whose_sums_do_not_fit_is_refused() -> None:
    forged = replace(HONEST[0], profit=HONEST[0].profit + 50)
    assert "claims a profit of" in said(forged)
    assert "profit: " in said(replace(HONEST[0], profit_ratio=0.5))
    assert "claims the stake 5" in said(replace(HONEST[0], stake=5.0))
    assert "claims the opening price 1," in said(replace(HONEST[0], open_rate=1.0))


def test_a_wrong_fee_is_refused() -> None:
    assert "pays 0 % for buying instead of 0.1 %" in said(made(BTC, 5, 9, fee=0.0))
    assert said(made(BTC, 5, 9, fee=0.002), account=Account("USDT", 1000.0, None, 2, fee_ratio=0.002)) == ""


def test_shifted_times_are_refused() -> None:
    shifted = tuple(replace(fill, at=fill.at + timedelta(minutes=7)) for fill in HONEST[0].fills)
    forged = replace(HONEST[0], opened_at=at(5) + timedelta(minutes=7), closed_at=shifted[-1].at, fills=shifted)
    assert "names 2025-03-01 05:07:00, when no candle of the window opens" in said(forged)


@pytest.mark.parametrize(("bought", "sold"), [(0, 4), (239, 239), (238, 241)])
def test_trades_at_the_edges_of_the_window_are_refused(bought: int, sold: int) -> None:
    price = 100.0
    fills = (Fill("buy", at(bought), price, 1.0), Fill("sell", at(sold), price, 1.0))
    forged = ClosedTrade(BTC, at(bought), at(sold), 1, 1, 1, 1, 0.001, 0.001, 0, 0, "", "roi", fills)
    assert said(forged).startswith("times: ")


def test_times_out_of_order_and_in_another_zone_are_refused() -> None:
    elsewhere = HONEST[0].opened_at.astimezone(timezone(HOUR))
    assert "times that are not in UTC" in said(replace(HONEST[0], opened_at=elsewhere))
    late = replace(HONEST[0], opened_at=at(8), fills=(replace(HONEST[0].fills[0], at=at(6)), HONEST[0].fills[1]))
    assert "times out of order" in said(late)


def test_fills_that_make_no_trade_are_refused() -> None:
    trade = HONEST[0]
    assert "does not begin with a purchase" in said(replace(trade, fills=()))
    assert "does not begin with a purchase" in said(replace(trade, fills=trade.fills[::-1]))
    assert "neither a purchase nor a sale" in said(
        replace(trade, fills=(trade.fills[0], replace(trade.fills[1], amount=-4.0)))
    )
    more = replace(trade.fills[1], amount=5.0)
    assert "sells more than it has bought" in said(summed(replace(trade, fills=(trade.fills[0], more))))
    less = replace(trade.fills[1], amount=3.0)
    assert "buys 4 BTC and sells 3" in said(summed(replace(trade, fills=(trade.fills[0], less))))


def test_amounts_off_the_exchanges_step_and_outside_of_its_limits_are_refused() -> None:
    assert "trades 1.00005 BTC, which is no multiple of the exchange's step of 0.001" in said(made(BTC, 5, 9, 1.00005))
    assert "buys for 1" in said(made(BTC, 5, 9, 0.01))
    assert "outside of the exchange's limits of 5 to inf" in said(made(BTC, 5, 9, 0.01))


def test_more_open_trades_than_allowed_are_refused() -> None:
    three = tuple(made(pair, 5 + number, 12 + number, 2.0) for number, pair in enumerate(PAIRS))
    assert "Trade 3 (SOL/USDT, 2025-03-01 07:00) is trade number 3 that is open at once, and 2 are allowed" in said(
        *three
    )
    assert said(*three, account=Account("USDT", 1000.0, None, 3)) == ""


def test_a_trade_within_one_candle_needs_a_slot_too() -> None:
    passing = made("SOL/USDT", 7, 7, 2.0, reason="custom")
    trades = (passing, made(BTC, 5, 12, 2.0), made("ETH/USDT", 6, 13, 2.0))
    assert "is opened while 2 trades are open" in said(*trades)


def test_more_money_than_the_account_had_is_refused() -> None:
    trades = (made(BTC, 5, 12, 8.0), made("ETH/USDT", 6, 13, 8.0))
    assert "Trade 2 (ETH/USDT, 2025-03-01 06:00) brings what is invested to" in said(*trades)
    assert "but the account had 990 for it at 2025-03-01 06:00" in said(*trades)


def test_profits_may_be_invested_again_and_losses_may_not() -> None:
    rich = Account("USDT", 1000.0, None, 1)
    rises = min(range(20, 80), key=lambda hour: opening(BTC, hour) - opening(BTC, hour + 20))
    won = made(BTC, rises, rises + 20, 9.0)
    profit = won.profit
    assert profit > 50
    affordable = int((1000 + profit) * 0.99 / opening(BTC, rises + 30) * 1000) / 1000
    assert said(won, made(BTC, rises + 30, rises + 40, affordable), account=rich) == ""
    assert "capital: " in said(won, made(BTC, rises + 30, rises + 40, affordable + 1), account=rich)


GIVEN = replace(STRICT, free_stake=False)
ONE = Account("USDT", 1000.0, None, 1)


def staked(pair: str, bought: int, sold: int, stake: float) -> ClosedTrade:
    return made(pair, bought, sold, int(stake / opening(pair, bought) * 1000) / 1000)


def test_each_stake_is_an_equal_share_of_what_the_trades_before_left() -> None:
    first = staked(BTC, 5, 9, 990.0)
    second = staked(BTC, 20, 25, (1000 + first.profit) * 0.99)
    assert said(first, second, terms=GIVEN, account=ONE) == ""
    assert "stake: Trade 1 (BTC/USDT, 2025-03-01 20:00) is bought for" in said(second, terms=GIVEN, account=ONE)
    assert said(second, account=ONE) == ""
    half = Account("USDT", 1000.0, None, 2)
    assert said(staked(BTC, 5, 9, 495.0), staked("ETH/USDT", 6, 12, 495.0), terms=GIVEN, account=half) == ""


def test_a_loser_that_is_left_out_shows_in_the_stakes_after_it() -> None:
    loses = max(range(20, 200), key=lambda hour: opening(BTC, hour) - opening(BTC, hour + 10))
    loser = staked(BTC, loses, loses + 10, 990.0)
    assert loser.profit < -50
    after = staked(BTC, loses + 15, loses + 20, (1000 + loser.profit) * 0.99)
    assert said(loser, after, terms=GIVEN, account=ONE) == ""
    assert "but the account as these trades leave it gives a stake of 990 at that time" in said(
        after, terms=GIVEN, account=ONE
    )


def test_a_fixed_stake_is_bought_as_it_is() -> None:
    fixed = Account("USDT", 1000.0, 100.0, 2)
    assert said(staked(BTC, 5, 9, 100.0), terms=GIVEN, account=fixed) == ""
    assert "stake: " in said(staked(BTC, 5, 9, 300.0), terms=GIVEN, account=fixed)


def test_the_same_trade_twice_and_overlapping_trades_are_refused() -> None:
    twice = made(BTC, 5, 9, 2.0)
    assert "duplicate: Trade 2 (BTC/USDT, 2025-03-01 05:00) is trade 1 once more" in said(twice, twice)
    assert "is opened while trade 1 in the same pair is open" in said(twice, made(BTC, 9, 12, 2.0))
    assert said(twice, made(BTC, 10, 12, 2.0)) == ""


def test_a_trade_in_another_pair_is_refused() -> None:
    forged = replace(HONEST[0], pair="DOGE/USDT")
    assert said(forged) == "pair: Trade 1 (DOGE/USDT, 2025-03-01 05:00) is in a pair that the strategy was not given."


def test_a_list_that_is_not_in_the_order_of_closing_is_refused() -> None:
    assert "order in which trades are closed" in said(HONEST[1], HONEST[0])


def test_tags_are_bounded_text() -> None:
    assert "entry tag that is too long or holds control characters" in said(replace(HONEST[0], enter_tag="a\x1b[2J"))
    assert "exit reason" in said(replace(HONEST[0], exit_reason="x" * 300), terms=FREE)


def test_averaging_down_and_partial_sales_add_up() -> None:
    fills = (
        Fill("buy", at(5), opening(BTC, 5), 2.0),
        Fill("buy", at(7), opening(BTC, 7), 1.5),
        Fill("sell", at(8), opening(BTC, 8), 1.0),
        Fill("sell", at(11), opening(BTC, 11), 2.5),
    )
    trade = summed(ClosedTrade(BTC, at(5), at(11), 0, 0, 0, 0, 0.001, 0.001, 0, 0, "", "exit_signal", fills))
    assert said(trade) == ""
    better = replace(trade, fills=(*fills[:2], replace(fills[2], price=fills[2].price + 0.4), fills[3]))
    assert "a sale by 'partial exit' is made at the opening" in said(summed(better))


ROI = Terms(HOUR, PAIRS, free_entry_price=False, free_exit_price=False, roi={0: 0.02, 120: 0.005})


def test_a_profit_target_sells_at_its_price_and_not_better() -> None:
    hour = next(
        hour for hour in range(10, 200) if opening(BTC, hour + 1) > opening(BTC, hour) and opening(BTC, hour + 1) < 108
    )
    target = opening(BTC, hour) * 1.001 * 1.005 / 0.999
    sold = next(later for later in range(hour + 2, 239) if opening(BTC, later) < target < opening(BTC, later) + 1)
    honest = made(BTC, hour, sold, 2.0, exit_price=round(target, 2), reason="roi")
    assert said(honest, terms=ROI) == ""
    better = made(BTC, hour, sold, 2.0, exit_price=opening(BTC, sold) + 0.99, reason="roi")
    assert "but the profit of 0.5 % that minimal_roi asks for is reached at" in said(better, terms=ROI)
    never = replace(ROI, roi={600: 0.01})
    assert "minimal_roi asks for no profit after" in said(honest, terms=never)


def test_a_stop_does_not_sell_above_where_it_was() -> None:
    stop = replace(ROI, roi=None, stoploss=0.001)
    price = opening(BTC, 20)
    honest = made(BTC, 20, 20, 2.0, exit_price=round(price * 0.999, 2), reason="stop_loss")
    assert said(honest, terms=stop) == ""
    better = made(BTC, 20, 20, 2.0, exit_price=round(price + 0.9, 2), reason="stop_loss")
    assert "as 'stop_loss', but its stop was at" in said(better, terms=stop)


def test_a_trailing_stop_does_not_sell_above_where_it_can_have_been() -> None:
    trailing = replace(ROI, roi=None, trailing_distance=0.03)
    assert "but its stop was never above" in said(
        made(BTC, 20, 20, 2.0, exit_price=opening(BTC, 20) + 0.9, reason="trailing_stop_loss"), terms=trailing
    )
    assert (
        said(made(BTC, 20, 20, 2.0, exit_price=opening(BTC, 20) - 0.9, reason="trailing_stop_loss"), terms=FREE) == ""
    )


def test_many_violations_are_counted_and_not_all_named() -> None:
    forged = [made(BTC, 5 + 3 * number, 6 + 3 * number, 2.0, fee=0.0005) for number in range(42)]
    findings = look(*forged)
    assert len(findings) == MOST_NAMED + 1
    assert findings[-1].reason == "And 79 more like these."
    assert {finding.outcome for finding in findings} == {Outcome.FAIL}
    assert {finding.check for finding in findings} == {"audit"}
