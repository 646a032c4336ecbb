"""A bot beside its backtest: each class of mismatch planted once, what cannot be held against a bot, and what holds of any two lists."""

import math
import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.parity import Away, Class, Mismatch, Parity, Position, compare, together
from pipeline.domain.trades import Fill
from tests.domain.parity.market import (
    ASKED,
    CANDLE,
    COUNT,
    END,
    FRAMES,
    PAIRS,
    START,
    a_little_later,
    at,
    position,
    price,
)

BACKTEST = [position(candle, pair=PAIRS[candle % 20 // 10]) for candle in range(20, 560, 10)]
BOT = [a_little_later(one, 7.0) for one in BACKTEST]
SPOT = 12
"""The place of the trade that a test changes."""


def with_planted(changed: Position | None, *more: Position) -> Parity:
    bot = [*BOT[:SPOT], *([changed] if changed else []), *BOT[SPOT + 1 :], *more]
    return compare(bot, BACKTEST, ASKED)


def only(found: Parity) -> Mismatch:
    (mismatch,) = found.mismatches
    assert found.counts == ({} if mismatch.excused else {mismatch.kind: 1})
    return mismatch


def test_a_bot_that_needs_a_moment_trades_as_its_backtest_does() -> None:
    found = compare(BOT, BACKTEST, ASKED)
    assert (found.alike, found.mismatches, found.ratio) == (len(BACKTEST), (), 1.0)


def test_an_entry_that_the_bot_missed() -> None:
    mismatch = only(found := with_planted(None))
    assert (mismatch.kind, mismatch.bot, mismatch.backtest) == (Class.MISSED_ENTRY, None, BACKTEST[SPOT])
    assert found.ratio == pytest.approx((len(BACKTEST) - 1) / len(BACKTEST))
    assert mismatch.told == f"the backtest entered at {price(140):.8g} (dip), and the bot did not"


def test_an_entry_that_only_the_bot_made() -> None:
    more = position(143, 145)
    mismatch = only(found := with_planted(BOT[SPOT], more))
    assert (mismatch.kind, mismatch.bot, mismatch.backtest) == (Class.EXTRA_ENTRY, more, None)
    assert found.ratio == pytest.approx(len(BACKTEST) / (len(BACKTEST) + 1))


@pytest.mark.parametrize("late", [2, 3, 5.5])
def test_a_fill_that_came_late(late: float) -> None:
    mismatch = only(with_planted(replace(position(140 + late, 146), pair=BACKTEST[SPOT].pair)))
    assert (mismatch.kind, mismatch.backtest) == (Class.LATE_FILL, BACKTEST[SPOT])
    assert mismatch.told.startswith(f"entered {late * 5:.0f} min later, at ")


def test_a_fill_in_time_at_another_price() -> None:
    frames = {pair: frame.assign(high=frame["high"] * 1.05) for pair, frame in FRAMES.items()}
    dear = replace(BOT[SPOT], open_rate=BOT[SPOT].open_rate * 1.006)
    found = compare([*BOT[:SPOT], dear, *BOT[SPOT + 1 :]], BACKTEST, replace(ASKED, frames=frames))
    assert only(found).kind is Class.LATE_FILL
    close = replace(BOT[SPOT], open_rate=BOT[SPOT].open_rate * 1.004)
    assert with_planted(close).ratio == 1.0


def test_a_pair_that_the_backtest_was_not_given() -> None:
    stranger = replace(BOT[SPOT], pair="DOGE/USDT")
    mismatch = only(with_planted(BOT[SPOT], stranger))
    assert (mismatch.kind, mismatch.told) == (Class.PAIR_LIST, "the backtest was not given DOGE/USDT")


def test_a_pair_that_the_bot_was_not_given() -> None:
    bitcoin = [one for one in BOT if one.pair == PAIRS[0]]
    found = compare(bitcoin, BACKTEST, replace(ASKED, bot_pairs=(PAIRS[0],)))
    assert {one.kind for one in found.mismatches} == {Class.PAIR_LIST}
    assert found.mismatches[0].told == "the bot was not given ETH/USDT"
    chosen = compare(bitcoin, BACKTEST, replace(ASKED, bot_pairs=None))
    assert {one.kind for one in chosen.mismatches} == {Class.PAIR_LIST}
    assert "its pair lists may not have held ETH/USDT" in chosen.mismatches[0].told


def test_candles_that_were_revised_after_the_bot_saw_them() -> None:
    pair = BACKTEST[SPOT].pair
    revised = FRAMES[pair].copy()
    revised.loc[138:142, ["open", "high", "low", "close"]] *= 1.05
    frames = {**FRAMES, pair: revised}
    mismatch = only(compare(BOT, BACKTEST, replace(ASKED, frames=frames)))
    assert mismatch.kind is Class.DATA_REVISED
    assert "it traded at 101.41 at 2026-03-01 11:40, and the candle goes from" in mismatch.told
    lonely = compare(BOT, [*BACKTEST[:SPOT], *BACKTEST[SPOT + 1 :]], replace(ASKED, frames=frames))
    assert only(lonely).kind is Class.DATA_REVISED


def test_a_candle_that_is_not_there_any_more() -> None:
    pair = BACKTEST[SPOT].pair
    frames = {**FRAMES, pair: FRAMES[pair].drop(index=140)}
    mismatch = only(compare(BOT, BACKTEST, replace(ASKED, frames=frames)))
    assert (mismatch.kind, mismatch.told) == (
        Class.DATA_REVISED,
        "it traded at 2026-03-01 11:40, of which there is no candle",
    )


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (replace(BOT[SPOT], exit_reason="stop_loss"), "left by stop_loss instead of roi"),
        (replace(BOT[SPOT], closed_at=at(150)), "left 20 min later, roi instead of roi"),
        (replace(BOT[SPOT], closed_at=None, exit_reason=""), "min later, not at all instead of roi"),
        (
            replace(BOT[SPOT], close_rate=price(146) * 0.99),
            f"left at {price(146) * 0.99:.8g} instead of {price(146):.8g}",
        ),
        (replace(BOT[SPOT], enter_tag="peak"), "entered as 'peak' instead of 'dip'"),
        (replace(BOT[SPOT], entries=3), "made of 3 entries instead of 1"),
    ],
)
def test_what_became_of_the_position_otherwise(changed: Position, told: str) -> None:
    mismatch = only(with_planted(changed))
    assert mismatch.kind is Class.CALLBACK
    assert told in mismatch.told


def test_what_a_person_sold_does_not_count() -> None:
    found = with_planted(replace(BOT[SPOT], exit_reason="force_exit", closed_at=at(143)))
    assert only(found).excused == "a person sold it"
    assert (found.compared, found.ratio) == (len(BACKTEST) - 1, 1.0)


def test_what_a_bot_could_not_enter_does_not_count() -> None:
    down = replace(ASKED, away=(Away(at(139), at(141), "down"),))
    missing = [*BOT[:SPOT], *BOT[SPOT + 1 :]]
    found = compare(missing, BACKTEST, down)
    assert (only(found).excused, found.ratio) == ("the bot was down", 1.0)
    elsewhere = replace(ASKED, away=(Away(at(141), at(149), "down"),))
    assert only(compare(missing, BACKTEST, elsewhere)).excused == ""


def test_positions_from_before_hold_their_pair_and_their_slot() -> None:
    pair, other = BACKTEST[SPOT].pair, "ETH/USDT" if BACKTEST[SPOT].pair == "BTC/USDT" else "BTC/USDT"
    missing = [*BOT[:SPOT], *BOT[SPOT + 1 :]]
    held = replace(position(0, 145), opened_at=START - CANDLE)
    same = compare(missing, BACKTEST, replace(ASKED, besides=(replace(held, pair=pair),)))
    assert only(same).excused == "the bot held that pair from before, or for a person"
    full = compare(missing, BACKTEST, replace(ASKED, besides=(replace(held, pair=other),), slots=1))
    assert only(full).excused == "positions from before, or for a person, took the bot's slots"
    room = compare(missing, BACKTEST, replace(ASKED, besides=(replace(held, pair=other),), slots=2))
    assert only(room).excused == ""


def test_the_edges_of_the_time_do_not_count_nor_does_what_a_silent_bot_may_still_hold() -> None:
    early, late = position(1), position(COUNT - 2)
    found = compare([*BOT, early], [*BACKTEST, late], ASKED)
    assert [one.excused for one in found.mismatches] == ["at the edge of the compared time"] * 2
    dear = replace(position(1), open_rate=price(1) * 1.01, fills=())
    assert only(compare([dear], [position(2)], ASKED)).excused == "at the edge of the compared time"
    held = position(570, COUNT)
    silent = compare(BOT, [*BACKTEST, held], replace(ASKED, open_known=False))
    assert only(silent).excused == "what the bot still holds is not known"
    assert only(compare(BOT, [*BACKTEST, held], ASKED)).excused == ""


def test_what_both_still_hold_at_the_end_is_alike() -> None:
    held, sold = position(500, COUNT), position(500, COUNT - 1)
    assert compare([held], [held], ASKED).ratio == 1.0
    assert compare([sold], [held], ASKED).ratio == 1.0
    assert compare([position(500, 550)], [held], ASKED).counts == {Class.CALLBACK: 1}


def test_without_a_trade_there_is_no_score() -> None:
    assert math.isnan(compare([], [], ASKED).ratio)
    assert together([compare([], [], ASKED), compare(BOT, BACKTEST, ASKED)]).ratio == 1.0


CANDLES = st.lists(st.integers(4, 520), min_size=1, max_size=30, unique=True)


@st.composite
def lists(draw: st.DrawFn) -> list[Position]:
    """Positions of two pairs, at most one a pair at a time."""
    made: list[Position] = []
    for pair in PAIRS:
        free = 4
        for gap, length in draw(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 40)), max_size=10)):
            if free + gap < COUNT - 4:
                tag, why = draw(st.sampled_from("ab")), draw(st.sampled_from(["roi", "stop_loss"]))
                made.append(position(free + gap, free + gap + length, pair, tag, why))
                free += gap + length
    return made


