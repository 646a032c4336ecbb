"""Soak as the watch counts it: only while seen healthy, by the bundle's own trades, and without filling the ledger."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from pipeline.domain.trading import Boarding
from pipeline.domain.train.decisions import Observed, Soaked
from pipeline.domain.train.facts import recorded
from pipeline.domain.train.plan import Order
from pipeline.flows.deploy import deploy
from pipeline.flows.stop import stop
from pipeline.flows.watch import Watching
from tests.flows.watch_ground import BRAKED, NEW, STRATEGY, Bank, bank


def fresh(tmp_path: Path) -> Bank:
    """The new bundle was deployed a moment ago."""
    device = bank(tmp_path, BRAKED)
    deploy(Order(STRATEGY, NEW, "operator"), device.road())
    device.wait(1)
    return device


def healthy(device: Bank) -> timedelta:
    bot = device.kept[STRATEGY].bot
    assert bot is not None
    return bot.soaking.healthy


def looks(device: Bank, times: int, every: float = 10.0) -> None:
    for _ in range(times):
        device.round()
        device.wait(every)


def observed(device: Bank) -> list[Observed | Soaked]:
    facts = [record.fact for record in recorded(device.entries())]
    return [fact for fact in facts if isinstance(fact, Observed | Soaked) and fact.bundle == NEW]


def test_time_between_healthy_looks_counts_across_restarts_of_the_watch(tmp_path: Path) -> None:
    device = fresh(tmp_path)
    looks(device, 4)
    assert healthy(device) == timedelta(seconds=30)


def test_a_gap_that_nobody_watched_is_not_counted(tmp_path: Path) -> None:
    device = fresh(tmp_path)
    looks(device, 2)
    device.wait(3600)
    looks(device, 2)
    assert healthy(device) == timedelta(seconds=20)


def test_time_without_a_price_or_without_an_answer_or_under_a_stop_is_not_counted(tmp_path: Path) -> None:
    device = fresh(tmp_path)
    looks(device, 2)
    device.floating = None
    looks(device, 3)
    device.floating = Decimal(0)
    looks(device, 2)
    device.silent = {next(name for name, p in device.processes.items() if p.alive)}
    looks(device, 2)
    device.silent = set()
    looks(device, 2)
    assert healthy(device) == timedelta(seconds=30)
    stop((STRATEGY,), device.road(), "operator", "", exits=False)
    looks(device, 3)
    assert healthy(device) == timedelta(seconds=30)


def test_a_bundle_is_known_to_be_good_once_it_showed_what_boarding_demands(tmp_path: Path) -> None:
    device = fresh(tmp_path)
    looks(device, 6)
    (enough,) = observed(device)
    assert (type(enough), enough.closed_trades) == (Observed, 0), "36 s are over, and no trade was closed"
    device.wait(-9)
    device.closes(1.0)
    device.wait(9)
    looks(device, 5)
    assert [type(fact) for fact in observed(device)] == [Observed, Observed, Soaked]
    assert device.road().state().known_good(STRATEGY) == NEW


def test_only_trades_that_the_bundle_opened_and_closed_itself_speak_for_it(tmp_path: Path) -> None:
    device = fresh(tmp_path)
    device.closes(1.0, opened_seconds_ago=3600)  # its predecessor's
    looks(device, 6)
    assert {fact.closed_trades for fact in observed(device)} == {0}
    device.closes(1.0)
    looks(device, 2)
    assert observed(device)[-1].closed_trades == 1


def test_the_ledger_grows_by_the_quarter_of_an_hour_and_not_by_the_look_or_the_trade(tmp_path: Path) -> None:
    device = fresh(tmp_path)
    watching = Watching(device.post())
    for _ in range(144):  # an hour
        watching.round()
        device.wait(15)
        device.closes(0.01)
        device.wait(10)
    facts = observed(device)
    assert len([fact for fact in facts if isinstance(fact, Soaked)]) == 1
    assert 4 <= len(facts) <= 7
    hours = [fact.healthy_hours for fact in facts]
    assert hours == sorted(hours)


def test_a_rehearsal_records_by_the_second(tmp_path: Path) -> None:
    device = fresh(tmp_path)
    post = replace(device.post(Boarding(5 / 3600, 2), observed_seconds=2.0), interval_seconds=1.0)
    watching = Watching(post)
    for _ in range(8):
        watching.round()
        device.closes(0.1, opened_seconds_ago=0.5)
        device.wait(1)
    assert device.road().state().known_good(STRATEGY) == NEW


def test_a_memory_that_was_lost_goes_on_from_the_ledger(tmp_path: Path) -> None:
    device = fresh(tmp_path)
    watching = Watching(device.post())
    for _ in range(100):
        watching.round()
        device.wait(10)
    device.kept = {}
    looks(device, 1)
    assert timedelta(minutes=15) <= healthy(device) < timedelta(minutes=16)
