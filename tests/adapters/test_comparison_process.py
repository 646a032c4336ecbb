"""What compares is a process that ends: its answer is believed only as far as it is one."""

import json
import os
import sys
from pathlib import Path

import pytest

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.comparison_process import ComparisonProcess
from pipeline.domain.train.account import Compared
from pipeline.errors import ToolFailed
from pipeline.render.comparisons import document
from tests.adapters.test_decision_process import wait_for

pytestmark = pytest.mark.processes

FOUND = (Compared("dip", "sha256:" + "a" * 64, "the order 7 was filled"), Compared("wave", "sha256:" + "b" * 64, ""))


def ask(program: str, folder: Path, seconds: float = 60.0) -> dict[str, str]:
    argv = [sys.executable, "-I", "-S", "-c", program]
    with ComparisonProcess("prod", argv, SystemClock(), {"PATH": os.environ["PATH"]}, folder, seconds).ask() as asked:
        wait_for(lambda: asked.compared() is not None)
        return asked.compared() or {}


def saying(text: str, code: int) -> str:
    return f"import sys; sys.stdout.write({text!r}); sys.exit({code})"


def test_those_that_differ_are_told(tmp_path: Path) -> None:
    assert ask(saying(json.dumps(document("prod", FOUND)), 3), tmp_path) == {"dip": "the order 7 was filled"}
    assert ask(saying(json.dumps(document("prod", FOUND[1:])), 0), tmp_path) == {}


@pytest.mark.parametrize(
    ("program", "told"),
    [
        (saying(json.dumps(document("sandbox", FOUND)), 3), "answers something else than it was asked"),
        (
            saying('{"environment": "prod", "strategies": [{"strategy": "dip"}]}', 3),
            "strategies.0.told: Field required",
        ),
        (saying("", 0), "answers something else"),
        ("import sys; sys.exit('freqtrain: binance does not answer')", "ended with 1: binance does not answer"),
        (
            "import sys; sys.stderr.write('freqtrain: nobody gave the key'); sys.exit(3)",
            "ended with 3: nobody gave the key",
        ),
        ("import time; time.sleep(600)", "did not end within 0.2 s"),
    ],
    ids=["another environment", "another shape", "nothing", "failed", "was refused", "hangs"],
)
def test_whatever_else_it_does_compared_nothing(program: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(ToolFailed, match=told):
        ask(program, tmp_path, 0.2 if "sleep" in program else 60.0)
