"""`freqtrain notify`."""

import json
from pathlib import Path

import click

from pipeline.cli.home import home_option
from pipeline.cli.narration import Narration
from pipeline.domain.canonical import plain
from pipeline.errors import ExitCode
from pipeline.flows import notify as flow
from pipeline.wiring import notices as wiring


@click.command()
@click.argument("environment")
@click.option(
    "--test",
    is_flag=True,
    help="Tell every channel something, with an example of a week's picture, and say what came of it; exit code 4 where one could not be told.",
)
@click.option("--forget", is_flag=True, help="Take the channels away from the watch: nobody is told any more.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@home_option
def notify(environment: str, test: bool, forget: bool, as_json: bool, home: Path) -> int:
    """Say who is told what happens in an environment, and hand on to its watch the channels that came with this process or lie on this device."""
    if test and forget:
        raise click.UsageError("--test and --forget do not go together")
    ground = wiring.ground(environment, home, Narration(environment))
    tried: tuple[flow.Tried, ...] = ()
    code = ExitCode.DONE
    if forget:
        ground.forget()
        told = f"{ground.environment}: nobody is told any more"
    elif test:
        tried = flow.tell_each(ground)
        told = "\n".join(map(_told, tried))
        code = ExitCode.TOOL if any(one.problem for one in tried) else ExitCode.DONE
    else:
        flow.channels(ground)
        told = "\n".join(line.told for line in wiring.notice_lines(ground.environment, home))
    if as_json:
        lines = [plain(line) for line in wiring.notice_lines(ground.environment, home)]
        document = {"outcome": code.name, "notifications": lines, "tested": [plain(one) for one in tried]}
        click.echo(json.dumps(document, indent=2))
    else:
        click.echo(told)
    return code


def _told(one: flow.Tried) -> str:
    without = f", without the picture: {one.lacking}" if one.lacking else ""
    return f"{one.channel}: {one.problem or f'told{without}'}"
