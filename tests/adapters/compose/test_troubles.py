"""What happens when memory is used up, a port is taken, a container is taken away, its health flaps, or whoever asked dies."""

import json
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.adapters.compose.runtime import ComposeRuntime
from pipeline.adapters.compose.seen import GONE
from pipeline.domain.bot import BotState
from pipeline.errors import ToolFailed
from tests.adapters.compose.device import STAND_IN, ContainerDevice, PortedBots, stand_in
from tests.adapters.compose.engine import docker
from tests.needs import ROOT
from tests.runtime_contract import NAME, bot, lives, started, wait_for

pytestmark = [pytest.mark.processes, pytest.mark.sockets]


def test_a_container_is_as_narrow_as_its_file_says(device: ContainerDevice, bots: PortedBots) -> None:
    spec = bots.spec()
    for path in (bots.folder, Path(spec.home), *Path(spec.home).iterdir()):
        os.chown(path, 12345, 23456)
    started(device, spec)
    (found,) = json.loads(docker("inspect", device.container(NAME)))
    host = found["HostConfig"]
    assert host["CapDrop"] == ["ALL"]
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    assert host["ReadonlyRootfs"] is True
    assert (host["Memory"], host["MemorySwap"], host["PidsLimit"]) == (1024 * 2**20, 1024 * 2**20, 512)
    assert host["RestartPolicy"]["Name"] in ("no", "")
    assert host["LogConfig"] == {"Type": "json-file", "Config": {"max-file": "4", "max-size": "5m"}}
    port = str(spec.api_port)
    assert host["PortBindings"] == {f"{port}/tcp": [{"HostIp": "127.0.0.1", "HostPort": port}]}
    assert found["Config"]["User"] == "12345:23456"
    assert found["Image"] == device.image
    mounted = {mount["Source"] for mount in found["Mounts"] if mount["Type"] == "bind"}
    assert mounted == {spec.home, str(device.layout.project("test").files(NAME).state)}
    (pid,) = device.pids(NAME)
    status = Path(f"/proc/{pid}/status").read_text()
    assert "Uid:\t12345\t12345" in status
    assert "CapBnd:\t0000000000000000" in status
    assert "NoNewPrivs:\t1" in status
    told = subprocess.run(
        ["docker", "exec", device.container(NAME), "sh", "-c", "touch /x; touch /tmp/x && echo written"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Read-only file system" in told.stderr
    assert told.stdout == "written\n"


def test_what_listens_in_a_container_is_reached_on_the_loopback_of_the_device(
    device: ContainerDevice, bots: PortedBots
) -> None:
    spec = bots.spec()
    line = f"import socket\ns = socket.create_server(('0.0.0.0', {spec.api_port}))\nwhile True:\n    s.accept()[0].sendall(b'hello')"
    device.runtime = ComposeRuntime(
        device.home, device.clock, device.image, command=lambda _: ("python3", "-I", "-c", line)
    )
    device.runtime.start(spec)
    heard: list[bytes] = []

    def hears() -> bool:
        try:
            with socket.create_connection(("127.0.0.1", spec.api_port), timeout=5) as connection:
                heard.append(connection.recv(100))
        except OSError:
            return False
        return heard[-1] == b"hello"

    wait_for(device, hears)


def test_a_bot_that_the_kernel_ends_for_its_memory_has_crashed_for_that(
    device: ContainerDevice, bots: PortedBots
) -> None:
    spec = replace(bots.spec(mapped_mib=300), memory_mib=128)
    device.runtime.start(spec)
    told = "it used more memory than 128 MiB, and the kernel ended a process of it"
    wait_for(device, lambda: told in bot(device.runtime).reason)


def test_a_port_that_is_taken_is_told_and_nothing_runs(device: ContainerDevice, bots: PortedBots) -> None:
    spec = bots.spec()
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = replace(spec, api_port=server.getsockname()[1])
        with pytest.raises(
            ToolFailed, match=r"test-swing-a could not be started: docker compose up: .*in use|allocated"
        ):
            device.runtime.start(taken)
        found = bot(device.runtime)
        assert (found.state, found.gave_up) == (BotState.DOWN, False)
        assert "it could not be launched" in found.reason
    assert started(device, spec).state is BotState.RUNNING


def test_a_command_that_is_not_in_the_image_is_told_and_not_tried_again(
    device: ContainerDevice, bots: PortedBots
) -> None:
    spec = bots.spec()
    runtime = ComposeRuntime(device.home, device.clock, device.image, command=lambda _: ("/no/bot",))
    runtime.start(spec)
    wait_for(device, lambda: bot(device.runtime).state is BotState.DOWN)
    found = bot(device.runtime)
    assert (found.gave_up, found.restarts) == (True, 0)
    assert found.reason.startswith("it could not be launched: ")
    assert "/no/bot" in found.reason or "No such file" in found.reason


def test_a_container_that_somebody_removed_is_down_and_can_be_started_again(
    device: ContainerDevice, bots: PortedBots
) -> None:
    spec = bots.spec()
    started(device, spec)
    docker("rm", "--force", device.container(NAME))
    found = bot(device.runtime)
    assert (found.state, found.reason, found.gave_up, found.pid) == (BotState.DOWN, GONE, False, 0)
    device.runtime.stop(NAME, 1.0)
    assert started(device, spec).state is BotState.RUNNING


def test_health_that_comes_and_goes_starts_nothing_again(
    device: ContainerDevice, bots: PortedBots, tmp_path: Path
) -> None:
    tag = f"freqtrain-flapping:{os.getpid()}"
    check = "HEALTHCHECK --interval=1s --retries=1 CMD test $(( $(date +%s) / 2 % 2 )) = 1"
    (tmp_path / "image").mkdir()
    (tmp_path / "image/Dockerfile").write_text(f"FROM {device.image}\n{check}\n")
    flapping = docker("build", "-q", "-t", tag, str(tmp_path / "image"), environment={"DOCKER_BUILDKIT": "0"}).strip()
    try:
        device.runtime = ComposeRuntime(device.home, device.clock, flapping, command=stand_in)
        spec = bots.spec()
        before = started(device, spec)
        seen: set[str] = set()

        def flapped() -> bool:
            seen.add(docker("inspect", "--format", "{{.State.Health.Status}}", device.container(NAME)).strip())
            return {"healthy", "unhealthy"} <= seen

        wait_for(device, flapped)
        assert bot(device.runtime) == before
        assert lives(spec) == 1
        device.runtime.shutdown()
    finally:
        docker("image", "rm", "--force", tag)


def test_a_deadline_holds_though_whoever_asked_dies(device: ContainerDevice, bots: PortedBots) -> None:
    spec = bots.spec(ignore_term=True)
    started(device, spec)
    context = multiprocessing.get_context("fork")
    caller = context.Process(target=lambda: device.again().stop(NAME, 10.0))
    caller.start()
    wait_for(device, lambda: bot(device.runtime).state is BotState.STOPPING)
    assert caller.pid is not None
    os.kill(caller.pid, signal.SIGKILL)
    caller.join()
    wait_for(device, lambda: bot(device.runtime).state is BotState.DOWN)
    assert bot(device.runtime).reason.startswith("it was stopped, and killed because it had not ended after 10 s")
    assert device.processes(spec) == 0


def test_what_is_printed_in_a_flood_arrives(device: ContainerDevice, bots: PortedBots) -> None:
    spec = bots.spec(print_mib=1)
    started(device, spec)
    device.runtime.stop(NAME, 20.0)
    lines = device.runtime.logs(NAME, 2000).splitlines()
    assert lines.count("." * 1023) == 1024
    assert "finished its loop" in lines[-1]


def test_the_keeper_refuses_to_run_anywhere_but_as_the_first_process_of_a_container(tmp_path: Path) -> None:
    own = ["-m", "pipeline.adapters.compose.keeper", str(tmp_path), "100", str(tmp_path), sys.executable, STAND_IN]
    done = subprocess.run([sys.executable, *own], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, list(tmp_path.iterdir())) == (125, [])
    assert "only the engine starts this" in done.stderr
