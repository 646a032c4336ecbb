"""`freqtrain environment check|diff|schema|export|import`."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from pipeline.cli.environment_move import export_command, import_command
from pipeline.cli.home import home_option
from pipeline.config.environment_leaves import leaves
from pipeline.config.environment_schema import json_schema, key_rows, trading_key_rows
from pipeline.domain.environment import Environment
from pipeline.domain.trading import TradingEnvironment
from pipeline.errors import ExitCode, UsageError
from pipeline.flows.environment_check import Checked, check, outcome
from pipeline.flows.environment_diff import ABSENT, Difference, diff
from pipeline.render.weights import WeightRow, weight_rows
from pipeline.wiring import environments as wiring
from pipeline.wiring.secrets import lacking_here

_json = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")


@click.group()
def environment() -> None:
    """Check and compare environments, list what their files may hold, and move one to another device."""


environment.add_command(export_command)
environment.add_command(import_command)


@environment.command("check")
@click.argument("names", nargs=-1, metavar="[NAME|FILE]...")
@home_option
@_json
def check_command(names: tuple[str, ...], home: Path, as_json: bool) -> int:
    """Check environments by name or file; all of them without one. Every problem is told at once; exit code 3 if there are any.

    Each file is checked alone, beside the other environments of the repository, and by freqtrade itself. Where this device has an environment,
    it is also said which of its secrets and variables are not here; that is no problem of the file.
    """
    every = wiring.environment_files()
    files = [wiring.environment_file(name) for name in names] or every
    if not files:
        raise UsageError(
            f"there are no environments in {wiring.FOLDER}/", hint="run it in the repository's root, or name a file"
        )
    checked = check(files, partial(wiring.examine_file, home=home), wiring.ask_freqtrade, beside=every)
    result = outcome(checked)
    lacking = {file.stem: line for file in files if (line := lacking_here(file, home))}
    if as_json:
        click.echo(
            json.dumps(
                {"outcome": result.name, "files": [_plain(item) for item in checked], "not_here": lacking}, indent=2
            )
        )
    else:
        for item in checked:
            for line in _lines(item):
                click.echo(line)
        for name, line in lacking.items():
            click.echo(f"{name}: {line}", err=True)
    return result


@environment.command("diff")
@click.argument("left", metavar="A")
@click.argument("right", metavar="B")
@home_option
@_json
def diff_command(left: str, right: str, home: Path, as_json: bool) -> None:
    """Show what differs between two environments, as their files are written; variables are not filled in.

    Where bots run in both, their weights come first, side by side and with variables filled in.
    """
    written = [leaves(wiring.environment_file(name)) for name in (left, right)]
    differences = diff(*written)
    weights = _weights(left, right, home)
    if not weights and all(sides.get("mode") in ("dry_run", "live") for sides in written):
        click.echo("weights are not shown, because of problems that `freqtrain environment check` tells", err=True)
    if as_json:
        found = [_plain_difference(difference) for difference in differences]
        rows = [{"what": row.what, "left": row.left, "right": row.right, "times": row.times} for row in weights]
        document = {"outcome": ExitCode.DONE.name, "left": left, "right": right, "differences": found, "weights": rows}
        click.echo(json.dumps(document, indent=2))
        return
    if weights:
        _show(("weight", left, right, ""), [(row.what, row.left, row.right, row.times) for row in weights])
        click.echo()
    if not differences:
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
        for title, rows in (("mode: history", key_rows()), ("mode: dry_run or live", trading_key_rows())):
            click.echo(f"{title}\n")
            _show(("key", "takes", "default", "meaning"), [(r.key, r.takes, r.default, r.meaning) for r in rows])
            click.echo()


def _weights(left: str, right: str, home: Path) -> tuple[WeightRow, ...]:
    """The weights of two environments with bots; none where one of them has none, or has problems, which `check` tells."""
    one, other = (wiring.examine_file(wiring.environment_file(name), home).environment for name in (left, right))
    if isinstance(one, TradingEnvironment) and isinstance(other, TradingEnvironment):
        return weight_rows(one, other, (wiring.full_weight(one), wiring.full_weight(other)))
    return ()


def _plain(item: Checked) -> dict[str, object]:
    found = item.environment
    about = {}
    if found is not None:
        policy = found.policy.digest if isinstance(found, Environment) else found.policy_digest
        about = {"name": found.name, "mode": found.mode.value, "digest": found.digest, "policy": policy}
    problems = [{"line": p.line, "column": p.column, "message": p.message} for p in item.problems]
    return {"file": item.file, **about, "problems": problems}


def _plain_difference(difference: Difference) -> dict[str, object]:
    sides = {"left": difference.left, "right": difference.right}
    return {"key": difference.key, **{side: value for side, value in sides.items() if value is not ABSENT}}


def _lines(item: Checked) -> Iterator[str]:
    yield from (str(problem) for problem in item.problems)
    found = item.environment
    if found is not None:
        yield f"{item.file}: good ({found.mode}, {_about(found)}, {found.digest[:19]})"


def _about(found: Environment | TradingEnvironment) -> str:
    if isinstance(found, Environment):
        return f"{len(found.windows)} windows, {len(found.policy.thresholds)} thresholds"
    limits, currency = found.limits, found.stake_currency
    in_all = f" of {limits.capital_in_all:f}" if limits.capital_in_all else ""
    return f"after {found.after}, {limits.capital_per_bot:f}{in_all} {currency} a bot"


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
