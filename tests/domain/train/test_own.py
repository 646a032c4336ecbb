"""Which trades speak for a bundle, and that none speaks twice."""

from dataclasses import replace
from datetime import timedelta

from pipeline.domain.train.movements import Purpose
from pipeline.domain.train.own import joined, own_closed, stood
from pipeline.domain.train.state import Deployment, EnvironmentState, StrategyState
from tests.domain.train.test_edge import BEGAN, trade

HOUR = timedelta(hours=1)


def deployment(bundle: str, since: float, until: float | None) -> Deployment:
    end = None if until is None else BEGAN + until * HOUR
    return Deployment(bundle, "a", BEGAN + since * HOUR, "operator", "", "", Purpose.DEPLOY, until_at=end)


STATE = EnvironmentState(
    "test",
    {
        "dip": StrategyState(
            "dip", deployments=(deployment("old", 0, 10), deployment("new", 10, 20), deployment("old", 20, None))
        )
    },
)


def test_trades_within_the_deployments_of_a_bundle_are_its_own() -> None:
    made = [trade(0.01, BEGAN + hours * HOUR) for hours in (1, 9, 12, 19, 30)]  # each takes two hours
    assert own_closed(made, STATE, "dip", "old") == (made[0], made[4])
    assert own_closed(made, STATE, "dip", "new") == (made[2],)
    assert own_closed(made, STATE, "other", "old") == ()


def test_a_deployment_ends_when_the_next_one_begins() -> None:
    at = BEGAN + 10 * HOUR
    assert (stood(at, STATE, "dip", "old"), stood(at, STATE, "dip", "new")) == (False, True)
    assert stood(BEGAN + 1000 * HOUR, STATE, "dip", "old")


def test_a_trade_that_was_kept_and_is_told_counts_once_to_the_millisecond() -> None:
    kept = trade(0.01, BEGAN)
    told = replace(kept, opened_at=kept.opened_at + timedelta(microseconds=40), fills=())
    other = trade(0.01, BEGAN + HOUR)
    assert joined([kept], [other, told]) == (kept, other)
    assert joined([], []) == ()
