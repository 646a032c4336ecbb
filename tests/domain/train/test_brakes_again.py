"""What a brake read is kept where it was reached, and read again it comes to the same; with another limit or another observation it does not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.domain.bot_report import Candle
from pipeline.domain.trades import ClosedTrade
from pipeline.domain.train.account_brake import NAME, Lost, read_account
from pipeline.domain.train.brake_readings import MOST, Share
from pipeline.domain.train.brakes import Closed, Equity, Limits
from pipeline.domain.train.brakes_again import BrakesSee, account_reading, read_again
from pipeline.domain.train.watching import READINGS, Due, Kept, Loop, Remembered
from pipeline.domain.verdict import Finding, Outcome

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SINCE = NOW - timedelta(days=2)
BUNDLE = "sha256:" + "1" * 64
ALL = Limits(0.1, 0.05, 120.0, 3, 4, 2)


def ago(**length: float) -> datetime:
    return NOW - timedelta(**length)


def closed(profit: float, at: datetime) -> ClosedTrade:
    return ClosedTrade("A/USDT", at, at, 1.0, 1.0, 1.0, 20.0, 0.0, 0.0, profit, profit / 20, "", "")


POINTS = (Equity(SINCE, 100.0), Equity(ago(hours=20), 130.0), Equity(ago(hours=13), 112.0), Equity(NOW, 90.0))
TRADES = (
    closed(-1.0, ago(days=3)),
    *(closed(profit, ago(hours=9 - number)) for number, profit in enumerate((-2.0, 1.0, -1.0, -1.0, -0.5))),
)
SEES = BrakesSee(
    *(ALL, SINCE, Loop(ago(hours=5), ago(seconds=130)), POINTS, TRADES, NOW),
    candle=Candle(ago(minutes=30), timedelta(minutes=5)),
    failed_orders=(ago(minutes=3), ago(minutes=1)),
)


def failed(sees: BrakesSee) -> dict[str, Finding]:
    return {one.rule: one for one in sees.read() if one.outcome is Outcome.FAIL}


def test_every_brake_that_there_is_comes_to_the_same_again() -> None:
    found = failed(SEES)
    assert set(found) == set(Limits.__dataclass_fields__)
    for finding in found.values():
        kept = SEES.reading(BUNDLE, finding)
        assert kept is not None
        assert (kept.at, kept.told, kept.bundle) == (NOW, finding.reason, BUNDLE)
        assert read_again(kept) == finding


@pytest.mark.parametrize("brake", sorted(Limits.__dataclass_fields__))
def test_another_limit_is_another_outcome(brake: str) -> None:
    kept = SEES.reading(BUNDLE, failed(SEES)[brake])
    assert kept is not None
    again = read_again(replace(kept, limit=kept.limit * 10))
    assert again is not None
    assert again.outcome is not Outcome.FAIL


def test_only_what_the_brake_read_is_kept() -> None:
    kept = SEES.reading(BUNDLE, failed(SEES)["consecutive_losses"])
    assert kept is not None
    assert [one.profit for one in kept.losses] == [1.0, -1.0, -1.0, -0.5]
    assert (kept.points, kept.loop, kept.candle, kept.failed_orders) == ((), None, None, ())
    drawdown = SEES.reading(BUNDLE, failed(SEES)["drawdown_max_ratio"])
    assert drawdown is not None
    assert (drawdown.points, drawdown.losses) == (POINTS, ())


def test_a_bot_that_never_looped_is_silent_again_from_its_start_or_the_first_look() -> None:
    for loop in (Loop(ago(minutes=5), None), Loop(ago(hours=1), None, ago(minutes=4))):
        sees = replace(SEES, loop=loop)
        finding = failed(sees)["heartbeat_seconds"]
        kept = sees.reading(BUNDLE, finding)
        assert kept is not None
        assert read_again(kept) == finding


def test_more_than_a_watch_can_remember_is_not_kept() -> None:
    many = tuple(closed(-0.1, ago(minutes=MOST + 10 - number)) for number in range(MOST + 1))
    for sees, brake in (
        (replace(SEES, closed=many), "consecutive_losses"),
        (replace(SEES, failed_orders=(NOW,) * (MOST + 1)), "order_errors"),
    ):
        assert sees.reading(BUNDLE, failed(sees)[brake]) is None


def test_the_brake_on_an_account_is_read_again_from_all_its_shares() -> None:
    shares = [
        Share((Equity(ago(hours=13), 100.0), Equity(NOW, 96.0)), Lost(ago(hours=2), 3.0)),
        Share((Equity(NOW, 50.0),)),
    ]
    finding = read_account(0.04, ((one.points, one.before) for one in shares), NOW)
    assert finding.outcome is Outcome.FAIL
    kept = account_reading(Remembered(BUNDLE, SINCE, SINCE), finding, 0.04, shares, NOW)
    assert read_again(kept) == finding
    without = read_again(replace(kept, account=kept.account[1:]))
    assert without is not None
    assert without.outcome is Outcome.PASS


def test_a_brake_that_there_is_no_more_reads_nothing() -> None:
    kept = SEES.reading(BUNDLE, failed(SEES)["order_errors"])
    assert kept is not None
    assert read_again(replace(kept, brake="moon_phase")) is None
    assert SEES.reading(BUNDLE, Finding("brake", NAME, Outcome.FAIL, "x")) is None


def test_readings_stay_when_the_bot_is_another_one_and_each_is_kept_once() -> None:
    reading = SEES.reading(BUNDLE, failed(SEES)["drawdown_max_ratio"])
    bot = Remembered(BUNDLE, SINCE, SINCE, due=(Due("drawdown_max_ratio", "it fell", reading), Due("other", "x")))
    kept = Kept().seeing(bot).seeing(bot)
    assert kept.readings == (reading,)
    assert kept.seeing(None).readings == (reading,)
    assert reading is not None
    for number in range(READINGS + 5):
        kept = kept.seeing(replace(bot, due=(Due("x", "x", replace(reading, limit=float(number))),)))
    assert len(kept.readings) == READINGS
    assert kept.readings[-1].limit == READINGS + 4


def test_profits_are_all_that_is_kept_of_trades() -> None:
    kept = SEES.reading(BUNDLE, failed(SEES)["consecutive_losses"])
    assert kept is not None
    assert kept.losses[-1] == Closed(ago(hours=5), -0.5)
