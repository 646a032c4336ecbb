"""Boarding: who earned it boards, the others stay with what they lack, and a block or a freeze is never overridden."""

import math
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.policy import Scope, Span, Threshold
from pipeline.domain.train.board_lines import Override
from pipeline.domain.train.boarding import Boarding, Boards, Demands, Seat, Shown, board, lacking
from pipeline.domain.train.movements import TradePolicy
from pipeline.domain.train.state import Block, Drain, EnvironmentState, Retirement, Standing, StrategyState
from pipeline.domain.verdict import ALL_WINDOWS, Measurement, Outcome

NOW = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)
ONE, TWO = "sha256:" + "1" * 64, "sha256:" + "2" * 64
DEMANDS = Demands(48.0, 1)
EARNED = Shown(50.0, 3)
EMPTY = EnvironmentState("sandbox")


def target(**standing: str) -> EnvironmentState:
    known = {name: StrategyState(name, 0, Standing(bundle, "a")) for name, bundle in standing.items()}
    return EnvironmentState("sandbox", known)


def decided(shown: Shown | None = EARNED, state: EnvironmentState = EMPTY, **more: Any) -> Seat:
    observed = {ONE: shown} if shown is not None else {}
    demands = more.pop("demands", DEMANDS)
    found = board({"trend": ONE}, observed, demands, state, NOW, live=True, **more)
    return next(seat for seat in found.seats if seat.strategy == "trend")


def test_who_earned_it_boards() -> None:
    assert str(decided()) == "trend boards"
    assert decided().boards


def test_who_stays_is_told_what_it_lacks() -> None:
    seat = decided(Shown(41.0, 0))
    assert str(seat) == "trend stays: 41 of 48 hours healthy; 0 of 1 closed trades"
    assert not seat.boards


def test_only_what_is_lacking_is_told() -> None:
    assert decided(Shown(41.96, 5)).reason == "41.9 of 48 hours healthy"


@pytest.mark.parametrize(
    ("shown", "reason"),
    [
        (None, "it never ran in the environment before"),
        (Shown(None, 3), "how long it was healthy is not known"),
        (Shown(float("nan"), 3), "how long it was healthy is not known"),
        (Shown(50.0, None), "how many trades it closed is not known"),
    ],
)
def test_what_was_not_observed_never_boards(shown: Shown | None, reason: str) -> None:
    seat = decided(shown)
    assert (seat.decision, seat.reason) == (Boards.STAYS, reason)
    assert seat.verdict.outcome is Outcome.ERROR


def test_thresholds_are_judged_by_the_one_judge() -> None:
    demands = replace(DEMANDS, thresholds=(Threshold("profit_total_ratio", Scope(Span.ALL_TOGETHER), above=0.0),))
    losing = replace(EARNED, measurements=(Measurement("profit_total_ratio", -0.02, ALL_WINDOWS),))
    assert decided(losing, demands=demands).reason == "Profit is -2.00 % over all windows; it must be above 0.00 %"
    assert "Nothing was measured" in decided(EARNED, demands=demands).reason
    winning = replace(EARNED, measurements=(Measurement("profit_total_ratio", 0.02, ALL_WINDOWS),))
    assert decided(winning, demands=demands).boards


def test_after_history_whatever_was_cut_boards() -> None:
    assert decided(None, demands=None).boards


def test_what_was_not_cut_stays() -> None:
    (seat,) = board({"trend": ""}, {}, None, EMPTY, NOW, live=True).seats
    assert str(seat) == "trend stays: no bundle was cut from it"


def test_an_unchanged_strategy_is_there_already() -> None:
    assert str(decided(None, target(trend=ONE))) == "trend already there"
    assert decided(EARNED, target(trend=TWO)).decision is Boards.BOARDS


def test_a_successor_that_a_drain_waits_for_is_there_already() -> None:
    drain = Drain(TWO, ONE, NOW, TradePolicy.CARRY, "ada")
    state = EnvironmentState("sandbox", {"trend": StrategyState("trend", 0, Standing(TWO, "a"), drain=drain)})
    assert decided(EARNED, state).decision is Boards.THERE


