"""`freqtrain update`."""

import json
from collections.abc import Iterator

import click

from pipeline.cli.narration import Narration
from pipeline.errors import ExitCode
from pipeline.flows import update as flow
from pipeline.wiring import update as wiring

_MOST = 20


@click.command()
@click.option("--to", "version", default="", metavar="BRANCH|TAG", help="Which version (default: the newest).")
@click.option("--keep", multiple=True, metavar="FILE", help="Where both sides changed a file or folder: leave yours.")
@click.option("--take", multiple=True, metavar="FILE", help="Where both sides changed it: take the framework's.")
@click.option(
    "--made-from", default="", metavar="COMMIT", help="The framework's commit that this repository was made from."
)
@click.option("--plan", "only_plan", is_flag=True, help="Say what would be changed, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def update(
    version: str, keep: tuple[str, ...], take: tuple[str, ...], made_from: str, only_plan: bool, as_json: bool
) -> None:
    """Merge a newer framework into this repository, from the remote `freqtrain` or the address in FREQTRAIN_FROM.

    strategies/, environments/, user_data/ and the files in .github that say who you are stay as they are. Where anything stands against it, nothing
    is changed (exit code 3).
    """
    wanted = flow.Wanted(wiring.source(), version, made_from, keep, take)
    done = flow.update(wanted, wiring.checkout(), Narration(), only_plan=only_plan)
    if as_json:
        click.echo(json.dumps(_document(done), indent=2))
        return
    for line in _lines(done, only_plan):
        click.echo(line)


def _document(done: flow.Updated) -> dict[str, object]:
    lists = {"changed": list(done.changed), "not_taken": list(done.not_taken), "replaced": list(done.replaced)}
    named = {"branch": done.branch, "framework": done.commit, "origin": done.origin, "commit": done.made}
    return {"outcome": ExitCode.DONE.name, **named, **lists}


def _lines(done: flow.Updated, only_plan: bool) -> Iterator[str]:
    if not done.origin:
        yield f"{done.branch} has the framework's {done.commit[:12]} already"
        return
    does = "would be" if only_plan else "were"
    yield f"{len(done.changed)} files {does} changed on {done.branch}, to the framework's {done.commit[:12]}:"
    yield from (f"  {path}" for path in done.changed[:_MOST])
    if len(done.changed) > _MOST:
        yield f"  and {len(done.changed) - _MOST} more"
    if done.replaced:
        yield f"the framework's as a whole, in spite of changes of yours: {', '.join(done.replaced)}"
    if done.not_taken:
        yield f"yours, and not touched, though the framework changed its own: {', '.join(done.not_taken)}"
        yield f"to see what it changed there: git diff {done.origin[:12]} {done.commit[:12]} -- {done.not_taken[0]}"
