"""Brakes as the watch acts on them: each at once and once, on what was seen, what trades tell, and what is not known."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from pipeline.domain.bot_report import Trading
from pipeline.domain.trading import Brake
from pipeline.domain.train.plan import Order
from pipeline.domain.train.state import HoldKind
from pipeline.flows.deploy import deploy
from pipeline.flows.stop import release
from pipeline.flows.watch import Watching
from tests.flows.road_ground import Crash
from tests.flows.watch_ground import BRAKED, NEW, OLD, STOPS, STRATEGY, Bank, bank, bot_name


def brakes_of(device: Bank) -> list[str]:
    holds = device.road().state().of(STRATEGY).holds
    return [hold.reason.partition(":")[0] for hold in holds if hold.kind is HoldKind.BRAKE]


def test_a_fall_from_the_peak_stops_entries_once(tmp_path: Path) -> None:
    device = bank(tmp_path)
    device.floating = Decimal(8)
    device.round()
    device.wait(10)
    device.floating = Decimal("-2.9")
    device.round()
    assert brakes_of(device) == ["drawdown_max_ratio"]
    assert (device.entering(), device.alive()) == ([], [OLD])
    assert bot_name() in device.holds
    assert device.processes[bot_name()].state is Trading.PAUSED
    lines, calls = len(device.lines), len(device.told)
    for _ in range(3):
        device.wait(10)
        device.round()
    assert (len(device.lines), len(device.told)) == (lines, calls)


def test_a_drawdown_is_measured_from_the_peak_after_a_restart_of_the_watch(tmp_path: Path) -> None:
    device = bank(
        tmp_path, replace(BRAKED, brakes=replace(BRAKED.brakes, daily_loss_max_ratio=BRAKED.brakes.drawdown_max_ratio))
    )
    device.floating = Decimal(20)
    device.round()  # each round is a watch of its own
    device.wait(10)
    device.floating = Decimal("8.1")
    device.round()
    assert device.entering() == [OLD]
    device.wait(10)
    device.floating = Decimal(8)
    device.round()
    assert "drawdown_max_ratio" in brakes_of(device)


def test_a_memory_that_was_lost_leaves_what_the_trades_tell(tmp_path: Path) -> None:
    device = bank(tmp_path)
    device.closes(20.0)
    device.wait(3600)
    device.closes(-13.0)
    device.round()
    assert device.kept
    assert "drawdown_max_ratio" in brakes_of(device), "120 to 107 is more than a tenth, though nobody looked"


def test_gains_from_before_the_deployment_make_no_brake_looser_and_losses_make_it_tighter(tmp_path: Path) -> None:
    device = bank(tmp_path)
    release((STRATEGY,), device.road(), "operator", "count anew")
    since = device.clock.now()
    device.closes(500.0)
    device.closed[0] = replace(device.closed[0], closed_at=since - timedelta(hours=1))
    device.wait(60)
    device.floating = Decimal(-10)
    device.round()
    assert "drawdown_max_ratio" in brakes_of(device), "10 of 100, not of 600"
    richer, poorer = device, bank(tmp_path / "poorer")
    assert richer.entering() == []
    release((STRATEGY,), poorer.road(), "operator", "count anew")
    poorer.closes(-50.0)
    poorer.closed[0] = replace(poorer.closed[0], closed_at=since - timedelta(hours=1))
    poorer.wait(60)
    poorer.floating = Decimal(-5)
    poorer.round()
    assert "drawdown_max_ratio" in brakes_of(poorer), "5 of the 50 that were left"


def test_the_daily_loss_begins_anew_at_midnight_utc(tmp_path: Path) -> None:
    device = bank(tmp_path)
    midnight = datetime(2026, 1, 2, tzinfo=UTC)
    device.round()
    device.wait((midnight - device.clock.now()).total_seconds() - 5)
    device.floating = Decimal("-4.9")  # of 100 since yesterday's midnight
    device.round()
    assert device.entering() == [OLD]
    device.wait(10)
    device.floating = Decimal("-9.6")  # 4.94 % of the 95.1 that there were at midnight
    device.round()
    assert device.entering() == [OLD]
    device.wait(10)
    device.floating = Decimal("-9.7")
    device.round()
    assert brakes_of(device) == ["daily_loss_max_ratio"] or device.entering() == [OLD]
    device.wait(10)
    device.floating = Decimal("-9.9")
    device.round()
    assert brakes_of(device) == ["daily_loss_max_ratio"]


def test_losing_trades_in_a_row_brake(tmp_path: Path) -> None:
    device = bank(tmp_path)
    for _ in range(3):
        device.wait(10)
        device.closes(-0.1)
    device.round()
    assert brakes_of(device) == ["consecutive_losses"]


FED = replace(BRAKED, brakes=replace(BRAKED.brakes, stale_candles=Brake(3.0, STOPS), order_errors=Brake(2.0, STOPS)))


def test_candles_that_stand_still_brake_though_the_loop_goes_on(tmp_path: Path) -> None:
    device = bank(tmp_path, FED)
    began = device.clock.now()
    device.candle_at = {"DEAD/USDT": began - timedelta(days=9), "BTC/USDT": began - timedelta(minutes=5)}
    watching = Watching(device.post())
    watching.round()
    asked = len(device.asked)
    device.wait(10)
    watching.round()
    assert len(device.asked) == asked, "once a minute is enough"
    device.wait(14 * 60)
    watching.round()
    assert (device.entering(), brakes_of(device)) == ([OLD], [])
    device.wait(60)
    watching.round()
    assert (device.entering(), brakes_of(device)) == ([], ["stale_candles"])


def test_of_many_pairs_some_are_asked_for_by_turns(tmp_path: Path) -> None:
    device = bank(tmp_path, FED)
    device.candle_at = {f"{name}/USDT": device.clock.now() for name in "ABCDEFG"}
    watching = Watching(device.post())
    for _ in range(3):
        device.asked.clear()
        watching.round()
        assert len(device.asked) <= 4
        device.wait(61)
    device.asked.clear()
    watching.round()
    assert {one for one in device.asked if "candles" in one} == {f"candles of {name}/USDT" for name in "CDE"}


def test_an_environment_without_that_brake_asks_for_no_candles(tmp_path: Path) -> None:
    device = bank(tmp_path)
    device.candle_at = {"BTC/USDT": device.clock.now()}
    device.round()
    assert not [one for one in device.asked if "candles" in one]


def test_orders_that_fail_in_a_row_brake(tmp_path: Path) -> None:
    device = bank(tmp_path, FED)
    device.candle_at = {"BTC/USDT": device.clock.now()}
    device.failed_orders = (device.clock.now(),)
    device.round()
    assert device.entering() == [OLD]
    device.failed_orders = (device.clock.now(), device.clock.now())
    device.round()
    assert (device.entering(), brakes_of(device)) == ([], ["order_errors"])
    device.wait(1)
    release((STRATEGY,), device.road(), "operator", "the key was wrong")
    device.round()
    assert device.entering() == [OLD], "those were before the release"


def test_an_account_is_braked_by_what_several_deployments_of_a_day_lost(tmp_path: Path) -> None:
    """Each of them stays below its own limits."""
    limits = replace(BRAKED.brakes, account_loss_max_ratio=Brake(0.06, STOPS))
    device = bank(tmp_path, replace(BRAKED, brakes=limits))
    device.round()
    device.wait(10)
    device.floating = Decimal("-3.5")
    device.round()
    assert (device.entering(), brakes_of(device)) == ([OLD], [])
    deploy(Order(STRATEGY, NEW, "operator"), device.road())
    device.wait(10)
    device.round()
    device.wait(10)
    device.floating = Decimal("-5.9")
    device.round()
    assert (device.entering(), brakes_of(device)) == ([NEW], [])
    device.wait(10)
    device.floating = Decimal("-6.1")
    device.round()
    assert (device.entering(), brakes_of(device)) == ([], ["account_loss_max_ratio"])
    assert "together since midnight UTC" in device.told[-1]
    lines = len(device.lines)
    device.wait(10)
    device.round()
    assert len(device.lines) == lines, "once"
    release((STRATEGY,), device.road(), "operator", "I looked")
    device.wait(10)
    device.round()
    assert device.entering() == [NEW], "a person's release counts anew"


def test_a_bot_whose_loop_hangs_is_braked_after_the_heartbeat(tmp_path: Path) -> None:
    device = bank(tmp_path)
    device.hung_since = device.clock.now()
    device.wait(119)
    device.round()
    assert device.entering() == [OLD]
    device.wait(1)
    device.round()
    assert (brakes_of(device), device.entering()) == (["heartbeat_seconds"], [])


def test_a_bot_that_does_not_answer_is_braked_by_its_home_and_the_lease_stays_fresh(tmp_path: Path) -> None:
    device = bank(tmp_path)
    device.round()
    device.silent.add(bot_name())
    lines = len(device.lines)
    for _ in range(11):
        device.wait(10)
        assert device.round().vouched
    assert (len(device.lines), brakes_of(device)) == (lines, [])
    device.wait(10)
    device.round()
    assert (brakes_of(device), device.entering()) == (["heartbeat_seconds"], [])
    assert device.lease_at == device.clock.now()


def test_of_a_silent_bot_that_nobody_knows_the_silence_counts_from_the_first_look(tmp_path: Path) -> None:
    device = bank(tmp_path)
    device.silent.add(bot_name())
    device.round()
    assert brakes_of(device) == []
    device.wait(120)
    device.round()
    assert brakes_of(device) == ["heartbeat_seconds"]


def test_a_verb_that_swaps_a_bot_is_no_silence_but_one_that_never_ends_is(tmp_path: Path) -> None:
    device = bank(tmp_path)
    device.round()
    device.calls, device.dies_at = 0, (14, True)
    with suppress(Crash):
        deploy(Order(STRATEGY, NEW, "operator"), device.road())
    device.dies_at, device.locked_by = None, "a verb that hangs"
    assert device.road().state().of(STRATEGY).progress is not None
    device.hung_since = device.clock.now()
    device.wait(600)
    device.round()
    assert brakes_of(device) == []
    device.wait(600)
    device.round()
    assert brakes_of(device) == ["heartbeat_seconds"]


def test_what_the_ledger_holds_is_held_by_the_home_whoever_took_that_away(tmp_path: Path) -> None:
    device = bank(tmp_path)
    device.floating = Decimal(-50)
    device.round()
    device.holds.clear()
    device.locked_by = "deploy of somebody"
    device.round()
    assert bot_name() in device.holds


def test_a_clock_that_was_set_back_hides_no_loss(tmp_path: Path) -> None:
    device = bank(tmp_path)
    device.wait(3600)
    device.floating = Decimal(20)
    device.round()
    device.wait(-1800)
    device.floating = Decimal("7.9")
    device.round()
    assert "drawdown_max_ratio" in brakes_of(device)


def test_a_price_that_is_missing_is_never_healthy_and_brakes_nothing(tmp_path: Path) -> None:
    device = bank(tmp_path)
    device.floating = None
    for _ in range(5):
        device.wait(10)
        device.round()
    assert device.kept[STRATEGY].bot is not None
    assert device.kept[STRATEGY].bot.soaking.healthy == timedelta(0)
    assert device.entering() == [OLD]
