"""`freqtrain gate`."""

import os
import sys
from pathlib import Path

import click

from pipeline.cli.narration import Narration
from pipeline.domain.joining import RESULTS, SUCCESS, Ended
from pipeline.domain.quick import NOTE
from pipeline.domain.shards import MOST_SHARDS
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
    help="Judge what changed since a commit, against what it replaces; all, where a forced push threw that commit away.",
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
@click.option(
    "--hyperopt-results",
    "results",
    multiple=True,
    metavar="[ID=]FILE",
    help="What hyperopt tried for a strategy, so that its epochs count as attempts (.fthypt).",
)
@click.option(
    "--expect-same-trades",
    is_flag=True,
    help="For a refactoring: pass only with exactly the trades of what is replaced (with --changed-since).",
)
@click.option("--quick", is_flag=True, help="See within seconds whether strategies run at all; judges nothing.")
@click.option("--plan", is_flag=True, help="Say what would be judged, and why; in Actions, the matrix of jobs for it.")
@click.option(
    "--shards",
    type=click.IntRange(1, MOST_SHARDS),
    default=8,
    show_default=True,
    help="With --plan: at most so many jobs.",
)
@click.option(
    "--join",
    "delivered",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Judge nothing: make one verdict of those that shards left in DIR, one folder a shard.",
)
@click.option(
    "--plan-ended", type=click.Choice(RESULTS), default=SUCCESS, help="With --join: how the job that planned ended."
)
@click.option(
    "--shards-ended", type=click.Choice(RESULTS), default=SUCCESS, help="With --join: how the jobs that judge ended."
)
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
    results: tuple[str, ...],
    expect_same_trades: bool,
    quick: bool,
    plan: bool,
    shards: int,
    delivered: Path | None,
    plan_ended: str,
    shards_ended: str,
) -> int:
    """Judge strategies on history: all of them, or the named ones.

    Exit code 0 is PASS, 10 FAIL, 11 INCONCLUSIVE, 12 ERROR; the worst strategy decides.
    """
    if plan or delivered is not None:
        if (plan and delivered is not None) or quick or expect_same_trades or results or part != (1, 1):
            raise click.UsageError("--plan and --join stand alone: they run no strategy, and see all shards")
        from pipeline.cli import gate_shards as spread  # only here: it would cost every gate a fifth of a second

        whole = Wish(strategies, ids, since)
        where = spread.Where(environment, dataset, user_data, out, as_json)
        if delivered is not None:
            return spread.tell_joined(whole, where, delivered, Ended(plan_ended, shards_ended))
        return spread.tell_plan(whole, where, shards)
    if expect_same_trades and (quick or not since):
        raise click.UsageError(
            "--expect-same-trades compares with what a change replaces: give --changed-since, and no --quick"
        )
    wish = Wish(strategies, ids, since, part)
    narrator = Narration()
    how = wiring.How(jobs, not no_cache, require_sandbox, quick, expect_same_trades, _results(results, ids))
    gated = wiring.gate(wish, environment, dataset, user_data, narrator, how)
    if quick:
        return _tell_quick(gated, narrator, as_json)
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


def _results(given: tuple[str, ...], ids: tuple[str, ...]) -> dict[str, Path]:
    """Strategy id -> file; a file alone belongs to the one strategy that is named."""
    found: dict[str, Path] = {}
    for text in given:
        id, equals, path = text.partition("=")
        if not equals:
            if len(ids) != 1:
                raise click.UsageError(f"--hyperopt-results {text}: whose are they? write ID={text}")
            id, path = ids[0], text
        if id in found:
            raise click.UsageError(f"--hyperopt-results stands twice for {id}")
        found[id] = Path(path)
    return found


def _tell_quick(gated: Gated, narrator: Narration, as_json: bool) -> int:
    """Nothing is written that could be taken for evidence."""
    if as_json:
        click.echo(evidence_json.to_text(evidence_json.gate_document(gated.judgements, report="")), nl=False)
    else:
        color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        click.echo(NOTE)
        click.echo(terminal.render(gated.judgements, report=None, width=narrator.width, color=color), nl=False)
        click.echo(NOTE)
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
