"""`freqtrain rolled-back`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from pipeline.adapters.files import write_whole
from pipeline.cli.actions import append
from pipeline.cli.home import home_option
from pipeline.cli.narration import Narration
from pipeline.cli.told_file import Document, Failed, out_option, told_in
from pipeline.errors import ExitCode, ToolFailed
from pipeline.render import roll_backs as render
from pipeline.render.evidence_json import to_text
from pipeline.wiring import rolled_back as wiring


@click.command("rolled-back")
@click.argument("environments", nargs=-1, metavar="[ENVIRONMENT]...")
@click.option("--days", type=click.IntRange(1, 365), default=3, show_default=True, help="How far to look back.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@out_option
@home_option
def rolled_back(environments: tuple[str, ...], days: int, as_json: bool, out: Path | None, home: Path) -> int:
    """Say what was taken back lately, by a brake, a decision or a person, and why; in all environments of this device without one named.

    A ledger that cannot be read makes the exit code, and hides nothing of the others.
    """
    with told_in(out, lambda code, told, hint: render.document((), code, told, hint)) as tell:
        found = wiring.of_device(environments, home, days, Narration())
        problems = [error.message for error in found.problems]
        code = min((error.code for error in found.problems), default=ExitCode.DONE)
        hint = next((error.hint for error in found.problems), "")
        document = render.document(found.roll_backs, code, "; ".join(problems), hint)
        shown = to_text(document) if as_json else render.text(found.roll_backs, problems)
        click.echo(shown, nl=False)
        tell(document)
    append("GITHUB_OUTPUT", render.outputs(found.roll_backs, code))
    return code


@contextmanager
def told_anyway(file: Path | None, failed: Failed, narrator: Narration) -> Iterator[Callable[[Document], None]]:
    """As `told_in`, for an emergency: what is to be done is done though the file cannot be written; that makes the exit code afterwards.

    Raises:
        ToolFailed: it could not be written, and all else is done.
    """
    unwritten: OSError | None = None
    if file is not None:
        try:
            write_whole(file, "")
        except OSError as error:
            narrator.say(f"{file} cannot be written ({error.strerror}); it is done all the same")
            unwritten = error
    with told_in(None if unwritten else file, failed) as tell:
        yield tell
    if unwritten:
        raise ToolFailed(f"it is done, and {file} could not be written: {unwritten.strerror}")
