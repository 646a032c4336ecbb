"""Which moments are replayed, what is shown there, and what must come out the same."""

from dataclasses import replace
from datetime import timedelta

import pandas as pd

from pipeline.domain.evidence import WindowTrades
from pipeline.domain.replay import ENTRIES, EXITS, QUIET, Cut, compare, cut_candles, plan_replay, seed
from pipeline.domain.trades import ClosedTrade, trades_digest
from tests.domain.audit.forging import FRAMES, HONEST, HOUR, PAIRS, WINDOW, at, made, opening

SECRET = b"s" * 32
BTC, ETH, SOL = PAIRS


def listed(*trades: ClosedTrade) -> list[WindowTrades]:
    return [WindowTrades(WINDOW, trades, trades_digest(trades))]


def planned(*trades: ClosedTrade, secret: bytes = SECRET, content: str = "c") -> tuple[Cut, ...]:
    windows = listed(*trades)
    return plan_replay(windows, FRAMES, PAIRS, HOUR, seed(secret, content, "d", windows))


def many(count: int = 40) -> list[ClosedTrade]:
    return [made(BTC, 4 + 5 * number, 7 + 5 * number, 2.0) for number in range(count)]


def cut_at(hour: int, *, deciding: tuple[str, ...] = (), complete: bool = True) -> Cut:
    return Cut(WINDOW, at(hour), HOUR, deciding, (), complete)


def reasons(full: list[ClosedTrade], again: list[ClosedTrade], cut: Cut) -> str:
    return "\n".join(finding.reason for finding in compare(full, again, cut))


def test_every_decision_is_replayed_where_trades_are_few() -> None:
    cuts = planned(*HONEST)
    moments = {cut.at for cut in cuts}
    entries = {at(hour) for hour in (5, 7, 9, 12, 30, 200)}
    exits = {at(hour) for hour in (9, 12, 15, 20)} | {at(31)}  # What a stop sold within a candle is cut after it.
    assert entries | exits <= moments
    assert len(moments - entries - exits) == QUIET
    assert [cut.at for cut in cuts] == sorted(moments)


def test_a_sample_is_replayed_where_trades_are_many_and_some_moments_at_which_nothing_happens() -> None:
    trades = many()
    cuts = planned(*trades)
    assert len(cuts) == ENTRIES + EXITS + QUIET
    busy = {fill.at for trade in trades for fill in trade.fills}
    assert sum(cut.at in busy for cut in cuts) == ENTRIES + EXITS
    assert all(cut.complete for cut in cuts)


def test_the_sample_depends_on_the_secret_the_content_and_the_trades_and_on_nothing_else() -> None:
    trades = many()
    assert planned(*trades) == planned(*trades)
    assert planned(*trades) != planned(*trades, secret=b"t" * 32)
    assert planned(*trades) != planned(*trades, content="other")
    assert {cut.at for cut in planned(*trades)} != {cut.at for cut in planned(*trades[:-1])}


def test_no_trades_leave_moments_at_which_nothing_happens() -> None:
    cuts = planned()
    assert [(cut.deciding, cut.complete) for cut in cuts] == [((), True)] * QUIET


def test_what_comes_after_a_sale_within_the_candle_cannot_be_compared() -> None:
    stopped = made(BTC, 5, 9, 2.0, exit_price=opening(BTC, 9) - 0.5, reason="stop_loss")
    entered, left = made(SOL, 9, 12, 2.0), made(ETH, 6, 9, 2.0)
    (cut,) = [cut for cut in planned(stopped, left, entered) if cut.at == at(9)]
    assert (cut.deciding, cut.complete) == ((), False)
    assert at(9) not in {cut.at for cut in planned(stopped, entered)}


def test_an_entry_before_one_that_ends_within_its_candle_can_be_compared() -> None:
    passing = made(ETH, 9, 9, 2.0, exit_price=opening(ETH, 9) + 0.5, reason="roi")
    (cut,) = [cut for cut in planned(made(BTC, 9, 12, 2.0), passing, made(SOL, 9, 12, 2.0)) if cut.at == at(9)]
    assert (cut.deciding, cut.complete) == ((BTC, ETH), False)


def test_the_price_that_an_order_named_is_reached_in_the_last_candle() -> None:
    price = opening(BTC, 9) - 0.4
    (cut,) = [cut for cut in planned(made(BTC, 9, 12, 2.0, price=price)) if cut.at == at(9)]
    assert cut.reached == ((BTC, price),)
    last = cut_candles(FRAMES[BTC], HOUR, cut, BTC).iloc[-2]
    assert (last["open"], last["low"], last["high"], last["close"]) == (
        opening(BTC, 9),
        price,
        opening(BTC, 9),
        opening(BTC, 9),
    )


def test_a_cut_shows_closed_candles_and_two_flat_ones_at_the_opening() -> None:
    shown = cut_candles(FRAMES[BTC], HOUR, cut_at(9), BTC)
    pd.testing.assert_frame_equal(shown.iloc[:9], FRAMES[BTC].iloc[:9], check_dtype=False)
    flat = shown.iloc[9:]
    assert list(flat["date"]) == [at(9), at(10)]
    assert set(flat[["open", "high", "low", "close"]].to_numpy().ravel()) == {opening(BTC, 9)}
    assert cut_at(9).replayed.end == at(11)


