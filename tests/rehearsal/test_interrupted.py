"""A rehearsal that is interrupted while bots trade leaves no process, no port and no lock behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from tests.needs import ROOT, program

pytestmark = [pytest.mark.processes, pytest.mark.sockets]

PATIENCE_SECONDS = 300.0


def of(folder: Path) -> list[psutil.Process]:
    """Processes that have the rehearsal's home in their command line."""
    found = []
    for one in psutil.process_iter(["cmdline"]):
        if str(folder / "home") in " ".join(one.info["cmdline"] or ()):
            found.append(one)
    return found


def ports(processes: list[psutil.Process]) -> set[int]:
    """Where they listen."""
    found = set()
    for one in processes:
        try:
            listening = [c for c in one.net_connections(kind="inet") if c.status == psutil.CONN_LISTEN]
        except psutil.Error:
            continue
        found |= {connection.laddr.port for connection in listening}
    return found


def is_free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_ctrl_c_ends_all_that_was_started(tmp_path: Path) -> None:
    for name in ("git", "ssh-keygen"):
        program(name)
    folder = tmp_path / "r"
    command = [
        sys.executable,
        "-m",
        "pipeline",
        "rehearse",
        "--folder",
        str(folder),
        "--out",
        str(tmp_path / "page.html"),
    ]
    with (tmp_path / "told.txt").open("wb") as told:
        rehearsal = subprocess.Popen(
            command, cwd=ROOT, stdout=told, stderr=told, start_new_session=True, preexec_fn=listen_to_ctrl_c
        )
        try:
            deadline = time.monotonic() + PATIENCE_SECONDS
            while not (listening := ports(of(folder))):
                assert rehearsal.poll() is None, (tmp_path / "told.txt").read_text()
                assert time.monotonic() < deadline, (tmp_path / "told.txt").read_text()
                time.sleep(0.5)
            os.killpg(rehearsal.pid, signal.SIGINT)
            assert rehearsal.wait(PATIENCE_SECONDS) == 130, (tmp_path / "told.txt").read_text()
        finally:
            rehearsal.kill()
    assert of(folder) == []
    assert {port for port in listening if not is_free(port)} == set()
    assert "interrupted" in (tmp_path / "told.txt").read_text()
    assert not (tmp_path / "page.html").exists()


def listen_to_ctrl_c() -> None:
    """A background job of a shell ignores it, and so would whatever it starts."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
