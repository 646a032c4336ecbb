"""`freqtrain promote`."""

from collections.abc import Mapping
from contextlib import nullcontext, suppress
from functools import partial
from pathlib import Path

import click

from pipeline.cli.actions import append
from pipeline.cli.home import home_option
from pipeline.cli.narration import Narration
from pipeline.cli.told_file import out_option, told_in
from pipeline.cli.waiting import wait_option
from pipeline.errors import UsageError
from pipeline.flows.approve import Given
from pipeline.flows.promote_decide import Wish
from pipeline.flows.promote_way import Call, Way, called
from pipeline.render.boarding import asked_outputs, failed_document, promotion_document, promotion_text
from pipeline.render.boarding_summary import promotion_markdown
from pipeline.render.evidence_json import to_text
from pipeline.wiring import promote as wiring
from pipeline.wiring.promote import MAIN
from pipeline.wiring.road import caller

_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("environment")
@click.option("--tag", default="", help="The release tag that names what may board.")
@click.option(
    "--commit", default="", help="A commit of main instead of a tag; refs/remotes/origin/main is what main has now."
)
@click.option(
    "--automatic",
    "by_itself",
    is_flag=True,
    help="Instead of a tag: what the environment before boarded last, where this one says promotion: automatic; else nothing.",
)
@click.option("--plan", "only_plan", is_flag=True, help="Say who would board, and record nothing.")
@click.option(
    "--ask",
    "asks",
    is_flag=True,
    help="Say who would board, and record that this run on GitHub asks for exactly that; a job before the one that is approved.",
)
@click.option(
    "--github-approval", "on_github", is_flag=True, help="Ask GitHub who let this run into the environment, instead."
)
@click.option("--approval", type=_file, help="The text that was signed.")
@click.option("--signature", type=_file, help="The signature over it.")
@click.option("--no-deploy", is_flag=True, help="Decide and record only; `deploy` follows elsewhere.")
@click.option(
    "--in-order", is_flag=True, help="Refuse what is older than what boarded there last; for jobs that may come late."
)
@click.option(
    "--repository",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="The clone with the strategies' whole history (default: the working directory).",
)
@click.option(
    "--main",
    default=MAIN,
    show_default=True,
    metavar="REF",
    help="The protected main by its whole name; without a remote, refs/heads/main.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@out_option
@wait_option
@home_option
def promote(
    environment: str,
    tag: str,
    commit: str,
    by_itself: bool,
    only_plan: bool,
    asks: bool,
    on_github: bool,
    approval: Path | None,
    signature: Path | None,
    no_deploy: bool,
    in_order: bool,
    repository: Path,
    main: str,
    as_json: bool,
    out: Path | None,
    wait_minutes: float,
    home: Path,
) -> int:
    """Let those board that earned it; the others stay, each with what it lacks."""
    narrator = Narration(environment)
    name = wiring.run_name()
    with told_in(out, partial(failed_document, environment, tag, commit, run=name)) as tell:
        run = 0
        if asks or on_github:
            _one_of({"--plan": only_plan, "--ask": asks, "--github-approval": on_github, "--approval": bool(approval)})
            run = wiring.run_id()
        wish = Wish(caller(), tag, commit, _given(approval, signature), not no_deploy, run, in_order)
        grounds = wiring.asking_ground if asks else wiring.ground
        ground = grounds(environment, home, repository, main, narrator, wait_minutes)
        github = partial(wiring.on_github, repository=repository, main=main) if on_github else nullcontext
        made = called(Call(wish, _way(only_plan, asks), by_itself), ground, github)
        if asks:
            append("GITHUB_OUTPUT", asked_outputs(made))
        document = promotion_document(made, name)
        click.echo(to_text(document) if as_json else promotion_text(made, narrator.width), nl=False)
        tell(document)
    with suppress(OSError):  # the run's page is a convenience, and what was done is done
        append("GITHUB_STEP_SUMMARY", promotion_markdown(made))
    return made.code


def _way(only_plan: bool, asks: bool) -> Way:
    return Way.ASK if asks else Way.PLAN if only_plan else Way.BOARD


def _one_of(options: Mapping[str, bool]) -> None:
    chosen = [name for name, given in options.items() if given]
    if len(chosen) > 1:
        raise UsageError(f"{' and '.join(chosen)} cannot be meant together", hint="leave one of them out")


def _given(approval: Path | None, signature: Path | None) -> Given | None:
    if signature and not approval:
        raise UsageError("a signature without the text that was signed proves nothing", hint="give --approval as well")
    if approval is None:
        return None
    return Given(approval.read_text(encoding="utf-8"), signature.read_text(encoding="utf-8") if signature else "")
