"""The end of what a bot printed: its last lines, and the exception that it ended with. Loaded inside supervisord."""

import os
from pathlib import Path

from pipeline.domain.last_words import words_in

READ_BYTES = 64 * 1024


def last_words(output: Path) -> str:
    """The last exception of the latest run, in one line; without one the last line; empty where it printed nothing."""
    return words_in(_end(output, READ_BYTES))


def last_lines(output: Path, count: int) -> str:
    """The last lines that were printed, from older parts of the output too."""
    if count <= 0:
        return ""
    text, number = "", 0
    part = output
    while text.count("\n") <= count and part.is_file():
        text = _end(part, max(READ_BYTES, 1024 * count)) + text
        number += 1
        part = output.with_name(f"{output.name}.{number}")
    return "".join(text.splitlines(keepends=True)[-count:])


def _end(path: Path, size: int) -> str:
    try:
        with path.open("rb") as stream:
            stream.seek(max(0, os.fstat(stream.fileno()).st_size - size))
            return stream.read().decode(errors="replace")
    except OSError:
        return ""
