"""Progress on standard error."""

import shutil
import sys

import click


class Narration:
    """See `ports.Narrator`: one line a step."""

    @property
    def width(self) -> int:
        """Columns of the terminal; 110 where there is none, so that logs are readable."""
        return shutil.get_terminal_size((110, 24)).columns if sys.stdout.isatty() else 110

    def say(self, text: str) -> None:
        click.echo(text, err=True)
