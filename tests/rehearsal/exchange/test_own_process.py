"""The exchange as a process of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from pipeline.rehearsal.exchange import RemoteControl

pytestmark = [pytest.mark.processes, pytest.mark.sockets]

ARGV = [sys.executable, "-m", "pipeline.rehearsal.exchange"]
PARENT = """
import subprocess, sys
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE)
print(child.pid, child.stdout.readline().decode().strip(), flush=True)
sys.stdin.read()
"""


def test_it_prints_its_address_takes_its_settings_from_a_file_and_ends_when_asked(tmp_path: Path) -> None:
    settings = tmp_path / "exchange.json"
    account = {"name": "sandbox", "key": "key", "secret": "secret", "balances": {"USDT": "12.50"}}
    settings.write_text(json.dumps({"accounts": [account], "pairs": ["BTC/USDT"], "seed": 3, "fee_ratio": "0.002"}))
    with subprocess.Popen([*ARGV, "--settings", str(settings)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        control = RemoteControl(process.stdout.readline().decode().strip())
        assert control.state()["accounts"] == {"sandbox": {"USDT": {"free": "12.50", "locked": "0"}}}
        assert set(control.state()["prices"]) == {"BTC/USDT"}
        control.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def test_it_ends_when_its_parent_was_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, *ARGV], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        number, address = parent.stdout.readline().decode().split()
        assert address.startswith("http://127.0.0.1:")
        orphan = psutil.Process(int(number))
        os.kill(parent.pid, signal.SIGKILL)
        psutil.wait_procs([orphan], timeout=30)
        assert not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "Expecting property name"),
        ('{"colour": "red"}', "no setting colour"),
        ('{"pairs": ["DOGE/USDT"]}', "does not know DOGE/USDT"),
        ('{"accounts": [{"name": "x"}]}', "KeyError('key')"),
        ('{"fee_ratio": "much"}', "make no sense"),
        ('{"moves": [{"pair": "BTC/USDT", "at": "2026-01-01T00:00:00+00:00", "ratio": -2}]}', "ratio above -1"),
    ],
)
def test_settings_that_make_no_sense_are_refused_with_the_reason(tmp_path: Path, content: str, words: str) -> None:
    settings = tmp_path / "exchange.json"
    settings.write_text(content)
    done = subprocess.run([*ARGV, "--settings", str(settings)], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr


def test_a_port_that_is_taken_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run([*ARGV, "--port", port], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 4
    assert port in done.stderr
