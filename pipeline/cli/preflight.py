"""`freqtrain preflight`."""

import json
import os
from pathlib import Path

import click

from pipeline.cli.home import home_option
from pipeline.cli.narration import Narration
from pipeline.flows.preflight import outcome
from pipeline.render import preflight as render
from pipeline.wiring import preflight as wiring


@click.command()
@click.option(
    "--require-sandbox/--no-require-sandbox",
    default=lambda: os.environ.get("GITHUB_ACTIONS") == "true",
    help="A sandbox is required; the guard will not do (the default in Actions).",
)
@click.option(
    "--user-data",
    type=click.Path(path_type=Path),
    default=Path("user_data"),
    show_default=True,
    help="freqtrade's user directory, whose disk is looked at.",
)
@click.option(
    "--environment",
    default="",
    metavar="ENV",
    help="Look at this machine as the device of an environment, instead of as one that judges.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@home_option
def preflight(require_sandbox: bool, user_data: Path, environment: str, as_json: bool, home: Path) -> int:
    """Check this machine before anything depends on it: one row a check, and what to do.

    Exit code 3 if something that is required is missing. A sandbox is tried out by starting this very interpreter in it.
    """
    narrator = Narration()
    checked = wiring.preflight(
        user_data, require_sandbox=require_sandbox, narrator=narrator, environment=environment, home=home
    )
    result = outcome(checked)
    if as_json:
        click.echo(json.dumps({"outcome": result.name, "checks": render.document(checked)}, indent=2))
    else:
        click.echo(render.table(checked, narrator.width), nl=False)
    return result
