"""What a bot prints, cut into parts of bounded size. The bot writes into the file itself, so the file stays and its content moves on.

The bot's lines do not go through supervisord, so that a bot whose supervisord was killed can still say how it finishes its loop, and gets no
error from a pipe that nobody reads. Loaded inside supervisord.
"""

import os
from pathlib import Path

MOST_BYTES = 5 * 2**20
BACKUPS = 3


def rotate(output: Path, most: int = MOST_BYTES, backups: int = BACKUPS) -> bool:
    """Move the content to output.log.1 if there is too much of it, and older parts one further; whether it did.

    Of a part that is larger still, the end is kept. What is printed in the very moment between copying and emptying is lost.

    Raises:
        OSError: the disk; nothing is lost then.
    """
    try:
        size = output.stat().st_size
    except FileNotFoundError:
        return False
    if size <= most:
        return False
    copy = output.with_name(f".{output.name}.part")
    with output.open("rb") as source:
        source.seek(max(0, size - most))
        copy.write_bytes(source.read())
    for number in range(backups, 1, -1):
        part = output.with_name(f"{output.name}.{number - 1}")
        if part.exists():
            part.replace(output.with_name(f"{output.name}.{number}"))
    copy.replace(output.with_name(f"{output.name}.1"))
    os.truncate(output, 0)
    return True
