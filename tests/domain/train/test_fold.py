"""From facts to a state: it never raises, a block goes only when it is lifted, and what makes no sense holds entries."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.ledger import Entry, Head, follow
from pipeline.domain.train.decisions import (
    Approved,
    Blocked,
    BlockLifted,
    DecisionMade,
    EntriesStopped,
    Observed,
    Promoted,
    Released,
    Retired,
    Soaked,
)
from pipeline.domain.train.facts import Fact, Recorded, body_of, kind_of
from pipeline.domain.train.fold import after, fold, fold_facts_on, fold_ledger
from pipeline.domain.train.movements import (
    Converging,
    Deployed,
    Deploying,
    Drained,
    Draining,
    Purpose,
    Resuming,
    StepBegan,
    StepEnded,
    Stopped,
    TradePolicy,
    Undoing,
    Undone,
)
from pipeline.domain.train.state import EnvironmentState, HoldKind, Standing
from pipeline.domain.train.steps import Step, StepKind
from pipeline.errors import Refused
from tests.domain.train.any_facts import facts

AT = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)
STEPS = (Step(StepKind.START_PAUSED, "a", "one"), Step(StepKind.RELEASE, "a", "one"), Step(StepKind.RECORD))
NAMES, BUNDLES = st.sampled_from(["trend", "mean"]), st.sampled_from(["one", "two"])
HISTORIES = st.lists(
    facts(
        environment=st.just("prod"),
        strategy=st.sampled_from(["trend", "mean"]),
        bundle=st.sampled_from(["one", "two"]),
        slot=st.sampled_from("ab"),
        number=st.integers(0, 3),
    ),
    max_size=25,
)


def listed(*history: Fact) -> list[Recorded]:
    return [Recorded(line, AT + timedelta(hours=line), fact) for line, fact in enumerate(history, start=1)]


def folded(*history: Fact) -> EnvironmentState:
    return fold(listed(*history), "prod")


def deploying(bundle: str = "one", slot: str = "a", strategy: str = "trend", old: str = "") -> Deploying:
    return Deploying(
        "prod", strategy, Purpose.DEPLOY, bundle, slot, STEPS, "ada", "why", old, "a" if old else "", evidence="e"
    )


def deployed(bundle: str = "one", slot: str = "a", strategy: str = "trend") -> Deployed:
    return Deployed("prod", strategy, bundle, slot, "ada")


ONE = (deploying(), deployed())
TWO = (*ONE, Soaked("prod", "trend", "one", 48.0, 5), deploying("two", "b", old="one"), deployed("two", "b"))


@given(HISTORIES)
def test_no_history_makes_it_raise_and_each_prefix_is_a_step_of_the_whole(history: list[Fact]) -> None:
    state = EnvironmentState("prod")
    for record in listed(*history):
        state = after(state, record)
    assert state == folded(*history)


REPEATED = st.lists(
    st.one_of(
        st.builds(Observed, st.just("prod"), NAMES, BUNDLES, st.floats(0, 9), st.integers(0, 9)),
        st.builds(
            DecisionMade, st.just("prod"), NAMES, BUNDLES, st.sampled_from(["hold", "promote"]), st.just(("so",))
        ),
    ),
    min_size=2,
    max_size=8,
)


@given(HISTORIES, REPEATED, st.randoms(use_true_random=False), st.booleans())
def test_facts_that_are_folded_together_come_to_the_same_in_the_same_order_as_one_by_one(
    history: list[Fact], repeated: list[Fact], order: Random, halved: bool
) -> None:
    mixed = [*history, *repeated]
    order.shuffle(mixed)
    facts, state, together = listed(*mixed), EnvironmentState("prod"), EnvironmentState("prod")
    for record in facts:
        state = after(state, record)
    middle = len(facts) // 2 if halved else 0
    for part in (facts[:middle], facts[middle:]):
        together = fold_facts_on(together, part)
    assert together == state
    assert repr(together) == repr(state)  # Which tells the order of strategies, bundles and blocks.


@given(HISTORIES)
def test_a_block_goes_only_when_it_is_lifted(history: list[Fact]) -> None:
    state, blocked = EnvironmentState("prod"), set()
    for record in listed(*history):
        if isinstance(record.fact, Blocked):
            blocked.add(record.fact.bundle)
        if isinstance(record.fact, BlockLifted):
            blocked.discard(record.fact.bundle)
        state = after(state, record)
        assert set(state.blocks) == blocked


@given(HISTORIES)
def test_a_stop_goes_only_when_a_person_releases(history: list[Fact]) -> None:
    state = folded(EntriesStopped("prod", "trend", "ada"))
    stopped = True
    for record in listed(*history):
        state = after(state, record)
        if isinstance(record.fact, Released) and record.fact.strategy == "trend":
            stopped = False
        if isinstance(record.fact, EntriesStopped) and record.fact.strategy == "trend":
            stopped = True
        assert not stopped or state.holds("trend", "one")


@given(HISTORIES)
def test_a_place_once_given_never_changes_and_is_nobody_elses(history: list[Fact]) -> None:
    state, places = EnvironmentState("prod"), {}
    for record in listed(*history):
        state = after(state, record)
        for name, known in state.strategies.items():
            if known.place >= 0:
                assert places.setdefault(name, known.place) == known.place
    assert len(set(places.values())) == len(places)


def test_what_was_deployed_stands_with_who_when_and_on_which_evidence() -> None:
    known = folded(*ONE).of("trend")
    assert known.standing == Standing("one", "a")
    assert known.progress is None
    (made,) = known.deployments
    assert (made.by, made.since_at, made.evidence, made.reason) == ("ada", AT + timedelta(hours=2), "e", "why")


def test_the_step_in_which_the_verb_died_is_known() -> None:
    began = StepBegan("prod", "trend", 0, STEPS[0])
    progress = folded(deploying(), began).of("trend").progress
    assert progress is not None
    assert progress.step == STEPS[0]
    progress = folded(deploying(), began, StepEnded("prod", "trend", 0, STEPS[0])).of("trend").progress
    assert progress is not None
    assert (progress.step, progress.ended, progress.releasing) == (None, 0, False)


def test_from_the_release_on_the_target_may_have_entered() -> None:
    history = (deploying(), StepBegan("prod", "trend", 1, STEPS[1]))
    progress = folded(*history).of("trend").progress
    assert progress is not None
    assert progress.releasing
    progress = folded(*history, Resuming("prod", "trend", "one", STEPS, "died")).of("trend").progress
    assert progress is not None
    assert progress.releasing


def test_a_known_good_is_one_that_soaked_and_is_not_blocked() -> None:
    assert folded(*ONE).known_good("trend") == ""
    assert folded(*TWO).known_good("trend") == "one"
    assert folded(*TWO).known_good("trend", besides="one") == ""
    assert folded(*TWO, Blocked("prod", "trend", "one", "ada", "bad")).known_good("trend") == ""
    assert folded(*TWO, Soaked("prod", "trend", "two", 48.0, 5)).known_good("trend") == "two"


def test_a_soak_of_a_bundle_that_no_longer_stands_counts_for_nothing() -> None:
    late = (*ONE, deploying("two", "b"), deployed("two", "b"), Soaked("prod", "trend", "one", 48.0, 5))
    assert folded(*late).known_good("trend") == ""


@pytest.mark.parametrize(
    "odd",
    [
        deployed(),
        StepBegan("prod", "trend", 0, STEPS[0]),
        StepEnded("prod", "trend", 0, STEPS[0]),
        Resuming("prod", "trend", "one", STEPS, "died"),
        Undoing("prod", "trend", "one", STEPS, "died"),
        Undone("prod", "trend", "one", "died", "two"),
        Draining("prod", "trend", "one", "two", AT, TradePolicy.CARRY, "ada"),
        Drained("prod", "trend", "one", 0),
        Retired("prod", "trend", "one", "gone"),
    ],
)
def test_what_makes_no_sense_holds_entries_until_a_person_has_looked(odd: Fact) -> None:
    state = folded(odd)
    (hold,) = [hold for hold in state.holds("trend", "two") if hold.kind is HoldKind.DOUBT]
    assert hold.reason.startswith("line 1 of the ledger: ")
    assert folded(odd, Released("prod", "trend", "ada", "looked")).holds("trend", "two") == ()


@pytest.mark.parametrize(
    "odd", [deploying("two", "b"), Converging("prod", "trend", STEPS, "why"), StepBegan("prod", "trend", 0, STEPS[1])]
)
def test_what_makes_no_sense_during_a_deployment_holds_entries(odd: Fact) -> None:
    assert [hold.kind for hold in folded(deploying(), odd).of("trend").holds] == [HoldKind.DOUBT]


def test_a_promotion_is_open_until_it_is_deployed_undone_or_blocked() -> None:
    promoted = Promoted("prod", "trend", "two", "ada", "earned it")
    assert folded(*ONE, promoted).of("trend").promoted == "two"
    assert folded(*ONE, promoted, deploying("two", "b"), deployed("two", "b")).of("trend").promoted == ""
    undone = Undone("prod", "trend", "two", "sick", "one")
    assert folded(*ONE, promoted, deploying("two", "b"), undone).of("trend").promoted == ""
    assert folded(*ONE, promoted, Blocked("prod", "trend", "two", "ada", "bad")).of("trend").promoted == ""
    assert folded(*ONE, Promoted("prod", "trend", "one", "ada", "again")).of("trend").promoted == ""


def test_what_stopped_stands_no_more_and_its_history_stays() -> None:
    known = folded(*ONE, Stopped("prod", "trend", "one", "retired")).of("trend")
    assert known.standing is None
    assert known.deployments[0].until_at == AT + timedelta(hours=3)


def test_approvals_are_kept_with_their_line() -> None:
    approved = Approved("prod", ("one",), "p", "ada", AT, "t")
    assert [(record.line, record.fact) for record in folded(*ONE, approved).approvals] == [(3, approved)]


def test_an_entry_of_another_environment_is_refused_with_its_line() -> None:
    other = Blocked("sandbox", "trend", "one", "ada", "bad")
    with pytest.raises(Refused, match="line 2: is an entry of 'sandbox'"):
        fold_ledger(entries(deploying(), other), "prod")


def test_an_unknown_kind_is_refused_not_ignored() -> None:
    with pytest.raises(Refused, match="line 2: holds an entry of the unknown kind 'teleported'"):
        fold_ledger([*entries(deploying()), Entry(2, AT, "teleported", {}, "", "")], "prod")


def entries(*history: Fact) -> list[Entry]:
    return [
        follow(Head(length=line - 1), AT, kind_of(fact), body_of(fact)) for line, fact in enumerate(history, start=1)
    ]


def test_the_latest_that_a_bundle_has_shown_is_kept() -> None:
    first, last = Observed("prod", "trend", "one", 1.0, 0), Observed("prod", "trend", "one", 2.0, 1)
    other = Observed("prod", "trend", "two", 9.0, 9)
    assert folded(*ONE, first, last, other).of("trend").observed == {"one": last, "two": other}
