"""What a verb tells in a file, for whoever reads it afterwards: whole, and there however the verb ends."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from pipeline.adapters.files import write_whole
from pipeline.domain.canonical import Plain
from pipeline.errors import ExitCode, FreqtrainError
from pipeline.render.evidence_json import to_text

Document = Mapping[str, Plain]
Failed = Callable[[ExitCode, str, str], Document]
"""The document of a verb that told nothing: its exit code, what happened, and what to do."""

out_option = click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the JSON object there as well, whatever the exit code.",
)


@contextmanager
def told_in(file: Path | None, failed: Failed) -> Iterator[Callable[[Document], None]]:
    """Hands out what writes the verb's document; where the verb fails, the file says how. Without a file nothing is written.

    The file says from the beginning that the verb did not end: one that is killed leaves that, and a file that cannot be written keeps
    the verb from doing anything.
    """
    if file is None:
        yield lambda _document: None
        return

    def tell(document: Document) -> None:
        write_whole(file, to_text(document))

    tell(failed(ExitCode.INTERRUPTED, "it was cut off: what it did is in the ledger", ""))
    try:
        yield tell
    except Exception as error:
        # what went wrong matters more than that it cannot be written down
        with suppress(OSError):
            tell(_failure(error, failed))
        raise


def _failure(error: Exception, failed: Failed) -> Document:
    if isinstance(error, FreqtrainError):
        return failed(error.code, error.message, error.hint)
    if isinstance(error, OSError):
        return failed(ExitCode.TOOL, f"{error.filename or 'the system'}: {error.strerror or error}", "")
    return failed(ExitCode.CRASH, "this is a bug in freqtrain", "the log has it")
