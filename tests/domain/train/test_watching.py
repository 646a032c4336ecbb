"""What a watch makes of its looks: equity, the few points that brakes need, heartbeats of processes, own trades, and when to try again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.trades import ClosedTrade
from pipeline.domain.trading import Boarding, Brake, BrakeAction, Brakes, RollBack
from pipeline.domain.train.brakes import Equity, Limits, Watched, read
from pipeline.domain.train.movements import Purpose
from pipeline.domain.train.state import Deployment, EnvironmentState, StrategyState
from pipeline.domain.train.watching import (
    Kept,
    Loop,
    equity_at_start,
    equity_now,
    limits_of,
    own_trades,
    read_brakes,
    reduced,
    rolls_back,
    soak_of,
    unseen_equity,
)
from pipeline.domain.verdict import Outcome
from tests.domain.trading.samples import LIVE

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
SINCE = NOW - timedelta(days=1)
LIMITS = Limits(0.1, 0.05, 120.0, 3)


def trade(profit: float, closed_at: datetime, opened_at: datetime | None = None) -> ClosedTrade:
    opened = opened_at or closed_at - timedelta(minutes=1)
    return ClosedTrade("BTC/USDT", opened, closed_at, 1, 1, 1, 20, 0, 0, profit, profit / 20, "", "roi")


def test_brakes_become_limits_by_name() -> None:
    stop = BrakeAction.STOP_ENTRIES
    brakes = Brakes(Brake(0.2, stop), Brake(0.1, stop), Brake(60.0, stop))
    assert limits_of(brakes) == Limits(0.2, 0.1, 60.0, None)
    assert limits_of(replace(brakes, consecutive_losses=Brake(4.0, stop))).consecutive_losses == 4


@pytest.mark.parametrize(("who", "alone"), [("manual", False), ("brakes", True), ("automatic", True)])
def test_a_brake_takes_back_only_where_it_is_its_action_and_no_persons_matter(who: str, alone: bool) -> None:
    back = replace(LIVE.brakes, drawdown_max_ratio=Brake(0.1, BrakeAction.STOP_AND_ROLL_BACK))
    environment = replace(LIVE, brakes=back, roll_back=RollBack(who))
    assert rolls_back(environment, "drawdown_max_ratio") is alone
    assert not rolls_back(environment, "daily_loss_max_ratio")


def test_equity_is_the_capital_less_old_losses_and_all_that_came_since() -> None:
    lost, won = trade(-30, SINCE - timedelta(hours=1)), trade(50, SINCE - timedelta(hours=1))
    after = trade(-4, SINCE + timedelta(hours=1))
    hundred = Decimal(100)
    assert equity_at_start(hundred, [lost], SINCE) == 70
    assert equity_at_start(hundred, [won], SINCE) == 100
    assert equity_now(hundred, Decimal(-35), [lost, after], SINCE, NOW).value == 65.0
    assert equity_now(hundred, Decimal(45), [won, after], SINCE, NOW).value == 95.0


def test_what_nobody_saw_is_told_by_the_trades() -> None:
    closed = [trade(10, SINCE + timedelta(hours=2)), trade(-3, SINCE + timedelta(hours=1))]
    points = unseen_equity(Decimal(100), closed, SINCE, None)
    assert [point.value for point in points] == [100.0, 97.0, 107.0]
    seen_at = SINCE + timedelta(minutes=90)
    assert [point.value for point in unseen_equity(Decimal(100), closed, SINCE, seen_at)] == [107.0]


@given(st.lists(st.tuples(st.integers(0, 60 * 60), st.integers(1, 400)), max_size=12), st.integers(0, 60 * 24))
def test_the_few_points_that_are_kept_read_as_all_of_them_do(looks: list[tuple[int, int]], later: int) -> None:
    """At every look the points are reduced anew, over several midnights."""
    everything: list[Equity] = []
    kept: tuple[Equity, ...] = ()
    now = SINCE
    for minutes, value in looks:
        now += timedelta(minutes=minutes)
        point = Equity(now, float(value))
        everything.append(point)
        kept = reduced([*kept, point], now)
    now += timedelta(minutes=later)
    assert len(kept) <= 4
    assert read(LIMITS, Watched(SINCE, now, kept, ()), now) == read(LIMITS, Watched(SINCE, now, everything, ()), now)


def heartbeat(loop: Loop | None) -> Outcome | None:
    found = [f for f in read_brakes(LIMITS, SINCE, loop, [], [], NOW).findings if f.rule == "heartbeat_seconds"]
    return found[0].outcome if found else None


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def test_a_process_that_was_started_anew_is_given_the_time_of_the_heartbeat() -> None:
    assert heartbeat(Loop(ago(100), None)) is Outcome.ERROR
    assert heartbeat(Loop(ago(100), ago(7200))) is Outcome.ERROR
    assert heartbeat(Loop(ago(120), None)) is Outcome.FAIL
    assert heartbeat(Loop(ago(7200), ago(119))) is Outcome.PASS
    assert heartbeat(Loop(ago(7200), ago(120))) is Outcome.FAIL


def test_silence_of_which_nothing_is_known_counts_from_the_first_look_and_other_silence_from_the_last_loop() -> None:
    assert heartbeat(Loop(ago(7200), None, silent_from=ago(119))) is Outcome.ERROR
    assert heartbeat(Loop(ago(7200), None, silent_from=ago(120))) is Outcome.FAIL
    assert heartbeat(Loop(ago(7200), ago(130), silent_from=ago(5))) is Outcome.FAIL


def test_a_bot_that_is_down_has_no_heartbeat_to_read() -> None:
    assert heartbeat(None) is None


def test_only_what_the_bundle_opened_and_closed_itself_is_its_own() -> None:
    first = Deployment("one", "a", SINCE, "", "", "", Purpose.DEPLOY, SINCE + timedelta(hours=4))
    other = Deployment("two", "b", SINCE + timedelta(hours=4), "", "", "", Purpose.DEPLOY, SINCE + timedelta(hours=8))
    again = Deployment("one", "a", SINCE + timedelta(hours=8), "", "", "", Purpose.DEPLOY)
    state = EnvironmentState("prod", {"dip": StrategyState("dip", 0, deployments=(first, other, again))})

    def at(hours: float) -> datetime:
        return SINCE + timedelta(hours=hours)

    spans = [(1, 2), (3, 5), (5, 6), (-1, 1), (9, 10), (3, 9)]
    closed = [trade(1, at(closes), at(opens)) for opens, closes in spans]
    assert own_trades(closed, state, "dip", "one") == 3
    assert own_trades(closed, state, "dip", "two") == 1
    assert own_trades(closed, state, "dip", "three") == 0


def test_the_next_environments_demand_makes_a_bundle_known_to_be_good() -> None:
    assert soak_of(LIVE, Boarding(336.0, 30)) == Boarding(336.0, 30)
    assert soak_of(LIVE, None) == LIVE.boarding
    assert soak_of(replace(LIVE, boarding=None), None) == Boarding(24.0, 1)


@pytest.mark.parametrize(("tries", "minutes"), [(1, 1), (2, 2), (3, 4), (7, 60), (5000, 60)])
def test_trying_again_waits_longer_each_time_and_an_hour_at_the_most(tries: int, minutes: int) -> None:
    kept = Kept(None, tries, NOW)
    assert not kept.may_try(NOW + timedelta(minutes=minutes, seconds=-1))
    assert kept.may_try(NOW + timedelta(minutes=minutes))
    assert kept.may_try(NOW - timedelta(days=1)), "a clock that was set back keeps nobody waiting"
    assert Kept().may_try(NOW)
