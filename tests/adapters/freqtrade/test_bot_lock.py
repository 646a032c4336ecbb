"""One bot a database: whoever holds the lock keeps it for life."""

import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.adapters.freqtrade.bot_ending import Ending
from pipeline.adapters.freqtrade.bot_lock import hold
from tests.bot_ground import until
from tests.needs import ROOT

pytestmark = pytest.mark.processes

HOLD = """
import sys, time
from pathlib import Path
from pipeline.adapters.freqtrade.bot_ending import Ending
from pipeline.adapters.freqtrade.bot_lock import hold

ending = Ending()
ending.listen()
print("held" if hold(Path(sys.argv[1]), ending, sys.argv[2]) else "ended", flush=True)
if not ending.asked:
    time.sleep(600)
"""


def holder(path: Path, name: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", HOLD, str(path), name]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def heard(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_a_lock_that_is_free_is_taken_and_says_by_whom(tmp_path: Path) -> None:
    path = tmp_path / "new" / "x.lock"
    assert hold(path, Ending(), "first")
    assert b'"bot": "first"' in path.read_bytes()


def test_the_second_waits_until_the_first_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    with holder(path, "first") as first:
        assert heard(first) == "held"
        with holder(path, "second") as second:
            assert second.stderr is not None
            told = f"bot: ready; waiting for the database, which first (process {first.pid}) holds\n"
            assert second.stderr.readline() == told
            first.kill()
            assert heard(second) == "held"
            second.kill()


def test_a_wish_to_end_ends_the_wait(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    with holder(path, "first") as first:
        assert heard(first) == "held"
        with holder(path, "second") as second:
            assert second.stderr is not None
            second.stderr.readline()
            second.terminate()
            assert heard(second) == "ended"
            assert second.wait(60) == 0
        first.kill()


def test_whoever_waits_takes_the_lock_on_the_file_that_the_next_bot_will_find(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    with holder(path, "first") as first:
        assert heard(first) == "held"
        with holder(path, "second") as second:
            assert second.stderr is not None
            second.stderr.readline()
            path.unlink()
            assert heard(second) == "held"
            until(path.exists, lambda: "the lock was taken on a file that nobody can find")
            second.kill()
        first.kill()
