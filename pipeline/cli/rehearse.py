"""`freqtrain rehearse`."""

import os
import shutil
import tempfile
from pathlib import Path

import click

from pipeline.adapters.files import write_whole
from pipeline.cli.narration import Narration
from pipeline.domain.trading import RuntimeKind
from pipeline.errors import Refused
from pipeline.rehearsal.rehearse import play, real_scene, refuse_real_secrets
from pipeline.render import rehearsal as render
from pipeline.render.evidence_json import to_text
from pipeline.render.outcomes import exit_code
from pipeline.render.rehearsal_outcome import outcome

_PATH = click.Path(path_type=Path)


@click.command()
@click.option(
    "--out", type=_PATH, default=Path("out/rehearsal.html"), show_default=True, help="The page that tells the story."
)
@click.option(
    "--folder",
    type=_PATH,
    help="An empty folder outside of any checkout for repository, bots and logs (default: a temporary one, kept where a claim fails).",
)
@click.option(
    "--runtime",
    type=click.Choice([str(kind) for kind in RuntimeKind]),
    default=str(RuntimeKind.PROCESS),
    show_default=True,
    help="What keeps the bots running; compose needs a Docker engine, and an image that FREQTRAIN_IMAGE names by its digest.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def rehearse(out: Path, folder: Path | None, runtime: str, as_json: bool) -> int:
    """Play the train's whole story on this machine: real bots on an exchange of the loopback, and trouble on purpose.

    Nothing of it reaches another machine, and nothing of it is left running. Every claim is checked against the ledgers and the exchange's books;
    the exit code is 0 only if all of them hold.
    """
    refuse_real_secrets(os.environ)
    narrator = Narration()
    place = folder.resolve() if folder else Path(tempfile.mkdtemp(prefix="freqtrain-rehearsal-"))
    out.parent.mkdir(parents=True, exist_ok=True)  # before minutes are spent on a page that has no place
    try:
        with real_scene(place, narrator, RuntimeKind(runtime)) as scene:
            told = play(scene)
    except (KeyboardInterrupt, Refused):
        _clear(place, folder)
        raise
    if told.held:
        _clear(place, folder)
    click.echo(to_text(render.document(told)) if as_json else render.text(told, narrator.width), nl=False)
    write_whole(out, render.page(told).encode())
    if not as_json:
        click.echo(f"The story with its charts: {out}")
    if not told.held and place.exists():
        narrator.say(f"What the bots wrote is kept in {place}")
    return exit_code(outcome(told))


def _clear(place: Path, folder: Path | None) -> None:
    """Remove a folder that nobody named."""
    if folder is None:
        shutil.rmtree(place, ignore_errors=True)
