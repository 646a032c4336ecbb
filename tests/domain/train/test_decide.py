"""Decisions: evidence promotes or takes back, what is missing or undecided holds, and reasons are sentences."""

import math
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.policy import Scope, Span, Threshold
from pipeline.domain.trades import ClosedTrade, Fill
from pipeline.domain.trading.terms import KEEPS_ITS_PROMISE
from pipeline.domain.train.boarding import Demands
from pipeline.domain.train.decide import Decided, Decision, Observation, decide
from pipeline.domain.train.decisions import ParityMeasured
from pipeline.domain.train.edge import Promise, promise_of
from pipeline.domain.verdict import Outcome
from tests.domain.train.test_edge import BEGAN, trade, trades

TOGETHER = Scope(Span.ALL_TOGETHER)
EDGE = Threshold("edge_low_ratio", TOGETHER, above=0.0)
DRAWDOWN = Threshold("drawdown_max_ratio", TOGETHER, at_most=0.2)
DEMANDS = Demands(336.0, 30, (EDGE,))
FOUND = promise_of(trades(0.008, 500, "past"))
assert FOUND is not None
PROMISE: Promise = FOUND
CURVE = pd.Series([100.0, 110.0, 105.0], index=pd.date_range(BEGAN, periods=3, freq="D"))


def seen(made: list[ClosedTrade] | None, **more: Any) -> Observation:
    told = {
        "healthy_hours": 400.0,
        "curve": CURVE,
        "open_since": (),
        "trades": None if made is None else tuple(made),
    } | more
    return Observation("trend", "sha256:1", **told)


def decided(observation: Observation, **more: Any) -> Decided:
    staying = more.pop("staying", (KEEPS_ITS_PROMISE,))
    return decide(observation, more.pop("promise", PROMISE), staying, more.pop("demands", DEMANDS))


SLIPPED = Threshold("slippage_mean_ratio", TOGETHER, at_most=0.001)
GOOD, NOTHING, BAD = trades(0.008, 200), trades(0.0, 40), trades(-0.008, 200)


def test_who_shows_an_edge_and_keeps_the_promise_is_promoted() -> None:
    found = decided(seen(GOOD))
    assert (found.decision, found.staying.outcome) == (Decision.PROMOTE, Outcome.PASS)
    assert "Lowest mean profit per trade that the trades leave possible is" in str(found)
    assert found.power.startswith("200 of about ")
    assert found.power.endswith("; safe to look at daily")


def test_who_breaks_the_promise_is_taken_back_whatever_it_earned_otherwise() -> None:
    found = decided(seen(BAD, healthy_hours=9999.0))
    assert found.decision is Decision.ROLL_BACK
    assert "below the backtest's" in found.reasons[0]
    assert decided(seen(BAD, healthy_hours=None, held=("a brake",))).decision is Decision.ROLL_BACK


def test_too_little_evidence_holds_and_says_what_is_lacking() -> None:
    found = decided(seen(NOTHING[:12]))
    assert found.decision is Decision.HOLD
    assert "12 of 30 closed trades." in found.reasons
    assert any(reason.endswith("; it must be above 0.00 %.") for reason in found.reasons)


def with_orders(made: list[ClosedTrade], asked: float | None) -> list[ClosedTrade]:
    return [replace(one, fills=(Fill("buy", one.opened_at, 100.0, 1.0, asked),)) for one in made]


def test_slippage_is_a_demand_like_others_and_unknown_where_no_order_told_its_price() -> None:
    demands = Demands(336.0, 30, (SLIPPED,))
    near, far, silent = (with_orders(GOOD, asked) for asked in (99.95, 99.0, None))
    assert decided(seen(near), demands=demands).decision is Decision.PROMOTE
    assert "Mean slippage is 1.01 %; it must be at most 0.10 %." in decided(seen(far), demands=demands).reasons
    assert decided(seen(far), staying=(SLIPPED,)).decision is Decision.ROLL_BACK
    assert decided(seen(silent), demands=demands).reasons == ("Mean slippage was not measured.",)
    assert decided(seen([]), demands=demands).boarding.outcome is Outcome.INCONCLUSIVE  # type: ignore[union-attr]


def measured_parity(alike: int, compared: int) -> ParityMeasured:
    return ParityMeasured("test", "trend", "sha256:1", BEGAN, BEGAN + timedelta(days=9), "sha256:2", alike, compared)


def test_parity_is_a_demand_like_others_and_not_measured_where_nobody_compared() -> None:
    enough = Threshold("parity_trades", TOGETHER, at_least=20)
    demands = Demands(336.0, 30, (Threshold("parity_ratio", TOGETHER, at_least=0.9), enough))
    assert decided(seen(GOOD, parity=measured_parity(38, 40)), demands=demands).decision is Decision.PROMOTE
    few, apart = (decided(seen(GOOD, parity=measured_parity(*found)), demands=demands) for found in ((9, 10), (20, 40)))
    assert few.reasons == ("Number of trades compared with the backtest's is 10; it must be at least 20.",)
    assert apart.reasons == ("Share of trades that are the backtest's is 50.00 %; it must be at least 90.00 %.",)
    assert (
        decided(seen(GOOD), demands=demands).reasons[0] == "Share of trades that are the backtest's was not measured."
    )
    nothing = decided(seen(GOOD, parity=measured_parity(0, 0)), demands=demands)
    assert nothing.decision is Decision.HOLD
    assert "Share of trades that are the backtest's has no finite value, so it decides nothing." in nothing.reasons


