"""supervisord keeps watches beside bots: the contract with stand-ins, and the real `freqtrain watch` once."""

import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from pipeline.adapters.supervisor.watches import SupervisorWatches
from pipeline.adapters.watch_home import Reads, WatchHome
from pipeline.domain.bot import BotState
from pipeline.domain.watch_process import WatchSpec, watch_name
from pipeline.errors import ToolFailed
from pipeline.flows.attend import attend
from pipeline.flows.road import Road, Watcher
from tests.adapters.supervisor.device import STAND_IN, SupervisedDevice
from tests.cli.freqtrain import freqtrain
from tests.flows.road_ground import Device
from tests.needs import ROOT
from tests.runtime_contract import Bots, started, wait_for
from tests.watches_contract import WatchesContract, watch_of

pytestmark = [pytest.mark.processes, pytest.mark.sockets]


def stand_in(spec: WatchSpec) -> tuple[str, ...]:
    """The command of a stand-in watch."""
    return (sys.executable, "-I", "-S", STAND_IN, spec.home)


class WatchedDevice(SupervisedDevice):
    """A device with stand-ins for watches, too."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.watches = SupervisorWatches(home, self.clock, stand_in)

    def kill_watch(self, environment: str) -> None:
        for pid in self.pids(watch_name(environment)):
            os.kill(pid, signal.SIGKILL)


@pytest.fixture
def device(tmp_path: Path) -> Iterator[WatchedDevice]:
    device = WatchedDevice(tmp_path / "the device's home")
    yield device
    device.end()


class TestSupervisorWatches(WatchesContract):
    def test_bots_and_watches_are_told_apart_and_end_together(
        self, device: WatchedDevice, bots: Bots, spec: WatchSpec
    ) -> None:
        started(device, bots.spec())
        device.watches.start(spec)
        assert [bot.spec.name for bot in device.runtime.running()] == ["test-swing-a"]
        assert [watch.spec for watch in device.watches.watching()] == [spec]
        assert watch_of(device).memory_limit.startswith("256 MiB: ")
        device.runtime.shutdown()
        assert device.pids(watch_name("test")) == ()

    def test_it_inherits_the_variables_that_it_was_given_and_no_others(
        self, device: WatchedDevice, spec: WatchSpec, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("RUNNER_TRACKING_ID", "GITHUB_TOKEN", "EXCHANGE_ACCESS_SECRET", "PYTHONPATH"):
            monkeypatch.setenv(name, "known to the caller")
        device.watches.start(spec)
        known = psutil.Process(watch_of(device).pid).environ()
        assert "known to the caller" not in known.values()
        assert known["STAKE"] == "0100 $X"
        assert psutil.Process(watch_of(device).pid).cwd() == spec.home


@pytest.fixture
def attended(device: WatchedDevice, tmp_path: Path) -> Road:
    """A road whose bots are stand-ins under supervisord, and whose watch is the real one."""
    file = ROOT / "environments" / "test.yml"
    home = WatchHome(device.home, "test", lambda: Reads({"test.yml": file.read_bytes()}), "test", device.clock, 0.5)
    ground = Device(tmp_path).road()
    watcher = Watcher(SupervisorWatches(device.home, device.clock), home)
    return replace(ground, runtime=device.runtime, clock=device.clock, watcher=watcher)


def test_the_real_watch_lives_beside_bots_and_ends_with_the_last(
    device: WatchedDevice, bots: Bots, attended: Road
) -> None:
    """It reads what was written down for it, wherever it is; a second one is refused, one round beside it is not; killed, it comes back."""
    assert attended.watcher is not None
    home = attended.watcher.home
    attend(attended)
    assert attended.watcher.watches.watching() == (), "nothing runs, and nothing should"
    started(device, bots.spec())
    attend(attended)
    assert home.watched_by().startswith("watch by ")
    wait_for(device, lambda: None not in home.looked_at())
    first = watch_of(device)
    attend(attended)
    assert watch_of(device) == first

    second = freqtrain("watch", "test", "--home", device.home)
    assert second.code == 5, second.err
    assert "'test' is watched already: watch by " in second.err
    once = freqtrain("watch", "test", "--home", device.home, "--once")
    assert "1 bots looked at" in once.out, once.err

    device.kill_watch("test")
    wait_for(device, lambda: watch_of(device).restarts == 1 and bool(home.watched_by()))
    device.reboot()
    assert home.watched_by() == ""
    started(device, bots.spec())
    attend(attended)
    assert watch_of(device).state is BotState.RUNNING

    device.runtime.stop("test-swing-a", 20.0)
    attend(attended)
    assert (watch_of(device).state, device.pids(watch_name("test"))) == (BotState.DOWN, ())


def test_a_watch_that_cannot_begin_is_told_with_its_last_words(
    device: WatchedDevice, bots: Bots, attended: Road
) -> None:
    home = WatchHome(device.home, "test", lambda: Reads({"test.yml": b"mode: odd"}), "test", device.clock)
    watcher = Watcher(SupervisorWatches(device.home, device.clock), home)
    started(device, bots.spec())
    with pytest.raises(ToolFailed, match="nobody watches 'test'") as caught:
        attend(replace(attended, watcher=watcher))
    assert "environments/test.yml:1" in caught.value.hint
