"""Watching: each brake acts at once and once, silence is noticed, the lease says that somebody can act, and nothing ends the watch but a person."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.domain.bot_report import Trading
from pipeline.domain.train.state import HoldKind
from pipeline.errors import Refused
from pipeline.flows.stop import release
from pipeline.flows.watch import Watching, watch
from tests.flows.road_ground import FakeClock
from tests.flows.watch_ground import BRAKED, OLD, STRATEGY, Bank, bank, bot_name


def brakes_of(device: Bank) -> list[str]:
    holds = device.road().state().of(STRATEGY).holds
    return [hold.reason.partition(":")[0] for hold in holds if hold.kind is HoldKind.BRAKE]


def test_a_healthy_bot_goes_on_and_the_lease_is_fresh(tmp_path: Path) -> None:
    device = bank(tmp_path)
    done = device.round()
    assert (done.problems, done.vouched, device.lease_at) == ((), True, device.clock.now())
    assert (device.entering(), device.told, device.count("braked")) == ([OLD], [], 0)


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
    device = bank(tmp_path, replace(BRAKED, brakes=replace(BRAKED.brakes, daily_loss_max_ratio=BRAKED.brakes.drawdown_max_ratio)))
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


def test_after_a_reboot_the_bot_comes_back_and_is_not_braked_for_the_time_that_it_was_off(tmp_path: Path) -> None:
    device = bank(tmp_path)
    device.round()
    device.processes[bot_name()].alive = device.processes[bot_name()].reads_database = False
    device.wait(7200)
    device.round()
    device.wait(10)
    device.round()
    assert (device.entering(), brakes_of(device), device.violations) == ([OLD], [], [])


def test_a_bot_that_was_given_up_stays_down_and_is_told_of_once(tmp_path: Path) -> None:
    device = bank(tmp_path)
    gone = device.processes[bot_name()]
    gone.alive = gone.reads_database = False
    road = device.road()
    given_up = [replace(bot, gave_up=True, reason="it crashed three times") for bot in road.runtime.running()]
    post = replace(device.post(), road=replace(road, runtime=_Held(given_up)))
    for _ in range(2):
        Watching(post).round()
    assert device.alive() == []
    assert device.told == [f"sandbox: {STRATEGY}: {bot_name()} is down and stays down: it crashed three times"]


def test_a_loop_that_was_stopped_without_anybody_having_asked_is_brought_back(tmp_path: Path) -> None:
    device = bank(tmp_path)
    device.processes[bot_name()].state = Trading.STOPPED
    device.round()
    assert (device.entering(), device.violations) == ([OLD], [])


def test_another_verb_at_work_goes_first_and_brakes_wait_for_no_lock(tmp_path: Path) -> None:
    device = bank(tmp_path)
    device.locked_by = "deploy"
    device.processes[bot_name()].state = Trading.PAUSED
    device.round()
    assert device.entering() == []
    device.processes[bot_name()].state = Trading.RUNNING
    device.floating = Decimal(-50)
    device.round()
    assert device.entering() == []
    assert device.count("braked") == 2


def test_a_price_that_is_missing_is_never_healthy_and_brakes_nothing(tmp_path: Path) -> None:
    device = bank(tmp_path)
    device.floating = None
    for _ in range(5):
        device.wait(10)
        device.round()
    assert device.kept[STRATEGY].bot is not None
    assert device.kept[STRATEGY].bot.soaking.healthy == timedelta(0)
    assert device.entering() == [OLD]


def test_a_ledger_that_cannot_be_read_leaves_the_lease_to_grow_old(tmp_path: Path) -> None:
    """Nobody could tell what holds entries, nor record a brake: the bots' own guard then stops them."""
    device = bank(tmp_path)
    device.round()
    at = device.lease_at
    device.lines[0] = b"{}"
    device.wait(10)
    with pytest.raises(Refused):
        watch(device.post(), once=True)
    assert device.lease_at == at


def test_a_brake_that_cannot_be_made_sure_leaves_the_lease_to_grow_old(tmp_path: Path) -> None:
    device = bank(tmp_path)
    watching = Watching(device.post())
    watching.round()
    at = device.lease_at
    device.wait(10)
    device.floating, device.full_disk = Decimal(-50), True
    for _ in range(2):
        done = watching.round()
        device.wait(10)
    assert "no space left on device" in done.problems[0]
    assert (done.vouched, device.lease_at) == (False, at)
    assert device.entering() == [], "it was told, although nothing could be written"
    device.full_disk = False
    assert watching.round().vouched
    assert bot_name() in device.holds


