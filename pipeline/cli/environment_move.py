"""`freqtrain environment export|import`."""

import json
from pathlib import Path

import click

from pipeline.cli.home import home_option
from pipeline.cli.narration import Narration
from pipeline.cli.waiting import wait_option
from pipeline.domain.canonical import plain
from pipeline.errors import ExitCode
from pipeline.flows.environment_export import export
from pipeline.flows.environment_import import bring_in
from pipeline.wiring import environment_move as wiring
from pipeline.wiring import road as road_wiring

_json = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")


@click.command("export")
@click.argument("environment")
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The archive; it must not be there."
)
@click.option("--stop", is_flag=True, help="End its bots and its watch first; positions stay open until the import.")
@click.option("--again", is_flag=True, help="Also where it left before, because that archive is lost.")
@wait_option
@home_option
@_json
def export_command(
    environment: str, out: Path, stop: bool, again: bool, wait_minutes: float, home: Path, as_json: bool
) -> None:
    """Pack an environment for another device; from then on nothing of it is started here.

    The archive holds ledger, databases, observations, what the watch remembers, and bundles; no secret. Exit code 3 while anything of it runs.
    """
    narrator = Narration()
    road = road_wiring.road(environment, home, narrator, starts=False, trades=False, wait_minutes=wait_minutes)
    made = export(road, wiring.packing(road, home, narrator), out, road_wiring.caller(), stop=stop, again=again)
    if as_json:
        click.echo(json.dumps({"outcome": ExitCode.DONE.name, "file": str(out), **_object(made)}, indent=2))
        return
    click.echo(f"'{environment}' left this device: {out} ({made.files} files)")
    click.echo(made.archive)
    click.echo(f"there: freqtrain environment import {out.name} --digest {made.archive[:19]}")


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--digest", default="", help="What the archive's digest must be, or its beginning; the export told it.")
@click.option("--environment", default="", metavar="NAME", help="Which environment it must be.")
@home_option
@_json
def import_command(file: Path, digest: str, environment: str, home: Path, as_json: bool) -> None:
    """Take an environment over from another device, or take it back on the one that it left; nothing is started.

    Everything is verified first, and put in place at once. Exit code 3 where the environment is here already with another history.
    """
    narrator = Narration()
    done = bring_in(
        file,
        wiring.arrivals(home, narrator),
        wiring.suits(home, narrator, environment),
        narrator,
        road_wiring.caller(),
        digest,
    )
    lacking = wiring.lacking(done.environment, home)
    if as_json:
        document = {"outcome": ExitCode.DONE.name, **_object(done), "not_here": lacking}
        click.echo(json.dumps(document, indent=2))
        return
    how = "is taken back" if done.back else "arrived"
    carried = "" if done.back else f", with {done.databases} databases and {done.bundles} bundles"
    click.echo(f"'{done.environment}' {how}: {', '.join(done.strategies) or 'no strategy'}{carried}")
    if lacking:
        click.echo(f"{done.environment}: {lacking}")
        click.echo(f"next: freqtrain secrets set {done.environment}")
    click.echo(f"next: freqtrain converge {done.environment}")


def _object(value: object) -> dict[str, object]:
    told = plain(value)
    assert isinstance(told, dict)
    return dict(told)
