"""`freqtrain environment check|diff|schema`."""

import json
from collections.abc import Iterator
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from pipeline.config.environment_leaves import leaves
from pipeline.config.environment_schema import json_schema, key_rows
from pipeline.errors import ExitCode, UsageError
from pipeline.flows.environment_check import Checked, check, outcome
from pipeline.flows.environment_diff import ABSENT, Difference, diff
from pipeline.wiring import environments as wiring

FOLDER = Path("environments")

_json = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")


@click.group()
def environment() -> None:
    """Check and compare environments, and list what their files may hold."""


@environment.command("check")
@click.argument("names", nargs=-1, metavar="[NAME|FILE]...")
@_json
def check_command(names: tuple[str, ...], as_json: bool) -> int:
    """Check environments by name or file; all of them without one. Every problem is told at once; exit code 3 if there are any."""
    files = [wiring.environment_file(name) for name in names] or sorted(p for p in FOLDER.glob("*.y*ml"))
    if not files:
        raise UsageError(
            f"there are no environments in {FOLDER}/", hint="run it in the repository's root, or name a file"
        )
    checked = check(files, wiring.load_environment_file)
    result = outcome(checked)
    if as_json:
        click.echo(json.dumps({"outcome": result.name, "files": [_plain(item) for item in checked]}, indent=2))
    else:
        for item in checked:
            for line in _lines(item):
                click.echo(line)
    return result


@environment.command("diff")
@click.argument("left", metavar="A")
@click.argument("right", metavar="B")
@_json
def diff_command(left: str, right: str, as_json: bool) -> None:
    """Show what differs between two environments, as their files are written; variables are not filled in."""
    differences = diff(*(leaves(wiring.environment_file(name)) for name in (left, right)))
    if as_json:
        found = [_plain_difference(difference) for difference in differences]
        document = {"outcome": ExitCode.DONE.name, "left": left, "right": right, "differences": found}
        click.echo(json.dumps(document, indent=2))
    elif not differences:
        click.echo(f"{left} and {right} do not differ.")
    else:
        _show(("key", left, right), [(d.key, _side(d.left), _side(d.right)) for d in differences])


@environment.command("schema")
@_json
def schema_command(as_json: bool) -> None:
    """List every key of an environment's file; with --json as a JSON Schema that editors understand."""
    if as_json:
        click.echo(json.dumps({"outcome": ExitCode.DONE.name, **json_schema()}, indent=2))
    else:
        _show(
            ("key", "takes", "default", "meaning"),
            [(r.key, r.takes, r.default, r.meaning) for r in key_rows()],
        )


def _plain(item: Checked) -> dict[str, object]:
    found = item.environment
    about = (
        {}
        if found is None
        else {"name": found.name, "mode": found.mode.value, "digest": found.digest, "policy": found.policy.digest}
    )
    problems = [{"line": p.line, "column": p.column, "message": p.message} for p in item.problems]
    return {"file": item.file, **about, "problems": problems}


def _plain_difference(difference: Difference) -> dict[str, object]:
    sides = {"left": difference.left, "right": difference.right}
    return {"key": difference.key, **{side: value for side, value in sides.items() if value is not ABSENT}}


def _lines(item: Checked) -> Iterator[str]:
    yield from (str(problem) for problem in item.problems)
    if item.environment is not None:
        windows, thresholds = len(item.environment.windows), len(item.environment.policy.thresholds)
        yield f"{item.file}: good ({item.environment.mode}, {windows} windows, {thresholds} thresholds, {item.environment.digest[:19]})"


def _side(value: object) -> str:
    if value is ABSENT:
        return "(not there)"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _show(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in heads:
        table.add_column(head, overflow="fold", no_wrap=head == "key")
    for row in rows:
        table.add_row(*row)
    console = Console(highlight=False, markup=False)
    with console.capture() as capture:
        console.print(table)
    for line in capture.get().splitlines():
        click.echo(line.rstrip())
