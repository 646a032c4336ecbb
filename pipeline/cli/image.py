"""`freqtrain image`: the images that bots run in, where they run in containers."""

import json
from pathlib import Path

import click

from pipeline.cli.home import home_option
from pipeline.cli.narration import Narration
from pipeline.flows import image_prune as flow
from pipeline.render import images as render
from pipeline.wiring import images as wiring

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")


@click.group()
def image() -> None:
    """See which images this device needs, and remove those that nothing needs."""


@image.command("list")
@json_option
@home_option
def list_(as_json: bool, home: Path) -> None:
    """Say which images of freqtrain are here, and what needs each: bundles that run or are gone back to, containers, other homes."""
    found = flow.look(wiring.ground(home, Narration()))
    click.echo(json.dumps(render.document(found), indent=2) if as_json else render.text(found), nl=as_json)


@image.command()
@click.option("--plan", is_flag=True, help="Say what would be removed, and remove nothing.")
@json_option
@home_option
def prune(plan: bool, as_json: bool, home: Path) -> None:
    """Remove images of freqtrain that nothing needs: never one of a bundle that runs, is to run, or would be gone back to."""
    ground = wiring.ground(home, Narration())
    gone = tuple(need for need in flow.look(ground) if not need.reasons) if plan else flow.prune(ground)
    click.echo(json.dumps(render.document(gone), indent=2) if as_json else render.removed(gone, plan), nl=as_json)
