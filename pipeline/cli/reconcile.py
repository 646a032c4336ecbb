"""`freqtrain reconcile`."""

import json
from pathlib import Path

import click

from pipeline.cli.home import home_option
from pipeline.cli.narration import Narration
from pipeline.errors import ExitCode
from pipeline.flows.compare import compare
from pipeline.render.comparisons import document, text
from pipeline.wiring import decide as wiring


@click.command()
@click.argument("environment")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@home_option
def reconcile(environment: str, as_json: bool, home: Path) -> int:
    """Compare each bot's account with its database, and change nothing: exit code 3 where one holds what the other does not explain."""
    narrator = Narration(environment)
    road, _, _ = wiring.ground(environment, home, narrator, applies=True)
    found = compare(road)
    told = document(road.environment.name, found) if as_json else None
    click.echo(json.dumps(told, indent=2) if told else text(road.environment, found, narrator.width), nl=bool(told))
    return ExitCode.REFUSED if any(one.told for one in found) else ExitCode.DONE
