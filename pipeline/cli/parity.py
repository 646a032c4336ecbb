"""`freqtrain parity`."""

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from pipeline.cli.home import home_option
from pipeline.cli.narration import Narration
from pipeline.cli.waiting import wait_option
from pipeline.errors import ExitCode
from pipeline.flows import parity as flow
from pipeline.render import parity as render
from pipeline.wiring import parity as wiring
from pipeline.wiring.road import caller

_TIME = click.DateTime(["%Y-%m-%d", "%Y-%m-%d %H:%M"])


@click.command()
@click.argument("environment")
@click.argument("strategy")
@click.option(
    "--dataset",
    type=click.Path(path_type=Path),
    required=True,
    help="Folder of a data set with the candles of that time.",
)
@click.option("--since", type=_TIME, metavar="DATE", help="Compare from this UTC date on, and record nothing.")
@click.option("--until", type=_TIME, metavar="DATE", help="Compare up to this UTC date, and record nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@wait_option
@home_option
def parity(
    environment: str,
    strategy: str,
    dataset: Path,
    since: datetime | None,
    until: datetime | None,
    as_json: bool,
    wait_minutes: float,
    home: Path,
) -> int:
    """Replay the time that a strategy's bot traded as a backtest on the same candles, and say which trades are not the same."""
    narrator = Narration(environment)
    with wiring.ground(environment, dataset, home, narrator, wait_minutes) as ground:
        found = flow.compared(strategy, _utc(since), _utc(until), ground)
        records = since is None and until is None
        if records:
            flow.record(found, ground.road, caller())
    told = render.document(found, recorded=records) if as_json else None
    text = json.dumps(told, indent=2) if told else render.text(found, narrator.width, recorded=records)
    click.echo(text, nl=bool(told))
    return ExitCode.DONE


def _utc(at: datetime | None) -> datetime | None:
    return at.replace(tzinfo=UTC) if at else None
