"""What a device says of itself: read from a system that was laid out for it, and from this one."""

import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from pipeline.adapters import device_facts as facts
from pipeline.adapters.monitor_server import Address, MonitorServer
from pipeline.adapters.monitor_token import Token
from tests.fakes import FakeNarrator
from tests.monitor_served import FakePages, served

MOUNTS = "21 1 {number} / / rw - {kind} {source} rw\n"


def laid_out(root: Path, number: str = "253:0", kind: str = "ext4") -> Path:
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/mountinfo").write_text(MOUNTS.format(number=number, kind=kind, source="/dev/x"))
    return root


def block(root: Path, number: str, uuid: str = "") -> Path:
    device = root / "sys/dev/block" / number
    (device / "slaves").mkdir(parents=True)
    (device / "dm").mkdir()
    (device / "dm/uuid").write_text(uuid)
    return device


def test_a_disk_is_encrypted_where_luks_lies_below_it_however_deep(tmp_path: Path) -> None:
    root = laid_out(tmp_path)
    logical = block(root, "253:0", "LVM-abc")
    assert facts.encrypted(tmp_path, root) is False
    below = block(root, "253:1", "CRYPT-LUKS2-abc-root")
    (logical / "slaves/dm-1").symlink_to(below)
    assert facts.encrypted(tmp_path, root) is True
    (logical / "slaves/sda1").symlink_to(block(root, "8:1"))
    assert facts.encrypted(tmp_path, root) is False


def test_what_nobody_can_tell_is_not_taken_for_encrypted(tmp_path: Path) -> None:
    assert facts.encrypted(tmp_path, laid_out(tmp_path, number="0:33", kind="overlay")) is None


def test_an_encrypting_file_system_counts(tmp_path: Path) -> None:
    assert facts.encrypted(tmp_path, laid_out(tmp_path, number="0:33", kind="fuse.gocryptfs")) is True


@pytest.mark.processes
@pytest.mark.parametrize(("said", "bits"), [("throttled=0x50005", 0x50005), ("throttled=0x0", 0), ("error=1", None)])
def test_a_raspberry_pi_says_what_its_power_is_like(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, bits: int | None
) -> None:
    (tmp_path / "vcgencmd").write_text(f"#!/bin/sh\necho '{said}'\n")
    (tmp_path / "vcgencmd").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert facts.throttled() == bits


@pytest.mark.processes
def test_other_machines_have_no_such_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert facts.throttled() is None


@pytest.mark.sockets
def test_a_port_that_listens_is_seen_with_its_address_and_whose_it_is() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        seen = {(one.address, one.port): one.own for one in facts.listeners(range(port, port + 1))}
    assert seen["127.0.0.1", port] is True


@pytest.mark.processes
@pytest.mark.parametrize(
    ("script", "words", "mend"),
    [
        ("echo 'permission denied while trying to connect' >&2; exit 1", "permission denied", "compose: true"),
        ("""echo '{"ServerErrors":["Cannot connect to the Docker daemon"]}'""", "Cannot connect", "systemctl enable"),
    ],
)
def test_a_docker_that_does_not_answer_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, words: str, mend: str
) -> None:
    (tmp_path / "docker").write_text(f"#!/bin/sh\n{script}\n")
    (tmp_path / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    told, advice = facts.docker().refusal
    assert words in told
    assert mend in advice


@pytest.mark.sockets
def test_a_monitor_answers_though_it_shows_nothing_without_its_token() -> None:
    server = MonitorServer(FakePages(), Address("127.0.0.1", 0), FakeNarrator(), Token("0123456789abcdef01234567"))
    with served(server) as address:
        port = int(address.rstrip("/").rpartition(":")[2])
        assert facts.monitor_problem(port) == ""
    assert facts.monitor_problem(port).startswith("it does not answer: ")


@pytest.mark.sockets
def test_what_listens_on_the_monitors_port_and_is_none_is_not_taken_for_it() -> None:
    handler = type("Other", (BaseHTTPRequestHandler,), {"log_message": lambda *_: None})
    with HTTPServer(("127.0.0.1", 0), handler) as other:
        thread = threading.Thread(target=other.handle_request)
        thread.start()
        assert facts.monitor_problem(other.server_address[1]) == "something else answers there"
        thread.join()


@pytest.mark.processes
@pytest.mark.parametrize(("script", "version"), [("echo 2.38.2", "2.38.2"), ("echo no >&2; exit 1", "")])
def test_compose_says_its_version_or_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, version: str
) -> None:
    (tmp_path / "docker").write_text(f"#!/bin/sh\n{script}\n")
    (tmp_path / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert facts.compose_version() == version
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    assert facts.compose_version() == ""


def test_this_kernels_word_on_its_clock_is_yes_no_or_nothing() -> None:
    assert facts.clock_synchronised() in (True, False, None)


def test_a_moment_in_a_file_needs_its_zone(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("2026-01-02T03:04:05+00:00\n")
    (tmp_path / "b").write_text("2026-01-02T03:04:05\n")
    found = facts.time_in(tmp_path / "a")
    assert found is not None
    assert found.hour == 3
    assert facts.time_in(tmp_path / "b") is None
    assert facts.time_in(tmp_path / "c") is None
