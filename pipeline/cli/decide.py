"""`freqtrain decide`."""

import json
from pathlib import Path

import click

from pipeline.cli.home import home_option
from pipeline.cli.narration import Narration
from pipeline.domain.train.decided import Applied
from pipeline.errors import ExitCode
from pipeline.flows import decide as flow
from pipeline.render import decisions as render
from pipeline.wiring import decide as wiring


@click.command()
@click.argument("environment")
@click.argument("strategies", nargs=-1, metavar="[STRATEGY]...")
@click.option(
    "--apply", "applies", is_flag=True, help="Take back what is to be taken back, where the environment says automatic."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@home_option
def decide(environment: str, strategies: tuple[str, ...], applies: bool, as_json: bool, home: Path) -> int:
    """Say whether the bundles that run in an environment earned the next one, go on, or are to be taken back; and why."""
    narrator = Narration(environment)
    road, past, demands = wiring.ground(environment, home, narrator, applies=applies)
    wiring.demand_known(strategies, road)
    decided = flow.decisions(road, past, demands, strategies)
    done = flow.apply(decided, road) if applies else tuple(Applied(one) for one in decided)
    told = render.document(road.environment.name, done) if as_json else None
    click.echo(json.dumps(told, indent=2) if told else render.text(done, narrator.width), nl=bool(told))
    return max((one.code for one in done), default=ExitCode.DONE)
