"""A week's picture as a PNG, drawn by a process of its own: where it cannot be, that is said, and the words go without it."""

import json
import sys
from pathlib import Path

from pydantic import TypeAdapter

from pipeline.adapters.bounded import read_bounded
from pipeline.adapters.process import run
from pipeline.adapters.supervisor.master import ROOT
from pipeline.domain.week_picture import WeekPicture
from pipeline.errors import ToolFailed
from pipeline.render.plain import plain_text

SECONDS = 20.0
MOST_BYTES = 2 << 20
"""A picture has some fifty thousand; messengers take at least this much."""

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHILD = "import sys; sys.path.insert(0, {root!r}); from pipeline.adapters.notices.picture_child import main; main(sys.argv[1])"
_SHAPE = TypeAdapter(WeekPicture)


class NotShown(ToolFailed):
    """People cannot be shown the picture; the message says why, without a secret."""


def draw(picture: WeekPicture, path: Path, seconds: float = SECONDS) -> None:
    """Draw it into that file.

    Raises:
        NotShown: Pillow is not installed, there is no room for it, or it went wrong or took too long.
    """
    argv = (sys.executable, "-I", "-c", CHILD.format(root=ROOT), str(path))
    try:
        done = run(argv, timeout_seconds=seconds, stdin=_SHAPE.dump_json(picture))
    except ToolFailed:
        raise NotShown(f"it was not drawn within {seconds:g} s") from None
    except OSError as error:
        raise NotShown(f"what draws it could not be started: {error.strerror}") from error
    try:
        problem = plain_text(str(json.loads(done.out)["problem"]), 120)
    except (ValueError, KeyError, TypeError):
        problem = f"what draws it ended with {done.code}"
    if problem or (problem := _doubt(path)):
        raise NotShown(problem)


def _doubt(path: Path) -> str:
    try:
        content = read_bounded(path, MOST_BYTES)
    except (OSError, ValueError) as error:
        return f"what was drawn cannot be read: {error}"
    return "" if content.startswith(SIGNATURE) else "what was drawn is no picture"
