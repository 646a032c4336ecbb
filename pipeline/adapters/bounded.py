"""Files of others, read without following a link and never further than they may be long."""

import os
import stat
from pathlib import Path


def read_bounded(path: Path, most: int) -> bytes:
    """A plain file's bytes.

    Raises:
        ValueError: it is a symbolic link, no plain file, or longer than `most` bytes.
        OSError: it is not there or cannot be read.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if path.is_symlink():
            raise ValueError("is a symbolic link") from error
        raise
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError("is no plain file")
        with open(descriptor, "rb", closefd=False) as file:
            content = file.read(most + 1)
    finally:
        os.close(descriptor)
    if len(content) > most:
        raise ValueError(f"is larger than {most // 1024} KiB")
    return content
