"""`freqtrain new`."""

from pathlib import Path

import click

from pipeline.wiring import new as wiring


@click.command()
@click.argument("id")
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Take in the freqtrade strategy in this file.",
)
@click.option("--class", "class_name", default="", metavar="NAME", help="Which of the file's strategy classes.")
@click.option(
    "--strategies",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("strategies"),
    show_default=True,
    help="The folder of strategies.",
)
def new(id: str, source: Path | None, class_name: str, strategies: Path) -> None:
    """Make a strategy with tests that passes lint and behaviour at once, or take an existing one in.

    ID names the new folder: lower-case letters, digits and underscores.
    """
    if class_name and source is None:
        raise click.UsageError("--class says which class to take from a file: give the file with --from")
    made = wiring.new_strategy(id, strategies, source, class_name)
    click.echo(f"{made.folder}: {made.class_name}")
    for name in made.files:
        click.echo(f"  {name}")
    for note in made.notes:
        click.echo(f"note: {note}", err=True)
    elsewhere = "" if strategies == Path("strategies") else f" --strategies {strategies}"
    click.echo(f"next: freqtrain gate {id}{elsewhere}")
