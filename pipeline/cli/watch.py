"""`freqtrain watch`."""

from pathlib import Path

import click

from pipeline.cli.home import home_option
from pipeline.cli.narration import Narration
from pipeline.errors import ExitCode
from pipeline.flows import watch as flow
from pipeline.flows.watch_post import INTERVAL_SECONDS
from pipeline.wiring import watch as wiring


@click.command()
@click.argument("environment")
@click.option("--once", is_flag=True, help="One round, then end; exit code 4 where something went wrong.")
@click.option(
    "--interval",
    type=click.FloatRange(*wiring.INTERVALS),
    default=INTERVAL_SECONDS,
    show_default=True,
    envvar=wiring.INTERVAL_VARIABLE,
    show_envvar=True,
    help="Seconds between two rounds.",
)
@home_option
def watch(environment: str, once: bool, interval: float, home: Path) -> int:
    """Look at every bot of an environment, act on its brakes, and keep the lease without which live bots enter nothing."""
    narrator = Narration(environment)
    done = flow.watch(wiring.post(environment, home, narrator, interval, listens=not once), once=once)
    if done is None:
        return ExitCode.DONE
    for problem in done.problems:
        narrator.say(problem)
    click.echo(f"{done.bots} bots looked at; the lease was {'kept' if done.vouched else 'NOT kept'}")
    return ExitCode.TOOL if done.problems else ExitCode.DONE
