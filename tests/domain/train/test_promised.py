"""What evidence promises: what its trades do, and nothing where it is made of simulated data or lacks a number."""

import math
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from pipeline.domain.costs import Fills
from pipeline.domain.luck import Sample, day_values
from pipeline.domain.trades import ClosedTrade
from pipeline.domain.train.edge import edge_measurements, promise_of
from pipeline.domain.train.promised import promise_from, promise_in
from tests.domain.train.test_edge import BEGAN, trade, trades

VALUES = {"day_mean_ratio": 0.01, "day_spread_ratio": 0.03, "day_trades": 1.5, "trades": 40.0}


def document(**more: Any) -> dict[str, Any]:
    told = [
        {"subject": "candidate", "window": "all together", "metric": name, "value": value}
        for name, value in VALUES.items()
    ]
    told += [{"subject": "market", "window": "all together", "metric": "trades", "value": 9999}]
    told += [{"subject": "candidate", "window": "early", "metric": "trades", "value": 7}]
    return {"simulated": False, "measurements": told} | more


def test_a_document_promises_what_was_measured_of_its_candidate_in_all_windows() -> None:
    assert promise_in(document()) == promise_from(VALUES)
    assert promise_in(document()) is not None


def test_simulated_data_promise_nothing_but_in_a_rehearsal() -> None:
    assert promise_in(document(simulated=True)) is None
    assert promise_in(document(simulated=True), simulated=True) == promise_from(VALUES)


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"simulated": False},
        {"simulated": False, "measurements": "none"},
        {"simulated": False, "measurements": [3, {"metric": 1}]},
        {"measurements": document()["measurements"]},
    ],
)
def test_a_document_that_says_something_else_promises_nothing(broken: dict[str, Any]) -> None:
    assert promise_in(broken) is None


def test_the_gates_numbers_promise_what_its_trades_do() -> None:
    past = [
        replace(one, opened_at=BEGAN + timedelta(days=n // 3, hours=n % 3)) for n, one in enumerate(trades(0.005, 400))
    ]
    measured = {m.metric: m.value for m in day_values(sample_of_trades(past))}
    told, exact = promise_from({**measured, "trades": 400.0, "win_rate_ratio": 0.6}), promise_of(past)
    assert told is not None
    assert exact is not None
    assert (told.mean, told.scale.group, told.scale.size, told.trades) == pytest.approx(
        (exact.mean, exact.scale.group, exact.scale.size, exact.trades)
    )
    assert {m.metric: m.value for m in told.measurements} == {"win_rate_ratio": 0.6, "edge_high_ratio": told.mean}


def test_few_large_gains_are_no_broken_promise() -> None:
    """Measured without the clip, the promise would be far above what the very same trades show."""
    ratios = [0.3 if number % 10 == 0 else -0.02 for number in range(400)]
    made = [trade(ratio, BEGAN + timedelta(days=n)) for n, ratio in enumerate(ratios)]
    promise = promise_of(made)
    assert promise is not None
    found = {m.metric: m.value for m in edge_measurements(made, (), promise)[:2]}
    assert found["edge_high_ratio"] > promise.mean
    assert promise.mean < sum(ratios) / 400 - 0.005


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_a_number_that_is_missing_promises_nothing(name: str, value: float | None) -> None:
    values = (
        {**VALUES, name: value} if value is not None else {key: kept for key, kept in VALUES.items() if key != name}
    )
    assert promise_from(values) is None
    assert promise_from({**VALUES, "day_spread_ratio": 0.0}) is None


def sample_of_trades(made: list[ClosedTrade]) -> Sample:
    count = len(made)
    numbers, none = np.zeros(count), np.zeros(0)
    return Sample(
        windows=("all",),
        window=np.zeros(count, dtype=np.int64),
        pair=np.zeros(count, dtype=np.int64),
        profit=numbers,
        ratio=np.array([one.profit_ratio for one in made]),
        opened=np.array([int(one.opened_at.timestamp()) * 10**9 for one in made], dtype=np.int64),
        closed=np.zeros(count, dtype=np.int64),
        fills=Fills(0, none.astype(np.int64), none, none, none, none, none, none, none),
        wallet=1.0,
        seed="x",
    )
