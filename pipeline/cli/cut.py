"""`freqtrain cut`."""

import os
from pathlib import Path

import click

from pipeline.cli.home import home_option
from pipeline.cli.narration import Narration
from pipeline.domain.image import image_digest
from pipeline.flows.cut_prepare import CutWish
from pipeline.render import bundle_lists as render
from pipeline.render.annotations import problem_annotations
from pipeline.render.evidence_json import to_text
from pipeline.wiring import cut as wiring

_PATH = click.Path(path_type=Path)


@click.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--evidence", type=_PATH, default=Path("out"), show_default=True, help="The folder that a gate wrote.")
@click.option(
    "--join",
    "delivered",
    type=_PATH,
    metavar="DIR",
    help="Cut what passed of what shards left in DIR, one folder a shard, instead of --evidence; what is wrong with one keeps no other.",
)
@click.option(
    "--changed-since", "since", default="", metavar="REF", help="With --join: the commit since which the shards judged."
)
@click.option("--out", type=_PATH, metavar="DIR", help="Put copies of manifests and their evidence there as well.")
@click.option(
    "--strategies", type=_PATH, default=Path("strategies"), show_default=True, help="The folder of strategies."
)
@click.option("--environment", default="ci", show_default=True, help="Name or file of the environment that judged.")
@click.option("--dataset", type=_PATH, help="Folder of a data set instead of the one that the environment names.")
@click.option(
    "--user-data", type=_PATH, default=Path("user_data"), show_default=True, help="freqtrade's user directory."
)
@home_option
@click.option("--ledger", type=_PATH, help="A ledger that is told of every cut.")
@click.option(
    "--simulated-data-is-fine",
    is_flag=True,
    help="For rehearsals: cut on simulated data though an environment trades real money. None of those takes the bundle.",
)
@click.option(
    "--uncommitted-is-fine",
    is_flag=True,
    help="Cut what is in no commit. No environment with real money takes the bundle.",
)
@click.option(
    "--image",
    metavar="DIGEST",
    default="",
    envvar="FREQTRAIN_IMAGE",
    help="The image that their bots run in, as sha256:… or NAME@sha256:…; where containers run, no other takes them.",
)
@click.option(
    "--require-sandbox/--no-require-sandbox",
    default=lambda: os.environ.get("GITHUB_ACTIONS") == "true",
    help="Refuse to load strategies where neither bubblewrap nor Docker works (the default in Actions).",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def cut(
    ids: tuple[str, ...],
    evidence: Path,
    delivered: Path | None,
    since: str,
    out: Path | None,
    strategies: Path,
    environment: str,
    dataset: Path | None,
    user_data: Path,
    home: Path,
    ledger: Path | None,
    simulated_data_is_fine: bool,
    uncommitted_is_fine: bool,
    image: str,
    require_sandbox: bool,
    as_json: bool,
) -> None:
    """Build bundles of strategies that passed the gate: the named ones, or all of the evidence's.

    A bundle is cut only on evidence that is a PASS and for exactly the files, the policy, the data and the engine that are there now.
    """
    if delivered is not None and ids:
        raise click.UsageError("--join cuts whatever passed: name no strategy with it")
    if since and delivered is None:
        raise click.UsageError("--changed-since says what shards have judged: give --join as well")
    wish = CutWish(ids, simulated_data_is_fine, uncommitted_is_fine, image_digest(image))
    where = wiring.Where(environment, strategies, dataset, user_data, home, ledger, out, require_sandbox)
    narrator = Narration()
    cuts = (
        wiring.cut(wish, evidence, where, narrator)
        if delivered is None
        else wiring.cut_delivered(wish, delivered, since, where, narrator)
    )
    if os.environ.get("GITHUB_ACTIONS") == "true":
        click.echo(problem_annotations(cuts.refused), err=True, nl=False)
    click.echo(to_text(render.cut_document(cuts)) if as_json else render.cut_text(cuts), nl=False)
