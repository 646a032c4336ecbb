"""Soak: only healthy time that somebody saw counts, it is kept in the ledger, and a bundle becomes known good once."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.train.decisions import Braked, Observed, Soaked
from pipeline.domain.train.facts import Fact
from pipeline.domain.train.soak import Look, Soaking, looked, resumed, to_record
from tests.domain.train.scenes import deploy, running
from tests.domain.train.world import ENVIRONMENT, NEW, OLD, START, STRATEGY, World

GAP = timedelta(minutes=5)


def seen(*looks: tuple[int, bool]) -> Soaking:
    """After looks at these minutes, healthy or not."""
    soaking = Soaking()
    for minutes, healthy in looks:
        soaking = looked(soaking, Look(START + timedelta(minutes=minutes), healthy, 0), GAP)
    return soaking


def minutes(soaking: Soaking) -> float:
    return soaking.healthy / timedelta(minutes=1)


def facts(world: World, hours: float, trades: int = 0, **more: object) -> tuple[Fact, ...]:
    soaking = Soaking(timedelta(hours=hours), trades)
    given = {"healthy_hours": 2.0, "closed_trades": 1, **more}
    return to_record(soaking, world.state, STRATEGY, **given)  # type: ignore[arg-type]


def test_time_between_healthy_looks_counts() -> None:
    assert minutes(seen((0, True), (5, True), (9, True))) == 9


@pytest.mark.parametrize(
    "looks",
    [
        [(0, True)],
        [(0, True), (6, True)],
        [(0, True), (3, False), (6, True)],
        [(0, False), (3, True)],
        [(3, True), (0, True)],
        [(3, True), (3, True)],
    ],
)
def test_time_that_nobody_saw_or_that_was_not_healthy_counts_for_nothing(looks: list[tuple[int, bool]]) -> None:
    assert minutes(seen(*looks)) == 0


def test_closed_trades_never_become_fewer() -> None:
    soaking = looked(Soaking(closed_trades=5), Look(START, True, 3), GAP)
    assert soaking.closed_trades == 5


@given(st.lists(st.tuples(st.integers(0, 600), st.booleans()), max_size=20))
def test_no_more_time_counts_than_passed(looks: list[tuple[int, bool]]) -> None:
    ordered = sorted(looks)
    soaking = seen(*ordered)
    passed = ordered[-1][0] - ordered[0][0] if ordered else 0
    assert 0 <= minutes(soaking) <= passed


def test_a_watch_goes_on_from_what_the_ledger_kept() -> None:
    world = running(soaked=False)
    assert resumed(world.state, STRATEGY, OLD) == Soaking()
    world.append(Observed(ENVIRONMENT, STRATEGY, OLD, 1.5, 2))
    assert resumed(world.state, STRATEGY, OLD) == Soaking(timedelta(hours=1.5), 2)


def test_what_was_shown_is_recorded_by_the_hour_and_by_the_trade() -> None:
    world = running(soaked=False)
    assert facts(world, 0.9) == ()
    assert facts(world, 1.0) == (Observed(ENVIRONMENT, STRATEGY, OLD, 1.0, 0),)
    assert facts(world, 0.1, 1) == (Observed(ENVIRONMENT, STRATEGY, OLD, 0.1, 1),)
    world.append(Observed(ENVIRONMENT, STRATEGY, OLD, 1.0, 1))
    assert facts(world, 1.9, 1) == ()
    assert facts(world, 1.5, 1, every=timedelta(minutes=30)) != ()


def test_it_is_recorded_when_the_time_has_become_enough_though_trades_are_lacking() -> None:
    """Otherwise the next environment would say that hours are lacking which were seen."""
    world = running(soaked=False)
    world.append(Observed(ENVIRONMENT, STRATEGY, OLD, 1.5, 0))
    assert facts(world, 1.9) == ()
    (told,) = facts(world, 2.1)
    assert told == Observed(ENVIRONMENT, STRATEGY, OLD, 2.1, 0)
    world.append(told)
    assert facts(world, 2.2) == ()


def test_a_bundle_is_known_good_once() -> None:
    world = running(soaked=False)
    told = facts(world, 2.0, 1)
    assert [type(fact) for fact in told] == [Observed, Soaked]
    for fact in told:
        world.append(fact)
    assert world.state.known_good(STRATEGY) == OLD
    assert facts(world, 2.5, 1) == ()


@pytest.mark.parametrize(("hours", "trades"), [(1.99, 1), (2.0, 0)])
def test_a_bundle_that_lacks_time_or_trades_is_not_known_good(hours: float, trades: int) -> None:
    assert not any(isinstance(fact, Soaked) for fact in facts(running(soaked=False), hours, trades))


def test_a_braked_bundle_does_not_become_known_good() -> None:
    world = running(soaked=False)
    world.append(Braked(ENVIRONMENT, STRATEGY, OLD, "drawdown", "-12 %"))
    assert not any(isinstance(fact, Soaked) for fact in facts(world, 2.0, 1))


def test_a_bundle_keeps_what_it_has_shown_when_it_comes_back() -> None:
    world = running(soaked=False)
    world.append(Observed(ENVIRONMENT, STRATEGY, OLD, 1.5, 2))
    deploy(world)
    deploy(world, OLD)
    assert resumed(world.state, STRATEGY, OLD).healthy_hours == 1.5
    assert resumed(world.state, STRATEGY, NEW) == Soaking()


def test_nothing_is_recorded_while_a_deployment_is_under_way() -> None:
    world = running(soaked=False)
    world.never_healthy = {OLD, NEW}
    deploy(world)
    assert world.known.progress is not None
    assert facts(world, 9.0, 9) == ()
