"""What all bots of an account lost together on one day."""

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.domain.train.account_brake import Lost, lost_today, read_account
from pipeline.domain.train.brakes import Equity
from pipeline.domain.verdict import Outcome

NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)


def fell(start: float, end: float) -> tuple[Equity, ...]:
    return (Equity(MIDNIGHT - timedelta(minutes=1), start), Equity(NOW, end))


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (fell(100, 85), fell(100, 100), Outcome.PASS),
        (fell(100, 85), fell(100, 95), Outcome.FAIL),
        (fell(100, 60), fell(100, 130), Outcome.PASS),
        (fell(100, 110), fell(100, 110), Outcome.PASS),
    ],
    ids=["one alone is not enough", "a tenth of both", "what another one earned counts", "gains"],
)
def test_all_bots_of_an_account_count_together(
    first: tuple[Equity, ...], second: tuple[Equity, ...], expected: Outcome
) -> None:
    assert read_account(0.1, [(first, None), (second, None)], NOW).outcome is expected


def test_what_deployments_before_lost_on_this_day_counts_and_yesterday_does_not() -> None:
    points = (Equity(NOW - timedelta(minutes=5), 93.0), Equity(NOW, 90.0))
    today, yesterday = Lost(NOW - timedelta(minutes=5), 7.0), Lost(MIDNIGHT - timedelta(seconds=1), 7.0)
    assert read_account(0.1, [(points, today)], NOW).outcome is Outcome.FAIL, "10 of the 100 at midnight"
    assert read_account(0.1, [(points, yesterday)], NOW).outcome is Outcome.PASS
    assert (lost_today(points, today, NOW), lost_today((), today, NOW)) == (10.0, 7.0)


def test_an_account_of_which_nothing_was_observed_is_unknown() -> None:
    assert read_account(0.1, [], NOW).outcome is Outcome.ERROR
    assert read_account(0.1, [((), None)], NOW).outcome is Outcome.ERROR
    assert read_account(0.1, [((Equity(NOW + timedelta(hours=1), 100.0),), None)], NOW).outcome is Outcome.ERROR
    assert read_account(0.1, [(fell(0, 0), None)], NOW).outcome is Outcome.ERROR
    assert read_account(0.1, [(fell(100, 80), None), ((), None)], NOW).outcome is Outcome.FAIL, (
        "what is known is enough"
    )
