"""`freqtrain policy`: what a policy is worth."""

import json

import click

from pipeline.cli.narration import Narration
from pipeline.domain.watch_rates import WatchSimulated
from pipeline.errors import ExitCode
from pipeline.render import pass_rates, watch_rates
from pipeline.wiring import policy as wiring


@click.group()
def policy() -> None:
    """Find out what a policy is worth before strategies are judged by it."""


@policy.command()
@click.option("--environment", default="ci", show_default=True, metavar="NAME|FILE", help="Whose policy.")
@click.option(
    "--runs",
    type=click.IntRange(1, 100_000),
    help="Strategies of each kind without an edge (default 400); where bots run, bots in each world (default 10000).",
)
@click.option("--seed", type=click.IntRange(0, 2**32), default=1, show_default=True, help="Which strategies.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def simulate(environment: str, runs: int | None, seed: int, as_json: bool) -> None:
    """Let strategies with a known edge, and without one, loose on a policy: how many pass, alone and as the best of ten tries.

    Their trades are made up, with fat tails and volatility in clusters; metrics and judge are the gate's. Of an environment in which bots run: how
    many bots that are looked at every day are taken back, and promoted. docs/statistics.md explains the tables.
    """
    simulated = wiring.simulate(environment, runs, seed, Narration())
    told = watch_rates if isinstance(simulated, WatchSimulated) else pass_rates
    if as_json:
        click.echo(json.dumps({"outcome": ExitCode.DONE.name, **told.document(simulated)}, indent=2))
    else:
        click.echo(told.table(simulated), nl=False)
