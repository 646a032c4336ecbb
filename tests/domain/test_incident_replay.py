"""Facts of a ledger are computed again where what they came from is packed, and told where it is not."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.canonical import canonical
from pipeline.domain.incident_case import case, told
from pipeline.domain.incident_material import Material, PolicyInForce, SeenBundle, decided_in, thinned
from pipeline.domain.incident_replay import Again, Replayed, replay
from pipeline.domain.ledger import Entry, Head, after, follow, line
from pipeline.domain.metrics import measure
from pipeline.domain.trades import ClosedTrade
from pipeline.domain.train.boarding import Demands
from pipeline.domain.train.brake_readings import BrakeReading
from pipeline.domain.train.brakes import Equity
from pipeline.domain.train.decisions import (
    Blocked,
    Braked,
    DecisionMade,
    Doubted,
    EntriesStopped,
    Observed,
    ParityMeasured,
    Released,
    RolledBack,
)
from pipeline.domain.train.facts import Fact, body_of, kind_of
from pipeline.domain.train.movements import Deployed, Deploying, Purpose
from pipeline.domain.train.observed import UNTOLD

AT = datetime(2026, 3, 1, tzinfo=UTC)
NEW = "sha256:" + "2" * 64
HOUR = timedelta(hours=1)
DEPLOYED: tuple[Fact, ...] = (
    Deploying("test", "dip", Purpose.DEPLOY, NEW, "a", (), "owner", "tag v1"),
    Deployed("test", "dip", NEW, "a", "owner"),
)
POLICY = PolicyInForce((), Demands(2.0, 0))


def entries(*facts: Fact, every: timedelta = HOUR) -> tuple[Entry, ...]:
    head, made = Head(), []
    for number, fact in enumerate(facts):
        made.append(follow(head, AT + number * every, kind_of(fact), body_of(fact)))
        head = after(head, made[-1])
    return tuple(made)


def replayed(*facts: Fact, material: Material, every: timedelta = HOUR) -> Replayed:
    return replay("test", entries(*facts, every=every), material)


def reading(at: datetime, value: float = 85.0) -> BrakeReading:
    points = (Equity(AT, 100.0), Equity(at, value))
    return BrakeReading(NEW, "drawdown_max_ratio", at, 0.1, AT, "x", points=points)


BRAKED = Braked("test", "dip", NEW, "drawdown_max_ratio", "The drawdown is 15.00 % (limit 10 %).")


def test_a_brake_whose_reading_was_kept_is_compared_and_one_without_is_told() -> None:
    facts = (*DEPLOYED, BRAKED, Released("test", "dip", "ada", "looked at"), BRAKED)
    kept = Material(AT, readings={"dip": (reading(AT + 2 * HOUR),)})
    found = replayed(*facts, material=kept)
    assert [(one.line, one.same) for one in found.again] == [(3, True), (5, True)]
    missing = replayed(*facts, material=Material(AT, readings={"dip": (reading(AT + 3 * HOUR),)}))
    assert [str(one) for one in missing.left if one.kind == "braked"] == [
        "line 3, 2026-03-01 02:00:00 UTC, braked: drawdown_max_ratio: what it read was not kept"
    ]


def test_each_brake_is_compared_with_what_it_read_itself() -> None:
    again = replace(BRAKED, reason="The drawdown is 20.00 % (limit 10 %).")
    facts = (*DEPLOYED, BRAKED, Released("test", "dip", "ada", "looked at"), again)
    second = timedelta(seconds=1)
    kept = (reading(AT + 2 * second), reading(AT + 4 * second, 80.0))
    found = replayed(*facts, material=Material(AT, readings={"dip": kept}), every=second)
    assert [one.same for one in found.again] == [True, True]


def test_a_brake_that_would_not_act_today_is_told_with_what_is_read_today() -> None:
    found = replayed(*DEPLOYED, BRAKED, material=Material(AT, readings={"dip": (reading(AT + HOUR, 95.0),)}))
    (one,) = found.differences
    assert one.today == "not braked (PASS): The drawdown is 5.00 % (limit 10 %)."
    assert str(one).endswith(f"recorded: {BRAKED.reason} | today: {one.today}")


def test_what_persons_did_and_what_is_not_packed_is_listed_and_does_not_count() -> None:
    parity = ParityMeasured("test", "dip", NEW, AT, AT, "sha256:" + "3" * 64, 1, 2)
    facts = (
        *DEPLOYED,
        EntriesStopped("test", "dip", "ada", "a holiday"),
        Released("test", "dip", "bob", "back"),
        Doubted("test", "dip", "an order that nobody knows"),
        parity,
        Blocked("test", "dip", NEW, "brake", "follows from a brake"),
        RolledBack("test", "dip", NEW, "brake", "follows too"),
    )
    found = replayed(*facts, material=Material(AT))
    assert found.again == ()
    assert [(one.line, one.kind, one.why) for one in found.left] == [
        (1, "deploying", "by owner"),
        (3, "entries_stopped", "by ada"),
        (4, "released", "by bob"),
        (5, "doubted", "what the exchange and the bot's database held is not packed"),
        (6, "parity_measured", "a backtest"),
    ]
    later = replayed(*facts, material=Material(AT + 3 * HOUR))
    assert [one.line for one in later.left] == [4, 5, 6]


def decided(*reasons: str, decision: str = "hold") -> DecisionMade:
    return DecisionMade("test", "dip", NEW, decision, reasons)


def test_a_decision_is_made_again_by_what_the_ledger_said_then() -> None:
    facts = (*DEPLOYED, Observed("test", "dip", NEW, 1.0, 0))
    made = told_by(replayed(*facts, decided("x"), material=Material(AT, POLICY)))
    again = replayed(*facts, decided(*made), Observed("test", "dip", NEW, 3.0, 0), material=Material(AT, POLICY))
    assert [one.same for one in again.again] == [True]
    assert any("1 of 2 hours healthy" in reason for reason in made)


def told_by(found: Replayed) -> tuple[str, ...]:
    """The reasons that the one decision has today."""
    (one,) = found.again
    return (one.today.removeprefix("hold: "),)


def test_without_a_policy_or_the_open_trades_nothing_is_decided_again() -> None:
    facts = (*DEPLOYED, decided("x"))
    seen = SeenBundle("dip", NEW, AT)
    (policy,) = [one.why for one in replayed(*facts, material=Material(AT, None)).left if one.kind == "decision_made"]
    assert policy == "the policy in force is not packed"
    (trades,) = [
        one.why for one in replayed(*facts, material=Material(AT, POLICY, (seen,))).left if one.kind == "decision_made"
    ]
    assert trades == "which trades of dip were open is not packed"


def test_trades_in_two_currencies_are_not_decided_on_again() -> None:
    def closed(pair: str) -> ClosedTrade:
        return ClosedTrade(pair, AT, AT, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.1, 0.1, "", "")

    seen = SeenBundle("dip", NEW, AT, (closed("A/USDT"), closed("A/EUR")))
    found = replayed(*DEPLOYED, decided("x"), material=Material(AT, POLICY, (seen,), opened={"dip": ()}))
    assert found.again == ()
    assert found.left[-1].why == "its trades are in several currencies, and which one its bot had is not packed"


def test_where_the_bot_had_told_nothing_it_tells_nothing_again() -> None:
    facts = (*DEPLOYED, decided("x", UNTOLD))
    found = replayed(*facts, material=Material(AT, POLICY, (SeenBundle("dip", NEW, AT),), opened={"dip": ()}))
    (one,) = found.again
    assert UNTOLD in one.today


def test_what_happened_in_the_minutes_in_which_it_was_decided_may_have_been_seen_or_not() -> None:
    minute = timedelta(minutes=1)
    observed = (Observed("test", "dip", NEW, 1.0, 0), Observed("test", "dip", NEW, 1.5, 0))
    first = told_by(replayed(*DEPLOYED, observed[0], decided("x"), material=Material(AT, POLICY), every=minute))
    late = replayed(*DEPLOYED, *observed, decided(*first), material=Material(AT, POLICY), every=minute)
    assert [one.same for one in late.again] == [True]
    far = replayed(*DEPLOYED, *observed, decided(*first), material=Material(AT, POLICY), every=HOUR)
    assert [one.same for one in far.again] == [False]


def test_a_roll_back_that_nobody_recorded_as_decided_is_compared_with_the_block() -> None:
    facts = (
        *DEPLOYED,
        Blocked("test", "dip", NEW, "decide", "It lost."),
        RolledBack("test", "dip", NEW, "decide", "It lost."),
    )
    found = replayed(*facts, material=Material(AT, POLICY))
    (one,) = found.again
    assert (one.line, one.what, one.recorded) == (3, "taken back by a decision", "roll back: It lost.")
    assert one.today.startswith("hold: ")


def test_what_is_decided_again_is_part_of_what_is_expected_of_a_case() -> None:
    made = entries(*DEPLOYED, BRAKED)
    ledger, head = b"".join(map(line, made)), Head()
    for entry in made:
        head = after(head, entry)
    bare = told(case("test", ledger, canonical(head)))
    assert "again" not in bare
    whole = told(case("test", ledger, canonical(head), Material(AT, readings={"dip": (reading(AT + HOUR),)})))
    assert whole["again"] == [
        {
            "line": 3,
            "strategy": "dip",
            "what": "braked by drawdown_max_ratio",
            "recorded": BRAKED.reason,
            "today": BRAKED.reason,
        }
    ]


def test_decisions_and_roll_backs_by_them_are_what_material_is_gathered_for() -> None:
    other = "sha256:" + "4" * 64
    facts = (
        *DEPLOYED,
        decided("x"),
        Blocked("test", "dip", other, "decide", "bad"),
        Blocked("test", "dip", "sha256:" + "5" * 64, "ada", "bad"),
    )
    made = entries(*facts)
    assert decided_in(made, AT) == {("dip", NEW): (AT + 2 * HOUR,), ("dip", other): (AT + 3 * HOUR,)}
    assert decided_in(made, AT + 4 * HOUR) == {}


@given(st.lists(st.floats(50, 150), min_size=2, max_size=300), st.integers(1, 40), st.integers(0, 300))
def test_what_is_left_out_of_an_equity_curve_moves_no_metric(
    values: list[float], minutes: int, decided_after: int
) -> None:
    began = int(AT.timestamp() * 1000)
    at = [began + number * minutes * 60_000 for number in range(len(values))]
    moment = at[min(decided_after, len(at) - 1)]
    kept_at, kept = thinned(at, values, [moment])
    whole = [value for one, value in zip(at, values, strict=True) if one <= moment]
    assert len(kept) <= len(whole)
    assert kept_at[-1] == moment
    assert _measured(kept_at, list(kept)) == _measured(at[: len(whole)], whole)
    assert thinned(at, values, []) == ((), ())


def _measured(at: object, values: list[float]) -> dict[str, str]:
    assert isinstance(at, list | tuple)
    index = pd.DatetimeIndex(pd.to_datetime(list(at), unit="ms", utc=True)).as_unit("ms")
    found = measure([], [pd.Series(values, index=index, dtype=float)])
    return {name: "nan" if math.isnan(value) else f"{value:.9e}" for name, value in found.items()}


def test_a_fact_says_where_it_stands() -> None:
    one = Again(3, AT, "dip", NEW, "decided hold", "hold: x", "hold: x")
    assert str(one) == "line 3, 2026-03-01 00:00:00 UTC, dip: decided hold"


def test_a_roll_back_of_long_ago_is_no_part_of_a_later_decision() -> None:
    taken, gone = (
        Blocked("test", "dip", NEW, "decide", "It lost."),
        RolledBack("test", "dip", NEW, "decide", "It lost."),
    )
    long_after = replayed(
        *DEPLOYED, taken, gone, decided("It lost.", decision="roll_back"), material=Material(AT, POLICY)
    )
    assert [(one.line, one.what) for one in long_after.again] == [
        (3, "taken back by a decision"),
        (5, "decided roll back"),
    ]
    minute = timedelta(minutes=1)
    soon = replayed(
        *DEPLOYED, taken, gone, decided("It lost.", decision="roll_back"), material=Material(AT, POLICY), every=minute
    )
    assert [(one.line, one.what) for one in soon.again] == [(5, "decided roll back")]
