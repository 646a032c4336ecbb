"""The rounds of a watch: the lease says that somebody can act, what should run comes back, and nothing ends the watch but a person."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Event

import pytest

from pipeline.adapters.lease_file import LeaseFile
from pipeline.adapters.watch_memory import WatchMemoryFile
from pipeline.domain.bot import BotSpec
from pipeline.domain.bot_report import Trading
from pipeline.domain.train.state import HoldKind
from pipeline.errors import Refused, ToolFailed
from pipeline.flows.watch import Watching, watch
from pipeline.flows.watch_bot import Looks
from tests.fakes import FakeClock
from tests.flows.watch_ground import OLD, STRATEGY, Bank, bank, bot_name


def brakes_of(device: Bank) -> list[str]:
    holds = device.road().state().of(STRATEGY).holds
    return [hold.reason.partition(":")[0] for hold in holds if hold.kind is HoldKind.BRAKE]


def test_a_healthy_bot_goes_on_and_the_lease_is_fresh(tmp_path: Path) -> None:
    device = bank(tmp_path)
    done = device.round()
    assert (done.problems, done.vouched, device.lease_at) == ((), True, device.clock.now())
    assert (device.entering(), device.told, device.count("braked")) == ([OLD], [], 0)


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


def test_a_loop_that_was_stopped_without_anybody_having_asked_manages_its_exits_again_and_enters_nothing(
    tmp_path: Path,
) -> None:
    """freqtrade stops its loop on an error of its own, and then nobody manages exits. Why it did is for a person to see before it enters."""
    device = bank(tmp_path)
    device.processes[bot_name()].state = Trading.STOPPED
    device.round()
    assert (device.processes[bot_name()].state, device.entering(), device.violations) == (Trading.PAUSED, [], [])
    assert "entries_stopped" in device.kinds()


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


def test_a_bot_that_hangs_keeps_no_brake_of_another_one_waiting(tmp_path: Path) -> None:
    device = bank(tmp_path)
    road = device.road()
    stranger = replace(road.runtime.running()[0].spec, strategy="alien", name="sandbox-alien-a")
    both = [*road.runtime.running(), replace(road.runtime.running()[0], spec=stranger)]
    device.floating = Decimal(-50)
    homes = _Hangs(device)
    done = Watching(replace(device.post(), road=replace(road, runtime=_Held(both), homes=homes))).round()
    assert homes.braked_meanwhile[0]
    assert done.vouched
    assert device.count("braked") == 2


def test_a_look_that_had_to_wait_for_what_was_done_elsewhere_is_as_old_as_it_is(tmp_path: Path) -> None:
    """Pausing a hung bot takes half a minute: the loop of the next bot is no older for that."""
    device = bank(tmp_path)
    road = device.road()
    device.floating = Decimal(-50)
    looks = Looks()
    (bot,) = road.runtime.running()
    seen = looks.at(bot, road)
    assert seen.seen_at == device.clock.now()
    device.wait(3600)
    looking = Watching(device.post())._looking
    looking._state = road.state()
    looking._act(STRATEGY, lambda: (seen,))
    assert brakes_of(device) == ["drawdown_max_ratio", "daily_loss_max_ratio"]


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


def test_a_database_that_was_begun_anew_and_came_to_as_many_trades_is_asked_again(tmp_path: Path) -> None:
    """Numbers of trades start again with it, and so may their count."""
    device = bank(tmp_path)
    device.closes(1.0)
    watching = Watching(device.post())
    watching.round()
    device.closed.clear()
    device.closes(-30.0)
    watching.round()
    assert len(device.asked) == 2
    assert "drawdown_max_ratio" in brakes_of(device)


def test_with_real_files_a_second_watch_knows_what_the_first_one_saw(tmp_path: Path) -> None:
    device = bank(tmp_path)
    lease, memory = LeaseFile(tmp_path / "lease"), WatchMemoryFile(tmp_path / "watch.json", device.narrator)
    post = replace(device.post(), lease=lease, memory=memory)
    device.floating = Decimal(20)
    done = watch(post, once=True)
    assert done is not None
    assert done.vouched
    assert (tmp_path / "lease").is_file()
    device.wait(10)
    device.floating = Decimal(8)
    watch(post, once=True)
    assert "drawdown_max_ratio" in brakes_of(device)
    assert device.narrator.lines == []


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


class _Hangs:
    """Homes whose bot of another strategy does not answer before a brake was recorded; `braked_meanwhile` says whether one was."""

    def __init__(self, device: Bank) -> None:
        self._device, self._homes = device, device.road().homes
        self.braked_meanwhile: list[bool] = []

    def bot(self, spec: BotSpec) -> object:
        if spec.strategy != "alien":
            return self._homes.bot(spec)
        for _ in range(6000):
            if self._device.count("braked"):
                break
            Event().wait(0.01)
        self.braked_meanwhile.append(self._device.count("braked") > 0)
        raise ToolFailed("no answer in time")

    def __getattr__(self, name: str) -> object:
        return getattr(self._homes, name)


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
