"""What happens when supervisord is taken away, its files are, or somebody else is in its place."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.adapters.supervisor import locks, master
from pipeline.adapters.supervisor.runtime import SupervisorRuntime
from pipeline.domain.bot import BotState
from pipeline.errors import ToolFailed
from tests.adapters.supervisor.device import SupervisedDevice
from tests.runtime_contract import NAME, Bots, bot, down, lives, started, wait_for

pytestmark = [pytest.mark.processes, pytest.mark.sockets]


def test_bots_end_when_supervisord_is_killed_and_are_told_as_ended_with_it(
    device: SupervisedDevice, bots: Bots
) -> None:
    spec = bots.spec()
    started(device, spec)
    os.kill(device.supervisord(), signal.SIGKILL)
    wait_for(device, lambda: device.processes(spec) == 0)
    found = bot(device.runtime)
    assert (found.state, found.gave_up) == (BotState.DOWN, False)
    assert found.reason.startswith("it ended together with its supervisor")
    assert "finished its loop" in device.runtime.logs(NAME, 1)
    assert started(device, spec).state is BotState.RUNNING
    assert lives(spec) == 2


def test_a_bot_that_outlives_supervisord_is_seen_and_replaced_but_never_doubled(
    device: SupervisedDevice, bots: Bots
) -> None:
    spec = replace(bots.spec(ignore_term=True), stop_seconds=0.5)
    first = started(device, spec)
    os.kill(device.supervisord(), signal.SIGKILL)
    wait_for(device, lambda: not locks.is_held(device.layout.lock))
    orphan = bot(device.runtime)
    assert (orphan.state, orphan.pid, orphan.reason) == (BotState.STOPPING, first.pid, "")
    other = bots.spec("test-swing-b")
    started(device, other)
    assert bot(device.runtime).state is BotState.STOPPING
    second = started(device, spec)
    assert device.pids(NAME) == (second.pid,)
    assert second.pid != first.pid
    os.kill(device.supervisord(), signal.SIGKILL)
    wait_for(device, lambda: not locks.is_held(device.layout.lock))
    device.runtime.stop(NAME, 0.5)
    assert device.processes(spec) == 0
    assert bot(device.runtime).state is BotState.DOWN


def test_files_left_behind_by_a_power_cut_do_not_matter(device: SupervisedDevice, bots: Bots) -> None:
    spec = bots.spec()
    started(device, spec)
    device.reboot()
    assert device.layout.socket.is_socket()
    (device.layout.folder / "supervisord.pid").write_text("1\n")
    device.layout.bot(NAME).record.write_bytes(b"\0" * 100)
    assert bot(device.runtime).state is BotState.DOWN
    assert started(device, spec).state is BotState.RUNNING


def _greets(connection: socket.socket) -> None:
    """Once the whole question is there: its header and its body come in pieces."""
    question = b""
    while not question.endswith(b"</methodCall>\n"):
        if not (piece := connection.recv(4096)):
            return
        question += piece
    connection.sendall(b"HTTP/1.0 200 OK\r\n\r\nhello")


def test_somebody_else_on_the_socket_is_told_and_left_alone(device: SupervisedDevice, bots: Bots) -> None:
    spec = bots.spec()
    device.layout.make()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(device.layout.socket))
        server.listen()

        def answer() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection, suppress(OSError):
                    connection.settimeout(10)
                    _greets(connection)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        with pytest.raises(ToolFailed, match="does not answer as supervisord does"):
            device.runtime.start(spec)
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
    assert device.processes(spec) == 0
    started(device, spec)


def test_a_start_waits_for_a_supervisord_that_is_ending(device: SupervisedDevice, bots: Bots, tmp_path: Path) -> None:
    finish = tmp_path / "finish"
    spec = bots.spec(finish_when=str(finish))
    started(device, spec)
    os.kill(device.supervisord(), signal.SIGTERM)
    wait_for(device, lambda: bot(device.runtime).state is BotState.STOPPING)
    threading.Timer(1.0, finish.touch).start()
    other = started(device, bots.spec("test-swing-b"))
    assert other.state is BotState.RUNNING
    assert bot(device.runtime).reason == "its supervisor was shut down"


def test_a_supervisord_that_speaks_in_another_way_is_told_and_left_alone(device: SupervisedDevice, bots: Bots) -> None:
    spec = bots.spec()
    started(device, spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(device.layout), "identifier", property(lambda _: "freqtrain-2-other"))
        with pytest.raises(ToolFailed, match="belongs to another supervisord, which calls itself 'freqtrain-1-"):
            device.runtime.start(spec)
    assert bot(device.runtime).state is BotState.RUNNING


def test_a_supervisord_that_is_not_ours_is_told_and_left_alone(device: SupervisedDevice, bots: Bots) -> None:
    device.layout.make()
    configuration = device.home / "other.conf"
    text = f"[supervisord]\nnodaemon=true\nlogfile=/dev/null\nlogfile_maxbytes=0\npidfile={device.home}/other.pid\n"
    text += f"[unix_http_server]\nfile={device.layout.socket}\n[rpcinterface:supervisor]\n"
    text += "supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface\n"
    configuration.write_text(text)
    argv = [sys.executable, "-m", "supervisor.supervisord", "-c", str(configuration)]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as other:
        wait_for(device, lambda: _listens(device.layout.socket))
        with pytest.raises(ToolFailed, match="belongs to another supervisord, which has no part of freqtrain in it"):
            device.runtime.start(bots.spec())
        assert other.poll() is None
        other.terminate()
        other.wait(timeout=60)


def _listens(path: Path) -> bool:
    """supervisord's socket is there a moment before somebody listens on it."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


