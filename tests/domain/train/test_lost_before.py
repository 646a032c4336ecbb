"""What deployments before lost on a day is found from trades and samples, or is not known; it is never made up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.domain.trades import ClosedTrade
from pipeline.domain.train.account_brake import Lost, forgotten, read_account
from pipeline.domain.train.brakes import Equity
from pipeline.domain.train.decisions import Observed
from pipeline.domain.train.lost_before import Told, counts_from, earlier_today, lost_before, stood_at
from pipeline.domain.train.movements import Purpose
from pipeline.domain.train.samples import Sample
from pipeline.domain.train.state import Deployment, EnvironmentState, Standing, StrategyState
from pipeline.domain.train.watching import Kept, Remembered, taken_up
from pipeline.domain.verdict import Outcome

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
NOW = MIDNIGHT + timedelta(hours=12)
OLDEST, OLD, NEW = "oldest", "old", "new"


def at(hours: float) -> datetime:
    return MIDNIGHT + timedelta(hours=hours)


DEPLOYMENTS = (
    Deployment(OLDEST, "a", at(-48), "", "", "", Purpose.DEPLOY, at(-24)),
    Deployment(OLD, "b", at(-24), "", "", "", Purpose.DEPLOY, at(6)),
    Deployment(NEW, "a", at(6), "", "", "", Purpose.DEPLOY),
)
KNOWN = StrategyState("dip", 0, Standing(NEW, "a"), deployments=DEPLOYMENTS, counts_since=at(6))
STATE = EnvironmentState("prod", {"dip": KNOWN})


def trade(profit: float, opened: float, closed: float) -> ClosedTrade:
    return ClosedTrade("BTC/USDT", at(opened), at(closed), 1, 1, 1, 20, 0, 0, profit, profit / 20, "", "roi")


def sample(hours: float, equity: float | None, balance: float | None = 100.0) -> Sample:
    return Sample("dip", OLD, "USDT", at(hours), "running", balance, equity)


def told(*closed: ClosedTrade, opened: tuple[float, ...] = (), samples: tuple[Sample, ...] = ()) -> Told:
    return Told(closed, closed, [at(hours) for hours in opened], samples)


def lost(known: Told, state: EnvironmentState = STATE) -> float | None:
    return lost_before(known, state, "dip", MIDNIGHT, at(6))


def test_what_was_closed_today_before_the_present_deployment_is_what_was_lost() -> None:
    trades = [trade(-9, -3, -2), trade(-4, 1, 2), trade(1, 3, 4), trade(-7, 7, 8)]
    assert lost(told(*trades)) == 3.0
    assert lost(told()) == 0.0


def test_what_positions_were_worth_at_midnight_was_won_or_lost_before() -> None:
    over_night = trade(-4, -3, 2)
    assert lost(told(over_night, samples=(sample(-0.01, 97.0), sample(0.01, 50.0)))) == 1.0
    assert lost(told(opened=(-1,), samples=(sample(0.01, 105.0),))) == 5.0, (
        "the first one after it, where none is by then"
    )
    assert lost(told(trade(-4, 1, 2), opened=(3,))) == 4.0, "nothing was open at midnight"


@pytest.mark.parametrize(
    ("positions", "samples"),
    [
        ((-3.0,), ()),
        ((-3.0,), (sample(-1, 97.0),)),
        ((-3.0,), (sample(0, None),)),
        ((-3.0,), (sample(0, 97.0, None),)),
        ((-30.0,), (sample(0, 97.0),)),
    ],
    ids=["no sample", "an old one", "no equity", "no balance", "a position that was taken over"],
)
def test_positions_of_which_nobody_knows_the_worth_at_midnight_leave_it_unknown(
    positions: tuple[float, ...], samples: tuple[Sample, ...]
) -> None:
    assert lost(told(opened=positions, samples=samples)) is None


def test_where_nothing_stood_at_midnight_no_position_can_be_told() -> None:
    state = EnvironmentState(
        "prod", {"dip": replace(KNOWN, deployments=(replace(DEPLOYMENTS[1], since_at=at(1)), DEPLOYMENTS[2]))}
    )
    assert stood_at(state, "dip", MIDNIGHT) == ""
    assert lost(told(opened=(-1,), samples=(sample(0, 97.0),)), state) is None
    assert lost(told(trade(-2, 2, 3)), state) == 2.0


def test_fewer_trades_than_the_ledger_has_counted_tell_nothing() -> None:
    counted = {OLD: Observed("prod", "dip", OLD, 5.0, 2), OLDEST: Observed("prod", "dip", OLDEST, 5.0, 900)}
    state = EnvironmentState("prod", {"dip": replace(KNOWN, observed=counted)})
    assert lost(told(trade(-4, 1, 2)), state) is None
    assert lost(told(trade(-4, 1, 2), trade(1, -20, -19)), state) == 4.0


def test_it_counts_from_midnight_or_the_latest_release() -> None:
    assert counts_from((), NOW) == MIDNIGHT
    assert counts_from((at(-5), at(3), at(2), at(13)), NOW) == at(3)
    assert earlier_today(STATE, "dip", MIDNIGHT) == DEPLOYMENTS[1:2]
    assert earlier_today(STATE, "dip", at(7)) == ()


def remembered(since: float, *points: float) -> Remembered:
    return Remembered(OLD, at(since), at(since), tuple(Equity(at(since + n), value) for n, value in enumerate(points)))


@pytest.mark.parametrize(
    ("bot", "expected"),
    [
        (None, Lost(NOW, 0.0, known=False)),
        (remembered(-24, 100, 97), Lost(NOW, 0.0)),
        (remembered(-24), Lost(NOW, 0.0, known=False)),
        (remembered(1, 100, 97), Lost(NOW, 3.0)),
        (replace(remembered(1, 100, 97), lost_before=Lost(at(1), 2.0)), Lost(NOW, 5.0)),
        (replace(remembered(1, 100, 97), lost_before=Lost(at(1), 0.0, known=False)), Lost(NOW, 3.0, known=False)),
        (remembered(-40, 100, 97), Lost(NOW, 0.0, known=False)),
    ],
    ids=["none", "yesterday's loss", "without equity", "today's", "and before", "and not known", "of an earlier one"],
)
def test_a_memory_that_is_not_the_latest_deployments_is_no_memory(bot: Remembered | None, expected: Lost) -> None:
    taken = taken_up(Kept(bot), STATE, "dip", NOW)
    assert taken is not None
    assert taken.lost_before == expected


def test_a_first_deployment_and_a_release_lost_nothing_before() -> None:
    first = EnvironmentState("prod", {"dip": replace(KNOWN, deployments=DEPLOYMENTS[2:])})
    released = EnvironmentState("prod", {"dip": replace(KNOWN, counts_since=at(8))})
    yesterday = [replace(one, since_at=one.since_at - timedelta(days=1)) for one in DEPLOYMENTS]
    yesterday[1] = replace(yesterday[1], until_at=at(-18))
    longer = EnvironmentState("prod", {"dip": replace(KNOWN, deployments=tuple(yesterday), counts_since=at(-18))})
    for state in (first, released, longer):
        taken = taken_up(Kept(), state, "dip", NOW)
        assert taken is not None
        assert taken.lost_before is None


def test_an_account_of_which_a_part_was_forgotten_is_unknown_unless_what_is_known_is_enough() -> None:
    points, part = (Equity(at(6), 100.0), Equity(NOW, 95.0)), Lost(at(6), 0.0, known=False)
    assert read_account(0.06, [(points, part)], NOW).outcome is Outcome.ERROR
    assert "is not known" in read_account(0.06, [(points, part)], NOW).reason
    assert read_account(0.05, [(points, part)], NOW).outcome is Outcome.FAIL
    assert read_account(0.06, [(points, replace(part, at=at(-1)))], NOW).outcome is Outcome.PASS
    assert (forgotten(part, NOW), forgotten(part, at(25)), forgotten(None, NOW)) == (True, False, False)
