"""What bots printed, kept after their runtime has forgotten them: a few of the latest for each name."""

from datetime import datetime
from pathlib import Path

from pipeline.adapters.bot_home_files import PRIVATE, make_private
from pipeline.adapters.files import write_whole

KEPT = 5


def keep_log(folder: Path, name: str, text: str, at: datetime) -> None:
    """Write `<folder>/<name>.<UTC time>.log`, and remove older ones of that name beyond the latest few.

    Raises:
        OSError: the disk.
    """
    make_private(folder)
    write_whole(folder / f"{name}.{at:%Y%m%dT%H%M%SZ}.log", text, mode=PRIVATE)
    for old in sorted(folder.glob(f"{name}.*.log"))[:-KEPT]:
        old.unlink(missing_ok=True)
