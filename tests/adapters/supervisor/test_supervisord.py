"""supervisord on a real machine: what it inherits, how it stops bots, and what it leaves."""

import json
import os
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from pipeline.adapters.supervisor import locks, record, remains
from pipeline.adapters.supervisor.client import Client
from pipeline.adapters.supervisor.runtime import bot_command
from pipeline.domain.bot import BotState
from tests.adapters.supervisor.device import STAND_IN, SupervisedDevice
from tests.needs import ROOT
from tests.ports import free_port
from tests.runtime_contract import NAME, Bots, bot, lives, started, wait_for

pytestmark = [pytest.mark.processes, pytest.mark.sockets]


def environment(pid: int) -> dict[str, str]:
    return psutil.Process(pid).environ()


def test_neither_supervisord_nor_a_bot_inherits_what_its_caller_knows(
    device: SupervisedDevice, bots: Bots, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("RUNNER_TRACKING_ID", "GITHUB_TOKEN", "ACTIONS_RUNTIME_TOKEN", "EXCHANGE_ACCESS_SECRET", "PYTHONPATH"):
        monkeypatch.setenv(name, "known to the caller")
    found = started(device, bots.spec())
    for pid in (found.pid, device.supervisord()):
        assert "known to the caller" not in environment(pid).values()
    assert set(environment(found.pid)) == {
        *("PATH", "HOME", "TMPDIR", "LANG", "TZ", "PYTHONHASHSEED", "PYTHONDONTWRITEBYTECODE"),
        *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_MAX_THREADS", "FREQTRAIN_BOT"),
    }
    assert environment(found.pid)["FREQTRAIN_BOT"] == str(device.layout.bot(NAME).folder)
    assert psutil.Process(found.pid).cwd() == found.spec.home


def test_supervisord_is_in_a_session_of_its_own_and_outside_any_checkout(device: SupervisedDevice, bots: Bots) -> None:
    started(device, bots.spec())
    supervisord = psutil.Process(device.supervisord())
    assert os.getsid(supervisord.pid) == supervisord.pid
    assert supervisord.ppid() != os.getpid()
    assert Path(supervisord.cwd()) == device.layout.folder
    assert supervisord.terminal() is None


def test_nothing_listens_on_the_network_and_nobody_else_can_look_in(device: SupervisedDevice, bots: Bots) -> None:
    started(device, bots.spec())
    assert psutil.Process(device.supervisord()).net_connections("inet") == []
    assert device.layout.folder.stat().st_mode & 0o777 == 0o700
    assert device.layout.socket.stat().st_mode & 0o077 == 0
    assert device.layout.socket.parent.stat().st_mode & 0o077 == 0
    for path in (device.layout.configuration, device.layout.bot(NAME).launch, device.layout.bot(NAME).output):
        assert path.stat().st_mode & 0o777 == 0o600


def test_bots_outlive_the_caller_and_its_folder(device: SupervisedDevice, bots: Bots, tmp_path: Path) -> None:
    spec = bots.spec()
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from tests.adapters.supervisor.device import SupervisedDevice\n"
        "from tests.runtime_contract import Bots\n"
        "SupervisedDevice(Path(sys.argv[2])).runtime.start(Bots(Path(sys.argv[3])).spec())\n"
    )
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    argv = [sys.executable, "-I", "-c", program, str(ROOT), str(device.home), str(tmp_path / "bots")]
    done = subprocess.run(argv, cwd=checkout, start_new_session=True, timeout=120, check=False)
    assert done.returncode == 0
    checkout.rmdir()
    wait_for(device, lambda: lives(spec) == 1)
    assert bot(device.runtime).state is BotState.RUNNING


