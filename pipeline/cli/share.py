"""`freqtrain share`."""

from pathlib import Path

import click

from pipeline.cli.home import home_option
from pipeline.cli.narration import Narration
from pipeline.wiring import share as wiring


@click.command()
@click.argument("environment")
@home_option
def share(environment: str, home: Path) -> None:
    """Write down what an environment's bundles have shown, for a later environment that runs as another user.

    A promotion there reads it, and believes it for a quarter of an hour. No secret is in it.
    """
    count = wiring.share(environment, home, Narration())
    click.echo(f"{count} {'bundle' if count == 1 else 'bundles'} of '{environment}' shared")
