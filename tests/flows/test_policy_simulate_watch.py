"""Looking every day: the watch's rates are what they are said to be, the naive test's are not, and the quick way is the judge's."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from pipeline.config.trading import load_trading_environment
from pipeline.domain.statistics.betting import against_high, against_low, stakes
from pipeline.domain.statistics.bootstrap import seeded
from pipeline.domain.trades import ClosedTrade
from pipeline.domain.trading import TradingEnvironment
from pipeline.domain.trading.terms import KEEPS_ITS_PROMISE
from pipeline.domain.train.boarding import Demands
from pipeline.domain.train.decide import Decision, Observation, decide
from pipeline.domain.train.edge import HIGH_ERROR, LOW_ERROR, Promise
from pipeline.domain.verdict import ALL_WINDOWS, Measurement, Subject
from pipeline.domain.watch_rates import LEAST_LARGE, LEAST_SMALL, MOST_PROMOTED, MOST_TAKEN_BACK
from pipeline.domain.watched_worlds import World, trade
from pipeline.errors import Refused
from pipeline.flows.policy_simulate_watch import WORLDS, simulate_watch, tolerated_by
from pipeline.render.watch_rates import document, table
from tests.fakes import FakeNarrator
from tests.needs import ROOT


def environment(name: str = "prod") -> TradingEnvironment:
    return load_trading_environment(ROOT / "environments" / f"{name}.yml", {}).environment


def test_the_default_demands_have_the_rates_that_are_promised_and_a_repeated_t_test_has_not() -> None:
    simulated = simulate_watch(environment(), 3000, 1, FakeNarrator())
    assert simulated.as_promised
    goals = [row for row in simulated.rows if row.goal]
    assert len(goals) == 2
    for row in goals:
        assert row.nothing is not None
        assert row.naive_nothing is not None
        assert row.kept.high <= MOST_TAKEN_BACK
        assert row.small.share >= LEAST_SMALL
        assert row.large.low >= LEAST_LARGE
        assert row.nothing.high <= MOST_PROMOTED
        assert row.naive_kept.low > 5 * MOST_TAKEN_BACK
        assert row.naive_nothing.low > 4 * MOST_PROMOTED
    for row in simulated.rows:
        if not row.world.promise_trades:
            assert row.kept.high <= MOST_TAKEN_BACK
        assert row.nothing is not None
        assert row.nothing.high <= MOST_PROMOTED


def test_the_same_seed_tells_the_same_and_another_another() -> None:
    first, again, other = (simulate_watch(environment(), 60, seed, FakeNarrator()) for seed in (3, 3, 4))
    assert first == again
    assert first.rows != other.rows


def test_a_tolerance_is_kept_to() -> None:
    tolerant = replace(KEEPS_ITS_PROMISE, at_least=-0.001)
    assert tolerated_by((tolerant,)) == 0.001
    strict = simulate_watch(environment(), 400, 1, FakeNarrator())
    loose = simulate_watch(replace(environment(), staying=(tolerant,)), 400, 1, FakeNarrator())
    assert all(b.small.share < a.small.share for a, b in zip(strict.rows, loose.rows, strict=True))
    assert "A trade may fall 0.1 % short of the promise." in table(loose)
    assert "MISSED: at least 45 % wanted" in table(loose)
    assert not loose.as_promised


def test_an_environment_that_compares_with_no_promise_is_refused() -> None:
    with pytest.raises(Refused, match="there is nothing to simulate"):
        simulate_watch(replace(environment(), staying=()), 1, 1, FakeNarrator())


def test_where_no_edge_is_demanded_that_is_said() -> None:
    simulated = simulate_watch(environment("sandbox"), 20, 1, FakeNarrator())
    assert simulated.rows[0].nothing is None
    assert "No edge is demanded before a bundle boards 'sandbox': those without one board as well." in table(simulated)


def test_the_tables_hold_every_world_and_programs_get_the_same() -> None:
    simulated = simulate_watch(environment(), 40, 1, FakeNarrator())
    text = table(simulated)
    assert all(text.count(f"\n{world.name}  ") == 2 for world, _ in WORLDS)
    rows = document(simulated)["rows"]
    assert isinstance(rows, list)
    assert len(rows) == len(WORLDS)


@pytest.mark.parametrize("world", [world for world, _ in WORLDS], ids=lambda world: world.name)
def test_worlds_spread_as_they_say(world: World) -> None:
    made = trade(world, 400, 300, seeded("spread"))
    assert made.sums.std() == pytest.approx(world.scale.group, rel=0.04)
    assert made.counts.mean() == pytest.approx(world.scale.size, rel=0.02)
    assert abs(made.sums.mean()) < 0.03 * world.scale.group
    assert (made.counts.sum(axis=1) >= 300).mean() > 0.999
    shifted = made.shifted(0.01)
    assert shifted.sums.sum() == pytest.approx(made.sums.sum() + 0.01 * made.counts.sum())


@pytest.mark.parametrize("mean", [-0.006, 0.0, 0.006])
def test_what_is_simulated_is_what_decide_decides(mean: float) -> None:
    world = WORLDS[1][0]
    made = trade(world, 12, 120, seeded(f"decide {mean}")).shifted(mean)
    promise = Promise(0.001, world.scale, 100, (Measurement("edge_high_ratio", 0.001, ALL_WINDOWS, Subject.BACKTEST),))
    demands = Demands(0.0, 1, environment().boarding.thresholds)  # type: ignore[union-attr]
    taken = against_high(made.sums, made.counts, 0.001, stakes(world.scale, HIGH_ERROR))
    shown = against_low(made.sums, made.counts, 0.0, stakes(world.scale, LOW_ERROR, low=True))
    began = datetime(2025, 1, 1, tzinfo=UTC)
    curve = pd.Series([1.0, 1.0], index=pd.date_range(began, periods=2))
    for run in range(12):
        trades = tuple(
            ClosedTrade("A/USDT", at, at, 1, 1, 1, 1, 0, 0, each, each, "", "")
            for day in range(made.sums.shape[1])
            for at in [began + timedelta(days=day)]
            for each in np.full(int(made.counts[run, day]), made.sums[run, day] / made.counts[run, day])
        )
        found = decide(Observation("s", "b", 1.0, trades, (), curve), promise, (KEEPS_ITS_PROMISE,), demands)
        if (taken[run] >= stakes(world.scale, HIGH_ERROR).target).any():
            expected = Decision.ROLL_BACK
        else:
            edge = (shown[run] >= stakes(world.scale, LOW_ERROR, low=True).target).any()
            expected = Decision.PROMOTE if edge else Decision.HOLD
        assert found.decision is expected
