"""Decisions are carried out where the environment says so: a bad bundle goes by the road of every roll-back, once, and nobody else is touched."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.domain.trading import RollBack
from pipeline.domain.train.decide import Applied, Decision
from pipeline.domain.train.decisions import Blocked, RolledBack
from pipeline.domain.train.facts import recorded
from pipeline.domain.train.plan import Order
from pipeline.errors import ExitCode
from pipeline.flows.decide import apply, decisions
from pipeline.flows.deploy import deploy
from pipeline.flows.stop import stop
from tests.flows.observe_ground import AUTOMATIC, SANDBOX, Sandbox, sandbox
from tests.flows.promote_ground import DIP, DIP_1, DIP_2
from tests.flows.road_ground import NEW, OLD


@pytest.fixture
def bad(tmp_path: Path) -> Sandbox:
    """The new bundle broke its promise, and the environment takes such ones back."""
    ground = sandbox(tmp_path, AUTOMATIC)
    ground.earns(-0.008, 200)
    ground.is_watched()
    return ground


def applied(ground: Sandbox) -> Applied:
    (done,) = apply(decisions(ground.road(), ground.past(), None), ground.road())
    return done


def test_a_broken_promise_is_taken_back_with_its_reason_where_the_environment_says_automatic(bad: Sandbox) -> None:
    done = applied(bad)
    assert (done.decided.decision, done.code) == (Decision.ROLL_BACK, ExitCode.DONE)
    assert done.told == f"{OLD[7:19]} runs again; {NEW[7:19]} is blocked until a person lifts it."
    assert (bad.bank.entering(), bad.bank.violations) == ([OLD], [])
    facts = [record.fact for record in recorded(bad.bank.entries())]
    (block,) = [fact for fact in facts if isinstance(fact, Blocked)]
    (back,) = [fact for fact in facts if isinstance(fact, RolledBack)]
    assert (block.by, back.by, back.bundle, back.to) == ("decide", "decide", DIP_2, DIP_1)
    assert "below the backtest's" in block.reason


@pytest.mark.parametrize("says", [RollBack.MANUAL, RollBack.BRAKES])
def test_elsewhere_it_is_said_and_a_person_decides(bad: Sandbox, says: RollBack) -> None:
    bad.bank.environment = replace(AUTOMATIC, roll_back=says)
    before = bad.bank.kinds()
    done = applied(bad)
    assert done.told.endswith("so a person decides.")
    assert (bad.bank.kinds(), bad.bank.entering()) == (before, [NEW])


def test_saying_it_changes_nothing(bad: Sandbox) -> None:
    before, calls = bad.bank.kinds(), bad.bank.calls
    (decided,) = decisions(bad.road(), bad.past(), None)
    assert decided.decision is Decision.ROLL_BACK
    assert (bad.bank.kinds(), bad.bank.calls) == (before, calls)


def test_without_a_known_good_bundle_it_is_blocked_once_and_manages_its_trades(tmp_path: Path) -> None:
    ground = sandbox(tmp_path, AUTOMATIC)
    ground.bank.road().record(Blocked("sandbox", DIP, DIP_1, "operator", "it was bad"))
    ground.earns(-0.008, 200)
    ground.is_watched()
    assert "because no bundle is known to be good" in applied(ground).told
    before = ground.bank.kinds()
    assert applied(ground).told == "It was taken back already, and manages its trades to their end."
    assert (ground.bank.kinds(), ground.bank.alive(), ground.bank.entering()) == (before, [NEW], [])


def test_another_verb_at_work_goes_first(bad: Sandbox) -> None:
    bad.bank.locked_by = "deploy dip"
    done = applied(bad)
    assert (done.code, done.told) == (ExitCode.LOCKED, "'deploy dip' is at work")
    assert bad.bank.entering() == [NEW]


def test_what_was_exchanged_meanwhile_is_not_taken_back(bad: Sandbox) -> None:
    decided = decisions(bad.road(), bad.past(), None)
    deploy(Order(DIP, OLD, "operator"), bad.road())
    (done,) = apply(decided, bad.road())
    assert done.code is ExitCode.REFUSED
    assert (bad.bank.entering(), "blocked" in bad.bank.kinds()) == ([OLD], False)


@pytest.mark.parametrize("mean", [0.008, 0.0])
def test_who_keeps_its_promise_or_shows_too_little_goes_on(tmp_path: Path, mean: float) -> None:
    ground = sandbox(tmp_path, AUTOMATIC)
    ground.earns(mean, 200 if mean else 12)
    ground.is_watched()
    before = ground.bank.kinds()
    done = applied(ground)
    assert (done.decided.decision, done.told) == (Decision.HOLD, "")
    assert (ground.bank.kinds(), ground.bank.entering()) == (before, [NEW])


def test_a_stopped_bundle_holds_and_says_why(tmp_path: Path) -> None:
    ground = sandbox(tmp_path, SANDBOX)
    ground.earns(0.008, 200)
    ground.is_watched()
    assert ground.decided().decision is Decision.PROMOTE
    stop((DIP,), ground.road(), "operator", "I go on holiday", exits=False)
    assert ground.decided().decision is Decision.HOLD
    assert "I go on holiday" in str(ground.decided())


def test_an_environment_without_bots_decides_nothing(tmp_path: Path) -> None:
    ground = sandbox(tmp_path, AUTOMATIC)
    ground.bank.lines.clear()
    ground.bank.head = type(ground.bank.head)()
    assert decisions(ground.road(), None, None) == ()
