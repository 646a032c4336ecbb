"""The option that names a device's home, for every verb that keeps something there."""

from pathlib import Path

import click

home_option = click.option(
    "--home",
    type=click.Path(path_type=Path),
    envvar="FREQTRAIN_HOME",
    default=lambda: Path.home() / ".freqtrain",
    show_default="~/.freqtrain",
    show_envvar=True,
    help="What this device keeps, outside of any checkout.",
)
