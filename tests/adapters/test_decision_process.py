"""What decides is a process that ends: its answer is believed only as far as it is one, and what hangs or dies decides nothing."""

import json
import os
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.decision_process import DecisionProcess
from pipeline.domain.train.decided import Applied, Conclusion, Decided, Decision
from pipeline.domain.verdict import Verdict
from pipeline.errors import ToolFailed
from pipeline.render.decisions import document

pytestmark = pytest.mark.processes

BUNDLE = "sha256:" + "a" * 64
DECIDED = Decided("dip", BUNDLE, Decision.ROLL_BACK, ("It lost.", "Twice."), Verdict(()), None, (), "41 of 123 trades")


def wait_for(what: Callable[[], bool]) -> None:
    clock = SystemClock()
    for _ in range(1800):
        if what():
            return
        clock.sleep(0.05)
    pytest.fail("it did not come about")


def ask(program: str, folder: Path, seconds: float = 60.0) -> Conclusion:
    """What a program decides about `dip`, which it is given as its last word."""
    argv = [sys.executable, "-I", "-S", "-c", program]
    decider = DecisionProcess("test", argv, SystemClock(), {"PATH": os.environ["PATH"]}, folder, seconds)
    with decider.ask("dip") as asked:
        wait_for(lambda: asked.decided() is not None)
        found = asked.decided()
    assert found is not None
    return found


def saying(text: str) -> str:
    return f"import sys; assert sys.argv[-1] == 'dip'; sys.stdout.write({text!r})"


def test_what_the_verb_says_to_programs_is_understood(tmp_path: Path) -> None:
    said = json.dumps(document("test", [Applied(DECIDED)]))
    assert ask(saying(said), tmp_path) == DECIDED.conclusion


def test_an_answer_that_is_longer_than_a_pipe_holds_arrives_whole(tmp_path: Path) -> None:
    short = Decided("dip", BUNDLE, Decision.HOLD, ("@",) * 500, Verdict(()), None, ())
    text = json.dumps(document("test", [Applied(short)]))
    program = f"import sys; sys.stdout.write({text!r}.replace('@', 'x' * 1000))"
    assert ask(program, tmp_path).reasons == ("x" * 1000,) * 500


@pytest.mark.parametrize(
    ("program", "told"),
    [
        (
            "import sys; sys.exit('freqtrain: the observations cannot be read\\n  hint: x')",
            "with 1: the observations cannot",
        ),
        ("import os; os.kill(os.getpid(), 9)", "ended with -9: it said nothing"),
        ("raise MemoryError", "ended with 1: MemoryError"),
        ("", "answers something else: the whole: "),
        (saying("[]"), "answers something else: the whole: "),
        (saying(json.dumps(document("sandbox", [Applied(DECIDED)]))), "something else than it was asked"),
        (saying(json.dumps(document("test", []))), "something else than it was asked"),
        (saying(json.dumps(document("test", [Applied(DECIDED)])).replace("ROLL_BACK", "SELL")), "than it was asked"),
        (saying(json.dumps(document("test", [Applied(DECIDED)])).replace(BUNDLE, "abc")), "strategies.0.bundle: "),
    ],
)
def test_what_dies_or_says_something_else_decides_nothing(program: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(ToolFailed) as refused:
        ask(program, tmp_path)
    assert told in refused.value.message


def test_what_hangs_is_ended_after_its_time(tmp_path: Path) -> None:
    program = "import os, time; open('pid', 'w').write(str(os.getpid())); time.sleep(600)"
    with pytest.raises(ToolFailed, match=r"did not end within 3 s"):
        ask(program, tmp_path, seconds=3.0)
    pid = (tmp_path / "pid").read_text()
    wait_for(lambda: not Path(f"/proc/{pid}").exists())


def test_whoever_does_not_wait_ends_it(tmp_path: Path) -> None:
    argv = [
        sys.executable,
        "-I",
        "-S",
        "-c",
        "import os, time; open('pid', 'w').write(str(os.getpid())); time.sleep(600)",
    ]
    clock = SystemClock()
    with DecisionProcess("test", argv, clock, {}, tmp_path).ask("dip") as asked:
        wait_for(lambda: (tmp_path / "pid").exists() and bool((tmp_path / "pid").read_text()))
        assert asked.decided() is None
        began = clock.now()
    assert clock.now() - began < timedelta(seconds=60)
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text()}").exists()


def test_what_cannot_be_started_is_said(tmp_path: Path) -> None:
    decider = DecisionProcess("test", [str(tmp_path / "missing")], SystemClock(), {}, tmp_path)
    with pytest.raises(ToolFailed, match="could not be started"), decider.ask("dip"):
        pass
