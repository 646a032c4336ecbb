"""What closed trades say of the mean: days are one observation, open trades help nobody, and the promise is measured as it is kept."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.statistics.bootstrap import seeded
from pipeline.domain.trades import ClosedTrade
from pipeline.domain.train.edge import (
    Promise,
    by_day,
    edge_measurements,
    promise_of,
    trades_to_refute,
    trades_to_show,
)
from pipeline.domain.verdict import ALL_WINDOWS, Subject

BEGAN = datetime(2025, 1, 1, tzinfo=UTC)


def trade(ratio: float, at: datetime) -> ClosedTrade:
    return ClosedTrade("A/USDT", at, at + timedelta(hours=2), 1, 1, 1, 100, 0, 0, 100 * ratio, ratio, "", "")


def trades(mean: float, count: int, name: str = "edge", a_day: int = 1) -> list[ClosedTrade]:
    ratios = mean + 0.02 * seeded(name).standard_normal(count)
    return [trade(float(r), BEGAN + timedelta(days=n // a_day, hours=n % a_day)) for n, r in enumerate(ratios)]


def values(
    made: list[ClosedTrade], open_since: tuple[datetime, ...] = (), promise: Promise | None = None
) -> dict[str, float]:
    found = edge_measurements(made, open_since, promise)
    return {f"{m.subject}.{m.metric}": m.value for m in found}


def test_trades_of_one_utc_day_are_one_observation_in_order() -> None:
    late = datetime(2025, 1, 2, 0, 30, tzinfo=UTC).astimezone(tz=None)
    days = by_day([trade(0.01, late), trade(0.02, BEGAN), trade(-0.03, BEGAN + timedelta(hours=23))])
    assert days.sums == pytest.approx([-0.01, 0.01])
    assert list(days.counts) == [2, 1]
    assert days.settled == 2


def test_a_day_with_an_open_trade_is_not_settled_and_neither_are_those_after_it() -> None:
    made = [trade(0.01, BEGAN + timedelta(days=n)) for n in range(4)]
    days = by_day(made, (BEGAN + timedelta(days=2, hours=1),))
    assert (days.settled, list(days.counts)) == (2, [1, 1, 2, 1])
    assert math.isinf(days.sums[2])


def test_the_interval_holds_the_mean_and_says_what_was_promised() -> None:
    promise = promise_of(trades(0.005, 400, "past"))
    assert promise is not None
    found = values(trades(0.005, 200), promise=promise)
    assert found["candidate.edge_low_ratio"] < 0.005 < found["candidate.edge_high_ratio"]
    assert found["backtest.edge_high_ratio"] == promise.mean == pytest.approx(0.005, abs=0.003)
    assert found["backtest.profit_mean_ratio"] == pytest.approx(promise.mean, abs=0.001)
    assert {m.window for m in edge_measurements([], (), promise)} == {ALL_WINDOWS}


def test_a_shortfall_is_seen_and_an_edge_is() -> None:
    promise = promise_of(trades(0.005, 400, "past"))
    assert promise is not None
    assert values(trades(-0.005, 200), promise=promise)["candidate.edge_high_ratio"] < promise.mean
    assert values(trades(0.012, 200), promise=promise)["candidate.edge_low_ratio"] > 0


@given(st.lists(st.integers(0, 59), max_size=4), st.integers(10, 60))
def test_open_trades_never_make_evidence_stronger(days: list[int], count: int) -> None:
    made = trades(0.0, count)
    closed, waiting = values(made), values(made, tuple(BEGAN + timedelta(days=d, hours=5) for d in days))
    assert waiting["candidate.edge_high_ratio"] >= closed["candidate.edge_high_ratio"] - 1e-9
    settled = values(made[: min([*days, count])])
    assert waiting["candidate.edge_low_ratio"] == settled["candidate.edge_low_ratio"]


def test_a_trade_that_never_closes_does_not_silence_the_evidence_against_a_bundle() -> None:
    made = trades(-0.01, 200)
    assert values(made, (BEGAN + timedelta(hours=3),))["candidate.edge_high_ratio"] < 0


def test_what_is_no_number_is_measured_as_none() -> None:
    found = values([*trades(0.0, 50), trade(math.nan, BEGAN)])
    assert math.isnan(found["candidate.edge_low_ratio"])
    assert math.isnan(found["candidate.edge_high_ratio"])


def test_without_trades_nothing_is_known_and_nothing_promised() -> None:
    assert values([]) == {"candidate.edge_low_ratio": -math.inf, "candidate.edge_high_ratio": math.inf}
    assert promise_of([]) is None
    assert promise_of(trades(0.01, 7)) is None
    assert promise_of([*trades(0.01, 50), trade(math.inf, BEGAN)]) is None
    assert all(m.subject is not Subject.BACKTEST for m in edge_measurements([], (), None))


def test_power_is_said_in_trades() -> None:
    promise = promise_of(trades(0.005, 4000, "past"))
    assert promise is not None
    exact = replace(promise, mean=0.005)
    assert 90 < trades_to_show(exact) < 150
    assert trades_to_refute(exact, 0.006) < trades_to_refute(exact, 0.003)
    assert trades_to_show(replace(promise, mean=-0.01)) == math.inf
    thrice = [
        replace(one, opened_at=BEGAN + timedelta(days=n, hours=h))
        for n, one in enumerate(trades(0.005, 400))
        for h in (1, 2, 3)
    ]
    clustered = promise_of(thrice)
    assert clustered is not None
    assert trades_to_show(replace(clustered, mean=0.005)) > 2 * trades_to_show(exact)