def test_a_longer_candle_that_is_not_closed_is_not_shown() -> None:
    longer = pd.DataFrame(
        {
            "date": pd.date_range(WINDOW.start, periods=4, freq="4h"),
            **dict.fromkeys(("open", "high", "low", "close"), 1.0),
        }
    ).assign(volume=1.0)
    assert list(cut_candles(longer, 4 * HOUR, cut_at(8), BTC)["date"]) == [at(0), at(4)]
    assert list(cut_candles(longer, 4 * HOUR, cut_at(7), BTC)["date"]) == [at(0)]


def test_a_gap_at_the_cut_is_filled_with_the_last_close_and_a_pair_that_began_later_has_no_candles() -> None:
    gap = FRAMES[BTC].drop(index=9)
    shown = cut_candles(gap, HOUR, cut_at(9), BTC)
    assert float(shown["open"].iloc[-1]) == float(FRAMES[BTC]["close"].iloc[8])
    assert cut_candles(FRAMES[BTC].iloc[20:], HOUR, cut_at(9), BTC).empty


def test_a_month_whose_finest_digit_was_not_seen_yet_is_not_cut() -> None:
    coarse = FRAMES[BTC].copy()
    coarse.loc[:99, ["open", "high", "low", "close"]] = coarse.loc[:99, ["open", "high", "low", "close"]].round(0)
    windows = listed(made(BTC, 50, 60, 2.0), made(BTC, 120, 130, 2.0))
    cuts = plan_replay(windows, {BTC: coarse}, (BTC,), HOUR, seed(SECRET, "c", "d", windows))
    assert {at(120), at(130)} <= {cut.at for cut in cuts}
    assert min(cut.at for cut in cuts) > at(100)


def test_equal_trades_give_no_finding_and_what_lies_behind_the_cut_does_not_count() -> None:
    full = [made(BTC, 5, 9), made(ETH, 7, 12)]
    again = [made(BTC, 5, 9), made(ETH, 7, 11, reason="force_exit")]
    assert reasons(full, again, cut_at(10)) == ""


def test_a_trade_that_the_past_alone_does_not_make_fails() -> None:
    full = [made(BTC, 5, 9), made(ETH, 7, 12)]
    assert reasons(full, full[1:], cut_at(10)) == (
        "Trade 1 (BTC/USDT, 2025-03-01 05:00) is not made when the candles from 2025-03-01 10:00 on are not there."
    )
    assert "Trade 2 (ETH/USDT" in reasons(full, full[:1], cut_at(7))


def test_a_trade_that_only_the_replay_makes_fails() -> None:
    assert "A trade in BTC/USDT at 2025-03-01 05:00 is made only when" in reasons([], [made(BTC, 5, 9)], cut_at(10))
    assert "is made only when" in reasons([], [made(BTC, 5, 9)], cut_at(5))
    assert reasons([], [made(BTC, 5, 9)], cut_at(5, complete=False)) == ""


def test_another_price_amount_time_tag_or_reason_fails() -> None:
    trade = made(BTC, 5, 9)
    for other in (
        made(BTC, 5, 9, 3.0),
        made(BTC, 5, 9, price=opening(BTC, 5) + 0.1),
        made(BTC, 5, 8),
        replace(trade, enter_tag="other"),
        replace(trade, exit_reason="roi"),
    ):
        assert "is another one when the candles from 2025-03-01 10:00 on are not there: it" in reasons(
            [trade], [other], cut_at(10)
        )


def test_a_sale_at_the_cut_must_come_out_the_same_where_it_is_decided_there() -> None:
    trade = made(BTC, 5, 9)
    held = made(BTC, 5, 10, reason="force_exit")
    assert "it sells at 2025-03-01 09:00 with them, and without them it does nothing more" in reasons(
        [trade], [held], cut_at(9, deciding=(BTC,))
    )
    assert reasons([trade], [held], cut_at(9, complete=False)) == ""


def test_numbers_may_differ_in_their_last_bits() -> None:
    trade = made(BTC, 5, 9)
    nearly = replace(trade, fills=tuple(replace(fill, price=fill.price * (1 + 1e-15)) for fill in trade.fills))
    assert reasons([trade], [nearly], cut_at(10)) == ""


def test_a_cut_is_named_by_what_it_shows() -> None:
    assert cut_at(9).identity("x") == cut_at(9, complete=False).identity("x")
    assert len({cut_at(9).identity("x"), cut_at(10).identity("x"), cut_at(9).identity("y")}) == 3
    assert cut_at(9).at - WINDOW.start == timedelta(hours=9)


def test_what_comes_after_the_cut_may_differ_in_anything():
    """Trades that are not equal are compared in what the cut lets the strategy know."""
    (full,) = [made(BTC, 4, 9, 2.0)]
    later = replace(full, profit=-1.0, closed_at=full.closed_at + HOUR, exit_reason="another")
    later = replace(later, fills=(full.fills[0], replace(full.fills[1], at=later.closed_at, price=1.0)))
    assert reasons([full], [later], cut_at(8)) == ""
    assert "is closed" in reasons([full], [later], cut_at(12)) or "sells" in reasons([full], [later], cut_at(12))
    assert "tagged 'other'" in reasons([full], [replace(full, enter_tag="other")], cut_at(8))
