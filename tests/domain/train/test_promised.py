"""What evidence promises: nearly what its trades do, and nothing where it is made of simulated data or lacks a number."""

import math
import statistics
from typing import Any

import pytest

from pipeline.domain.train.edge import promise_of
from pipeline.domain.train.promised import promise_from, promise_in
from tests.domain.train.test_edge import trades

VALUES = {"profit_mean_ratio": 0.01, "sharpe_per_trade": 0.2, "trades": 40.0, "trades_independent": 30.0}


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


def test_the_gates_numbers_promise_nearly_what_its_trades_do() -> None:
    past = trades(0.005, 400, "past")
    spread, mean = statistics.stdev(t.profit_ratio for t in past), statistics.fmean(t.profit_ratio for t in past)
    values = {
        "profit_mean_ratio": mean,
        "sharpe_per_trade": mean / spread,
        "trades": 400.0,
        "trades_independent": 400.0,
    }
    told, exact = promise_from(values), promise_of(past)
    assert told is not None
    assert exact is not None
    assert told.mean == pytest.approx(exact.mean, abs=0.0005)
    assert told.scale.single == pytest.approx(exact.scale.single, rel=0.01)
    fewer = promise_from({**values, "trades_independent": 100.0})
    assert fewer is not None
    assert fewer.scale.single == pytest.approx(2 * told.scale.single)
    assert [m.metric for m in told.measurements] == ["profit_mean_ratio", "edge_high_ratio"]


@pytest.mark.parametrize("name", ["profit_mean_ratio", "sharpe_per_trade", "trades", "trades_independent"])
@pytest.mark.parametrize("value", [None, math.nan, math.inf, 0.0])
def test_a_number_that_is_missing_promises_nothing(name: str, value: float | None) -> None:
    values = {"profit_mean_ratio": 0.01, "sharpe_per_trade": 0.2, "trades": 40.0, "trades_independent": 30.0}
    assert promise_from(values) is not None
    values |= {name: value} if value is not None else {}
    if value is None:
        del values[name]
    if (name, value) != ("trades", 0.0):
        assert promise_from(values) is None
