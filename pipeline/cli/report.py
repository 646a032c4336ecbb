"""`freqtrain report`."""

import json
from datetime import timedelta
from pathlib import Path

import click

from pipeline.cli.home import home_option
from pipeline.cli.narration import Narration
from pipeline.render import environment_report as render
from pipeline.render import environment_report_text
from pipeline.wiring import report as wiring


@click.command()
@click.argument("environment")
@click.option("--days", type=click.IntRange(1, 3660), default=7, show_default=True, help="How far it goes back.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The page; by default a file of today in the environment's reports/, where the latest 12 are kept.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@home_option
def report(environment: str, days: int, out: Path | None, as_json: bool, home: Path) -> None:
    """Say how an environment did lately, and write it as one page: curves, trades, decisions, brakes, roll-backs, gaps."""
    narrator = Narration(environment)
    made = wiring.report_on(environment, home, timedelta(days=days))
    file = wiring.put(made, home, out)
    if as_json:
        click.echo(json.dumps({**render.document(made), "file": str(file)}, indent=2))
        return
    click.echo(environment_report_text.text(made, narrator.width), nl=False)
    click.echo(f"\n{file}")
