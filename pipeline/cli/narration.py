"""Progress and errors on standard error: for people, or as JSON lines where FREQTRAIN_LOG=json."""

import os
import shutil
import sys
from pathlib import Path

import click

from pipeline.errors import UsageError

LOG = "FREQTRAIN_LOG"
FORMS = ("text", "json")


class Narration:
    """See `ports.Narrator`: one line a step. `environment` is the one that the verb is about, by name or by file."""

    def __init__(self, environment: str = "") -> None:
        self._environment = Path(environment).stem if environment else ""

    @property
    def width(self) -> int:
        """Columns of the terminal; 110 where there is none, so that logs are readable."""
        return shutil.get_terminal_size((110, 24)).columns if sys.stdout.isatty() else 110

    def say(self, text: str) -> None:
        click.echo(_json(text, self._environment) if _as_json() else text, err=True)


def tell_error(message: str, hint: str = "", trace: str = "") -> None:
    """What a command failed with, and what to do about it."""
    if _as_json():
        click.echo(_json(message, hint=hint, trace=trace, failed=True), err=True)
        return
    click.echo(f"{trace}freqtrain: {message}", err=True)
    if hint:
        click.echo(f"  hint: {hint}", err=True)


def tell_usage(error: click.ClickException) -> None:
    """How a command should have been called."""
    if _as_json():
        click.echo(_json(error.format_message(), failed=True), err=True)
    else:
        error.show(file=sys.stderr)


def check_form() -> None:
    """Raises UsageError where FREQTRAIN_LOG asks for a form that there is not."""
    asked = os.environ.get(LOG, "")
    if asked and asked not in FORMS:
        raise UsageError(f"{LOG} must be {' or '.join(FORMS)}, not {asked!r}")


def _as_json() -> bool:
    return os.environ.get(LOG) == "json"


def _json(text: str, environment: str = "", *, hint: str = "", trace: str = "", failed: bool = False) -> str:
    """Loaded only where it is asked for: most commands are short."""
    from pipeline.adapters.clock import SystemClock
    from pipeline.render.log_lines import Level, log_line

    return log_line(text, SystemClock().now(), environment, Level.ERROR if failed else Level.INFO, hint, trace)
