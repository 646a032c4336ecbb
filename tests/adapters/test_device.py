"""The device, looked at: this one."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.adapters.device import ThisDevice
from pipeline.adapters.machine import MIB

DEVICE = ThisDevice()


def test_a_folder_that_is_not_there_yet_is_writable_where_it_can_be_made(tmp_path: Path) -> None:
    assert DEVICE.writable(tmp_path / "home" / "prod")
    assert list(tmp_path.iterdir()) == [], "looking leaves nothing behind"
    (tmp_path / "file").write_text("")
    assert not DEVICE.writable(tmp_path / "file")
    assert not DEVICE.writable(tmp_path / "file" / "below")


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a file system that takes no files")
def test_a_file_system_that_takes_no_files_is_not_writable() -> None:
    assert not DEVICE.writable(Path("/proc/self"))


def test_a_database_is_as_large_as_all_that_lies_beside_it(tmp_path: Path) -> None:
    database = tmp_path / "dip.live.sqlite"
    assert DEVICE.size_mib(database) == 0
    database.write_bytes(b"x" * MIB)
    (tmp_path / "dip.live.sqlite-wal").write_bytes(b"x" * MIB)
    (tmp_path / "dip.live.sqlite.lock").write_bytes(b"x" * MIB)
    assert DEVICE.size_mib(database) == 2


def test_disk_and_memory_are_told(tmp_path: Path) -> None:
    assert DEVICE.free_disk_mib(tmp_path / "not" / "there") > 0
    assert DEVICE.available_memory_mib() > 0
    assert DEVICE.used_memory_mib(os.getpid()) > 5


@pytest.mark.processes
def test_a_process_that_is_gone_uses_nothing() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert DEVICE.used_memory_mib(gone.pid) == 0
    assert DEVICE.used_memory_mib(0) == 0, "0 is nobody's number, and not every process's"


@pytest.mark.processes
def test_children_count(tmp_path: Path) -> None:
    child = "import sys; held = b'x' * (200 << 20); print('ready', flush=True); sys.stdin.read()"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    with subprocess.Popen([sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == b"ready\n"
        assert DEVICE.used_memory_mib(process.pid) > 200
        process.stdin.close()


@pytest.mark.sockets
def test_a_port_is_free_until_somebody_listens_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert not DEVICE.port_is_free(port)
    assert DEVICE.port_is_free(port)
    assert DEVICE.port_is_free(port), "looking does not take it"


@pytest.mark.sockets
def test_who_listens_everywhere_has_the_port_as_well() -> None:
    with socket.create_server(("0.0.0.0", 0)) as server:
        assert not DEVICE.port_is_free(server.getsockname()[1])