def test_a_socket_that_was_deleted_is_told_with_the_process_to_end(
    device: SupervisedDevice, bots: Bots, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(master, "LOST_SECONDS", 0.3)
    spec = bots.spec()
    started(device, spec)
    device.layout.socket.unlink()
    with pytest.raises(ToolFailed, match=rf"supervisord runs \(process {device.supervisord()}\), but nobody answers"):
        device.runtime.start(spec)
    assert device.processes(spec) == 1


@pytest.mark.parametrize("name", ["home", "x" * 100])
def test_a_folder_that_was_deleted_under_a_running_supervisord_leads_to_one_bot_again(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest, bots: Bots, name: str
) -> None:
    device = SupervisedDevice(tmp_path_factory.mktemp("d") / name)
    request.addfinalizer(device.end)
    assert (device.layout.socket.parent == device.layout.folder) == (name == "home")
    spec = bots.spec()
    first = started(device, spec)
    earlier = device.supervisord()
    shutil.rmtree(device.layout.folder)
    second = started(device, spec)
    assert device.pids(NAME) == (second.pid,)
    assert second.pid != first.pid
    assert device.supervisord() != earlier
    assert [each.spec for each in device.runtime.running()] == [spec]


def test_supervisord_that_cannot_start_says_why(device: SupervisedDevice, bots: Bots) -> None:
    spec = bots.spec()
    device.layout.make()
    device.layout.log.mkdir()
    with pytest.raises(ToolFailed, match=r"supervisord did not start \(exit code \d+\): .*supervisord.log"):
        device.runtime.start(spec)
    device.layout.log.rmdir()
    started(device, spec)


def test_a_bot_that_cannot_be_launched_is_told_and_not_tried_again(device: SupervisedDevice, bots: Bots) -> None:
    spec = bots.spec()
    broken = SupervisorRuntime(device.home, device.clock, lambda _: ("/no/such/python", "x"))
    with pytest.raises(ToolFailed, match=r"it could not be launched: .*No such file or directory: '/no/such/python'"):
        broken.start(spec)
    found = down(device, spec)
    assert (found.gave_up, found.restarts) == (True, 0)
    assert started(device, spec).state is BotState.RUNNING


def test_a_bot_of_which_a_process_is_left_is_not_launched_beside_it(device: SupervisedDevice, bots: Bots) -> None:
    spec = bots.spec()
    device.layout.bot(NAME).folder.mkdir(parents=True)
    with locks.holding(device.layout.bot(NAME).lock, 1.0, device.clock.sleep):
        with pytest.raises(ToolFailed, match=r"it could not be launched: .*an earlier process of it is still there"):
            device.runtime.start(spec)
        assert device.processes(spec) == 0
    assert started(device, spec).state is BotState.RUNNING
    assert lives(spec) == 1


def test_a_bot_whose_supervisord_has_gone_is_not_launched(device: SupervisedDevice, bots: Bots) -> None:
    spec = bots.spec()
    started(device, spec)
    device.runtime.stop(NAME, 20.0)
    script = ["/bin/sh", str(device.layout.launch_script), str(device.layout.bot(NAME).folder)]
    done = subprocess.run(script, env={"FREQTRAIN_SUPERVISOR_PID": "1"}, timeout=60, check=False)
    assert done.returncode == 125
    assert device.runtime.logs(NAME, 1) == "freqtrain: it could not be launched: supervisord is gone already\n"
    assert lives(spec) == 1


def test_a_bot_whose_output_cannot_be_written_is_not_launched(device: SupervisedDevice, bots: Bots) -> None:
    spec = bots.spec()
    output = device.layout.bot(NAME).output
    output.mkdir(parents=True)
    with pytest.raises(ToolFailed, match="test-swing-a: it could not be launched"):
        device.runtime.start(spec)
    assert lives(spec) == 0
    output.rmdir()
    assert started(device, spec).state is BotState.RUNNING


def test_a_bot_without_a_home_is_not_started(device: SupervisedDevice, bots: Bots) -> None:
    with pytest.raises(ToolFailed, match="its home /no/such/home is not there"):
        device.runtime.start(replace(bots.spec(), home="/no/such/home"))
    assert device.runtime.running() == ()


def test_a_damaged_file_of_a_bot_is_told_and_mended_by_a_start(device: SupervisedDevice, bots: Bots) -> None:
    spec = bots.spec()
    started(device, spec)
    device.layout.bot(NAME).launch.write_text("{}")
    with pytest.raises(ToolFailed, match="does not say what to start"):
        device.runtime.running()
    device.runtime.stop(NAME, 20.0)
    started(device, spec)
    assert bot(device.runtime).spec == spec
