"""The watch decides once a day by what was observed, keeps the decision, and carries it out where the environment says so."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pipeline.domain.ledger import Entry
from pipeline.domain.trading import RollBack
from pipeline.domain.train.boarding import Demands
from pipeline.domain.train.decided import Conclusion
from pipeline.domain.train.decisions import DecisionMade
from pipeline.domain.train.facts import recorded
from pipeline.errors import Locked, ToolFailed
from pipeline.flows.decide import decisions
from pipeline.flows.watch import Round, Watching
from pipeline.flows.watch_post import Post
from tests.flows.observe_ground import AUTOMATIC, DEMANDED, SANDBOX, Sandbox, sandbox
from tests.flows.promote_ground import DIP, DIP_1, DIP_2
from tests.flows.road_ground import NEW, OLD, Crash
from tests.flows.watch_ground import BankLedger

DAY = 86400.0
DEMANDS = Demands(DEMANDED.healthy_hours, DEMANDED.closed_trades, DEMANDED.thresholds)


@dataclass
class DecidesHere:
    """A decider (`ports.Decider`) in this process. It takes `seconds`, says `fault` where there is one, and notes when it was ended."""

    ground: Sandbox
    fault: str = ""
    seconds: float = 0.0
    ended: list[str] = field(default_factory=list)

    @contextmanager
    def ask(self, strategy: str) -> Iterator["Asked"]:
        try:
            yield Asked(self, strategy, self.ground.bank.clock.now())
        finally:
            self.ended.append(strategy)


@dataclass
class Asked:
    """See `ports.AskedDecision`."""

    decider: DecidesHere
    strategy: str
    asked_at: datetime

    def decided(self) -> Conclusion | None:
        ground = self.decider.ground
        if ground.bank.clock.now() - self.asked_at < timedelta(seconds=self.decider.seconds):
            return None
        if self.decider.fault:
            raise ToolFailed(self.decider.fault)
        (found,) = decisions(ground.road(), ground.past(), DEMANDS, (self.strategy,))
        return found.conclusion


def post(ground: Sandbox, decider: DecidesHere | None = None) -> Post:
    road = replace(ground.road(), watcher=None)
    return replace(ground.bank.post(), road=road, decider=decider or DecidesHere(ground))


def rounds(ground: Sandbox, *waits: float) -> Round:
    """One watch that looks after each of these waits; what the last look came to."""
    watching = Watching(post(ground))
    done = watching.round()
    for wait in waits:
        ground.bank.wait(wait)
        done = watching.round()
    return done


def made(ground: Sandbox) -> list[DecisionMade]:
    facts = [record.fact for record in recorded(ground.bank.entries())]
    return [fact for fact in facts if isinstance(fact, DecisionMade)]


class DiesAtDecisions(BankLedger):
    def append(self, kind: str, body: Mapping[str, object]) -> Entry:
        if kind == "decision_made":
            raise Crash
        return super().append(kind, body)


@pytest.fixture
def good(tmp_path: Path) -> Sandbox:
    ground = sandbox(tmp_path, AUTOMATIC)
    ground.earns(0.008, 200)
    ground.is_watched()
    return ground


@pytest.fixture
def bad(tmp_path: Path) -> Sandbox:
    ground = sandbox(tmp_path, AUTOMATIC)
    ground.earns(-0.008, 200)
    ground.is_watched()
    return ground


def test_what_earned_the_next_environment_is_recorded_once_a_day_and_told_when_it_is_new(good: Sandbox) -> None:
    rounds(good, 60, DAY / 2, DAY / 2, 60)
    assert [(one.bundle, one.decision) for one in made(good)] == [(DIP_2, "promote")] * 2
    assert made(good)[0].power.endswith("safe to look at daily")
    told = [line for line in good.bank.told if "promote" in line]
    assert len(told) == 1
    assert told[0].startswith(f"{SANDBOX.name}: {DIP}: promote: ")


def test_a_watch_that_is_started_again_does_not_decide_twice_a_day(good: Sandbox) -> None:
    rounds(good)
    rounds(good, 60)
    assert len(made(good)) == 1


def test_a_bundle_is_given_a_day_before_anything_is_decided(tmp_path: Path) -> None:
    ground = sandbox(tmp_path, AUTOMATIC)
    rounds(ground, 3600)
    assert made(ground) == []
    ground.bank.wait(DAY)
    rounds(ground)
    assert [one.decision for one in made(ground)] == ["hold"]
    assert [line for line in ground.bank.told if "hold" in line] == []


def test_a_broken_promise_is_taken_back_where_the_environment_says_automatic(bad: Sandbox) -> None:
    done = rounds(bad)
    assert done.problems == ()
    assert (bad.bank.entering(), bad.bank.violations) == ([OLD], [])
    (decision,) = made(bad)
    assert (decision.bundle, decision.decision) == (DIP_2, "roll_back")
    assert bad.bank.kinds().index("rolled_back") < bad.bank.kinds().index("decision_made")
    (told,) = [line for line in bad.bank.told if "roll back" in line]
    assert "runs again" in told


@pytest.mark.parametrize("says", [RollBack.MANUAL, RollBack.BRAKES])
def test_elsewhere_it_is_recorded_and_told_and_a_person_decides(bad: Sandbox, says: RollBack) -> None:
    bad.bank.environment = replace(AUTOMATIC, roll_back=says)
    rounds(bad, DAY, DAY)
    assert bad.bank.entering() == [NEW]
    assert [one.decision for one in made(bad)] == ["roll_back"] * 3
    told = [line for line in bad.bank.told if "a person decides" in line]
    assert len(told) == 1


def test_a_watch_that_dies_between_the_roll_back_and_its_record_takes_nothing_back_twice(bad: Sandbox) -> None:
    dying = post(bad)
    watching = Watching(replace(dying, road=replace(dying.road, ledger=DiesAtDecisions(bad.bank))))
    with pytest.raises(Crash):
        watching.round()
    assert (bad.bank.count("rolled_back"), made(bad)) == (1, [])
    rounds(bad, 60, DAY, 60)
    assert (bad.bank.count("rolled_back"), bad.bank.entering()) == (1, [OLD])
    assert [(one.bundle, one.decision) for one in made(bad)] == [(DIP_1, "hold")]


@pytest.mark.parametrize(
    "fault",
    ["the process that decides ended with -9: it said nothing", "the process that decides did not end within 300 s"],
)
def test_where_nothing_was_decided_that_is_a_problem_the_lease_is_kept_and_it_is_tried_again(
    bad: Sandbox, fault: str
) -> None:
    decider = DecidesHere(bad, fault)
    watching = Watching(post(bad, decider))
    done = watching.round()
    assert done.problems == (f"{DIP}: nothing was decided: {fault}",)
    assert (done.vouched, decider.ended) == (True, [DIP])
    assert (made(bad), bad.bank.entering()) == ([], [NEW])
    bad.bank.wait(60)
    assert watching.round().problems == ()  # It is asked again after a while, not at every look.
    bad.bank.wait(3600)
    assert watching.round().problems == done.problems
    decider.fault = ""
    bad.bank.wait(3600)
    watching.round()
    assert (len(made(bad)), bad.bank.entering()) == (1, [OLD])


def test_while_it_is_decided_the_bots_are_watched_and_the_lease_stays_fresh(good: Sandbox) -> None:
    at = good.bank.clock.now()
    Watching(post(good, DecidesHere(good, seconds=100.0))).round()
    now = good.bank.clock.now()
    assert now - at >= timedelta(seconds=100)
    assert good.bank.lease_at is not None
    assert now - good.bank.lease_at < timedelta(seconds=11)
    assert len(made(good)) == 1


def test_who_interrupts_the_watch_ends_what_decides(good: Sandbox) -> None:
    class Interrupted(DecidesHere):
        @contextmanager
        def ask(self, strategy: str) -> Iterator["Asked"]:
            with super().ask(strategy):
                raise KeyboardInterrupt
            yield

    decider = Interrupted(good)
    with pytest.raises(KeyboardInterrupt):
        Watching(post(good, decider)).round()
    assert (decider.ended, made(good)) == ([DIP], [])


def test_another_verb_at_work_goes_first_and_it_is_decided_anew_a_little_later(bad: Sandbox) -> None:
    def taken(_what: str) -> AbstractContextManager[None]:
        raise Locked("deploy is at work")

    busy = post(bad)
    watching = Watching(replace(busy, road=replace(busy.road, locked=taken)))
    watching.round()
    assert (made(bad), bad.bank.entering()) == ([], [NEW])
    bad.bank.wait(3600)
    rounds(bad)
    assert (len(made(bad)), bad.bank.entering()) == (1, [OLD])


def test_without_anybody_who_decides_a_watch_decides_nothing(bad: Sandbox) -> None:
    Watching(bad.bank.post()).round()
    assert made(bad) == []