@given(lists(), st.floats(0.0, 299.0))
def test_whoever_trades_alike_within_a_candle_is_alike(made: list[Position], seconds: float) -> None:
    found = compare([a_little_later(one, seconds) for one in made], made, ASKED)
    assert (found.alike, found.mismatches) == (len(made), ())


@given(lists(), lists(), st.randoms(use_true_random=False))
def test_every_position_is_told_once_whatever_the_order(
    bot: list[Position], backtest: list[Position], dice: random.Random
) -> None:
    found = compare(bot, backtest, ASKED)
    seen_of_bot = [one.bot for one in found.mismatches if one.bot]
    seen_of_backtest = [one.backtest for one in found.mismatches if one.backtest]
    assert len(seen_of_bot) + found.alike == len(bot)
    assert len(seen_of_backtest) + found.alike == len(backtest)
    assert len(set(map(id, seen_of_bot))) == len(seen_of_bot)
    assert math.isnan(found.ratio) or 0 <= found.ratio <= 1
    assert compare(dice.sample(bot, len(bot)), dice.sample(backtest, len(backtest)), ASKED) == found


@given(lists(), st.data())
def test_what_is_taken_away_is_missed_and_what_is_added_is_extra(made: list[Position], data: st.DataObject) -> None:
    gone = data.draw(st.sets(st.sampled_from(range(len(made))), max_size=len(made))) if made else set()
    rest = [one for number, one in enumerate(made) if number not in gone]
    missed, extra = compare(rest, made, ASKED), compare(made, rest, ASKED)
    assert missed.alike + sum(missed.counts.values()) == len(made)
    assert missed.ratio == extra.ratio or (math.isnan(missed.ratio) and math.isnan(extra.ratio))
    assert set(missed.counts) <= {Class.MISSED_ENTRY}
    assert set(extra.counts) <= {Class.EXTRA_ENTRY}
    assert missed.counts[Class.MISSED_ENTRY] == extra.counts[Class.EXTRA_ENTRY] == len(gone)


def test_a_fill_beyond_the_window_says_nothing_about_its_candles() -> None:
    beyond = Fill("sell", END + timedelta(hours=1), 1.0, 1.0)
    held = replace(position(500, COUNT), fills=(*position(500, COUNT).fills, beyond))
    assert compare([held], [position(500, COUNT)], ASKED).ratio == 1.0
