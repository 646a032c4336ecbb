"""The option of verbs that may wait for another verb to end."""

import click

wait_option = click.option(
    "--wait",
    "wait_minutes",
    type=click.FloatRange(0, 1440),
    default=0,
    metavar="MINUTES",
    help="Wait that long for another verb that is at work in the environment (default: not at all, exit code 5).",
)
