"""The disk that holds a device's home."""

import shutil
from pathlib import Path

from pipeline.domain.exposition.device import Disk
from pipeline.errors import ToolFailed


class HomeDisk:
    """See `ports.exposition.HomeDisk`."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def space(self) -> Disk:
        """See `ports.exposition.HomeDisk`."""
        try:
            found = shutil.disk_usage(self._home)
        except OSError as error:
            raise ToolFailed(f"{self._home}: its disk does not tell what is free: {error.strerror}") from error
        return Disk(found.free, found.total)
