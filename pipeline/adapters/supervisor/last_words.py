"""The end of what a bot printed: its last lines, and the exception that it ended with. Loaded inside supervisord."""

import os
from pathlib import Path

from pipeline.adapters.supervisor.launcher import BEGINS

READ_BYTES = 64 * 1024
LONGEST = 300
TRACEBACK = "Traceback (most recent call last):"


def last_words(output: Path) -> str:
    """The last exception of the latest run, in one line; without one the last line; empty where it printed nothing."""
    return words_in(_end(output, READ_BYTES))


def words_in(text: str) -> str:
    """The same of what was printed."""
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    began = [number for number, line in enumerate(lines) if line.startswith(BEGINS)]
    lines = lines[began[-1] + 1 :] if began else lines
    raised = [number for number, line in enumerate(lines) if line == TRACEBACK]
    if raised:
        # The exception is the first line after the frames, which are indented.
        after = [line for line in lines[raised[-1] + 1 :] if not line.startswith(" ")]
        lines = after[:1]
    return lines[-1][:LONGEST] if lines else ""


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