def test_the_command_of_a_real_bot_needs_no_folder_and_no_environment(tmp_path: Path, bots: Bots) -> None:
    (tmp_path / "home").mkdir()
    spec = replace(bots.spec(), home=str(tmp_path / "home"))
    argv = bot_command(spec)
    probe = (
        argv[3]
        .replace("runpy.run_module(", "print(sys.argv[1:], ")
        .replace(", alter_sys=True", "")
        .replace("run_name=", "")
    )
    done = subprocess.run(
        [*argv[:3], probe, *argv[4:]], cwd="/", env={}, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == f"['{tmp_path}/home'] pipeline.adapters.freqtrade.bot __main__\n"


def test_a_stop_by_a_signal_to_supervisord_is_orderly(device: SupervisedDevice, bots: Bots) -> None:
    spec = bots.spec(finish_seconds=0.3)
    started(device, spec)
    os.kill(device.supervisord(), signal.SIGTERM)
    wait_for(device, lambda: not locks.is_held(device.layout.lock))
    found = bot(device.runtime)
    assert (found.state, found.reason, found.gave_up) == (BotState.DOWN, "its supervisor was shut down", False)
    assert "finished its loop" in device.runtime.logs(NAME, 1)


def test_a_device_that_goes_down_asks_all_bots_at_once(device: SupervisedDevice, bots: Bots, tmp_path: Path) -> None:
    names = ("test-swing-a", "test-swing-b")
    for name in names:
        started(device, bots.spec(name, finish_when=str(tmp_path / "both were asked")))
    os.kill(device.supervisord(), signal.SIGTERM)
    wait_for(
        device,
        lambda: all(record.read(device.layout.bot(name).record).state is BotState.STOPPING for name in names),
    )
    (tmp_path / "both were asked").touch()


def test_supervisord_that_starts_over_keeps_its_lock_and_forgets_no_bot(device: SupervisedDevice, bots: Bots) -> None:
    spec = bots.spec()
    started(device, spec)
    pid = device.supervisord()
    os.kill(pid, signal.SIGHUP)
    wait_for(device, lambda: device.processes(spec) == 0)
    wait_for(device, lambda: device.runtime.running()[0].state is BotState.DOWN)
    assert locks.is_held(device.layout.lock)
    started(device, spec)
    assert device.supervisord() == pid


def test_a_later_stop_brings_the_deadline_forward(device: SupervisedDevice, bots: Bots) -> None:
    spec = bots.spec(ignore_term=True)
    started(device, spec)
    assert Client(device.layout.socket).call("freqtrain.stop", NAME, 3600.0) is True
    assert bot(device.runtime).state is BotState.STOPPING
    device.runtime.stop(NAME, 0.5)
    assert device.processes(spec) == 0
    assert bot(device.runtime).reason.endswith("killed because it had not ended after 0.5 s")


def test_what_a_bot_prints_is_rotated(device: SupervisedDevice, bots: Bots) -> None:
    spec = bots.spec(print_mib=11)
    started(device, spec)
    output = device.layout.bot(NAME).output
    wait_for(device, lambda: output.with_name("output.log.1").is_file())
    assert output.with_name("output.log.1").stat().st_size <= 5 * 2**20
    assert len(device.runtime.logs(NAME, 3).splitlines()) == 3
    device.runtime.stop(NAME, 20.0)
    assert output.stat().st_size < 6 * 2**20
    assert device.runtime.logs(NAME, 1).startswith("the stand-in bot finished its loop")


def test_a_shutdown_leaves_no_process_socket_or_lock(device: SupervisedDevice, bots: Bots) -> None:
    port = free_port()
    spec = replace(bots.spec(port=port, child="session"), stop_seconds=1.0)
    started(device, spec)
    wait_for(device, lambda: device.processes(spec) == 2)
    device.runtime.shutdown()
    assert device.processes(spec) == 0
    assert remains.marked(device.layout.mark) == ()
    assert not device.layout.socket.exists()
    assert not locks.is_held(device.layout.lock)
    assert not locks.is_held(device.layout.bot(NAME).lock)
    with socket.socket() as again:
        again.bind(("127.0.0.1", port))
    assert json.loads(device.layout.bot(NAME).record.read_text())["reason"] == "its supervisor was shut down"
    device.runtime.shutdown()


def test_the_stand_in_bot_refuses_a_database_that_another_one_holds(bots: Bots, device: SupervisedDevice) -> None:
    spec = bots.spec()
    started(device, spec)
    done = subprocess.run([sys.executable, "-I", "-S", STAND_IN, spec.home], timeout=60, check=False)
    assert done.returncode == 9
