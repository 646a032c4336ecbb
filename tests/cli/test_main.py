"""The command's groups: complete, and quick because a verb loads what it works with and nothing else."""

import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from pipeline.adapters.process import run
from pipeline.cli.main import GROUPS, freqtrain
from pipeline.errors import ExitCode

VERBS = [name for verbs in GROUPS.values() for name in verbs]


def test_the_help_lists_every_verb_once():
    said = CliRunner().invoke(freqtrain, ["--help"])
    assert said.exit_code == 0
    listed = [line.split()[0] for line in said.output.splitlines() if line.startswith("  ") and line.split()]
    assert len(set(VERBS)) == len(VERBS)
    assert [name for name in listed if name in VERBS] == VERBS


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_that_the_help_lists_is_there(verb: str):
    command = freqtrain.get_command(click.Context(freqtrain), verb)
    assert isinstance(command, click.Command)
    assert command.name == verb
    assert command.help or isinstance(command, click.Group)


@pytest.mark.processes
@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("pipeline.cli.main", "pandas pydantic jinja2 pipeline.domain pipeline.wiring"),
        ("pipeline.ports", "pandas pipeline.domain"),
        (
            "pipeline.cli.gate",
            "freqtrade ccxt pytest plotly.graph_objects pipeline.domain.train pipeline.config.trading pipeline.cli.gate_shards",
        ),
    ],
)
def test_what_is_loaded_is_what_is_needed(module: str, unwanted: str):
    names = tuple(unwanted.split())
    code = (
        f"import {module}, sys; "
        f"print([m for m in sys.modules if any(m == u or m.startswith(u + '.') for u in {names!r})])"
    )
    root = Path(__file__).resolve().parents[2]
    done = run([sys.executable, "-c", code], timeout_seconds=120, cwd=root)
    assert (done.code, done.out.strip()) == (0, "[]"), done.err


@pytest.mark.processes
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_is_impatient_while_python_tears_down_gets_the_code_of_what_was_done(number: signal.Signals) -> None:
    program = f"""
import os
import pipeline.__main__ as program

class Late:
    def __del__(self, kill=os.kill, pid=os.getpid()):
        kill(pid, {int(number)})

late = Late()
program.run = lambda: {int(ExitCode.INTERRUPTED)}
program.main()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (ExitCode.INTERRUPTED, "")
