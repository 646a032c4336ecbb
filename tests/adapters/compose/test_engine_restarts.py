"""An engine of the test's own is killed and started again: nothing comes back by itself, nothing is doubled, and each call says what it met."""

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from pipeline.domain.bot import BotState
from pipeline.errors import ToolFailed
from tests.adapters.compose.device import ContainerDevice, PortedBots
from tests.adapters.compose.engine import docker
from tests.bot_ground import until
from tests.needs import missing
from tests.runtime_contract import NAME, bot, lives, started, wait_for

pytestmark = [pytest.mark.processes, pytest.mark.sockets]


class Engine:
    """A dockerd beside the machine's own, which it leaves alone: its files are in one folder, its network is no other's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = f"unix://{folder}/docker.sock"
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        """Run it, and wait until it answers."""
        own = ("--data-root", str(self.folder / "data"), "--exec-root", str(self.folder / "exec"))
        network = ("--bridge", "none", "--iptables=false", "--ip-forward=false", "--ip-masq=false")
        files = ("--host", self.address, "--pidfile", str(self.folder / "docker.pid"))
        # In a network of its own: an engine without a default bridge removes that of the machine's engine.
        apart = ("unshare", "--net", "sh", "-c", 'ip link set lo up && exec dockerd "$@"', "dockerd")
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen([*apart, *own, *network, *files], stdout=log, stderr=log)
        until(self._answers, lambda: (self.folder / "log").read_text()[-2000:])

    def kill(self) -> None:
        """As when it crashes; its containers go on without it."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        # Its containerd dies with it, a moment later; the next one would take the number in this file for it.
        number = self.folder / "exec/containerd/containerd.pid"
        until(lambda: not _runs(int(number.read_text())), lambda: "containerd outlives dockerd")
        number.unlink()
        (self.folder / "docker.pid").unlink(missing_ok=True)

    def end(self) -> None:
        """As when the device is shut down."""
        assert self._process is not None
        self._process.terminate()
        self._process.wait(timeout=120)

    def _answers(self) -> bool:
        done = subprocess.run(["docker", "--host", self.address, "info"], capture_output=True, check=False)
        return done.returncode == 0


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture(scope="module")
def own_engine(image: str) -> Iterator[Engine]:
    if os.getuid() != 0 or not all(shutil.which(name) for name in ("dockerd", "unshare", "ip")):
        missing("dockerd, and the right to start one in a network of its own")
    folder = Path("/tmp") / f"freqtrain-engine-{os.getpid()}"  # A socket's path must be short.
    folder.mkdir()
    engine = Engine(folder)
    try:
        engine.begin()
        docker("save", "--output", str(folder / "image.tar"), image)
        docker("--host", engine.address, "load", "--input", str(folder / "image.tar"))
        yield engine
    finally:
        left = subprocess.run(
            ["docker", "--host", engine.address, "ps", "-aq"], capture_output=True, text=True, check=False
        )
        for container in left.stdout.split():
            docker("--host", engine.address, "rm", "--force", container)
        engine.kill()
        mounted = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines() if str(folder) in line]
        for path in sorted(mounted, reverse=True):
            subprocess.run(["umount", "--lazy", path], capture_output=True, check=False)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def engine(own_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setenv("DOCKER_HOST", own_engine.address)
    return own_engine


def test_an_engine_that_restarts_brings_nothing_back_and_a_start_does(
    engine: Engine, image: str, tmp_path: Path
) -> None:
    device, bots = ContainerDevice(tmp_path / "home", image), PortedBots(tmp_path / "bots")
    spec = bots.spec(finish_seconds=0)
    first = started(device, spec)

    engine.kill()
    for call in (device.runtime.running, lambda: device.runtime.start(spec), lambda: device.runtime.stop(NAME, 1.0)):
        with pytest.raises(ToolFailed, match="Docker's engine does not answer"):
            call()

    engine.begin()
    wait_for(device, lambda: bot(device.runtime).state is BotState.DOWN)
    found = bot(device.runtime)
    assert (found.gave_up, found.pid) == (False, 0)
    assert found.reason != ""
    assert found.since >= first.since
    assert lives(spec) == 1
    assert started(device, spec).state is BotState.RUNNING
    assert device.processes(spec) == 1

    engine.end()
    engine.begin()
    found = bot(device.runtime)
    assert (found.state, found.reason) == (BotState.DOWN, "its engine or the device was shut down")
    assert "finished its loop" in device.runtime.logs(NAME, 1)
    assert lives(spec) == 2
    device.end()


def test_an_engine_that_dies_while_a_bot_is_stopped_is_told_and_the_next_call_finds_its_way(
    engine: Engine, image: str, tmp_path: Path
) -> None:
    device, bots = ContainerDevice(tmp_path / "home", image), PortedBots(tmp_path / "bots")
    spec = bots.spec(finish_seconds=8)
    started(device, spec)
    met: list[BaseException] = []

    def stop() -> None:
        try:
            device.again().stop(NAME, 60.0)
        except ToolFailed as error:
            met.append(error)

    thread = threading.Thread(target=stop)
    thread.start()
    wait_for(device, lambda: bot(device.runtime).state is BotState.STOPPING)
    engine.kill()
    thread.join()
    assert [type(error) for error in met] == [ToolFailed]
    engine.begin()
    wait_for(device, lambda: bot(device.runtime).state is BotState.DOWN)
    device.runtime.stop(NAME, 1.0)
    bots.spec()
    assert started(device, spec).state is BotState.RUNNING
    assert device.processes(spec) == 1
    device.end()
