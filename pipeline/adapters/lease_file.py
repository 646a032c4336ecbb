"""The watch's lease as a file: its time of change says when somebody last watched."""

import os
from pathlib import Path

from pipeline.errors import ToolFailed


class LeaseFile:
    """`<device home>/<environment>/lease`; empty. Bots of other processes read its time of change, which the kernel sets in one go."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def touch(self) -> None:
        """See `ports.Lease`. What lies there instead of a file, such as a link to somewhere else, is refused."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o644)
            try:
                os.utime(handle)
            finally:
                os.close(handle)
        except OSError as error:
            raise ToolFailed(
                f"the lease {self._path} cannot be touched: {error.strerror}",
                hint="live bots enter nothing until it can be",
            ) from error
