"""`freqtrain gate`."""

import os
import sys
from pathlib import Path

import click

from pipeline.cli.narration import Narration
from pipeline.flows.gate import Gated
from pipeline.flows.gate_select import Wish
from pipeline.render import annotations, evidence_json, summary, terminal
from pipeline.render.outcomes import exit_code
from pipeline.wiring import gate as wiring


def _part(_ctx: click.Context, _param: click.Parameter, value: str) -> tuple[int, int]:
    index, slash, count = value.partition("/")
    if slash and index.isdecimal() and count.isdecimal() and 1 <= int(index) <= int(count):
        return int(index), int(count)
    raise click.BadParameter("write it as 1/4: the first of four parts")


@click.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option(
    "--strategies",
    type=click.Path(path_type=Path),
    default=Path("strategies"),
    show_default=True,
    help="The folder of strategies.",
)
@click.option(
    "--environment", default="ci", show_default=True, help="Name or file of the environment whose policy judges."
)
@click.option(
    "--dataset",
    type=click.Path(path_type=Path),
    help="Folder of a data set instead of the one that the environment names.",
)
@click.option(
    "--changed-since",
    "since",
    default="",
    metavar="REF",
    help="Judge what changed since a commit, against what it replaces.",
)
@click.option("--shard", "part", default="1/1", callback=_part, metavar="i/n", help="Judge only the i-th of n parts.")
@click.option("--jobs", type=click.IntRange(1, 256), default=None, help="Processes at once (default: one a core).")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("out"),
    show_default=True,
    help="Where report and evidence go.",
)
@click.option(
    "--user-data",
    type=click.Path(path_type=Path),
    default=Path("user_data"),
    show_default=True,
    help="freqtrade's user directory.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.option(
    "--require-sandbox/--no-require-sandbox",
    default=lambda: _in_actions(),
    help="Refuse to run strategies where neither bubblewrap nor Docker works (the default in Actions).",
)
@click.option("--no-cache", is_flag=True, help="Measure everything anew.")
def gate(
    ids: tuple[str, ...],
    strategies: Path,
    environment: str,
    dataset: Path | None,
    since: str,
    part: tuple[int, int],
    jobs: int | None,
    out: Path,
    user_data: Path,
    as_json: bool,
    require_sandbox: bool,
    no_cache: bool,
) -> int:
    """Judge strategies on history: all of them, or the named ones.

    Exit code 0 is PASS, 10 FAIL, 11 INCONCLUSIVE, 12 ERROR; the worst strategy decides.
    """
    wish = Wish(strategies, ids, since, part)
    narrator = Narration()
    gated = wiring.gate(
        *(wish, environment, dataset, user_data, narrator),
        jobs=jobs,
        use_cache=not no_cache,
        require_sandbox=require_sandbox,
    )
    page = wiring.gate_outputs(gated, out)
    if _in_actions():
        _tell_actions(gated, strategies)
    if as_json:
        click.echo(evidence_json.to_text(evidence_json.gate_document(gated.judgements, report=str(page))), nl=False)
    elif _in_actions():
        text = terminal.render(gated.judgements, report=str(page), width=narrator.width, color=False)
        click.echo(annotations.group("What was measured and found", text), nl=False)
    else:
        color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        click.echo(terminal.render(gated.judgements, report=str(page), width=narrator.width, color=color), nl=False)
    return exit_code(gated.outcome)


def _in_actions() -> bool:
    return os.environ.get("GITHUB_ACTIONS") == "true"


def _tell_actions(gated: Gated, strategies: Path) -> None:
    """Annotations as workflow commands on standard error (Actions reads both streams), and the step's summary."""
    click.echo(annotations.annotations(gated.judgements, strategies_dir=strategies.as_posix()), err=True, nl=False)
    target = os.environ.get("GITHUB_STEP_SUMMARY")
    if target:
        with Path(target).open("a", encoding="utf-8") as file:
            file.write(summary.markdown(gated.judgements, gated.pictures))