def test_a_strategy_that_came_back_while_it_retires_boards_again() -> None:
    gone = Retirement(ONE, NOW, False, "deleted")
    state = EnvironmentState("sandbox", {"trend": StrategyState("trend", 0, Standing(ONE, "a"), retirement=gone)})
    assert decided(EARNED, state).decision is Boards.BOARDS


def test_a_person_may_board_one_anyway_and_the_reason_stays_with_it() -> None:
    seat = decided(Shown(41.0, 0), overrides=[Override("trend", "it is a fix")])
    assert (seat.decision, seat.overridden, seat.boards) == (Boards.ANYWAY, "it is a fix", True)
    assert seat.reason == "41 of 48 hours healthy; 0 of 1 closed trades; it is a fix"


def test_who_earned_it_needs_no_override() -> None:
    assert decided(overrides=[Override("trend", "it is a fix")]).overridden == ""


@pytest.mark.parametrize("where", ["target", "elsewhere"])
def test_a_blocked_bundle_never_boards(where: str) -> None:
    blocks = {ONE: Block(ONE, "trend", "ada", "lost money", NOW)}
    state = replace(EMPTY, blocks=blocks) if where == "target" else EMPTY
    seat = decided(EARNED, state, blocks=blocks, overrides=[Override("trend", "please")])
    assert str(seat) == "trend blocked: by ada since 2025-03-01 12:00 UTC: lost money"


def test_nothing_boards_in_a_freeze() -> None:
    seat = decided(frozen=lambda at: "'holidays' until 2025-03-03", overrides=[Override("trend", "please")])
    assert str(seat) == "trend frozen: 'holidays' until 2025-03-03"
    assert decided(Shown(1.0, 0), frozen=lambda at: "x").decision is Boards.STAYS


@pytest.mark.parametrize(("live", "decision"), [(True, Boards.RETIRES), (False, Boards.STOPS)])
def test_a_deleted_strategy_stops_or_retires(live: bool, decision: Boards) -> None:
    found = board({}, {}, DEMANDS, target(old=TWO), NOW, live=live, frozen=lambda at: "frozen")
    assert [(seat.strategy, seat.bundle, seat.decision) for seat in found.seats] == [("old", TWO, decision)]
    assert not found.seats[0].boards


def test_a_strategy_that_does_not_run_any_more_does_not_leave_again() -> None:
    state = EnvironmentState("sandbox", {"old": StrategyState("old", 0)})
    assert board({}, {}, DEMANDS, state, NOW, live=True).seats == ()


def test_an_override_for_nobody_is_a_problem() -> None:
    found = board({"trend": ONE}, {ONE: EARNED}, DEMANDS, EMPTY, NOW, live=True, overrides=[Override("tredn", "x")])
    assert found.problems == ("the tag's message boards 'tredn', and there is no such strategy",)


def test_everybody_has_a_seat_in_the_order_of_ids() -> None:
    found = board({"b": ONE, "a": TWO}, {ONE: EARNED}, DEMANDS, target(c=TWO), NOW, live=True)
    assert [seat.strategy for seat in found.seats] == ["a", "b", "c"]
    assert [seat.strategy for seat in found.boarding] == ["b"]
    assert isinstance(found, Boarding)


@given(
    st.one_of(st.none(), st.floats()), st.one_of(st.none(), st.integers(-1, 5)), st.floats(0, 100), st.integers(0, 5)
)
def test_it_boards_only_where_time_and_trades_were_shown(
    hours: float | None, trades: int | None, needed_hours: float, needed_trades: int
) -> None:
    verdict = lacking(Demands(needed_hours, needed_trades), Shown(hours, trades))
    shown = hours is not None and needed_hours <= hours < math.inf and trades is not None and trades >= needed_trades
    assert (verdict.outcome is Outcome.PASS) == shown


def test_a_bundle_whose_entries_are_held_lacks_that_too() -> None:
    shown = Shown(1000.0, 1000, held=("brake since yesterday",))
    verdict = lacking(Demands(24.0, 1), shown)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert [f.reason for f in verdict.findings if f.outcome is not Outcome.PASS] == [
        "its entries are held there: brake since yesterday"
    ]
