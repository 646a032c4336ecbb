"""The folder of an environment's reports: one a day, the latest few."""

import re
from datetime import datetime
from pathlib import Path

from pipeline.adapters.bot_home_files import PRIVATE, make_private
from pipeline.adapters.files import write_whole
from pipeline.errors import ToolFailed

REPORTS = "reports"
KEPT = 12

_NAME = re.compile(r"report-\d{4}-\d\d-\d\d\.html")


def keep_report(folder: Path, page: str, at: datetime) -> Path:
    """Write `report-<UTC date>.html`, in the place of that day's if there is one, and remove all but the latest 12; returns the file.

    Raises:
        ToolFailed: the disk; what was there stays.
    """
    file = folder / f"report-{at:%Y-%m-%d}.html"
    try:
        make_private(folder)
        write_whole(file, page, mode=PRIVATE)
        for old in sorted(one for one in folder.iterdir() if _NAME.fullmatch(one.name))[:-KEPT]:
            old.unlink(missing_ok=True)
    except OSError as error:
        raise ToolFailed(
            f"{error.filename or folder}: {error.strerror or error}", hint="make room on the disk, or mend its rights"
        ) from error
    return file


def write_report(file: Path, page: str) -> None:
    """Write a page where somebody asked for it, for its owner alone; raises ToolFailed for the disk."""
    try:
        write_whole(file, page, mode=PRIVATE)
    except OSError as error:
        raise ToolFailed(f"{file}: {error.strerror or error}", hint="name a folder that you may write to") from error
