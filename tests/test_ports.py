"""No two tests are given one port, though they run in processes of their own and nobody listens yet."""

import socket
import subprocess
import sys

import pytest

from pipeline.adapters.port_blocks import FIRST, LAST, SIZE
from tests.needs import ROOT
from tests.ports import BEGIN, END, free_places, free_port

pytestmark = [pytest.mark.processes, pytest.mark.sockets]

OTHER = """
import os, sys
os.getpid = lambda: int(sys.argv[1])  # it begins to look where this process does
from tests.ports import free_places, free_port
print(*(free_port() for _ in range(20)), free_places(), flush=True)
sys.stdin.read()
"""


def test_a_port_is_given_once_and_lies_where_the_system_gives_none() -> None:
    given = [free_port() for _ in range(50)]
    assert len(set(given)) == 50
    assert all(BEGIN <= port < END < 32_768 for port in given)
    first = free_port(neighbours=3)
    assert set(range(first, first + 4)).isdisjoint({*given, free_port(), free_port(neighbours=1)})


def test_another_process_is_given_others(monkeypatch: pytest.MonkeyPatch) -> None:
    argv = [sys.executable, "-c", OTHER, "4711"]
    monkeypatch.setattr("os.getpid", lambda: 4711)
    with subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        theirs = {int(word) for word in other.stdout.readline().split()}
        assert len(theirs) == 21
        assert theirs.isdisjoint({free_places(), *(free_port() for _ in range(40))})
        other.communicate("")


def test_where_somebody_listens_nobody_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.getpid", lambda: 815)
    monkeypatch.setattr("tests.ports._given", set())
    port = free_port()
    monkeypatch.setattr("tests.ports._given", set())
    with socket.create_server(("127.0.0.1", port)):
        assert free_port() != port


def test_places_of_devices_are_none_that_a_device_takes_by_itself() -> None:
    place = free_places()
    assert FIRST <= place < LAST - 20
    assert (place - FIRST) % SIZE == SIZE // 2
