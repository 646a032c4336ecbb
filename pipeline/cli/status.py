"""`freqtrain status` and `freqtrain log`: what runs, and what happened."""

import json
from pathlib import Path

import click

from pipeline.cli.home import home_option
from pipeline.cli.narration import Narration
from pipeline.errors import ExitCode, UsageError
from pipeline.render import ledger as render_ledger
from pipeline.render import status as render_status
from pipeline.wiring import road as wiring

_json = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")


@click.command()
@click.argument("environments", nargs=-1, metavar="[ENVIRONMENT]...")
@home_option
@_json
def status(environments: tuple[str, ...], home: Path, as_json: bool) -> None:
    """Say what runs where, since when, who watches, and what a person should look at; of all environments of this device without one named."""
    narrator = Narration()
    found = wiring.overview(environments or wiring.on_device(home), home, narrator)
    if as_json:
        click.echo(json.dumps(render_status.document(found), indent=2))
    else:
        click.echo(render_status.text(found, narrator.width), nl=False)


@click.command()
@click.argument("environment")
@click.option("--lines", type=click.IntRange(1), default=30, show_default=True, help="How many of the latest entries.")
@click.option("--verify", is_flag=True, help="Check the whole chain; exit code 3 where it was changed.")
@click.option(
    "--against", metavar="HASH", default="", help="Also that this entry's hash, noted elsewhere, still stands in it."
)
@home_option
@_json
def log(environment: str, lines: int, verify: bool, against: str, home: Path, as_json: bool) -> int:
    """Say what happened in an environment, the latest last, with the hash to note elsewhere."""
    kept = wiring.ledger(environment, home, Narration())
    if environment not in wiring.on_device(home):
        raise UsageError(
            f"nothing was ever deployed to '{environment}' here",
            hint=f"there are: {', '.join(wiring.on_device(home)) or 'none'}",
        )
    breaks = tuple(str(one) for one in kept.verify()) if verify or against else ()
    entries = () if breaks else kept.entries()
    if (
        against
        and not breaks
        and not any(entry.hash.removeprefix("sha256:").startswith(against.removeprefix("sha256:")) for entry in entries)
    ):
        breaks = (f"no entry has the hash {against}: the ledger was written anew",)
    if as_json:
        click.echo(json.dumps(render_ledger.document(entries[-lines:], breaks), indent=2))
    elif breaks:
        click.echo("\n".join(breaks))
    else:
        click.echo(render_ledger.text(entries[-lines:]), nl=False)
        if entries:
            click.echo(f"{len(entries)} entries; the last one is {entries[-1].hash}")
    return ExitCode.REFUSED if breaks else ExitCode.DONE
