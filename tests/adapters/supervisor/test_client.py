"""Whoever listens on the socket, or does not, the caller gets an answer within its time."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.adapters.supervisor.client import Client, Unreachable
from pipeline.errors import ToolFailed


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path("s")


@pytest.fixture
def listening(path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        yield server


@pytest.mark.sockets
def test_nobody_is_unreachable(path: Path) -> None:
    with pytest.raises(Unreachable, match="nobody answers on s"):
        Client(path).call("supervisor.getState")


@pytest.mark.sockets
def test_a_socket_that_somebody_left_behind_is_unreachable(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
    with pytest.raises(Unreachable, match="nobody answers on s"):
        Client(path).call("supervisor.getState")


@pytest.mark.sockets
def test_somebody_who_keeps_silent_is_not_waited_for(path: Path, listening: socket.socket) -> None:
    with pytest.raises(ToolFailed, match=r"supervisord did not answer within 0.2 s") as raised:
        Client(path, seconds=0.2).call("supervisor.getState")
    assert not isinstance(raised.value, Unreachable)
