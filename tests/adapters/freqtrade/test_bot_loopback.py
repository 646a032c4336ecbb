"""A rehearsal's bot reaches nothing but this machine. An audit hook stays for good, so each case has a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.bot_ground import EAGER, Home, running
from tests.needs import ROOT

pytestmark = [pytest.mark.processes]

FENCED = "from pipeline.adapters.freqtrade.bot_loopback import stay_on_loopback; stay_on_loopback(); import socket\n"


def fenced(code: str) -> str:
    """What a fenced process prints, or the last line of its error."""
    done = subprocess.run(
        [sys.executable, "-c", FENCED + code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize(
    "code",
    [
        "socket.create_connection(('192.0.2.1', 443), timeout=1)",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))",
        "socket.getaddrinfo('exchange.invalid', 443)",
        "socket.gethostbyname('exchange.invalid')",
        "socket.socket(socket.AF_INET6).connect(('2001:db8::1', 443))",
        "socket.socket().bind(('192.0.2.1', 0))",
    ],
)
def test_another_machine_is_out_of_reach(code: str) -> None:
    assert "PermissionError: a rehearsal reaches nothing but this machine" in fenced(code)


def test_this_machine_is_not() -> None:
    code = (
        "s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen()\n"
        "c = socket.create_connection(('localhost', s.getsockname()[1]), timeout=5)\n"
        "a, b = socket.socketpair(); print('reached')"
    )
    assert fenced(code) == "reached"


@pytest.mark.sockets
def test_a_bot_is_fenced_in_before_its_strategy_is_loaded(tmp_path: Path) -> None:
    """192.0.2.1 is nobody's address (RFC 5737), should the fence not hold."""
    reaching = "import socket\nsocket.create_connection(('192.0.2.1', 443), timeout=0.2)\n"
    home = Home(tmp_path, "http://127.0.0.1:9", strategy=reaching + EAGER, settings={"loopback_only": True})
    with running(home) as bot:
        assert bot.code() == 2
        assert "the strategy cannot be loaded" in bot.said()
        assert "a rehearsal reaches nothing but this machine, and not 192.0.2.1" in bot.said()
