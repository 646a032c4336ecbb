"""`freqtrain incident`."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.incident_cases import CasesOnDisk, read_case, unpack_incident
from pipeline.cli.home import home_option
from pipeline.cli.narration import Narration
from pipeline.domain.incident import TEXTS
from pipeline.domain.verdict import Outcome
from pipeline.errors import ExitCode, UsageError
from pipeline.flows import incident as flow
from pipeline.render import incident as render

MIB = 1 << 20
DAYS = 7
FORMS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]

_json = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
_archive = click.argument("file", type=click.Path(exists=True, path_type=Path))


class OfAnEnvironment(click.Group):
    """`incident ENVIRONMENT` is `incident pack ENVIRONMENT`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("-h", "--help"):
            args = ["pack", *args]
        return super().parse_args(ctx, args)


@click.group(cls=OfAnEnvironment, name="incident")
def incident() -> None:
    """Pack what happened in an environment into one redacted archive; look at one; keep one as a regression test.

    \b
    freqtrain incident ENVIRONMENT --out FILE.tar.gz    packs
    freqtrain incident show FILE.tar.gz                 verifies it and tells what stood
    freqtrain incident replay FILE.tar.gz               brakes and decides again, by the code of today
    """


@incident.command("pack")
@click.argument("environment")
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The archive; it must not be there."
)
@click.option(
    "--since", type=click.DateTime(FORMS), help=f"When it began, in UTC; {DAYS} days ago where nothing is said."
)
@click.option("--most", type=click.IntRange(1, 4096), default=512, show_default=True, help="MiB of all that is packed.")
@click.option("--without-strategies", is_flag=True, help="Leave out the content of bundles: traders' code.")
@click.option(
    "--data",
    "folders",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A data set to take candles from; without it, those in user_data/data.",
)
@home_option
@_json
def pack(
    environment: str,
    out: Path,
    since: datetime | None,
    most: int,
    without_strategies: bool,
    folders: tuple[Path, ...],
    home: Path,
    as_json: bool,
) -> None:
    """Pack ledger, settings, logs, databases, observations, bundles and candles, without secrets; refused where one would get out."""
    from pipeline.wiring import incident as wiring  # what only looks at an archive needs nothing of a device

    began = since.replace(tzinfo=UTC) if since else SystemClock().now() - timedelta(days=DAYS)
    narrator = Narration(environment)
    made = wiring.pack(
        *(environment, home, out, narrator),
        since=began,
        most=most * MIB,
        content=not without_strategies,
        folders=folders,
    )
    if as_json:
        click.echo(json.dumps(render.packed_document(made.index, made.digest, made.size, str(out)), indent=2))
    else:
        click.echo(render.packed_text(made.index, made.digest, made.size, str(out)), nl=False)


@incident.command("show")
@_archive
@_json
def show(file: Path, as_json: bool) -> int:
    """Verify every digest of a packed incident, and say what is in it, what stood, and what held entries; exit code 3 where it is damaged."""
    found, index = read_case(file)
    if as_json:
        click.echo(json.dumps(render.case_document(found, index), indent=2))
    else:
        click.echo(render.case_text(found, index), nl=False)
    return ExitCode.DONE


@incident.command("unpack")
@_archive
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--all", "everything", is_flag=True, help="Also logs, databases, observations, bundles and candles.")
def unpack(file: Path, folder: Path, everything: bool) -> None:
    """Unpack what a regression test needs (ledger, settings, bots' public files: text), and record what it comes to now."""
    index = unpack_incident(file, folder, lambda path: everything or TEXTS.fullmatch(path) is not None)
    (expected,) = flow.record([folder], CasesOnDisk())
    click.echo(f"{folder}: '{index.environment}', {len(index.files)} files in the archive; expected of it: {expected}")
    click.echo(render.again_text(read_case(folder)[0]), nl=False)


@incident.command("replay")
@click.argument("cases", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@_json
def replay(cases: tuple[Path, ...], as_json: bool) -> int:
    """Brake and decide again by the code of today, and compare it with the ledger; exit code 10 where it differs, 11 where nothing can be."""
    found = flow.replay(cases, CasesOnDisk())
    if as_json:
        click.echo(json.dumps(render.replayed_document(found), indent=2))
    else:
        click.echo(render.replayed_text(found), nl=False)
    outcome = render.replayed_outcome(found)
    return ExitCode.DONE if outcome is Outcome.PASS else ExitCode[outcome.name]


@incident.command("check")
@click.argument("cases", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--expects",
    type=click.Path(dir_okay=False, path_type=Path),
    help="What is expected of the one case; by default expected.json in its folder, or NAME.expected.json beside the archive.",
)
@click.option("--record", is_flag=True, help="Write down what is so now, instead.")
@_json
def check(cases: tuple[Path, ...], expects: Path | None, record: bool, as_json: bool) -> int:
    """Fold cases as the train folds its ledger, and compare them with what was recorded; exit code 10 where one differs."""
    if expects and len(cases) > 1:
        raise UsageError("--expects is about one case", hint="name one, or put each expectation beside its case")
    if record:
        files = flow.record(cases, CasesOnDisk(), expects)
        document = {"outcome": ExitCode.DONE.name, "recorded": [str(file) for file in files]}
        click.echo(json.dumps(document, indent=2) if as_json else "\n".join(f"recorded: {file}" for file in files))
        return ExitCode.DONE
    found = flow.check(cases, CasesOnDisk(), expects)
    if as_json:
        click.echo(json.dumps(render.checked_document(found), indent=2))
    else:
        click.echo(render.checked_text(found), nl=False)
    return ExitCode.FAIL if any(found.values()) else ExitCode.DONE