def test_a_doubt_beside_the_database_is_recorded_once_when_it_stays(tmp_path: Path) -> None:
    device = bank(tmp_path)
    device.doubt = ("an order to buy BTC/USDT was sent, and nobody knows what became of it", device.clock.now())
    device.wait(59)
    device.round()
    assert device.entering() == [OLD]
    device.wait(1)
    for _ in range(3):
        device.round()
        device.wait(10)
    assert (device.count("doubted"), device.entering()) == (1, [])
    assert len([told for told in device.told if "the account is not reconciled" in told]) == 1


def test_one_bot_that_breaks_the_watch_leaves_the_others_watched(tmp_path: Path) -> None:
    device = bank(tmp_path)
    road = device.road()
    stranger = replace(road.runtime.running()[0].spec, strategy="alien", name="sandbox-alien-a")
    broken = [*road.runtime.running(), replace(road.runtime.running()[0], spec=stranger)]
    device.floating = Decimal(-50)
    post = replace(device.post(), road=replace(road, runtime=_Held(broken), homes=_Broken(device)))
    done = Watching(post).round()
    assert "ZeroDivisionError" in done.problems[0]
    assert device.entering() == []
    assert device.count("braked") == 2


def test_closed_trades_are_asked_for_only_where_there_are_more_of_them(tmp_path: Path) -> None:
    device = bank(tmp_path)
    device.closes(1.0)
    watching = Watching(device.post())
    for _ in range(3):
        watching.round()
    assert device.asked == ["closed trades"]
    device.closes(1.0)
    watching.round()
    assert len(device.asked) == 2


def test_a_watch_goes_on_until_it_is_interrupted_and_tells_a_failure_once(tmp_path: Path) -> None:
    device = bank(tmp_path)
    good = device.lines[0]
    device.lines[0] = b"{}"
    clock = _Interrupts(device.clock.at, after=6, at_third=lambda: device.lines.__setitem__(0, good))
    post = device.post()
    assert watch(replace(post, road=replace(post.road, clock=clock))) is None
    assert clock.slept == 6
    assert len([told for told in device.told if "nobody watches" in told]) == 1
    assert device.lease_at is not None
    assert "nobody watches 'sandbox' any more" in device.narrator.lines[-1]


def test_while_a_bot_is_proved_the_others_are_watched_and_the_lease_stays_fresh(tmp_path: Path) -> None:
    device = bank(tmp_path)
    device.round()
    begun = device.clock.now()
    gone = device.processes[bot_name()]
    gone.alive = gone.reads_database = False
    device.sick.add(OLD)  # it will not loop, and the proof takes its 30 s
    device.round()
    assert device.lease_at is not None
    assert device.lease_at > begun + timedelta(seconds=15)


def test_what_cannot_be_mended_is_tried_less_and_less_often(tmp_path: Path) -> None:
    device = bank(tmp_path)
    gone = device.processes[bot_name()]
    gone.alive = gone.reads_database = False
    device.sick.add(OLD)
    for _ in range(120):
        device.wait(30)
        device.round()
    assert 2 <= device.count("converging") <= 8
    assert len([told for told in device.told if "was not proved healthy" in told]) <= 2


class _Held:
    def __init__(self, bots: list[object]) -> None:
        self.bots = bots

    def running(self) -> tuple[object, ...]:
        return tuple(self.bots)


class _Broken:
    """Homes of which one makes the watch stumble."""

    def __init__(self, device: Bank) -> None:
        self._homes = device.road().homes

    def __getattr__(self, name: str) -> object:
        def call(spec: object, *more: object) -> object:
            if getattr(spec, "strategy", "") == "alien":
                raise ZeroDivisionError("a mistake")
            return getattr(self._homes, name)(spec, *more)

        return call


class _Interrupts(FakeClock):
    def __init__(self, at: datetime, after: int, at_third: object) -> None:
        super().__init__(at)
        self.after, self.at_third, self.slept = after, at_third, 0

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self.slept += 1
        if self.slept == 3:
            self.at_third()  # type: ignore[operator]
        if self.slept == self.after:
            raise KeyboardInterrupt
