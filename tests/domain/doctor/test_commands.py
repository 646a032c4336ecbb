"""What doctor tells people to type is what the command understands."""

import click
import pytest

from pipeline.cli.main import freqtrain
from pipeline.domain.doctor import commands
from pipeline.domain.doctor.commands import Mend

BUNDLE = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    "told",
    [
        *(commands.mend("test", one) for one in Mend),
        commands.converge("test", "--again"),
        commands.again("test", BUNDLE),
        commands.release("test", "dip"),
        commands.hold("test", "dip", "--exit"),
        commands.fetch("c" * 40),
        commands.fetch(""),
        commands.verb("watch", "test", "--once"),
        commands.verb("log", "test", "--verify"),
        commands.verb("secrets set", "test"),
        commands.verb("deploy", "test", "aaaaaaaaaaaa"),
    ],
)
def test_every_command_parses(told: str) -> None:
    words = commands.shlex.split(told)
    assert words.pop(0) == "freqtrain"
    group: click.Command = freqtrain
    while isinstance(group, click.Group):
        found = group.get_command(click.Context(group), words.pop(0))
        assert found is not None, told
        group = found
    context = click.Context(group)
    group.parse_args(context, words)


def test_paths_are_quoted() -> None:
    assert commands.on_files("chmod go-rwx", ["/a b/c", "/d"]) == "chmod go-rwx '/a b/c' /d"