def test_a_bundle_that_never_trades_holds() -> None:
    assert decided(seen([])).decision is Decision.HOLD
    assert decided(seen([]), demands=Demands(24.0, 0)).decision is Decision.PROMOTE


@pytest.mark.parametrize(
    "missing",
    [
        {"trades": None},
        {"curve": None},
        {"open_since": None},
        {"healthy_hours": None},
        {"damaged": ("the store was damaged",)},
    ],
)
@pytest.mark.parametrize("made", [GOOD, BAD])
def test_missing_data_never_promotes(made: list[ClosedTrade], missing: dict[str, object]) -> None:
    assert decided(seen(made, **missing)).decision is not Decision.PROMOTE


@pytest.mark.parametrize(
    "missing", [{"trades": None}, {"curve": None}, {"open_since": None}, {"damaged": ("the store was damaged",)}]
)
def test_what_was_not_seen_takes_nobody_back(missing: dict[str, object]) -> None:
    found = decided(seen(BAD, **missing))
    assert found.decision is Decision.HOLD
    assert found.staying.outcome is Outcome.ERROR


def test_without_a_promise_nobody_is_taken_back_and_nobody_promoted() -> None:
    for made in (GOOD, BAD):
        found = decided(seen(made), promise=None)
        assert found.decision is Decision.HOLD
        assert "of the backtest was not measured" in str(found)


def test_trades_by_hand_speak_neither_for_a_bundle_nor_against_it() -> None:
    for made in (GOOD, BAD):
        found = decided(seen([replace(one, enter_tag="force_entry") for one in made]))
        assert found.decision is Decision.HOLD
        assert "0 of 30 closed trades." in found.reasons
        assert found.power.startswith("0 of about")


def test_held_entries_hold_whatever_was_earned() -> None:
    found = decided(seen(GOOD, held=("brake since 2025-01-01 00:00 UTC: drawdown",)))
    assert found.decision is Decision.HOLD
    assert found.reasons == ("Its entries are held there: brake since 2025-01-01 00:00 UTC: drawdown.",)


def test_the_last_environment_promotes_nobody() -> None:
    assert (
        str(decided(seen(GOOD), demands=None)) == "trend hold: No environment follows, and nothing speaks against it."
    )
    assert decided(seen(BAD), demands=None).decision is Decision.ROLL_BACK


def test_a_demand_on_equity_is_judged_like_the_gates() -> None:
    fell = pd.Series([100.0, 130.0, 90.0], index=CURVE.index)
    found = decided(seen(GOOD, curve=fell), staying=(DRAWDOWN,))
    assert found.decision is Decision.ROLL_BACK
    assert found.reasons == ("Maximum drawdown is 30.77 %; it must be at most 20.00 %.",)
    assert decided(seen(GOOD), staying=(DRAWDOWN,)).decision is Decision.PROMOTE


@pytest.mark.parametrize(
    "curve",
    [CURVE.iloc[:0], CURVE.iloc[:1], CURVE * 0.0, CURVE.where(CURVE != 110.0)],
    ids=["empty", "one point", "nothing", "not a number"],
)
def test_a_curve_that_says_nothing_decides_nothing(curve: pd.Series) -> None:
    found = decided(seen(GOOD, curve=curve), staying=(DRAWDOWN,))
    assert found.staying.outcome is Outcome.INCONCLUSIVE
    assert decided(seen(GOOD, curve=curve), demands=Demands(1.0, 1, (DRAWDOWN,))).decision is Decision.HOLD


def test_an_environment_that_demands_nothing_takes_nobody_back() -> None:
    assert decided(seen(BAD), staying=()).decision is Decision.HOLD
    assert decided(seen(GOOD), staying=()).decision is Decision.PROMOTE


@given(
    st.lists(st.floats(-0.2, 0.2), max_size=60),
    st.one_of(st.none(), st.floats(allow_nan=True)),
    st.booleans(),
    st.booleans(),
)
def test_promotion_needs_a_pass_and_rolling_back_a_fail(
    ratios: list[float], hours: float | None, with_curve: bool, promised: bool
) -> None:
    made = [trade(ratio, BEGAN + timedelta(days=n)) for n, ratio in enumerate(ratios)]
    observation = seen(made, healthy_hours=hours, curve=CURVE if with_curve else None)
    found = decided(observation, promise=PROMISE if promised else None)
    if found.decision is Decision.PROMOTE:
        assert found.boarding is not None
        assert found.boarding.outcome is Outcome.PASS
        assert found.staying.outcome in (Outcome.PASS, Outcome.INCONCLUSIVE)
    assert (found.decision is Decision.ROLL_BACK) == (found.staying.outcome is Outcome.FAIL)
    assert all((reason.endswith(".") and reason[0].isupper()) or reason[0].isdigit() for reason in found.reasons)
    assert found.reasons


def test_no_profit_promised_is_said() -> None:
    assert decided(seen(GOOD), promise=replace(PROMISE, mean=-0.01)).power.endswith(
        "promised no profit that could be shown"
    )
    assert decided(seen(None)).power == ""
    assert not math.isnan(PROMISE.mean)
