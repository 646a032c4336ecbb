"""`freqtrain doctor`."""

import json
from pathlib import Path

import click

from pipeline.cli.home import home_option
from pipeline.cli.narration import Narration
from pipeline.domain.doctor.commands import Mend
from pipeline.errors import ExitCode
from pipeline.flows import doctor as flow
from pipeline.render import doctor as render
from pipeline.wiring import doctor as wiring


@click.command()
@click.argument("environment")
@click.option(
    "--mend",
    "what",
    type=click.Choice([one.value for one in Mend]),
    help="Mend what no other verb mends; what is taken away is set aside.",
)
@click.option("--dry-run", is_flag=True, help="With --mend: say what would be done, and do nothing.")
@click.option(
    "--repository",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="The clone whose tags are looked at (default: the working directory, if it is one).",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@home_option
def doctor(environment: str, what: str | None, dry_run: bool, repository: Path, as_json: bool, home: Path) -> int:
    """Say what disagrees in an environment between ledger, store, homes, databases, bots, account and observations.

    Each disagreement with what it means and the command that mends it. It changes nothing without --mend. Exit code 3 where something
    disagrees, 4 where nothing does and something could not be looked at.
    """
    if dry_run and what is None:
        raise click.UsageError("--dry-run goes with --mend")
    narrator = Narration(environment)
    practice, disk = wiring.practice(environment, home, repository, narrator)
    name = practice.road.environment.name
    if what is None:
        found = flow.diagnose(practice)
        click.echo(
            json.dumps(render.document(found), indent=2) if as_json else render.text(found, narrator.width), nl=as_json
        )
        return found.code
    mend = Mend(what)
    tasks = flow.planned(mend, practice) if dry_run else ()
    done = () if dry_run else flow.mend(mend, practice, disk, wiring.caller())
    if as_json:
        click.echo(json.dumps(render.mend_document(name, mend, tasks, done), indent=2))
    else:
        told = (
            render.plan_text(name, mend, tasks, narrator.width) if dry_run else render.done_text(done, narrator.width)
        )
        click.echo(told, nl=False)
    return ExitCode.DONE
