"""The command's groups: complete, and quick because a verb loads what it works with and nothing else."""

import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from pipeline.adapters.process import run
from pipeline.cli.main import GROUPS, freqtrain

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
